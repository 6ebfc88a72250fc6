import { expect, test } from 'vitest'
import { keyOf, refusal, refusedAs, world } from './world.ts'

test.each([
  ['document:1#viewer@user:anne', true],
  ['document:1#viewer@user:bob', true],
  ['document:1#reader@user:bob', false],
  ['document:1#viewer@user:carl', false],
  ['document:2#viewer@user:anne', false],
  ['document:1#viewer@group:eng#member', true],
])('%s is %s', async (key, allowed) => {
  const { check } = await world([
    'document:1#viewer@user:anne',
    'document:1#viewer@group:eng#member',
    'document:1#blocked@user:bob',
    'group:eng#member@user:bob',
  ])
  expect(await check(key)).toBe(allowed)
})

test.each([
  [
    'nobody:1#viewer@user:anne',
    "validation_error: Invalid tuple 'nobody:1#viewer@user:anne'. Reason: type 'nobody' not found",
  ],
  ['document:1#viewr@user:anne', "relation 'document#viewr' not found"],
  ['document:1#viewer@nobody:anne', "type 'nobody' not found"],
  ['document:1#viewer@group:eng#boss', "relation 'group#boss' not found"],
  ['document#viewer@user:anne', "invalid 'object' field format"],
  ['document:1#viewer@anne', "the 'user' field is malformed"],
  ['document:1#viewer@*', "the 'user' field is malformed"],
  ['document:*#viewer@user:anne', "the 'object' field cannot reference a typed wildcard"],
])('%s is refused', async (key, message) => {
  const { kith, store } = await world()
  const text = await refusal(kith.check({ store, tuple: keyOf(key) }))
  expect(text).toContain(message)
  expect(text).toMatch(/^validation_error/)
})

test('a type restriction does not bind what is asked', async () => {
  const { check } = await world()
  expect(await check('document:1#parent@user:anne')).toBe(false)
})

test('a contextual tuple counts for this request only', async () => {
  const { kith, store, check } = await world()
  const tuple = keyOf('document:1#viewer@user:anne')
  expect((await kith.check({ store, tuple, contextual: [tuple] })).allowed).toBe(true)
  expect(await check('document:1#viewer@user:anne')).toBe(false)
})

test('an irrelevant invalid contextual tuple fails the request', async () => {
  const { kith, store } = await world(['document:1#viewer@user:anne'])
  const tuple = keyOf('document:1#viewer@user:anne')
  expect(
    await refusal(kith.check({ store, tuple, contextual: [keyOf('document:2#parent@user:anne')] })),
  ).toBe(
    "invalid_tuple: Invalid tuple 'document:2#parent@user:anne'. Reason: type 'user' is not an allowed type restriction for 'document#parent'",
  )
})

test('the key is judged before contextual tuples', async () => {
  const { kith, store } = await world()
  const bad = keyOf('document:1#viewr@user:anne')
  expect(await refusedAs(kith.check({ store, tuple: bad, contextual: [bad] }))).toBe('validation_error')
})

test.each([
  [{ key: 'a\u0000b' }, 'a value holds a control character'],
  [{ list: [{ deep: 'a\nb' }] }, 'a value holds a control character'],
  [{ 'k\u0007': 1 }, 'a key holds a control character'],
])('context %j is refused', async (context, message) => {
  const { kith, store } = await world()
  const tuple = keyOf('document:1#viewer@user:anne')
  expect(await refusal(kith.check({ store, tuple, context }))).toBe(
    `validation_error: invalid context: ${message}`,
  )
})

test('context may be nested 64 levels, not 65, and never overflows the stack', async () => {
  const { kith, store } = await world()
  const tuple = keyOf('document:1#viewer@user:anne')
  const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`)
  expect((await kith.check({ store, tuple, context: nested(64) })).allowed).toBe(false)
  for (const levels of [65, 100_000]) {
    expect(await refusedAs(kith.check({ store, tuple, context: nested(levels) }))).toBe('validation_error')
  }
})

test('conditions read the context; a missing parameter is an error, not a no', async () => {
  const { kith, store } = await world([
    {
      ...keyOf('document:1#viewer@user:anne'),
      condition: { name: 'small', context: { limit: 10 } },
    },
  ])
  const tuple = keyOf('document:1#viewer@user:anne')
  expect((await kith.check({ store, tuple, context: { size: 9 } })).allowed).toBe(true)
  expect((await kith.check({ store, tuple, context: { size: 10 } })).allowed).toBe(false)
  // What is stored wins over what is given.
  expect((await kith.check({ store, tuple, context: { size: 10, limit: 99 } })).allowed).toBe(false)
  expect(await refusedAs(kith.check({ store, tuple }))).toBe('validation_error')
})

/** A chain of groups in which `hops` tuples lie between the document and anne. */
function chain(hops: number): string[] {
  const links = Array.from({ length: hops - 2 }, (_, i) => `group:${i}#member@group:${i + 1}#member`)
  return ['document:1#viewer@group:0#member', ...links, `group:${hops - 2}#member@user:anne`]
}

test('depth: the configured default, or what the request says', async () => {
  const { kith, store } = await world(chain(40))
  const tuple = keyOf('document:1#viewer@user:anne')
  expect(await refusedAs(kith.check({ store, tuple }))).toBe('authorization_model_resolution_too_complex')
  expect((await kith.check({ store, tuple, depthMax: Number.POSITIVE_INFINITY })).allowed).toBe(true)
})

test('a request that has no time left is refused, not answered', async () => {
  const { kith, store } = await world(chain(400), { requestTimeoutMs: -1 })
  const question = {
    store,
    tuple: keyOf('document:1#viewer@user:anne'),
    depthMax: 1_000,
    // Walked: what is in memory answers sooner than any clock.
    higherConsistency: true,
  }
  expect(await refusedAs(kith.check(question))).toBe('deadline_exceeded')
})

test('model: latest, by id, missing, none', async () => {
  const { kith, store, model } = await world()
  const tuple = keyOf('document:1#viewer@user:anne')
  expect((await kith.check({ store, tuple })).model).toBe(model)
  expect((await kith.check({ store, tuple, model })).model).toBe(model)
  const other = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
  expect(await refusal(kith.check({ store, tuple, model: other }))).toBe(
    `authorization_model_not_found: Authorization Model '${other}' not found`,
  )
  const { id } = await kith.createStore('empty')
  expect(await refusal(kith.check({ store: id, tuple }))).toBe(
    `latest_authorization_model_not_found: No authorization models found for store '${id}'`,
  )
  expect(await refusedAs(kith.check({ store: id, tuple, model }))).toBe('authorization_model_not_found')
})

test('a new model is the latest from its answer on; the old one can still be named', async () => {
  const { kith, store, model, check } = await world(['document:1#viewer@user:anne'])
  expect(await check('document:1#viewer@user:anne')).toBe(true)
  const { json } = await kith.model({ store })
  const types = json.type_definitions.filter(({ type }) => type === 'user')
  await kith.writeModel({ store, json: { schema_version: '1.1', type_definitions: types } })
  const tuple = keyOf('document:1#viewer@user:anne')
  expect(await refusal(kith.check({ store, tuple }))).toContain("type 'document' not found")
  expect((await kith.check({ store, tuple, model })).allowed).toBe(true)
})

test.each(['x'.repeat(250), 'é'.repeat(125)])(
  'a name too long for an object is refused, also when it was met as a parent',
  async (id) => {
    const parent = `folder:${id}`
    const { kith, store, check } = await world([`document:1#parent@${parent}`, 'document:1#viewer@user:anne'])
    // By now memory knows both names.
    for (const reader of ['bob', 'anne']) await check(`document:1#viewer@user:${reader}`)
    const tuple = keyOf(`${parent}#viewer@user:anne`)
    const higherConsistency = await refusal(kith.check({ store, tuple, higherConsistency: true }))
    expect(higherConsistency).toContain("invalid 'object' field format")
    expect(await refusal(kith.check({ store, tuple }))).toBe(higherConsistency)
    const { results } = await kith.batchCheck({ store, checks: [{ correlationId: '1', tuple }] })
    expect(String(results.get('1'))).toContain("invalid 'object' field format")
  },
)

test.each([255, 256, 257, 300])(
  'a chain of %i tuples is as deep from memory as from storage',
  async (length) => {
    const links = Array.from({ length: length - 1 }, (_, at) => `group:${at + 1}#member@group:${at}#member`)
    const { kith, store } = await world(['group:0#member@user:anne', ...links])
    const tuple = keyOf(`group:${length - 1}#member@user:anne`)
    const ask = async (higherConsistency: boolean, depthMax: number) =>
      Promise.resolve(kith.check({ store, tuple, higherConsistency, depthMax })).then(
        ({ allowed }) => allowed,
        ({ code }) => code,
      )
    for (const limit of [Number.POSITIVE_INFINITY, 254, 255, 256, 257, 299, 300, 10_000]) {
      const cold = await ask(true, limit)
      expect([limit, await ask(false, limit), await ask(false, limit)]).toEqual([limit, cold, cold])
    }
  },
)
