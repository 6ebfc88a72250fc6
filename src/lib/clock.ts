/**
 * Time as an argument. Milliseconds since the Unix epoch, integers, never going back: not when the machine's
 * clock steps, and not across restarts (storage raises the floor to the last committed instant at open).
 */
export class SteadyClock {
  #floor: number
  #isHeld = false
  readonly #source: () => number

  constructor(source: () => number = Date.now, floor = 0) {
    this.#source = source
    this.#floor = floor
  }

  now(): number {
    const instant = this.#source()
    this.#isHeld = instant < this.#floor
    if (!this.#isHeld) this.#floor = Math.trunc(instant)
    return this.#floor
  }

  /** Whether its source was behind when last asked: until that has caught up, one instant is told again and again. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** From now on never answers less than `instant`. */
  raise(instant: number): void {
    this.#floor = Math.max(this.#floor, instant)
  }
}
