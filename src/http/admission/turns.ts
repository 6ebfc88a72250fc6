/**
 * One after the other, each in a turn of the event loop of its own, first come, first served: what waits in sockets is
 * read between any two, so that a check waits for one piece of work and not for all that came before it.
 */
import type { AdmissionTime } from './admission.ts'

export class Turns {
  readonly #time: Pick<AdmissionTime, 'turn'>
  readonly #line: (() => void)[] = []
  /** Whether this turn is somebody's. */
  #isTaken = false

  constructor(time: Pick<AdmissionTime, 'turn'>) {
    this.#time = time
  }

  get waiting(): number {
    return this.#line.length
  }

  /** Undefined: this turn is the caller's; else it has one when the promise resolves. */
  take(): undefined | Promise<void> {
    if (this.#isTaken) return new Promise((begin) => this.#line.push(begin))
    this.#begin()
    return undefined
  }

  #begin(): void {
    this.#isTaken = true
    this.#time.turn(this.#turned)
  }

  readonly #turned = (): void => {
    this.#isTaken = false
    const next = this.#line.shift()
    if (next === undefined) return
    this.#begin()
    next()
  }
}
