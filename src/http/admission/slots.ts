/**
 * So many at once, and a line for the others, first come, first served. The line holds as many as some tens of callers
 * make who each wait for their answer; once more come than that, they come however long it takes, and the line is short:
 * who is let in then does not wait for long, and who is not is told at once.
 */
import type { AdmissionTime } from './admission.ts'

interface Waiter {
  readonly since: number
  readonly settle: (isIn: boolean) => void
}

/** Of those in line, by places: as long as nobody is refused, and from then on. */
const patientPerPlace = 20
const crowdedPerPlace = 1
/** How long nobody has to be refused until the line is patient again, milliseconds. */
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
    if (this.#taken < this.#max || this.#line.length < crowdedPerPlace * this.#max) return false
    const now = this.#time.now()
    const isCrowded = now - this.#refusedAt < crowdedMs
    if (!isCrowded && this.#line.length < patientPerPlace * this.#max) return false
    this.#refusedAt = now
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

  /** Back; to whoever is next. */
  give(): void {
    this.#dropLate()
    const next = this.#line.shift()
    if (next === undefined) this.#taken--
    else next.settle(true)
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
    const late = this.#line.splice(0, kept === -1 ? this.#line.length : kept)
    for (const { settle } of late) settle(false)
  }
}
