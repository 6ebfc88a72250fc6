import { expect, onTestFinished, test, vi } from 'vitest'
import type { JsonObject } from '../../src/lib/json.ts'
import { canonicalCheck } from '../../src/service/identity.ts'
import { kithOver } from '../../src/service/open.ts'
import { keyOf, refusal, world } from './world.ts'

const anne = keyOf('document:1#viewer@user:anne')

test('results come by correlation id; one that fails fails alone', async () => {
  const { kith, store } = await world(['document:1#viewer@user:anne'])
  const { results } = await kith.batchCheck({
    store,
    checks: [
      { correlationId: 'yes', tuple: anne },
      { correlationId: 'no', tuple: keyOf('document:2#viewer@user:anne') },
      { correlationId: 'bad', tuple: keyOf('document:1#viewr@user:anne') },
      { correlationId: 'ctx', tuple: anne, contextual: [keyOf('document:1#parent@user:anne')] },
      { correlationId: 'again', tuple: anne },
    ],
  })
  expect([...results.keys()]).toEqual(['yes', 'no', 'bad', 'ctx', 'again'])
  expect(results.get('yes')).toBe(true)
  expect(results.get('no')).toBe(false)
  expect(results.get('bad')).toMatchObject({ code: 'validation_error' })
  expect(results.get('ctx')).toMatchObject({ code: 'invalid_tuple' })
  expect(results.get('again')).toBe(true)
})

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ correlationId: `c${index}`, tuple: anne }))

test('a batch holds 1 to 50 checks', async () => {
  const { kith, store } = await world()
  expect((await kith.batchCheck({ store, checks: many(50) })).results.size).toBe(50)
  expect(await refusal(kith.batchCheck({ store, checks: many(51) }))).toBe(
    'validation_error: batchCheck received 51 checks, the maximum allowed is 50',
  )
  expect(await refusal(kith.batchCheck({ store, checks: [] }))).toBe(
    'validation_error: batch check requires at least one check to evaluate, no checks were received',
  )
})

test('a correlation id may come once', async () => {
  const { kith, store } = await world()
  const [one] = many(1)
  if (one === undefined) throw new Error('one')
  expect(await refusal(kith.batchCheck({ store, checks: [one, one] }))).toBe(
    'validation_error: received duplicate correlation id: c0',
  )
})

const listed = `model
  schema 1.1
type user
type document
  relations
    define viewer: [user with either]
condition either(names: list<string>) {
  "a" in names
}
`

test('checks that only look alike are evaluated apart (CVE-2026-34972)', async () => {
  const { kith, store } = await world([{ ...anne, condition: { name: 'either' } }], { dsl: listed })
  const { results } = await kith.batchCheck({
    store,
    checks: [
      { correlationId: 'joined', tuple: anne, context: { names: ['a,b'] } },
      { correlationId: 'split', tuple: anne, context: { names: ['a', 'b'] } },
    ],
  })
  expect(results.get('joined')).toBe(false)
  expect(results.get('split')).toBe(true)
})

test.each<[JsonObject, JsonObject]>([
  [{ x: ['a,b'] }, { x: ['a', 'b'] }],
  [{ x: [['a'], 'b'] }, { x: ['a', ['b']] }],
  [{ x: [[]] }, { x: [] }],
  [{ x: 0 }, { x: -0 }],
  [{ x: 1 }, { x: '1' }],
  [{ x: null }, {}],
  [{ x: null }, { x: 'null' }],
  [{ x: { y: 1 }, z: 1 }, { x: { y: 1, z: 1 } }],
  [{ 'a":1,"b': 1 }, { a: 1, b: 1 }],
  [{ x: '\ud800' }, { x: '\ud801' }],
  [{ x: 'true' }, { x: true }],
])('%j and %j are two contexts', (one, other) => {
  expect(canonicalCheck({ tuple: anne, context: one })).not.toBe(
    canonicalCheck({ tuple: anne, context: other }),
  )
})

test('key order does not tell contexts apart, nor does none from empty', () => {
  const same = canonicalCheck({ tuple: anne, context: { a: { b: 1, c: 2 }, d: 3 } })
  expect(canonicalCheck({ tuple: anne, context: { d: 3, a: { c: 2, b: 1 } } })).toBe(same)
  expect(canonicalCheck({ tuple: anne })).toBe(canonicalCheck({ tuple: anne, context: {}, contextual: [] }))
})

test('payloads of contextual tuples tell checks apart', () => {
  const variants = [
    [],
    [anne],
    [anne, anne],
    [{ ...anne, condition: { name: 'small' } }],
    [{ ...anne, condition: { name: 'small', context: { limit: 1 } } }],
    [{ ...anne, expiresAt: 1 }],
  ].map((contextual) => canonicalCheck({ tuple: anne, contextual }))
  expect(new Set(variants).size).toBe(variants.length)
})

test('all checks of a batch see one revision', async () => {
  const { kith, store, write } = await world()
  const [{ results }] = await Promise.all([
    kith.batchCheck({ store, checks: many(50) }),
    write('document:1#viewer@user:anne'),
  ])
  expect(new Set(results.values()).size).toBe(1)
})

test('a batch gives the event loop its turns, in memory and on walks', async () => {
  const { kith, store } = await world(['document:1#viewer@user:anne'], { requestTimeoutMs: 600_000 })
  const checks = Array.from({ length: 40 }, (_, at) => ({
    correlationId: `${at}`,
    tuple: keyOf(`document:${at}#viewer@user:anne`),
  }))
  // Each look at the clock finds it a millisecond later.
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => ++now)
  onTestFinished(() => void vi.restoreAllMocks())
  for (const higherConsistency of [true, false, false]) {
    let turns = 0
    let isOver = false
    const count = () => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    const { results } = await kith.batchCheck({ store, checks, higherConsistency })
    isOver = true
    expect([...results.values()].map(Number).join('')).toBe(`01${'0'.repeat(38)}`)
    expect(turns).toBeGreaterThan(8)
  }
})

test('with memory off, a batch makes none', async () => {
  const { storage, store } = await world(['document:1#viewer@user:anne'])
  const kith = kithOver(storage, { cacheBytesMax: 0 })
  const before = kith.memory.bytes
  const { results, model, zookie } = await kith.batchCheck({
    store,
    checks: [{ correlationId: '1', tuple: anne }],
  })
  expect([results.get('1'), model, zookie]).toEqual([true, expect.any(String), expect.any(String)])
  expect(kith.memory.bytes).toEqual(before)
})
