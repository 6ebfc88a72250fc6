/** What came of the requests that were due in one phase of an open loop: counted as answers come, told when asked. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { usage } from '../lib/child.ts'

export interface Phase {
  readonly offeredPerSecond: number
  readonly goodPerSecond: number
  readonly refusedPerSecond: number
  /** Due, and not sent within a second, or before the phase ended, because every connection was busy. */
  readonly unsent: number
  readonly failed: number
  /** Microseconds, of the good ones; by verb too. */
  readonly p50: number
  readonly p99: number
  readonly byVerb: Readonly<
    Record<string, { readonly good: number; readonly refused: number; readonly p99: number }>
  >
  readonly serverMiB: number
  /** Of a core each, 0 to 1. */
  readonly serverShare: number
  readonly clientShare: number
  /** Milliseconds into the phase of the last refusal, or of the last answer that took more than a tenth of a second. */
  readonly lastTroubleMs: number
}

export type Outcome = 'good' | 'refused' | 'failed'

class Counts {
  good = 0
  refused = 0
  readonly histogram: RecordableHistogram = createHistogram({ figures: 3, highest: 600e9 })
}

export class Counting {
  unsent = 0
  readonly started = performance.now()
  readonly #rate: number
  readonly #pid: number
  readonly #all = new Counts()
  readonly #byVerb = new Map<string, Counts>()
  readonly #clientBefore = process.cpuUsage()
  readonly #serverBefore: number
  #failed = 0
  #lastTroubleAt = this.started
  #spent = { seconds: 0, server: 0, client: 0, serverMiB: 0 }

  constructor(rate: number, pid: number) {
    this.#rate = rate
    this.#pid = pid
    this.#serverBefore = usage(pid).cpu
  }

  answered(verb: string, dueAt: number, outcome: Outcome): void {
    const now = performance.now()
    const counts = this.#byVerb.get(verb) ?? new Counts()
    this.#byVerb.set(verb, counts)
    if (outcome === 'failed') this.#failed++
    else if (outcome === 'refused') {
      this.#all.refused++
      counts.refused++
    } else {
      const nanoseconds = Math.max(1, Math.round((now - dueAt) * 1e6))
      for (const each of [this.#all, counts]) {
        each.good++
        each.histogram.record(nanoseconds)
      }
    }
  }

  /** Something that callers notice, whenever it was due. */
  trouble(): void {
    this.#lastTroubleAt = performance.now()
  }

  /** Nothing more is due. */
  end(): void {
    const { user, system } = process.cpuUsage(this.#clientBefore)
    const { cpu, nowMiB } = usage(this.#pid)
    this.#spent = {
      seconds: (performance.now() - this.started) / 1_000,
      server: cpu - this.#serverBefore,
      client: (user + system) / 1e6,
      serverMiB: nowMiB,
    }
  }

  /** Once everything that was due then is answered. */
  get phase(): Phase {
    const { seconds, server, client, serverMiB } = this.#spent
    const perSecond = (count: number) => Math.round(count / seconds)
    const { good, refused, histogram } = this.#all
    return {
      offeredPerSecond: Math.round(this.#rate),
      goodPerSecond: perSecond(good),
      refusedPerSecond: perSecond(refused),
      unsent: this.unsent,
      failed: this.#failed,
      p50: micros(histogram, 50),
      p99: micros(histogram, 99),
      byVerb: Object.fromEntries(
        [...this.#byVerb].map(([verb, { good, refused, histogram }]) => [
          verb,
          { good: perSecond(good), refused: perSecond(refused), p99: micros(histogram, 99) },
        ]),
      ),
      serverMiB,
      serverShare: share(server / seconds),
      clientShare: share(client / seconds),
      lastTroubleMs: Math.round(this.#lastTroubleAt - this.started),
    }
  }
}

function micros(histogram: RecordableHistogram, percentile: number): number {
  return histogram.count === 0 ? 0 : Math.round(histogram.percentile(percentile) / 1_000)
}

function share(of: number): number {
  return Math.round(of * 100) / 100
}
