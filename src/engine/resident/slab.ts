/**
 * Integers in a row, taken at the end and never moved: an address stays good as long as the slab does. Nothing is given
 * back one by one; whoever holds a slab drops it whole. Address 0 is nobody's.
 */

const firstInts = 1_024
/** 1 MiB. Up to here it grows by being copied, then once more to what is expected: what was not touched takes no memory. */
const copiedInts = 2 ** 18
/** 4 GiB, half of what addresses of 31 bits can tell apart. */
const intsMax = 2 ** 30

export class Slab {
  /** By address; another array after it has grown. */
  ints = new Int32Array(firstInts)
  /** The same memory by byte: address times four. */
  bytes: Buffer = Buffer.from(this.ints.buffer)
  readonly #intsExpected: number
  #next = 1

  /** @param bytesExpected - what it may come to hold; it can be more */
  constructor(bytesExpected = 0) {
    this.#intsExpected = Math.min(Math.ceil(bytesExpected / 4), intsMax)
  }

  /** Ints taken: the address of the next. */
  get taken(): number {
    return this.#next
  }

  /** Whether the next addresses might have more than 31 bits. */
  get isFull(): boolean {
    return this.#next > intsMax
  }

  /** The address of `ints` zeroes in a row. */
  take(ints: number): number {
    const address = this.#next
    this.#next += ints
    if (this.#next > this.ints.length) this.#grow()
    return address
  }

  #grow(): void {
    const { length } = this.ints
    const expected = length < copiedInts ? 0 : this.#intsExpected
    const grown = new Int32Array(Math.max(length * 2, this.#next, expected))
    grown.set(this.ints)
    this.ints = grown
    this.bytes = Buffer.from(grown.buffer)
  }
}
