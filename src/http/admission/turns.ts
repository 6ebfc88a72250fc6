/**
 * One after the other, each in a turn of the event loop of its own, first come, first served: what waits in sockets is
 * read between any two, so that a check waits for one piece of work and not for all that came before it. Who waited for too
 * long, or is not there any more, takes no turn.
 */
import type { AdmissionTime } from './admission.ts'

/** Who waits for a turn. */
export interface Waiting {
  /** Whether anybody would hear an answer. */
  readonly isHeard: boolean
}

interface Place {
  readonly who: Waiting
  readonly since: number
  readonly settle: (hasTurn: boolean) => void
}

/** How long somebody may wait, milliseconds. */
const patienceMs = 1_000

export class Turns {
  readonly #time: Pick<AdmissionTime, 'turn' | 'now'>
  readonly #line: Place[] = []
  /** Whether this turn is somebody's. */
  #isTaken = false

  constructor(time: Pick<AdmissionTime, 'turn' | 'now'>) {
    this.#time = time
  }

  /** Undefined: this turn is the caller's; else a promise of whether it came to one. */
  take(who: Waiting): undefined | Promise<boolean> {
    if (this.#isTaken) {
      const since = this.#time.now()
      return new Promise((settle) => this.#line.push({ who, since, settle }))
    }
    this.#begin()
    return undefined
  }

  #begin(): void {
    this.#isTaken = true
    this.#time.turn(this.#turned)
  }

  readonly #turned = (): void => {
    this.#isTaken = false
    const latest = this.#time.now() - patienceMs
    for (let next = this.#line.shift(); next !== undefined; next = this.#line.shift()) {
      const hasTurn = next.since >= latest && next.who.isHeard
      if (hasTurn) this.#begin()
      next.settle(hasTurn)
      if (hasTurn) return
    }
  }
}
