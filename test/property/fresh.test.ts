/**
 * Never stale: tuples come and go one by one, and after each commit the very next answers are the oracle's, with
 * everything that was kept in memory from before.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { kithOver } from '../../src/service/open.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { printTuple } from '../../src/tuple/tuple.ts'
import { type Case, caseArbitrary, usualSizes } from '../generate/case.ts'
import { check, type Verdict } from '../oracle/oracle.ts'
import { accepts, seed } from './run.ts'
import { inMemory } from './stored.ts'

interface Step {
  readonly toggled: number
  readonly asked: readonly number[]
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ toggled: fc.nat(9999), asked: fc.array(fc.nat(9999), { minLength: 4, maxLength: 8 }) }),
  { minLength: 4, maxLength: 16 },
)

test('after every single commit, with caches warm', async () => {
  const tally = { asked: 0, changed: 0 }
  const property = fc.asyncProperty(caseArbitrary(accepts, usualSizes), steps, async (one, walk) => {
    expect(await firstStale(one, walk, tally)).toBeUndefined()
  })
  await fc.assert(property, { seed: seed + 9, numRuns: 150, endOnFailure: true })
  console.log(`SEED=${seed}: ${tally.asked} checks after commits, ${tally.changed} had another answer before`)
  // Some 200 of 8,400, give or take 20 from seed to seed: fewer than half of them is no bad luck.
  expect(tally.changed).toBeGreaterThan(100)
})

test('also where heads outgrow their pages and subjects are spread', async () => {
  const tally = { asked: 0, changed: 0 }
  const sizes = { questions: 25, tuplesMax: 2_000, crowd: 80 }
  const property = fc.asyncProperty(caseArbitrary(accepts, sizes), steps, async (one, walk) => {
    expect(await firstStale(one, walk, tally)).toBeUndefined()
  })
  await fc.assert(property, { seed: seed + 10, numRuns: 5, endOnFailure: true })
  expect(tally.asked).toBeGreaterThan(100)
})

async function firstStale(
  { world, questions }: Case,
  walk: readonly Step[],
  tally: { asked: number; changed: number },
): Promise<string | undefined> {
  const plain = questions.filter(({ baggage }) => baggage.contextual.length === 0)
  if (world.tuples.length === 0 || plain.length === 0) return undefined
  const { storage, store, close } = await inMemory(world, seed)
  try {
    const kith = kithOver(storage, { resolveDepth: Number.POSITIVE_INFINITY, requestTimeoutMs: 600_000 })
    const present = new Map<string, Tuple>(world.tuples.map((tuple) => [printTuple(tuple), tuple]))
    const answers = new Map<number, Verdict>()
    for (const { toggled, asked } of walk) {
      const tuple = world.tuples[toggled % world.tuples.length] as Tuple
      if (present.delete(printTuple(tuple)))
        await storage.commit(store, { deletes: [tuple], onMissing: 'ignore' })
      else {
        present.set(printTuple(tuple), tuple)
        await storage.commit(store, { writes: [tuple], onDuplicate: 'update' })
      }
      const now = { ...world, tuples: [...present.values()] }
      for (const index of asked.map((number) => number % plain.length)) {
        const { key, baggage } = plain[index] as (typeof plain)[number]
        const answer = await Promise.resolve(kith.check({ store, tuple: key, ...baggage })).then(
          ({ allowed }): Verdict => (allowed ? 'allowed' : 'denied'),
          (): Verdict => 'error',
        )
        const right = check(now, baggage, key)
        tally.asked += 1
        if (answers.has(index) && answers.get(index) !== right) tally.changed += 1
        answers.set(index, right)
        if (answer !== right)
          return `${printTuple(key)} is ${right}, answered ${answer}, after ${printTuple(tuple)}`
      }
    }
    return undefined
  } finally {
    await close()
  }
}
