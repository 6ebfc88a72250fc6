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

const batch = 100

/** Calls `work` with 0, 1, 2, ...: half of the calls in batches, then half singly, one after the other. */
export async function time(calls: number, work: (turn: number) => Promise<void>): Promise<Timing> {
  const half = Math.max(batch, Math.floor(calls / 2 / batch) * batch)
  const batches: number[] = []
  const started = performance.now()
  for (let turn = 0; turn < half; ) {
    const from = performance.now()
    for (const end = turn + batch; turn < end; turn++) await work(turn)
    batches.push(((performance.now() - from) * 1000) / batch)
  }
  const seconds = (performance.now() - started) / 1000
  const singles = await timeEach(half, (turn) => work(half + turn))
  return {
    median: digits(percentile(batches, 50)),
    p99: digits(percentile(singles, 99)),
    p999: digits(percentile(singles, 99.9)),
    perSecond: Math.round(half / seconds),
    calls: half * 2,
  }
}

/** Microseconds of each call. */
export async function timeEach(calls: number, work: (turn: number) => Promise<void>): Promise<Float64Array> {
  const taken = new Float64Array(calls)
  for (let turn = 0; turn < calls; turn++) {
    const from = performance.now()
    await work(turn)
    taken[turn] = (performance.now() - from) * 1000
  }
  return taken
}
