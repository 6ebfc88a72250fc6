/** What there is to read off a running Kith: each metric's name, meaning, type and labels in one table. Labels never name anybody. */
import type { Histogram } from '../lib/histogram.ts'
import { version } from '../lib/version.ts'
import type { Kith } from '../service/kith.ts'
import type { StorageReport } from '../storage/storage.ts'
import type { Metrics } from './metrics.ts'

type Labels = Readonly<Record<string, string>>

/** One metric. Counters end in `_total`; units are seconds and bytes. */
export interface Reading {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly labels: readonly string[]
  readonly read: () => readonly (readonly [Labels, number])[]
}

type Values = Pick<Reading, 'labels' | 'read'>

/** Of values in thousandths of the unit where `scale` is 1000: milliseconds, for seconds. */
export interface HistogramReading {
  readonly name: string
  readonly help: string
  readonly scale: 1 | 1000
  readonly read: () => readonly (readonly [Labels, Histogram])[]
}

export interface Observed {
  readonly kith: Pick<Kith, 'memory' | 'storeCount' | 'watchCount' | 'unready'>
  readonly storage: () => StorageReport
  readonly metrics: Metrics
  readonly lane: { readonly answered: number; readonly handedOver: number } | undefined
  /** Requests refused for want of room, by what they were. */
  readonly refused: Readonly<Record<string, number>>
  readonly decisionLog:
    | { readonly written: number; readonly dropped: number; readonly queued: number }
    | undefined
}

const one = (read: () => number): Values => ({ labels: [], read: () => [[{}, read()]] })
const by = (label: string, read: () => Readonly<Record<string, number>>): Values => ({
  labels: [label],
  read: () => Object.entries(read()).map(([name, value]) => [{ [label]: name }, value] as const),
})

export function readingsOf({
  kith,
  storage,
  metrics,
  lane,
  refused,
  decisionLog,
}: Observed): readonly Reading[] {
  const counter = (name: string, help: string, values: Values): Reading => ({
    name,
    help,
    type: 'counter',
    ...values,
  })
  const gauge = (name: string, help: string, values: Values): Reading => ({
    name,
    help,
    type: 'gauge',
    ...values,
  })
  const info = { version: version(), node: process.versions.node }
  const level = (read: (level: StorageReport['levels'][number]) => number): Values => ({
    labels: ['level'],
    read: () => storage().levels.map((each) => [{ level: String(each.level) }, read(each)] as const),
  })
  return [
    gauge('kith_build_info', 'Always 1; the versions are its labels.', {
      labels: ['version', 'node'],
      read: () => [[info, 1]],
    }),
    gauge(
      'kith_ready',
      '1 while requests should be sent here.',
      one(() => (kith.unready === undefined ? 1 : 0)),
    ),
    counter('kith_requests_total', 'Answers, by verb, by the way they took and by class of status.', {
      labels: ['verb', 'lane', 'status'],
      read: () =>
        metrics.meters.flatMap(({ name, lane: fast, statuses }) =>
          Array.from(statuses.entries())
            .filter(([, count]) => count > 0)
            .map(
              ([digit, count]) =>
                [{ verb: name, lane: fast ? 'fast' : 'app', status: `${digit}xx` }, count] as const,
            ),
        ),
    }),
    counter(
      'kith_decisions_total',
      'Checks and items of batches, by result.',
      by('result', () => metrics.decisions),
    ),
    counter(
      'kith_refused_total',
      'Requests refused for want of room, by what they were; `rate`: for their caller asked too often.',
      by('work', () => refused),
    ),
    counter(
      'kith_checks_total',
      'Checks that might be answered from memory, by what answered them.',
      by('source', () => {
        const { graph, decisions: kept, walked } = kith.memory.checks
        return { graph, kept, walked }
      }),
    ),
    counter(
      'kith_samples_total',
      'Answers from memory that were decided again without it.',
      one(() => kith.memory.samples.taken),
    ),
    counter(
      'kith_mismatches_total',
      'Of these, those that came out otherwise: each a bug in Kith.',
      one(() => kith.memory.samples.mismatches),
    ),
    gauge(
      'kith_memory_bytes',
      'About what is kept in memory takes.',
      by('what', () => {
        const { graph, decisions, stripes } = kith.memory.bytes
        return { graph, decisions, stripes }
      }),
    ),
    gauge(
      'kith_memory_limit_bytes',
      'What it may take.',
      by('what', () => {
        const { graphMax: graph, decisionsMax: decisions } = kith.memory.bytes
        return { graph, decisions }
      }),
    ),
    counter(
      'kith_memory_forgotten_total',
      'Times that what was not used lately was let go, for room.',
      one(() => kith.memory.forgotten),
    ),
    gauge(
      'kith_stores',
      'Stores.',
      one(() => kith.storeCount),
    ),
    gauge(
      'kith_watches',
      'Watches open now.',
      one(() => kith.watchCount),
    ),
    counter(
      'kith_lane_total',
      'Requests that the fast lane answered, and connections that it handed over.',
      by('outcome', () => ({ answered: lane?.answered ?? 0, handed_over: lane?.handedOver ?? 0 })),
    ),
    counter(
      'kith_decision_log_total',
      'Lines of the decision log, by what became of them.',
      by('outcome', () => ({ written: decisionLog?.written ?? 0, dropped: decisionLog?.dropped ?? 0 })),
    ),
    gauge(
      'kith_decision_log_queue_bytes',
      'Lines that wait to be written.',
      one(() => decisionLog?.queued ?? 0),
    ),
    gauge(
      'kith_commit_queue',
      'Commits that wait for their batch.',
      one(() => storage().queued),
    ),
    counter(
      'kith_revisions_total',
      'Revisions made, of all stores.',
      one(() => storage().revisions),
    ),
    counter(
      'kith_batch_failures_total',
      'Batches whose outcome was unknown: the folder was opened again.',
      one(() => storage().failures),
    ),
    gauge(
      'kith_leveldb_files',
      'Tables, by level.',
      level(({ files }) => files),
    ),
    gauge(
      'kith_leveldb_bytes',
      'Size of the tables, by level.',
      level(({ bytes }) => bytes),
    ),
    counter(
      'kith_leveldb_compaction_seconds_total',
      'Time spent in compactions, by level.',
      level(({ seconds }) => seconds),
    ),
    counter(
      'kith_leveldb_written_bytes_total',
      'Bytes that compactions wrote, by level.',
      level(({ written }) => written),
    ),
    gauge(
      'kith_leveldb_memory_bytes',
      'About what LevelDB takes: its caches and what it has not written to tables yet.',
      one(() => storage().memoryBytes),
    ),
  ]
}

export function histogramsOf({ storage, metrics }: Observed): readonly HistogramReading[] {
  return [
    {
      name: 'kith_request_duration_seconds',
      help: 'From the request to its answer; of streams, to the first of it.',
      scale: 1000,
      read: () =>
        metrics.meters.map(({ name, lane, durations }) => [
          { verb: name, lane: lane ? 'fast' : 'app' },
          durations,
        ]),
    },
    {
      name: 'kith_batch_seconds',
      help: 'One synced batch: what writers wait for, fsync included.',
      scale: 1000,
      read: () => [[{}, storage().batchMs]],
    },
    {
      name: 'kith_batch_commits',
      help: 'Commits that shared one batch.',
      scale: 1,
      read: () => [[{}, storage().commitsPerBatch]],
    },
  ]
}
