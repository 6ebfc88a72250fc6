/** The engine alone, against the oracle: check, list-objects, list-users, whatever the order of the tuples. */
import { expect, test } from 'vitest'
import { engineOverArray } from './engine.ts'
import { type Open, Tally } from './harness.ts'
import { firstWrong, type Run, seed } from './run.ts'

/** Together more than 20,000 checks in some 15 s. */
const usual: Run = { cases: 600, seed, scrutiny: { lists: 6 } }

test('every answer is the oracle`s, and the cases are worth asking', async () => {
  const tally = new Tally()
  expect(await firstWrong(engineOverArray({ spread: false }), { ...usual, tally })).toBeUndefined()
  console.log(`SEED=${seed}: ${tally}`)
  expect(tally.checks).toBe(600 * 25)
  expect(tally.allowShare()).toBeGreaterThan(0.2)
  expect(tally.allowShare()).toBeLessThan(0.8)
  expect(tally.verdicts.error).toBeGreaterThan(50)
  expect(tally.listed).toBeGreaterThan(500)
})

test('also where subjects are spread over one key each, and the tuples come in another order', async () => {
  const reversed: Open = (world) =>
    engineOverArray({ spread: true })({ ...world, tuples: world.tuples.toReversed() })
  const run = { ...usual, cases: 250, seed: seed + 1 }
  expect(await firstWrong(reversed, run)).toBeUndefined()
})

test('also in larger worlds', async () => {
  const sizes = { questions: 20, tuplesMax: 600 }
  const run = { ...usual, cases: 15, seed: seed + 2, sizes }
  expect(await firstWrong(engineOverArray({ spread: false }), run)).toBeUndefined()
})
