/**
 * Trust, but verify: counts the answers that memory gave, and picks one in so many to be decided again without memory.
 * Another answer then is a bug in Kith: it is counted, reported, and everything in memory forgotten.
 */
import type { TupleKey } from '../../tuple/tuple.ts'

/** An answer from memory that a walk over storage, of the same state, did not give. */
export interface Mismatch {
  readonly store: string
  readonly revision: number
  readonly model: string
  readonly tuple: TupleKey
  readonly remembered: boolean
  /** What the walk said: whether it is allowed, or its fault. */
  readonly walked: boolean | string
  /** What the walk read. */
  readonly reads: readonly string[]
}

/** Since the start of the process. */
export interface Counts {
  /** Checks answered from the graph of tuples. */
  graph: number
  /** Checks answered by a decision that was kept. */
  decisions: number
  /** Checks that were walked, though memory was asked. */
  walks: number
  sampled: number
  mismatches: number
}

export class Sampler {
  readonly counts: Counts = { graph: 0, decisions: 0, walks: 0, sampled: 0, mismatches: 0 }
  readonly #every: number
  readonly #onMismatch: (mismatch: Mismatch) => void
  #left: number

  /** @param every - answers from memory to one that is verified; 0 or Infinity: none is */
  constructor(every: number, onMismatch: (mismatch: Mismatch) => void) {
    this.#every = every === 0 ? Number.POSITIVE_INFINITY : every
    this.#left = this.#every
    this.#onMismatch = onMismatch
  }

  /** Whether the next answer from memory is to be verified. */
  get isDue(): boolean {
    return this.#left <= 1
  }

  /** An answer from memory is given. True: this one is to be verified. */
  take(): boolean {
    this.#left -= 1
    if (this.#left > 0) return false
    this.#left = this.#every
    this.counts.sampled += 1
    return true
  }

  report(mismatch: Mismatch): void {
    this.counts.mismatches += 1
    this.#onMismatch(mismatch)
  }
}
