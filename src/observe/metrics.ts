/**
 * The numbers of this process, kept as plain integers where they arise. What they are called and how they are printed
 * is exposition.ts's affair, and happens when somebody asks.
 */
import { Histogram } from '../lib/histogram.ts'
import type { Meter, Seen, Witness } from './witness.ts'

/** Milliseconds: a check from memory takes some 20 us, a list seconds. */
const boundsMs = [
  0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000,
] as const

class VerbMeter implements Meter {
  readonly name: string
  readonly lane: boolean
  readonly durations = new Histogram(boundsMs)
  /** By the first digit of the status. */
  readonly statuses = new Float64Array(6)

  constructor(name: string, lane: boolean) {
    this.name = name
    this.lane = lane
  }

  add(status: number, elapsedMs: number): void {
    const digit = status < 300 ? 2 : Math.trunc(status / 100)
    this.statuses[digit] = (this.statuses[digit] as number) + 1
    this.durations.observe(elapsedMs)
  }
}

export class Metrics implements Witness {
  readonly meters: VerbMeter[] = []
  readonly decisions = { allowed: 0, denied: 0, failed: 0 }
  readonly detail: Witness['detail']

  /** @param listeners - to be told of every answer, whole */
  constructor(listeners: readonly ((seen: Seen) => void)[] = []) {
    const [first, ...others] = listeners
    this.detail =
      first === undefined || others.length === 0
        ? first
        : (seen) => {
            for (const listener of listeners) listener(seen)
          }
  }

  meter(name: string, lane: boolean): Meter {
    const known = this.meters.find((meter) => meter.name === name && meter.lane === lane)
    if (known !== undefined) return known
    const meter = new VerbMeter(name, lane)
    this.meters.push(meter)
    return meter
  }

  decided(result: boolean | Error | undefined): void {
    if (result === true) this.decisions.allowed++
    else if (result === false) this.decisions.denied++
    else this.decisions.failed++
  }
}
