/** Types of objects: what a body may name, route by route, for a caller whose scopes are narrowed to some. */
import { beforeAll, expect, test } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { openRing, type Ring } from '../callers/ring.ts'
import { ask } from './ask.ts'
import { fake, modelId, storeId, zookie } from './fake.ts'

let ring: Ring
let app: ReturnType<typeof createApp>
const { kith, calls } = fake({
  // Takes the lines in, as the real one does.
  importTuples: async (_request, tuples) => {
    let written = 0
    for await (const _ of tuples) written++
    return { written, skipped: 0, zookie }
  },
})

beforeAll(async () => {
  ring = await openRing()
  app = createApp(kith, { gate: ring.gate, keys: ring.keys })
})

const mine = { user: 'user:anne', relation: 'viewer', object: 'document:1' }
const theirs = { ...mine, object: 'folder:1' }
const contextual_tuples = { tuple_keys: [theirs] }
const store = `/stores/${storeId}`
const list = { user: 'user:anne', relation: 'viewer' }
const users = { object: { type: 'document', id: '1' }, relation: 'viewer', user_filters: [{ type: 'user' }] }
const item = (tuple_key: object, more = {}) => ({ tuple_key, correlation_id: 'a', ...more })

type Row = [right: string, method: string, path: string, body: unknown]

test.each<Row>([
  ['check', 'POST', `${store}/check`, { tuple_key: mine }],
  ['check', 'POST', `${store}/check`, { tuple_key: mine, contextual_tuples: { tuple_keys: [mine] } }],
  ['check', 'POST', `${store}/batch-check`, { checks: [item(mine)] }],
  ['list', 'POST', `${store}/list-objects`, { ...list, type: 'document' }],
  ['list', 'POST', `${store}/streamed-list-objects`, { ...list, type: 'document' }],
  ['list', 'POST', `${store}/list-users`, users],
  ['read', 'POST', `${store}/expand`, { tuple_key: { relation: 'viewer', object: 'document:1' } }],
  ['read', 'POST', `${store}/read`, { tuple_key: { object: 'document:', user: 'user:anne' } }],
  ['read', 'POST', `${store}/read`, { tuple_key: { object: 'document:1' } }],
  ['read', 'GET', `${store}/changes?type=document`, undefined],
  ['read', 'GET', `${store}/authorization-models`, undefined],
  ['write', 'POST', `${store}/write`, { writes: { tuple_keys: [mine] }, deletes: { tuple_keys: [mine] } }],
  ['write', 'POST', `${store}/write`, { delete_where: { object: 'document:1' } }],
  ['write', 'POST', `/v1${store}/import`, `${JSON.stringify(mine)}\n`],
])('%s: %s %s %j is let through', async (right, method, path, body) => {
  const headers = { Authorization: `Bearer ${await ring.key(`${right}:${storeId}:document`)}` }
  calls.length = 0
  const { status } = await ask(app, path, { method, body, headers })
  expect([401, 403]).not.toContain(status)
  expect(calls).toHaveLength(1)
})

test.each<Row>([
  ['check', 'POST', `${store}/check`, { tuple_key: theirs }],
  ['check', 'POST', `${store}/check`, { tuple_key: { ...mine, object: 'documents:1' } }],
  ['check', 'POST', `${store}/check`, { tuple_key: mine, contextual_tuples }],
  ['check', 'POST', `${store}/check`, { tuple_key: mine, trace: true }],
  [
    'check',
    'POST',
    `${store}/batch-check`,
    { checks: [item(mine), { ...item(theirs), correlation_id: 'b' }] },
  ],
  ['check', 'POST', `${store}/batch-check`, { checks: [item(mine, { contextual_tuples })] }],
  ['list', 'POST', `${store}/list-objects`, { ...list, type: 'folder' }],
  ['list', 'POST', `${store}/list-objects`, { ...list, type: 'document', contextual_tuples }],
  ['list', 'POST', `${store}/streamed-list-objects`, { ...list, type: 'folder' }],
  ['list', 'POST', `${store}/list-users`, { ...users, object: { type: 'folder', id: '1' } }],
  ['list', 'POST', `${store}/list-users`, { ...users, contextual_tuples: [theirs] }],
  ['read', 'POST', `${store}/expand`, { tuple_key: { relation: 'viewer', object: 'folder:1' } }],
  ['read', 'POST', `${store}/read`, {}],
  ['read', 'POST', `${store}/read`, { tuple_key: { user: 'user:anne' } }],
  ['read', 'POST', `${store}/read`, { tuple_key: { object: 'folder:' } }],
  ['read', 'GET', `${store}/changes`, undefined],
  ['read', 'GET', `${store}/changes?type=folder`, undefined],
  ['read', 'POST', `/v1${store}/explain`, { tuple_key: mine }],
  ['read', 'POST', `/v1${store}/expand`, { tuple_key: { relation: 'viewer', object: 'document:1' } }],
  ['read', 'GET', `/v1${store}/export`, undefined],
  ['read', 'GET', `${store}/assertions/${modelId}`, undefined],
  ['write', 'POST', `${store}/write`, { writes: { tuple_keys: [mine, theirs] } }],
  ['write', 'POST', `${store}/write`, { deletes: { tuple_keys: [theirs] } }],
  ['write', 'POST', `${store}/write`, { delete_where: { user: 'user:anne' } }],
  ['write', 'POST', `${store}/write`, { delete_where: { object: 'folder:' } }],
  [
    'write',
    'POST',
    `${store}/write`,
    { writes: { tuple_keys: [mine] }, preconditions: [{ filter: theirs, must: 'exist' }] },
  ],
])('%s: %s %s %j is refused, and nothing is asked', async (right, method, path, body) => {
  const headers = { Authorization: `Bearer ${await ring.key(`${right}:${storeId}:document`)}` }
  calls.length = 0
  const answered = await ask(app, path, { method, body, headers })
  expect(answered).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  expect(calls).toEqual([])
})

test('a line of an import that is not of the caller ends it, by its number', async () => {
  const headers = { Authorization: `Bearer ${await ring.key(`write:${storeId}:document`)}` }
  const body = `${JSON.stringify(mine)}\n${JSON.stringify(theirs)}\n`
  const { status, body: said } = await ask(app, `/v1${store}/import`, { body, headers })
  expect([status, said]).toEqual([
    403,
    { code: 'forbidden', message: expect.stringContaining('folder'), line: 2 },
  ])
})

test('stores are listed to whom they concern', async () => {
  const { kith: listing, calls: asked } = fake({
    stores: async () => ({ stores: [], continuationToken: '' }),
  })
  const of = createApp(listing, { gate: ring.gate })
  for (const [scope, among] of [
    [`check:${storeId}:document`, { among: new Set([storeId]) }],
    ['keys', { among: new Set() }],
    ['check', {}],
  ] as const) {
    asked.length = 0
    const headers = { Authorization: `Bearer ${await ring.key(scope)}` }
    expect((await ask(of, '/stores', { headers })).status).toBe(200)
    const [, request] = asked[0] ?? []
    expect({ among: (request as { among?: unknown }).among }).toEqual({
      among: 'among' in among ? among.among : undefined,
    })
  }
})
