/** The engine over storage, in memory and after a restart of a folder: the oracle's answers, in any order of writes. */
import { expect, test } from 'vitest'
import { engineOver } from './engine.ts'
import { Tally } from './harness.ts'
import { firstWrong, seed } from './run.ts'
import { inFolder, inMemory } from './stored.ts'

test('in memory, whatever the order of writes', async () => {
  const tally = new Tally()
  const open = engineOver((world) => inMemory(world, seed))
  const run = { cases: 150, seed: seed + 3, scrutiny: { lists: 3 }, tally }
  expect(await firstWrong(open, run)).toBeUndefined()
  expect(tally.checks).toBe(150 * 25)
})

test('where heads outgrow their pages and subjects are spread', async () => {
  const sizes = { questions: 20, tuplesMax: 2_000, crowd: 80 }
  const run = { cases: 3, seed: seed + 7, scrutiny: { lists: 5 }, sizes }
  expect(
    await firstWrong(
      engineOver((world) => inMemory(world, seed)),
      run,
    ),
  ).toBeUndefined()
})

test('in a folder that was closed and opened again', async () => {
  const open = engineOver((world) => inFolder(world, seed))
  const run = { cases: 20, seed: seed + 4, scrutiny: { lists: 3 } }
  expect(await firstWrong(open, run)).toBeUndefined()
})
