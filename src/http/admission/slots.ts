/**
 * So many at once and in one turn of the event loop, and a line for the others, first come, first served. The line holds as
 * many as some tens of callers make who each wait for their answer; once more come than that, they come however long it
 * takes, and there is no line: who is let in then is answered at once, and who is not is told so at once.
 */
import type { AdmissionTime } from './admission.ts'

interface Waiter {
  readonly since: number
  readonly settle: (isIn: boolean) => void
}

/** Of those in line, by places, as long as nobody is refused. */
const patientPerPlace = 20
/** How long nobody has to be refused until there is a line again, milliseconds. */
const crowdedMs = 1_000
/** How long somebody may wait, milliseconds. */
const patienceMs = 1_000
const sweepMs = 50

export class Slots {
  #taken = 0
  readonly #max: number
  readonly #time: AdmissionTime
  /** In the order of arrival. */
  readonly #line: Waiter[] = []
  /** Places given back in this turn of the loop; they are given on in the next one. */
  #returned = 0
  #refusedAt = Number.NEGATIVE_INFINITY
  #isSweeping = false

  constructor(max: number, time: AdmissionTime) {
    this.#max = max
    this.#time = time
  }

  get taken(): number {
    return this.#taken
  }

  get waiting(): number {
    return this.#line.length
  }

  /** Whether somebody who comes now is refused; asking is a refusal. A few comparisons. */
  refuses(): boolean {
    if (this.#taken < this.#max) return false
    const now = this.#time.now()
    const isCrowded = now - this.#refusedAt < crowdedMs
    if (!isCrowded && this.#line.length < patientPerPlace * this.#max) return false
    this.#refusedAt = now
    // Who stands there has waited for too long already: those who come after them are answered soon instead.
    this.#turnAway(this.#line.length)
    return true
  }

  /** Undefined: it has one. A promise of whether it came to one. */
  take(): undefined | 'full' | Promise<boolean> {
    if (this.#taken < this.#max) {
      this.#taken++
      return undefined
    }
    if (this.refuses()) return 'full'
    const since = this.#time.now()
    if (!this.#isSweeping) this.#sweepSoon()
    return new Promise((settle) => this.#line.push({ since, settle }))
  }

  /**
   * Back; to whoever is next, once what waits in sockets was read. INVARIANT: what is answered within its turn holds its
   * place to the end of it, or any number would be answered in one, before anybody could say that they are too many.
   */
  give(): void {
    if (this.#returned++ === 0) this.#time.turn(this.#giveOn)
  }

  readonly #giveOn = (): void => {
    this.#dropLate()
    const places = this.#returned
    this.#returned = 0
    for (let place = 0; place < places; place++) {
      const next = this.#line.shift()
      if (next === undefined) this.#taken--
      else next.settle(true)
    }
  }

  /** A slot that is held for long frees none: those in line are told in time all the same. */
  #sweepSoon(): void {
    this.#isSweeping = true
    this.#time.after(sweepMs, () => {
      this.#isSweeping = false
      this.#dropLate()
      if (this.#line.length > 0) this.#sweepSoon()
    })
  }

  #dropLate(): void {
    const latest = this.#time.now() - patienceMs
    const kept = this.#line.findIndex(({ since }) => since >= latest)
    this.#turnAway(kept === -1 ? this.#line.length : kept)
  }

  #turnAway(first: number): void {
    for (const { settle } of this.#line.splice(0, first)) settle(false)
  }
}
