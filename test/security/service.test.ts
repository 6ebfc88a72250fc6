/** Published mistakes of services of this kind, by their ids: tenants that meet, memory that remembers too much, lost words. */
import { expect, test, vi } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { compileCondition } from '../../src/model/condition/condition.ts'
import { parseDsl, printDsl } from '../../src/model/dsl.ts'
import type { KithOptions } from '../../src/service/options.ts'
import { ask } from '../http/ask.ts'
import { conditionJson } from '../model/condition/given.ts'
// Its clock moves with each look at it, so that whatever may rest does.
import { points } from '../service/points.ts'
import { all, keyOf, refusedAs, type World, world } from '../service/world.ts'

const memories: readonly [string, KithOptions][] = [
  ['from memory', { sampleEvery: 1 }],
  ['from storage', { cacheBytesMax: 0, decisionBytesMax: 0 }],
]

/** Another store of the same names, where somebody else may. */
async function twoTenants(options: KithOptions) {
  const { kith, store, storage } = await world(
    ['document:1#viewer@user:ann', 'group:g#member@user:ann'],
    options,
  )
  const { id: other } = await kith.createStore('other')
  await kith.writeModel({ store: other, json: (await kith.model({ store })).json })
  await kith.write({
    store: other,
    writes: [keyOf('document:1#viewer@user:bob'), keyOf('group:g#member@user:bob')],
  })
  return { kith, storage, stores: { ann: store, bob: other } }
}

test.each(memories)(
  'permify#2573 (15d40e07), permify@5baf6f4f: the same question of two tenants at once, %s',
  async (_, options) => {
    const { kith, stores } = await twoTenants(options)
    const questions = Object.entries(stores).flatMap(([tenant, store]) =>
      ['ann', 'bob'].map((name) => ({
        store,
        expected: tenant === name,
        tuple: keyOf(`document:1#viewer@user:${name}`),
      })),
    )
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(questions.map(({ store, tuple }) => kith.check({ store, tuple })))
      expect(answers.map(({ allowed }) => allowed)).toEqual(questions.map(({ expected }) => expected))
      const lists = await Promise.all(
        Object.values(stores).map((store) =>
          kith.listUsers({ store, object: 'document:1', relation: 'viewer', filter: { type: 'user' } }),
        ),
      )
      expect(lists.map(({ users }) => users)).toEqual([['user:ann'], ['user:bob']])
    }
  },
)

test('permify#2210 (696f82c4): clearing away one tenant leaves the other', async () => {
  const { kith, storage, stores } = await twoTenants({})
  await kith.deleteStore(stores.ann)
  await storage.settled()
  expect(await refusedAs(kith.check({ store: stores.ann, tuple: keyOf('document:1#viewer@user:ann') }))).toBe(
    'store_id_not_found',
  )
  const { tuples } = await kith.exportTuples({ store: stores.bob })
  expect((await all(tuples)).map(({ object, subject }) => [object, subject])).toEqual([
    ['document:1', 'user:bob'],
    ['group:g', 'user:bob'],
  ])
})

test.each(memories)(
  'CVE-2026-55866: lists and checks of other contexts at once poison no decision, %s',
  async (_, options) => {
    const { kith, store } = await world(
      [1, 5, 9].map((limit) => ({
        ...keyOf(`document:${limit}#viewer@user:ann`),
        condition: { name: 'small', context: { limit } },
      })),
      options,
    )
    const asked = Array.from({ length: 60 }, (_, i) => ({ size: i % 11, limit: [1, 5, 9][i % 3] ?? 0 }))
    const answers = await Promise.all(
      asked.map(async ({ size, limit }) => {
        const context = { size }
        const list = kith.listObjects({
          store,
          type: 'document',
          relation: 'viewer',
          subject: 'user:ann',
          context,
        })
        const check = kith.check({ store, tuple: keyOf(`document:${limit}#viewer@user:ann`), context })
        return [(await list).objects.toSorted(), (await check).allowed]
      }),
    )
    const expected = asked.map(({ size, limit }) => [
      [1, 5, 9].filter((each) => size < each).map((each) => `document:${each}`),
      size < limit,
    ])
    expect(answers).toEqual(expected)
    const vague = kith.check({ store, tuple: keyOf('document:9#viewer@user:ann') })
    expect(await refusedAs(vague)).toBe('validation_error')
  },
)

/** A chain of groups long enough for its walk to rest. */
const chain = [
  ...Array.from({ length: 300 }, (_, i) => `group:${i}#member@group:${i + 1}#member`),
  'group:300#member@user:ann',
]

test('openfga#3125: a check that was cut short leaves no denial behind', async () => {
  const { kith, store } = await world(chain, { resolveDepth: 1_000, requestTimeoutMs: 400 })
  const tuple = keyOf('group:0#member@user:ann')
  expect(await refusedAs(kith.check({ store, tuple }))).toBe('deadline_exceeded')
  vi.restoreAllMocks()
  for (const higherConsistency of [false, true]) {
    expect((await kith.check({ store, tuple, higherConsistency })).allowed).toBe(true)
  }
})

test('keto@824f6c3c: too deep is a refusal, cold and warm, never a denial', async () => {
  vi.restoreAllMocks()
  const { kith, store } = await world(chain, { resolveDepth: 25 })
  for (const from of [0, 290, 0]) {
    const answer = kith.check({ store, tuple: keyOf(`group:${from}#member@user:ann`) })
    if (from === 290) expect((await answer).allowed).toBe(true)
    else expect(await refusedAs(answer)).toBe('authorization_model_resolution_too_complex')
  }
})

test('openfga#3155: a list under way while the tuple goes leaves nothing behind', async () => {
  const { kith, store } = await world(chain, { resolveDepth: 1_000, requestTimeoutMs: 600_000 })
  const tuple = keyOf('group:0#member@user:ann')
  for (let at = 0; at < 6; at++) {
    points.schedule(at, () => kith.write({ store, deletes: [keyOf('group:300#member@user:ann')] }))
    await kith.check({ store, tuple })
    points.rest()
    const isGone = (await kith.read({ store, filter: { object: 'group:300', relation: 'member', user: '' } }))
      .tuples
    expect((await kith.check({ store, tuple })).allowed).toBe(isGone.length > 0)
    if (isGone.length === 0) await kith.write({ store, writes: [keyOf('group:300#member@user:ann')] })
  }
})

async function told({ kith, store }: World): Promise<readonly (readonly [string, string])[]> {
  const { changes } = await kith.changes({ store })
  return changes.map(({ operation, tuple }) => [
    operation,
    `${tuple.object}#${tuple.relation}@${tuple.subject}`,
  ])
}

test('spicedb#2796: written over without an expiry, a tuple has none', async () => {
  const here = await world()
  const { kith, store, clock } = here
  const tuple = keyOf('document:1#viewer@user:ann')
  await kith.write({ store, writes: [{ ...tuple, expiresAt: clock.now + 1_000 }] })
  await kith.write({ store, writes: [tuple], onDuplicate: 'update' })
  clock.now += 2_000
  expect(await here.check('document:1#viewer@user:ann')).toBe(true)
})

test('spicedb, 2026-07-07: a tuple that expired is told once as deleted, and only when it is swept', async () => {
  const here = await world()
  const { kith, storage, store, clock } = here
  await kith.write({
    store,
    writes: [{ ...keyOf('document:1#viewer@user:ann'), expiresAt: clock.now + 1_000 }],
  })
  clock.now += 2_000
  expect(await told(here)).toHaveLength(1)
  await storage.sweep()
  await storage.sweep()
  const name = 'document:1#viewer@user:ann'
  expect(await told(here)).toEqual([
    ['write', name],
    ['delete', name],
  ])
})

test.each([
  'i.constructor == i',
  '__proto__ == __proto__',
  'i.__proto__ != null',
  'this.process.exit(1)',
  'eval("1") == 1',
  'l.map(x, x.constructor).size() == 0',
  'm.toString() == ""',
])('CVE-2022-36085: nothing but the language can be called: %s', (expression) => {
  expect(() =>
    compileCondition(conditionJson(expression, { i: 'int', l: 'list<int>', m: 'map<int>' })),
  ).toThrow('failed to compile expression')
})

test.each([
  '[user] or (viewer and editor)',
  '([user] or viewer) and editor',
  '([user] or viewer) but not editor',
  '[user] or (viewer but not editor)',
  '([user] and viewer) or editor',
])('CVE-2022-23628: printing keeps the order of operations: %s', async (rewrite) => {
  const json = await parseDsl(
    `model\n  schema 1.1\ntype user\ntype doc\n  relations\n    define viewer: [user]\n    define editor: [user]\n    define can: ${rewrite}\n`,
  )
  expect(await parseDsl(await printDsl(json))).toEqual(json)
})

test.each([
  'model\n  schema 1.1\ntype user\n  relations\n    define a: ((((((((((',
  'model\n  schema 1.1\ntype user\n  relations\n    define a: [user] or',
  'model\n  schema 1.1\ntype user\n\0',
  'model\n  schema 1.1\ncondition c(a: list<) { }',
  '\ud800',
])('CVE-2022-28946, CVE-2022-33082: a text that is no model is refused: %j', async (text) => {
  expect(await refusedAs(parseDsl(text))).toBe('invalid_authorization_model')
})

test('CVE-2025-46569, CVE-2026-26205: a path is its segments, and no spelling of it reaches another store', async () => {
  const { kith, stores } = await twoTenants({})
  const app = createApp(kith)
  const body = { tuple_key: { user: 'user:ann', relation: 'viewer', object: 'document:1' } }
  const { ann, bob } = stores
  const statusOf = async (path: string) => (await ask(app, path, { body })).status
  expect(await ask(app, `/stores/${bob}/check`, { body })).toMatchObject({
    status: 200,
    body: { allowed: false },
  })
  for (const path of [
    `/stores/${bob}//check`,
    `//stores/${bob}/check`,
    `/stores/${bob}/check/`,
    `/stores/${bob}/x/../../${ann}//check`,
    `/stores/${bob}%2f..%2f${ann}/check`,
    `/stores/${bob}%2fcheck`,
    `/stores/${bob};${ann}/check`,
    `/stores/${bob}%00/check`,
  ]) {
    expect([400, 404], path).toContain(await statusOf(path))
  }
  // What a URL parser resolves before anybody looks is the path that it resolves to.
  expect(await ask(app, `/stores/${ann}/../${bob}/check`, { body })).toMatchObject({
    body: { allowed: false },
  })
})
