/**
 * Bounds the time a question may take at the door, reading its body included. Writes are not bounded here: an
 * answer that says "too late" about a commit that then happens would be worse than a late one.
 */
import { Fault } from '../../lib/fault.ts'
import type { Exchange, Verb } from '../exchange.ts'

type Answering = ReturnType<Verb>

interface UnderWay {
  readonly dueAt: number
  readonly giveUp: () => void
}

/** One timer for all questions: their deadlines come in the order in which they did. */
export class Deadline {
  readonly #timeoutMs: number
  /** In the order of arrival. */
  readonly #underWay = new Set<UnderWay>()
  #isArmed = false

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** `answering`, or a rejection with deadline_exceeded where that takes too long. */
  bound(answering: Answering): Answering {
    return (c) =>
      new Promise((resolve, reject) => {
        const mine = this.#begin(c, reject)
        answering(c).then(
          (answer) => {
            this.#underWay.delete(mine)
            resolve(answer)
          },
          (thrown) => {
            this.#underWay.delete(mine)
            reject(thrown)
          },
        )
      })
  }

  #begin(c: Exchange, reject: (fault: Fault) => void): UnderWay {
    const mine = {
      dueAt: performance.now() + this.#timeoutMs,
      giveUp: () => {
        const visit = c.get('visit')
        visit.abandoned = true
        visit.onAbandoned?.()
        reject(new Fault('deadline_exceeded', 'Request Deadline Exceeded'))
      },
    }
    this.#underWay.add(mine)
    if (!this.#isArmed) this.#arm(this.#timeoutMs)
    return mine
  }

  #arm(ms: number): void {
    this.#isArmed = true
    // A socket that waits for its answer keeps the process; what nobody waits for need not.
    setTimeout(this.#ring, ms).unref()
  }

  readonly #ring = (): void => {
    this.#isArmed = false
    const now = performance.now()
    for (const each of this.#underWay) {
      // Timers may ring a little early.
      if (each.dueAt > now + 1) {
        this.#arm(each.dueAt - now)
        return
      }
      this.#underWay.delete(each)
      each.giveUp()
    }
  }
}
