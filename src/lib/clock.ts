/**
 * Time as an argument. Milliseconds since the Unix epoch, integers, never going back: not when the machine's
 * clock steps, and not across restarts (storage raises the floor to the last committed instant at open).
 */
export class SteadyClock {
  #floor: number
  readonly #source: () => number

  constructor(source: () => number = Date.now, floor = 0) {
    this.#source = source
    this.#floor = floor
  }

  now(): number {
    this.#floor = Math.max(this.#floor, Math.trunc(this.#source()))
    return this.#floor
  }

  /** From now on never answers less than `instant`. */
  raise(instant: number): void {
    this.#floor = Math.max(this.#floor, instant)
  }
}
