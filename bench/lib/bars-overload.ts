/** What Kith has to show when three times as much is asked as it can carry. */
import type { OverloadResult } from '../overload.ts'
import { type Bar, millis, row, times } from './bars.ts'

/** Of a resident set that is no leak: what the allocator keeps for the next time. */
const growthMax = 1.5

export function barsOfOverload(result: OverloadResult): Bar[] {
  return Object.entries(result).flatMap(([name, held]) => [
    row(`${name}: goodput against its best`, '0.9 times', times(held.goodput, held.best), (x) => x >= 0.9),
    row(
      'p99 of what was let in, against unloaded',
      '5 times',
      times(held.p99, held.p99Unloaded),
      (x) => x <= 5,
    ),
    row('recovered after', '1 s', millis(held.recoveryMs), (x) => x <= 1_000),
    row(
      'resident set after it, against before',
      `${growthMax} times`,
      times(held.afterMiB, held.beforeMiB),
      (x) => x <= growthMax,
    ),
    { figure: 'refused a second', bar: '–', measured: `${held.refusedPerSecond}`, met: undefined },
  ])
}
