/**
 * So many at once, and a line for the others. While the line empties now and then, it is first come, first served; once
 * it stands, the newest goes first and nobody waits for long: those at its end would be answered when nobody listens.
 */
import type { AdmissionTime } from './admission.ts'

interface Waiter {
  readonly since: number
  readonly settle: (isIn: boolean) => void
}

/** How long somebody may wait, milliseconds: in a line that empties, and in one that stands. */
const patienceMs = 1_000
const standingPatienceMs = 200
/** How long a line may last before it is one that stands. */
const standsAfterMs = 1_000
const waitingMax = 1_000
const sweepMs = 50

export class Slots {
  #taken = 0
  readonly #max: number
  readonly #time: AdmissionTime
  /** In the order of arrival. */
  readonly #line: Waiter[] = []
  #lineSince = 0
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

  /** Undefined: it has one. A promise of whether it came to one. */
  take(): undefined | 'full' | Promise<boolean> {
    if (this.#taken < this.#max) {
      this.#taken++
      return undefined
    }
    if (this.#line.length >= waitingMax) return 'full'
    const since = this.#time.now()
    if (this.#line.length === 0) this.#lineSince = since
    if (!this.#isSweeping) this.#sweepSoon()
    return new Promise((settle) => this.#line.push({ since, settle }))
  }

  /** Back; to whoever is next. */
  give(): void {
    this.#dropLate()
    const next = this.#stands ? this.#line.pop() : this.#line.shift()
    if (next === undefined) this.#taken--
    else next.settle(true)
  }

  get #stands(): boolean {
    return this.#line.length > 0 && this.#time.now() - this.#lineSince > standsAfterMs
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
    const latest = this.#time.now() - (this.#stands ? standingPatienceMs : patienceMs)
    const kept = this.#line.findIndex(({ since }) => since >= latest)
    const late = this.#line.splice(0, kept === -1 ? this.#line.length : kept)
    for (const { settle } of late) settle(false)
  }
}
