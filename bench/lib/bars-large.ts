/** What Kith has to show with ten million tuples; with a hundred million the same is told, and judged by the same bars. */
import { type Bar, count, millis, row, times } from './bars.ts'
import type { Beside } from './pairs.ts'

export interface LargeResult {
  readonly scenario: string
  readonly workingSet: string
  readonly tuples: number
  readonly importPerSecond: number
  readonly importPeakMiB: number
  readonly readyMs: number
  readonly readyMiB: number
  readonly requestsPerSecond: number
  /** Microseconds, and those of W2 in the same run. */
  readonly p50: number
  readonly p99: number
  readonly baseP50: number
  readonly baseP99: number
  /** Neighbours. */
  readonly toBase: Beside
  readonly peakMiB: number
}

export function barsOfLarge(result: LargeResult): Bar[] {
  return [
    row('ready after a start', '1 s', millis(result.readyMs), (x) => x <= 1_000),
    row('resident set when ready, MiB', '150', count(result.readyMiB), (x) => x <= 150),
    row('warm check over HTTP, p50 against W2', '2 times', times(result.toBase.p50.median), (x) => x <= 2),
    row('its p99', '2 times', times(result.toBase.p99.median), (x) => x <= 2),
    row('resident set under load, at most, MiB', '512', count(result.peakMiB), (x) => x <= 512),
    row('import, tuples a second', '60k', count(result.importPerSecond), (x) => x >= 60_000),
  ]
}
