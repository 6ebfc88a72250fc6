/** The bytes of bodies that are here and not yet answered, of all connections together: each is bounded, and so is their sum. */
import { Fault } from '../../lib/fault.ts'

/** Of the largest bodies that are allowed, and at least so many bytes. */
const bodiesMin = 4
const bytesMin = 67_108_864

export class Bodies {
  bytes = 0
  readonly #max: number

  /** @param bodyBytesMax - of one */
  constructor(bodyBytesMax: number) {
    this.#max = Math.max(bytesMin, bodiesMin * bodyBytesMax)
  }

  /** @throws Fault overloaded */
  take(bytes: number): void {
    if (this.bytes + bytes > this.#max) {
      throw new Fault('overloaded', 'too many bytes of requests are under way at once, try again later')
    }
    this.bytes += bytes
  }

  give(bytes: number): void {
    this.bytes -= bytes
  }
}
