/** How often each caller asks: a bucket of tokens each, which holds a second's worth and fills steadily. */
import { Lru } from '../../lib/lru.ts'

/** Callers kept; one that is forgotten begins anew, with a full bucket. */
const callersMax = 10_000

export class Rates {
  /** Milliseconds that one request takes from a bucket. */
  readonly #costMs: number
  /** By caller: the instant at which its bucket would be full again, which is all there is to know of it. */
  readonly #fullAt = new Lru<string, { ms: number }>(callersMax)

  constructor(perSecond: number) {
    this.#costMs = 1_000 / perSecond
  }

  /** Takes one; false where there is none to take, and will be after the time of one. */
  take(caller: string, now: number): boolean {
    const bucket = this.#fullAt.get(caller)
    if (bucket === undefined) {
      this.#fullAt.set(caller, { ms: now + this.#costMs })
      return true
    }
    const fullAt = Math.max(bucket.ms, now) + this.#costMs
    const waitMs = fullAt - now - Math.max(1_000, this.#costMs)
    // Sums of fractions: a millionth of a second is nobody's turn.
    if (waitMs > 1e-3) return false
    bucket.ms = fullAt
    return true
  }
}
