/** What one server was found to do under load, in one round. */
import type { AnsweredBy } from '../lib/debug.ts'
import type { Processor } from '../lib/processor.ts'

/** Of one window. */
export interface Window {
  readonly requestsPerSecond: number
  /** Of the server's processor, all its threads, a request. */
  readonly serverMicros: number
}

/** Microseconds, of some neighbouring windows together. */
export interface Tail {
  readonly p50: number
  readonly p99: number
}

export interface Load extends Tail {
  readonly requestsPerSecond: number
  readonly checksPerSecond: number
  readonly requests: number
  /** Microseconds. */
  readonly p999: number
  readonly max: number
  /** Wrong answers of the warm-up count too. */
  readonly nonOk: number
  readonly wrong: number
  readonly lost: number
  readonly samples: readonly string[]
  /** Of one core, 0 to 1, while this server was measured. */
  readonly clientShare: number
  readonly serverShare: number
  /** Of the server's processor, a request. */
  readonly serverMicros: Processor
  readonly serverMiB: number
  readonly serverPeakMiB: number
  readonly windows: readonly Window[]
  readonly tails: readonly Tail[]
  /** Shares of the checks of the measured windows, where the server tells. */
  readonly answeredBy?: AnsweredBy
}

/** What went wrong, counted, and the first of it as it was. */
export class Failures {
  readonly #counts = { status: 0, answer: 0, connection: 0 }
  readonly #samples: string[] = []

  add(kind: 'status' | 'answer' | 'connection', what: string): void {
    this.#counts[kind]++
    if (this.#samples.length < 5) this.#samples.push(what)
  }

  get told(): Pick<Load, 'nonOk' | 'wrong' | 'lost' | 'samples'> {
    const { status, answer, connection } = this.#counts
    return { nonOk: status, wrong: answer, lost: connection, samples: this.#samples }
  }
}
