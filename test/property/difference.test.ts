/** What a change would change, against the oracle: random models, tuples and changes, new models among them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { caseArbitrary } from '../generate/case.ts'
import { modelArbitrary } from '../generate/model.ts'
import { misjudged, moveOf, type Seen } from './difference.ts'
import { accepts, seed } from './run.ts'
import { simpler } from './shrink.ts'

const sizes = { questions: 1, tuplesMax: 40 }

/** How the model changes: not at all, by one step, or to another one. */
const remodelled = fc.oneof(
  { weight: 3, arbitrary: fc.constant('same' as const) },
  { weight: 2, arbitrary: fc.nat(99) },
  { weight: 1, arbitrary: modelArbitrary(accepts) },
)

const drawn = fc.record({
  one: caseArbitrary(accepts, sizes),
  remodel: remodelled,
  // How many tuples change: one in so many is written, one deleted, one qualified.
  share: fc.constantFrom(4, 8, 16, 40),
  spread: fc.boolean(),
  size: fc.constantFrom(1, 7, 1_000),
})

test('rows are all that the oracle would answer otherwise, and nothing else', async () => {
  const seen: Seen = { gains: 0, loses: 0, unknown: 0, pairs: 0 }
  const property = fc.asyncProperty(drawn, async ({ one, remodel, share, spread, size }) => {
    const { model } = one.world
    const steps = typeof remodel === 'number' ? [...simpler(model)].filter(accepts) : []
    const next = typeof remodel === 'object' ? remodel : steps[Number(remodel) % steps.length]
    const move = moveOf(one, share, next)
    const baggage = one.questions[0]?.baggage ?? { contextual: [], context: {} }
    const why = await misjudged(move, { ...baggage, contextual: [] }, { spread, size }, seen)
    if (why !== undefined) throw new Error(why)
  })
  await fc.assert(property, {
    seed,
    numRuns: Number(process.env.RUNS ?? 300),
    endOnFailure: process.env.SHRINK === undefined,
  })
  console.log(`SEED=${seed}: ${JSON.stringify(seen)}`)
  expect(seen.gains).toBeGreaterThan(200)
  expect(seen.loses).toBeGreaterThan(200)
  expect(seen.unknown).toBeGreaterThan(20)
})
