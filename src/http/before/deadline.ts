/**
 * Bounds the time a question may take at the door, reading its body included. Writes are not bounded here: an
 * answer that says "too late" about a commit that then happens would be worse than a late one.
 */

import { Line, type Place } from '../../lib/line.ts'

/** What is under way. */
export interface Bounded {
  /** performance.now() of its deadline, which sets it. */
  dueAt: number
  /** Among all that have one; it sets that, too. */
  place: Place<Bounded> | undefined
  giveUp(): void
}

/** One timer for all questions: their deadlines come in the order in which they did. */
export class Deadline {
  readonly #timeoutMs: number
  /** In the order of arrival. */
  readonly #underWay = new Line<Bounded>()
  #isArmed = false

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** It is given up unless it ends in time. */
  begin(mine: Bounded): void {
    mine.dueAt = performance.now() + this.#timeoutMs
    mine.place = this.#underWay.enter(mine)
    if (!this.#isArmed) this.#arm(this.#timeoutMs)
  }

  end(mine: Bounded): void {
    if (mine.place !== undefined) this.#underWay.leave(mine.place)
  }

  #arm(ms: number): void {
    this.#isArmed = true
    // A socket that waits for its answer keeps the process; what nobody waits for need not.
    setTimeout(this.#ring, ms).unref()
  }

  readonly #ring = (): void => {
    this.#isArmed = false
    const now = performance.now()
    for (let first = this.#underWay.first; first !== undefined; first = this.#underWay.first) {
      // Timers may ring a little early.
      if (first.dueAt > now + 1) {
        this.#arm(first.dueAt - now)
        return
      }
      this.end(first)
      first.giveUp()
    }
  }
}
