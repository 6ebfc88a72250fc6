/**
 * Every answer from memory is decided again over storage, in random worlds whose tuples come and go and whose time
 * passes: no two differ. Usersets, wildcards, conditions, expiries and batches included.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SteadyClock } from '../../src/lib/clock.ts'
import type { Kith } from '../../src/service/kith.ts'
import { kithOver } from '../../src/service/open.ts'
import { openStorage } from '../../src/storage/open.ts'
import type { Storage } from '../../src/storage/storage.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { printTuple } from '../../src/tuple/tuple.ts'
import { type Case, caseArbitrary, type Question } from '../generate/case.ts'
import { accepts, seed } from './run.ts'

type Step = { readonly toggled: number } | { readonly passed: number }

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ toggled: fc.nat(9999) }) },
    { weight: 1, arbitrary: fc.record({ passed: fc.constantFrom(1, 1_000_000) }) },
  ),
  { minLength: 3, maxLength: 6 },
)

test('memory and storage never differ', async () => {
  const tally = { graph: 0, decisions: 0, walked: 0, taken: 0 }
  const property = fc.asyncProperty(
    caseArbitrary(accepts, { questions: 20, tuplesMax: 50 }),
    steps,
    async (one, walk) => {
      expect(await mismatchesOf(one, walk, tally)).toEqual([])
    },
  )
  await fc.assert(property, { seed: seed + 11, numRuns: 100, endOnFailure: true })
  console.log(`SEED=${seed}: ${JSON.stringify(tally)}`)
  // Some 4,000 and 9,000: a third of that is no bad luck.
  expect(tally.graph).toBeGreaterThan(1_300)
  expect(tally.decisions).toBeGreaterThan(3_000)
  expect(tally.taken).toBe(tally.graph + tally.decisions)
})

async function mismatchesOf(
  { world, questions }: Case,
  walk: readonly Step[],
  tally: { graph: number; decisions: number; walked: number; taken: number },
): Promise<readonly string[]> {
  const at = { now: world.now }
  const storage = await openStorage(
    { memory: true },
    { clock: new SteadyClock(() => at.now), sweepEveryMs: 0 },
  )
  try {
    const found: string[] = []
    const kith = kithOver(storage, {
      resolveDepth: Number.POSITIVE_INFINITY,
      requestTimeoutMs: 600_000,
      sampleEvery: 1,
      onMismatch: (mismatch) => found.push(JSON.stringify(mismatch)),
    })
    const { id: store } = await storage.createStore('world')
    await storage.commit(store, { model: { id: '01', json: world.model } })
    await storage.commit(store, { writes: world.tuples })
    const present = new Set(world.tuples.map(printTuple))
    for (const step of [undefined, ...walk]) {
      if (step !== undefined && 'passed' in step) at.now += step.passed
      if (step !== undefined && 'toggled' in step && world.tuples.length > 0) {
        await toggle(storage, store, world.tuples[step.toggled % world.tuples.length] as Tuple, present)
      }
      await askAll(kith, store, questions)
    }
    const { checks, samples } = kith.memory
    tally.graph += checks.graph
    tally.decisions += checks.decisions
    tally.walked += checks.walked
    tally.taken += samples.taken
    expect(samples.mismatches).toBe(found.length)
    return found
  } finally {
    await storage.close()
  }
}

async function toggle(storage: Storage, store: string, tuple: Tuple, present: Set<string>): Promise<void> {
  if (present.delete(printTuple(tuple))) {
    await storage.commit(store, { deletes: [tuple], onMissing: 'ignore' })
  } else {
    present.add(printTuple(tuple))
    await storage.commit(store, { writes: [tuple], onDuplicate: 'update' })
  }
}

/** One by one, then as a batch, which finds what the others left. */
async function askAll(kith: Kith, store: string, questions: readonly Question[]): Promise<void> {
  for (const { key, baggage } of questions) {
    await Promise.resolve(kith.check({ store, tuple: key, ...baggage })).catch((fault) =>
      expect(fault.code).toBe('validation_error'),
    )
  }
  const checks = questions.map(({ key, baggage }, index) => ({
    correlationId: `${index}`,
    tuple: key,
    ...baggage,
  }))
  await kith.batchCheck({ store, checks })
}
