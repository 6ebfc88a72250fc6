/**
 * The bytes of bodies that are here and not yet answered, of all connections together: each is bounded, and so is their
 * sum, and of that the half that one caller may hold.
 */
import { anonymous } from '../../callers/caller.ts'
import { Fault } from '../../lib/fault.ts'

/** Of the largest bodies that are allowed, and at least so many bytes. */
const bodiesMin = 4
const bytesMin = 67_108_864

export class Bodies {
  bytes = 0
  readonly #max: number
  /** By caller; only those that hold some. */
  readonly #held = new Map<string, number>()

  /** @param bodyBytesMax - of one */
  constructor(bodyBytesMax: number) {
    this.#max = Math.max(bytesMin, bodiesMin * bodyBytesMax)
  }

  /** @throws Fault overloaded; rate_limited: the caller has its half */
  take(bytes: number, caller: string): void {
    // Where nobody says who it is there is no telling whose half it is.
    const isKnown = caller !== anonymous.id
    const held = isKnown ? (this.#held.get(caller) ?? 0) + bytes : 0
    if (held > this.#max / 2) {
      const message = 'the caller has half of all bytes of requests under way that there may be'
      throw new Fault('rate_limited', message, { retryAfter: 1 })
    }
    if (this.bytes + bytes > this.#max) {
      throw new Fault('overloaded', 'too many bytes of requests are under way at once, try again later')
    }
    this.bytes += bytes
    if (isKnown) this.#held.set(caller, held)
  }

  give(bytes: number, caller: string): void {
    this.bytes -= bytes
    if (caller === anonymous.id) return
    const held = (this.#held.get(caller) ?? 0) - bytes
    if (held > 0) this.#held.set(caller, held)
    else this.#held.delete(caller)
  }
}
