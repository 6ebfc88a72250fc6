/** Ratios of neighbours: what slows both is not seen, and one pair that is off does not decide. */
import { expect, test } from 'vitest'
import { besides, ratioOf } from '../../bench/lib/pairs.ts'
import type { Load } from '../../bench/load/measured.ts'

test.each<[string, number[], number[], object]>([
  [
    'a machine that slows to a third',
    [20, 20, 7, 6],
    [10, 10, 3.5, 3],
    { median: 2, low: 2, high: 2, pairs: 4 },
  ],
  ['one pair that is off', [20, 0.1, 20], [10, 10, 10], { median: 2, pairs: 3 }],
  [
    'an even number: between the middle two',
    [10, 20, 30, 40],
    [10, 10, 10, 10],
    { median: 2.5, low: 2, high: 4 },
  ],
  ['a figure that is missing', [20, 30], [10], { median: 2, pairs: 1 }],
  ['nothing against nothing', [0, 20], [0, 10], { median: 2, pairs: 1 }],
])('%s', (_, values, others, expected) => {
  expect(ratioOf(values, others)).toMatchObject(expected)
})

test('rounds of windows are held against those of the same round', () => {
  const load = (rates: number[], p99s: number[]): Load =>
    ({
      windows: rates.map((rate) => ({ requestsPerSecond: rate, serverMicros: 1_000 / rate })),
      tails: p99s.map((p99) => ({ p50: p99 / 10, p99 })),
    }) as unknown as Load
  const fast = [load([200, 100], [10]), load([60, 40, 20], [100])]
  const slow = [load([100, 50], [20]), load([30, 20, 10], [200])]
  const { requests, serverMicros, p50, p99 } = besides(fast, slow)
  expect(requests).toEqual({ median: 2, low: 2, high: 2, pairs: 5 })
  expect(serverMicros).toEqual({ median: 0.5, low: 0.5, high: 0.5, pairs: 5 })
  expect([p50, p99]).toMatchObject([
    { median: 0.5, pairs: 2 },
    { median: 0.5, pairs: 2 },
  ])
})
