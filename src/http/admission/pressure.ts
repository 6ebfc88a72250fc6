/**
 * How much waits: what came while the event loop was busy waits in sockets where nobody sees it. The requests that one turn
 * of the loop finds are how many that were; how late the loop is, is how long they did. A delay counts when it stands,
 * and while many come: one long turn, or a machine that gave the core to somebody else, is no overload.
 */
import type { AdmissionTime } from './admission.ts'

const lookMs = 25
/** Looks over which the least delay is the standing one: a burst that is over within them is none. */
const looks = 4
/** Arrivals since the last look, below which there is no crowd. */
const crowd = 16

export class Pressure {
  /** Requests of this turn of the loop, each from a connection of its own. */
  atOnce = 0
  /** Since the last look. */
  #arrived = 0
  standingMs = 0
  readonly #time: AdmissionTime
  readonly #delays: number[] = new Array(looks).fill(0)
  #next = 0
  #dueAt = 0
  #crowded = false
  #stop: () => void = () => {}

  constructor(time: AdmissionTime) {
    this.#time = time
    this.#arm()
  }

  arrive(): void {
    this.#arrived++
    if (this.atOnce++ === 0) this.#time.turn(this.#turned)
  }

  /** Two comparisons. */
  exceeds(delayMs: number): boolean {
    return this.#crowded && this.standingMs > delayMs
  }

  close(): void {
    this.#stop()
  }

  #arm(): void {
    this.#dueAt = this.#time.now() + lookMs
    this.#stop = this.#time.after(lookMs, this.#look)
  }

  readonly #turned = (): void => {
    this.atOnce = 0
  }

  readonly #look = (): void => {
    this.#delays[this.#next] = Math.max(0, this.#time.now() - this.#dueAt)
    this.#next = (this.#next + 1) % looks
    this.standingMs = Math.min(...this.#delays)
    this.#crowded = this.#arrived > crowd
    this.#arrived = 0
    this.#arm()
  }
}
