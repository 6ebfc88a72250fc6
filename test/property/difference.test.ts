/** What a change would change, against the oracle: random models, tuples and changes, new models among them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileModel } from '../../src/model/compile.ts'
import type { ModelJson } from '../../src/model/json.ts'
import type { Model } from '../../src/model/model.ts'
import { kithOver } from '../../src/service/open.ts'
import type { ProposedChange } from '../../src/service/requests.ts'
import { demandWritable } from '../../src/service/writable.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { type Case, caseArbitrary } from '../generate/case.ts'
import { modelArbitrary } from '../generate/model.ts'
import type { Baggage } from '../oracle/facts.ts'
import { engineSays, type Move, misjudged, moveOf, type Say, type Seen } from './difference.ts'
import { accepts, seed } from './run.ts'
import { simpler } from './shrink.ts'
import { inMemory } from './stored.ts'

const sizes = { questions: 1, tuplesMax: 40 }

/** How the model changes: not at all, by one step, or to another one. */
const remodelling = fc.oneof(
  { weight: 3, arbitrary: fc.constant('same' as const) },
  { weight: 2, arbitrary: fc.nat(99) },
  { weight: 1, arbitrary: modelArbitrary(accepts) },
)

const drawn = fc.record({
  one: caseArbitrary(accepts, sizes),
  remodelled: remodelling,
  share: fc.constantFrom(4, 8, 16, 40),
  spread: fc.boolean(),
  size: fc.constantFrom(1, 7, 1_000),
})

type Drawn = typeof drawn extends fc.Arbitrary<infer Value> ? Value : never

function modelAfter({ one, remodelled }: Drawn): ModelJson | undefined {
  if (typeof remodelled === 'object') return remodelled
  if (remodelled === 'same') return undefined
  const steps = [...simpler(one.world.model)].filter(accepts)
  return steps[remodelled % steps.length]
}

function baggageOf({ questions }: Case): Baggage {
  return { contextual: [], context: questions[0]?.baggage.context ?? {} }
}

async function search(
  runs: number,
  judge: (drawn: Drawn, seen: Seen) => Promise<string | undefined>,
): Promise<Seen> {
  const seen: Seen = { gains: 0, loses: 0, unknown: 0, pairs: 0 }
  const property = fc.asyncProperty(drawn, async (one) => {
    const why = await judge(one, seen)
    if (why !== undefined) throw new Error(why)
  })
  await fc.assert(property, { seed, numRuns: runs, endOnFailure: process.env.SHRINK === undefined })
  console.log(`SEED=${seed}: ${JSON.stringify(seen)}`)
  return seen
}

test('rows are all that the oracle would answer otherwise, and nothing else', async () => {
  const seen = await search(150, (one, tally) => {
    const move = moveOf(one.one, { share: one.share, model: modelAfter(one) })
    const baggage = baggageOf(one.one)
    return misjudged(move, baggage, { say: engineSays(move, baggage, one.spread), size: one.size }, tally)
  })
  expect(seen.gains).toBeGreaterThan(20)
  expect(seen.loses).toBeGreaterThan(20)
  expect(seen.unknown).toBeGreaterThan(5)
})

test('also of what storage would make of a write or a new model, with memory in use', async () => {
  const seen = await search(30, async (drawn, tally) => {
    const { one, size } = drawn
    const model = modelAfter(drawn)
    const judge = compileModel('judge', one.world.model)
    const move = moveOf(one, {
      // Either the model changes or tuples do: one request does one of both.
      share: model === undefined ? drawn.share : Number.POSITIVE_INFINITY,
      model,
      mayChange: (tuple) => isWritable(judge, tuple),
    })
    const baggage = baggageOf(one)
    const { storage, store, close } = await inMemory(move.before, drawn.share)
    try {
      const kith = kithOver(storage, { tuplesPerWriteMax: 1_000, requestTimeoutMs: 600_000, sampleEvery: 1 })
      const change = changeOf(move, store)
      const say: Say = async ({ from, size: pageSize }) => {
        const page = { pageSize, ...(from === undefined ? {} : { continuationToken: from }) }
        const { rows, continuationToken } = await kith.difference({
          change,
          context: baggage.context,
          ...page,
        })
        return { rows, next: continuationToken === '' ? undefined : continuationToken }
      }
      return await misjudged(move, baggage, { say, size }, tally)
    } finally {
      await close()
    }
  })
  expect(seen.gains + seen.loses + seen.unknown).toBeGreaterThan(5)
})

function isWritable(model: Model, tuple: Tuple): boolean {
  if (tuple.expiresAt !== undefined) return false
  try {
    demandWritable(model, tuple, 0)
    return true
  } catch {
    return false
  }
}

/** Tuples that take another form are written over. */
function changeOf({ before, after, changes }: Move, store: string): ProposedChange {
  if (after.model !== before.model) return { kind: 'model', request: { store, json: after.model } }
  const writes = changes.flatMap(({ operation, tuple }) => (operation === 'write' ? [tuple] : []))
  const kept = new Set(writes.map(keyText))
  const deletes = changes.flatMap(({ operation, tuple: { object, relation, subject } }) =>
    operation === 'delete' && !kept.has(keyText({ object, relation, subject }))
      ? [{ object, relation, subject }]
      : [],
  )
  // Nothing is refused as empty, and deletes nothing.
  const deleteWhere = { object: 'user:nobody-ever' }
  return { kind: 'write', request: { store, writes, deletes, deleteWhere, onDuplicate: 'update' } }
}

function keyText({
  object,
  relation,
  subject,
}: {
  object: string
  relation: string
  subject: string
}): string {
  return `${object}#${relation}@${subject}`
}
