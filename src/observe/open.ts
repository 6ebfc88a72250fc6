/** Opens what the options and the environment ask for: one witness for the doors, and the numbers of it all. */
import type { Log } from '../lib/log.ts'
import type { Kith } from '../service/kith.ts'
import type { Storage } from '../storage/storage.ts'
import { DecisionLog } from './decision-log.ts'
import { expositionOf, type Scraped } from './exposition.ts'
import { Metrics } from './metrics.ts'
import type { ObserveOptions } from './options.ts'
import type { Observed } from './readings.ts'
import { LineSink } from './sink.ts'
import { openTracing } from './tracing.ts'
import type { Witness } from './witness.ts'

export interface Observing {
  readonly witness: Witness
  /** @param doors - what the doors count by themselves */
  exposition(doors: Pick<Observed, 'lane' | 'refused'>): () => Promise<Scraped>
  /** Opens the decision log's file again. */
  reload(): Promise<void>
  /** Writes and sends what waits. */
  close(): Promise<void>
}

/** Milliseconds that a disk or a collector may take at the end. */
const closeMs = 2_000

/** @throws Error where the decision log cannot be opened */
export async function openObserving(
  options: ObserveOptions,
  kith: Kith,
  storage: Pick<Storage, 'report'>,
  log: Log,
): Promise<Observing> {
  const sink = options.decisionLog === undefined ? undefined : await sinkOf(options.decisionLog, log)
  const tracing = await openTracing()
  const decisions = sink && new DecisionLog(kith, sink, options)
  const listeners = [decisions?.see, tracing?.see].filter((see) => see !== undefined)
  const metrics = new Metrics(listeners)
  if (tracing !== undefined) log('info', 'traces are sent, as OTEL_* says')
  return {
    witness: metrics,
    exposition: (doors) =>
      expositionOf({ kith, storage: () => storage.report, metrics, decisionLog: sink, ...doors }),
    async reload() {
      await sink?.reopen().catch((error: unknown) => {
        log('error', 'the decision log cannot be opened again, the file before is written on', {
          reason: String(error),
        })
      })
    },
    async close() {
      await Promise.all([sink?.close(closeMs), tracing?.close(closeMs)])
    },
  }
}

/** Said once: a disk that is full says it for every line. */
async function sinkOf(path: string, log: Log): Promise<LineSink> {
  let isTold = false
  const onError = (error: unknown) => {
    if (!isTold) log('error', 'the decision log cannot be written; lines are lost', { reason: String(error) })
    isTold = true
  }
  return LineSink.open(path, onError).catch((error: unknown) => {
    throw new Error(`--decision-log ${path} cannot be opened: ${String(error)}`, { cause: error })
  })
}
