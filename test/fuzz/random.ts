/** Numbers that look random and come again from their seed: 32 bits of state, a nanosecond each. Not for secrets. */

export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** A whole number from 0 up to, not including, `bound`. Mulberry32. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * bound)
  }

  /** One of them. */
  of<One>(many: readonly One[]): One {
    const one = many[this.below(many.length)]
    if (one === undefined) throw new Error('nothing to choose from')
    return one
  }
}
