/**
 * A read-only set of strings as bits over a numbering it shares with its siblings. Not a general set: what the
 * numbering does not know cannot be a member.
 */
export class ShapeSet implements ReadonlySet<string> {
  readonly #bits: ReadonlyMap<string, number>
  readonly #words: Uint32Array

  /** `words`: bit n of the set is bit n % 32 of word n / 32. It is kept, not copied. */
  constructor(bits: ReadonlyMap<string, number>, words: Uint32Array) {
    this.#bits = bits
    this.#words = words
  }

  /** O(shapes of the numbering). */
  get size(): number {
    let size = 0
    for (const _ of this.values()) size += 1
    return size
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
