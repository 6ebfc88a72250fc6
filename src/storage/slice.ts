/**
 * A slice of the event loop: long work rests when its slice is over, so that checks go on between. Such work is a
 * generator that yields where it may rest, so what is short is done within the turn, and without a promise.
 */
import { setImmediate } from 'node:timers/promises'

/** Milliseconds of work between two rests: what a check may have to wait. */
const sliceMs = 1

/** Yields when its slice is over, and where it can go on later. */
export type Work<Result> = Generator<undefined, Result, undefined>

export class Slice {
  #end = performance.now() + sliceMs
  #asked = 0

  /** Asks the clock every 16th time only: it costs as much as a small step of work. */
  get isOver(): boolean {
    return (++this.#asked & 15) === 0 && performance.now() > this.#end
  }

  /** Asks the clock each time: between pieces of work that may take a millisecond each. */
  get hasEnded(): boolean {
    return performance.now() > this.#end
  }

  async rest(): Promise<void> {
    await setImmediate()
    this.#end = performance.now() + sliceMs
  }
}

/** Does the work, resting where it yields; its result at once when it never did. */
export function drive<Result>(work: Work<Result>, slice: Slice): Result | Promise<Result> {
  const step = work.next()
  return step.done === true ? step.value : goOn(work, slice)
}

/** The same without a rest, where it is known to be short. */
export function doneAtOnce<Result>(work: Work<Result>): Result {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

async function goOn<Result>(work: Work<Result>, slice: Slice): Promise<Result> {
  for (;;) {
    await slice.rest()
    const step = work.next()
    if (step.done === true) return step.value
  }
}
