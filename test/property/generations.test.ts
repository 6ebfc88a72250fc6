/**
 * Cold and warm agree, faults and their words included: two stores with one model and the same names share a memory so
 * small that its generations turn all the time, under every depth limit, while tuples come and go and time passes.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SteadyClock } from '../../src/lib/clock.ts'
import { Fault } from '../../src/lib/fault.ts'
import type { Kith } from '../../src/service/kith.ts'
import { kithOver } from '../../src/service/open.ts'
import { openStorage } from '../../src/storage/open.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { printTuple, type Tuple } from '../../src/tuple/tuple.ts'
import { type Case, caseArbitrary, type Question } from '../generate/case.ts'
import { accepts, seed } from './run.ts'

interface Step {
  readonly store: number
  readonly toggled: number
  readonly passed: number
}

interface Bounds {
  readonly cacheBytesMax: number
  readonly decisionBytesMax: number
  readonly resolveDepth: number
  readonly sampleEvery: number
}

const bounds: fc.Arbitrary<Bounds> = fc.record({
  cacheBytesMax: fc.constantFrom(4_000, 8_000, 20_000, 1 << 20),
  decisionBytesMax: fc.constantFrom(0, 2_000, 1 << 20),
  resolveDepth: fc.constantFrom(1, 1, 2, 2, 3, 4, Number.POSITIVE_INFINITY),
  sampleEvery: fc.constantFrom(0, 0, 7),
})

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ store: fc.nat(1), toggled: fc.nat(9999), passed: fc.constantFrom(0, 0, 0, 1, 1_000_000) }),
  { minLength: 2, maxLength: 5 },
)

interface Tally {
  asked: number
  tooDeep: number
  remembered: number
}

test('in two stores, with a memory that is too small', async () => {
  const tally: Tally = { asked: 0, tooDeep: 0, remembered: 0 }
  const cases = caseArbitrary(accepts, { questions: 20, tuplesMax: 60 })
  const property = fc.asyncProperty(cases, bounds, steps, async (one, bound, walk) => {
    expect(await differences(one, bound, walk, tally)).toEqual([])
  })
  await fc.assert(property, { seed: seed + 12, numRuns: Number(process.env.RUNS ?? 60), endOnFailure: true })
  console.log(`SEED=${seed}: ${JSON.stringify(tally)}`)
  expect(tally.tooDeep).toBeGreaterThan(20)
  expect(tally.remembered).toBeGreaterThan(tally.asked / 10)
})

async function differences(
  { world, questions }: Case,
  bound: Bounds,
  walk: readonly Step[],
  tally: Tally,
): Promise<readonly string[]> {
  const at = { now: world.now }
  const clock = new SteadyClock(() => at.now)
  const storage = await openStorage({ memory: true }, { clock, sweepEveryMs: 0 })
  try {
    const found: string[] = []
    const onMismatch = (mismatch: unknown) => found.push(JSON.stringify(mismatch))
    const patience = { requestTimeoutMs: 600_000, listDeadlineMs: 600_000, checksPerBatchMax: 1_000 }
    const kith = kithOver(storage, { ...bound, ...patience, onMismatch })
    const stores = [await storage.createStore('one'), await storage.createStore('other')]
    const present: Set<string>[] = []
    for (const [index, { id }] of stores.entries()) {
      await storage.commit(id, { model: { id: '01', json: world.model } })
      const there = world.tuples.filter((_, number) => index === 0 || number % 3 > 0)
      await storage.commit(id, { writes: there })
      present.push(new Set(there.map(printTuple)))
    }
    for (const step of [undefined, ...walk]) {
      at.now += step?.passed ?? 0
      if (step !== undefined && world.tuples.length > 0) {
        const tuple = world.tuples[step.toggled % world.tuples.length] as Tuple
        await toggle(storage, stores[step.store]?.id ?? '', tuple, present[step.store] ?? new Set())
      }
      for (const question of questions) {
        for (const { id } of stores) {
          const [warm, cold] = [await ask(kith, id, question, false), await ask(kith, id, question, true)]
          tally.asked++
          if (cold.startsWith('authorization_model_resolution')) tally.tooDeep++
          if (warm !== cold) found.push(`${printTuple(question.key)} is ${cold}, from memory ${warm}`)
        }
      }
      for (const { id } of stores) {
        const [warm, cold] = [
          await askAll(kith, id, questions, false),
          await askAll(kith, id, questions, true),
        ]
        expect(warm).toEqual(cold)
      }
      for (const question of questions.slice(0, 3)) {
        for (const { id } of stores) {
          const [warm, cold] = [await list(kith, id, question, false), await list(kith, id, question, true)]
          if (warm !== cold) found.push(`list ${printTuple(question.key)} is ${cold}, from memory ${warm}`)
        }
      }
    }
    const { checks } = kith.memory
    tally.remembered += checks.graph + checks.decisions
    return found
  } finally {
    await storage.close()
  }
}

async function toggle(storage: Storage, store: string, tuple: Tuple, present: Set<string>): Promise<void> {
  if (present.delete(printTuple(tuple)))
    await storage.commit(store, { deletes: [tuple], onMissing: 'ignore' })
  else {
    present.add(printTuple(tuple))
    await storage.commit(store, { writes: [tuple], onDuplicate: 'update' })
  }
}

async function ask(
  kith: Kith,
  store: string,
  { key, baggage }: Question,
  higherConsistency: boolean,
): Promise<string> {
  return said(async () =>
    String((await kith.check({ store, tuple: key, ...baggage, higherConsistency })).allowed),
  )
}

async function list(
  kith: Kith,
  store: string,
  { key, baggage }: Question,
  higherConsistency: boolean,
): Promise<string> {
  const { relation, subject, object } = key
  const type = object.slice(0, object.indexOf(':'))
  const question = { store, type, relation, subject, ...baggage, higherConsistency }
  return said(async () => JSON.stringify((await kith.listObjects(question)).objects))
}

async function askAll(
  kith: Kith,
  store: string,
  questions: readonly Question[],
  higherConsistency: boolean,
): Promise<readonly string[]> {
  const checks = questions.map(({ key, baggage }, index) => ({
    correlationId: `${index}`,
    tuple: key,
    ...baggage,
  }))
  const { results } = await kith.batchCheck({ store, checks, higherConsistency })
  return Array.from(
    results,
    ([id, result]) => `${id}: ${result instanceof Fault ? faultText(result) : result}`,
  )
}

async function said(work: () => Promise<string>): Promise<string> {
  try {
    return await work()
  } catch (thrown) {
    if (thrown instanceof Fault) return faultText(thrown)
    throw thrown
  }
}

function faultText({ code, message }: Fault): string {
  return `${code}: ${message}`
}
