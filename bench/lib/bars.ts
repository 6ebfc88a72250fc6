/** What Kith has to show, beside what it showed. A bar that is not met stays in the table. */
import type { AnsweredBy } from './debug.ts'
import type { Results } from './results.ts'

export interface Bar {
  readonly figure: string
  readonly bar: string
  readonly measured: string
  /** Undefined where it was not measured. */
  readonly met: boolean | undefined
}

export function barsOf({
  http,
  inProcess,
  lists,
  writes,
  prepared,
  freshness,
  import: imported,
}: Results): Bar[] {
  const { kith, hono } = http['W2 check']?.toFloor ?? {}
  const write = http['writes, 256 at once']?.toFloor.kith
  const batch = http['W2 batch of 50']?.variants.kith
  const mixed = remembered(http['W8 mix']?.variants.kith?.answeredBy)
  const quiet = remembered(http['W8 without writes']?.variants.kith?.answeredBy)
  const warm = inProcess['warm W2']
  const toShallow = inProcess['depth W3']?.toShallow ?? {}
  const importRate = prepared.tuples / prepared.seconds
  return [
    row(
      'check over HTTP, W2 warm, 32 connections',
      '2.0 times the floor',
      times(kith?.requests.median),
      (x) => x >= 2,
    ),
    row('its p99', 'no worse than the floor’s', times(kith?.p99.median), (x) => x <= 1),
    row(
      'the same without the fast lane',
      '0.5 times the floor',
      times(hono?.requests.median),
      (x) => x >= 0.5,
    ),
    row('check in process, W2, random pairs, no decision cache', '3 µs', micros(warm?.median), (x) => x <= 3),
    row('the same, a second', '300k', count(warm?.perSecond), (x) => x >= 300_000),
    row('check in process, decision-cache hit', '1 µs', micros(inProcess['hit W2']?.median), (x) => x <= 1),
    row('cold check', '150 µs', micros(inProcess['cold W2']?.median), (x) => x <= 150),
    row('depth 64 against depth 1, W3 warm', '1.5 times', times(toShallow[64]?.median), (x) => x <= 1.5),
    row(
      'batch-check of 50 over HTTP, checks a second',
      '250k',
      count(batch?.checksPerSecond),
      (x) => x >= 250_000,
    ),
    row('list of 10,000 of 50,000, streamed over HTTP', '50 ms', millis(lists.http.whole), (x) => x <= 50),
    row('its first line', '5 ms', millis(lists.http.first), (x) => x <= 5),
    row(
      'durable writes, 256 at once, in process',
      '15k/s',
      count(writes.writesPerSecond),
      (x) => x >= 15_000,
    ),
    row('the same over HTTP', '0.4 times the floor', times(write?.requests.median), (x) => x >= 0.4),
    row(
      'import into an empty store, in process, tuples a second',
      '60k',
      count(importRate),
      (x) => x >= 60_000,
    ),
    row('the same over HTTP', '60k', count(imported.tuplesPerSecond), (x) => x >= 60_000),
    row(
      'checks answered from memory, W8 with writes, below without',
      '3 points',
      points(mixed, quiet),
      (x) => x <= 3,
    ),
    row(
      `stale or wrong answers of ${freshness.steps.toLocaleString('en')}`,
      '0',
      count(freshness.stale + freshness.wrong),
      (x) => x === 0,
    ),
  ]
}

interface Measured {
  readonly value: number
  readonly text: string
}

export function row(
  figure: string,
  bar: string,
  measured: Measured | undefined,
  meets: (value: number) => boolean,
): Bar {
  if (measured === undefined) return { figure, bar, measured: 'not measured', met: undefined }
  return { figure, bar, measured: measured.text, met: meets(measured.value) }
}

function measured(value: number | undefined, text: (value: number) => string): Measured | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : { value, text: text(value) }
}

const micros = (value: number | undefined) => measured(value, (x) => `${x} µs`)
export const millis = (value: number | undefined) => measured(value, (x) => `${x} ms`)
export const count = (value: number | undefined) => measured(value, (x) => Math.round(x).toLocaleString('en'))

/** Of another, or a ratio as it is. */
export function times(value: number | undefined, other = 1): Measured | undefined {
  return measured(value === undefined ? undefined : value / other, (x) => `${x.toFixed(2)} times`)
}

/** The share of checks that took no walk. */
function remembered(answeredBy: AnsweredBy | undefined): number | undefined {
  return answeredBy && 1 - answeredBy.walked
}

/** How much lower, of a hundred. */
function points(value: number | undefined, other: number | undefined): Measured | undefined {
  if (value === undefined || other === undefined) return undefined
  return measured((other - value) * 100, (x) => `${x.toFixed(1)} points`)
}
