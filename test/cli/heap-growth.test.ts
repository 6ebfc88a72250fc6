/** The heap may grow by a fixed room while it is small, and V8 sees to it when it is not. */
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { growHeapInSteps, growthOf } from '../../src/cli/heap-growth.ts'

const mib = 2 ** 20

test.each([
  [10 * mib, 300],
  [32 * mib, 200],
  [64 * mib, 100],
  [128 * mib, 50],
  [130 * mib, 0],
  [2_000 * mib, 0],
])('%i bytes may grow by %i hundredths', (used, percent) => {
  expect(growthOf(used)).toBe(percent)
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
