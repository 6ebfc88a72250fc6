/** The heap may grow by a fixed room while it is small, and V8 sees to it when it is not. */
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { growHeapInSteps, growthOf } from '../../src/cli/heap-growth.ts'

const mib = 2 ** 20

test.each([
  [10, 4_096, 300],
  [32, 4_096, 200],
  [64, 4_096, 100],
  [128, 4_096, 50],
  [130, 4_096, 0],
  [2_000, 4_096, 0],
  // Where there is little, little of it is for garbage.
  [20, 256, 80],
  [32, 256, 50],
  [40, 256, 0],
])('%i MiB of at most %i may grow by %i hundredths', (used, limit, percent) => {
  expect(growthOf({ used_heap_size: used * mib, heap_size_limit: limit * mib })).toBe(percent)
})

test('it is judged at once, and again when all memory was collected', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const judged = new EventTarget()
  const flags: string[] = []
  growHeapInSteps((flag) => {
    flags.push(flag)
    judged.dispatchEvent(new Event('judged'))
  })
  expect(flags).toEqual([expect.stringMatching(/^--heap-growing-percent=\d+$/)])
  const again = once(judged, 'judged')
  collect()
  await again
  expect(flags[1]).toMatch(/^--heap-growing-percent=\d+$/)
})
