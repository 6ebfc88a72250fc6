/** The short run of the soak: clients that go away in the middle leave no handle behind. Memory is judged by the long one. */
import { expect, test } from 'vitest'
import { abortMany } from '../soak/aborts.ts'

test('CVE-2023-45810, CVE-2024-23820: aborted requests leave no handles', async () => {
  const { early, late, answers } = await abortMany(480)
  expect(answers).toBeGreaterThan(100)
  expect(late.handles).toEqual(early.handles)
  // Something that each of them leaves would be ten times that.
  expect(late.heapMiB - early.heapMiB).toBeLessThan(16)
})
