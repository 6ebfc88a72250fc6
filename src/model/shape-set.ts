/**
 * A read-only set of strings as bits over a numbering it shares with its siblings. Not a general set: what the
 * numbering does not know cannot be a member.
 */
import { assert } from '../lib/assert.ts'

export class ShapeSet implements ReadonlySet<string> {
  readonly size: number
  readonly #bits: ReadonlyMap<string, number>
  readonly #words: Uint32Array

  constructor(bits: ReadonlyMap<string, number>, members: Iterable<string>) {
    this.#bits = bits
    this.#words = new Uint32Array(Math.ceil(bits.size / 32))
    let size = 0
    for (const member of members) {
      const bit = bits.get(member)
      assert(bit !== undefined, `shape ${member} has no number`)
      if (this.#holds(bit)) continue
      this.#words[bit >>> 5] = (this.#words[bit >>> 5] ?? 0) | (1 << (bit & 31))
      size += 1
    }
    this.size = size
  }

  has(shape: string): boolean {
    const bit = this.#bits.get(shape)
    return bit !== undefined && this.#holds(bit)
  }

  *values(): Generator<string, undefined, unknown> {
    for (const [shape, bit] of this.#bits) {
      if (this.#holds(bit)) yield shape
    }
  }

  keys(): Generator<string, undefined, unknown> {
    return this.values()
  }

  *entries(): Generator<[string, string], undefined, unknown> {
    for (const shape of this.values()) yield [shape, shape]
  }

  [Symbol.iterator](): Generator<string, undefined, unknown> {
    return this.values()
  }

  forEach(visit: (value: string, key: string, set: ReadonlySet<string>) => void, receiver?: unknown): void {
    for (const shape of this.values()) visit.call(receiver, shape, shape, this)
  }

  #holds(bit: number): boolean {
    return ((this.#words[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0
  }
}
