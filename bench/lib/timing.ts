/** Times work that takes microseconds: in batches for the median, singly for the tail. */
import { digits, percentile } from './figures.ts'

export interface Timing {
  /** Microseconds of one call: median of batches, where the clock costs nothing. */
  readonly median: number
  /** Microseconds, each call timed alone; some 0.05 of it is the clock. */
  readonly p99: number
  readonly p999: number
  readonly perSecond: number
  readonly calls: number
  /** Share of the answers that were allows, where the calls are checks. */
  readonly allows?: number
}

/** What is timed; some of it answers without a promise. */
export type Work = (turn: number) => void | Promise<void>

const batch = 100

/** Calls at most, and seconds, of each of the two halves: what is slow is called less often. */
export interface Bounds {
  readonly calls: number
  readonly seconds: number
}

/** Calls `work` with 0, 1, 2, ...: first in batches, then singly, one call after the other. */
export async function time({ calls, seconds }: Bounds, work: Work): Promise<Timing> {
  const started = performance.now()
  const batches = await timeBatches({ calls, seconds }, work)
  const took = (performance.now() - started) / 1000
  const called = batches.length * batch
  const singles = await timeEach({ calls: called, seconds }, (again) => work(called + again))
  return {
    median: digits(percentile(batches, 50)),
    p99: digits(percentile(singles, 99)),
    p999: digits(percentile(singles, 99.9)),
    perSecond: Math.round(called / took),
    calls: called + singles.length,
  }
}

/** Microseconds of a call, by batches of a hundred; one batch at least. */
export async function timeBatches({ calls, seconds }: Bounds, work: Work): Promise<number[]> {
  const batches: number[] = []
  const end = performance.now() + seconds * 1000
  let turn = 0
  do {
    const from = performance.now()
    for (const last = turn + batch; turn < last; turn++) await work(turn)
    batches.push(((performance.now() - from) * 1000) / batch)
  } while (turn + batch <= calls && performance.now() < end)
  return batches
}

/** Microseconds of each call. */
export async function timeEach({ calls, seconds }: Bounds, work: Work): Promise<number[]> {
  const taken: number[] = []
  const end = performance.now() + seconds * 1000
  for (let turn = 0; turn < calls; turn++) {
    const from = performance.now()
    await work(turn)
    const now = performance.now()
    taken.push((now - from) * 1000)
    if (now > end) break
  }
  return taken
}
