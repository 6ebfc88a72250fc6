/** Ratios of what was measured side by side: each of two neighbours, so that what slows the machine slows both. */
import type { Load } from '../load/measured.ts'
import { digits, percentile } from './figures.ts'

/** Of so many pairs: half of them lie between `low` and `high`. */
export interface Ratio {
  readonly median: number
  readonly low: number
  readonly high: number
  readonly pairs: number
}

/** How many times as much as beside it. */
export interface Beside {
  /** Of neighbouring windows. */
  readonly requests: Ratio
  readonly serverMicros: Ratio
  /** Of neighbouring groups of windows. */
  readonly p50: Ratio
  readonly p99: Ratio
}

/** The two in the order they were measured in; pairs that one of them has no figure for are left out. */
export function ratioOf(values: readonly number[], others: readonly number[]): Ratio {
  const ratios = values.flatMap((value, at) => {
    const ratio = value / (others[at] ?? 0)
    return Number.isFinite(ratio) ? [ratio] : []
  })
  const of = (percent: number) => digits(percentile(ratios, percent))
  return { median: digits(middle(ratios)), low: of(25), high: of(75), pairs: ratios.length }
}

/** The median; between the middle two, where their number is even: with few pairs the upper would flatter, or the reverse. */
function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  return ((sorted[Math.ceil(half) - 1] ?? Number.NaN) + (sorted[Math.floor(half)] ?? Number.NaN)) / 2
}

/** Both of the same rounds, in their order. */
export function besides(loads: readonly Load[], others: readonly Load[]): Beside {
  const windows = (figure: 'requestsPerSecond' | 'serverMicros') =>
    ratioOf(all(loads, figure), all(others, figure))
  const all = (of: readonly Load[], figure: 'requestsPerSecond' | 'serverMicros') =>
    of.flatMap((load) => load.windows.map((window) => window[figure]))
  const tails = (figure: 'p50' | 'p99') =>
    ratioOf(
      loads.flatMap((load) => load.tails.map((tail) => tail[figure])),
      others.flatMap((load) => load.tails.map((tail) => tail[figure])),
    )
  return {
    requests: windows('requestsPerSecond'),
    serverMicros: windows('serverMicros'),
    p50: tails('p50'),
    p99: tails('p99'),
  }
}
