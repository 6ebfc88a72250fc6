/** A slice of the event loop: long work rests when its slice is over, so that checks go on between. */
import { setImmediate } from 'node:timers/promises'

/** Milliseconds of work between two rests: what a check may have to wait. */
const sliceMs = 4

export class Slice {
  #end = performance.now() + sliceMs
  #asked = 0

  /** Asks the clock every 16th time only: it costs as much as a small step of work. */
  get isOver(): boolean {
    return (++this.#asked & 15) === 0 && performance.now() > this.#end
  }

  async rest(): Promise<void> {
    await setImmediate()
    this.#end = performance.now() + sliceMs
  }
}
