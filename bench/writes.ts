/** How many durable writes of one tuple a second, 256 at once, in the caller's own process? Prints one JSON line. */
import { asked, askerOf } from './lib/asking.ts'
import { prepared, withCopy } from './lib/dataset.ts'
import { digits, percentile } from './lib/figures.ts'
import { scale, small } from './lib/settings.ts'
import { openTree } from './lib/tree.ts'

export interface WritesResult {
  readonly writesPerSecond: number
  readonly writes: number
  /** Milliseconds until a write was acknowledged. */
  readonly p50: number
  readonly p99: number
}

const atOnce = 256
const each = small ? 8 : 200
const warmEach = small ? 2 : 40

const data = prepared('W1', scale)
const result = await withCopy(data, async (folder): Promise<WritesResult> => {
  const opened = await openTree(folder)
  const { kith } = opened
  const { store } = data
  const taken: number[] = []
  const keyOf = (lane: number, turn: number) => ({
    object: `group:load${lane}`,
    relation: 'member',
    subject: `user:load${turn}`,
  })

  async function lane(number: number, from: number, to: number): Promise<void> {
    for (let turn = from; turn < to; turn++) {
      const started = performance.now()
      await kith.write({ store, writes: [keyOf(number, turn)] })
      taken.push(performance.now() - started)
    }
  }
  const all = (from: number, to: number) =>
    Promise.all(Array.from({ length: atOnce }, (_, number) => lane(number, from, to)))

  await all(0, warmEach)
  taken.length = 0
  const started = performance.now()
  await all(warmEach, warmEach + each)
  const seconds = (performance.now() - started) / 1000
  const written = Array.from({ length: atOnce }, (_, number) => ({
    ...keyOf(number, warmEach + each - 1),
    allowed: true,
  }))
  const ask = askerOf(opened, asked(store, written))
  for (let turn = 0; turn < atOnce; turn++) await ask(turn)
  await opened.close()
  return {
    writesPerSecond: Math.round(taken.length / seconds),
    writes: taken.length,
    p50: digits(percentile(taken, 50)),
    p99: digits(percentile(taken, 99)),
  }
})
console.log(JSON.stringify(result))
