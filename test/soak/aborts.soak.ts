/** A hundred thousand clients that go away in the middle, or as many as KITH_SOAK_ABORTS says, and nothing of them stays. */
import { expect, test } from 'vitest'
import { abortMany } from './aborts.ts'

const count = Number(process.env.KITH_SOAK_ABORTS ?? 100_000)

test('aborted requests leave nothing behind', { timeout: 3_600_000 }, async () => {
  const { early, late, answers } = await abortMany(count)
  console.log(JSON.stringify({ count, answers, early, late }))
  expect(late.handles).toEqual(early.handles)
  // Compiled code and the pages of the allocator settle late: a leak of 100 bytes a request would be 8 MiB.
  expect(late.heapMiB - early.heapMiB).toBeLessThan(4)
  expect(late.rssMiB - early.rssMiB).toBeLessThan(Math.max(32, 0.15 * early.rssMiB))
})
