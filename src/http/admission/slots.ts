/**
 * So many at once, so many begun in one turn of the event loop, and a line for the others, first come, first served: what waits
 * in sockets is read between any two turns. Who waited for too long, or is not there any more, gets no place. The line
 * holds as many as some tens of callers make who each wait for their answer; once more come than that, they come however long
 * it takes, and the line is as short as there are places: who is let in then is answered soon, and who is not is told at once.
 */
import type { AdmissionTime } from './admission.ts'

/** Who waits for a place. */
export interface Waiting {
  /** Whether anybody would hear an answer. */
  readonly isHeard: boolean
}

interface Waiter {
  readonly who: Waiting
  readonly since: number
  readonly settle: (isIn: boolean) => void
}

/** Of those in line, by places, as long as nobody is refused. */
const patientPerPlace = 20
/** How long nobody has to be refused until the line is long again, milliseconds. */
const crowdedMs = 500
/** How long somebody may wait, milliseconds. */
const patienceMs = 1_000
const sweepMs = 50

export class Slots {
  #taken = 0
  readonly #max: number
  readonly #perTurn: number
  readonly #time: AdmissionTime
  /** In the order of arrival. */
  readonly #line: Waiter[] = []
  /** In this turn of the loop. */
  #begun = 0
  #isTurning = false
  #refusedAt = Number.NEGATIVE_INFINITY
  #isSweeping = false

  /**
   * @param max - places; with any number of them (Infinity) nobody is refused at once, and none has to be given back
   * @param perTurn - places that are taken in one turn of the loop, at most
   */
  constructor(max: number, perTurn: number, time: AdmissionTime) {
    this.#max = max
    this.#perTurn = perTurn
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
    if (this.#hasPlace()) return false
    const now = this.#time.now()
    const isCrowded = now - this.#refusedAt < crowdedMs
    if (this.#line.length < (isCrowded ? this.#max : patientPerPlace * this.#max)) return false
    this.#refusedAt = now
    // Who stands there has waited for too long already: those who come after them are answered soon instead.
    if (!isCrowded) this.#turnAway(this.#line.length)
    return true
  }

  /** Undefined: it has one. A promise of whether it came to one. */
  take(who: Waiting): undefined | 'full' | Promise<boolean> {
    if (this.#hasPlace()) {
      this.#begin()
      return undefined
    }
    if (this.refuses()) return 'full'
    const since = this.#time.now()
    if (!this.#isSweeping) this.#sweepSoon()
    return new Promise((settle) => this.#line.push({ who, since, settle }))
  }

  /** Back; to whoever is next, once what waits in sockets was read. */
  give(): void {
    this.#taken--
    this.#turnSoon()
  }

  #hasPlace(): boolean {
    return this.#taken < this.#max && this.#begun < this.#perTurn
  }

  /**
   * INVARIANT: what was begun in a turn counts to the end of it, also where it was answered by then: or any number would be
   * answered in one, before anybody could say that they are too many.
   */
  #begin(): void {
    this.#taken++
    this.#begun++
    this.#turnSoon()
  }

  #turnSoon(): void {
    if (this.#isTurning) return
    this.#isTurning = true
    this.#time.turn(this.#turned)
  }

  readonly #turned = (): void => {
    this.#isTurning = false
    this.#begun = 0
    this.#dropLate()
    while (this.#hasPlace()) {
      const next = this.#line.shift()
      if (next === undefined) return
      if (next.who.isHeard) this.#begin()
      next.settle(next.who.isHeard)
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
