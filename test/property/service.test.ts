/** Batch = check = oracle, and the service's lists, through validation and compiled models as callers get them. */
import { expect, test } from 'vitest'
import { firstWrong, seed } from './run.ts'
import { batchesInMemory, serviceInMemory } from './service.ts'

test('checks and lists', async () => {
  const run = { cases: 100, seed: seed + 5, scrutiny: { lists: 4 } }
  expect(await firstWrong(serviceInMemory(seed), run)).toBeUndefined()
})

test('batches of up to 25 different questions', async () => {
  const run = { cases: 60, seed: seed + 6, scrutiny: { lists: 0 } }
  expect(await firstWrong(batchesInMemory(seed), run)).toBeUndefined()
})
