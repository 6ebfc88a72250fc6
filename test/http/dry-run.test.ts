/** `?dryRun=true`: what is answered, what it takes, how it is misspelt, and that nothing is written. */
import { beforeAll, expect, test } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { kithOver } from '../../src/service/open.ts'
import { type LevelStorage, openStorage } from '../../src/storage/open.ts'
import { openRing, type Ring } from '../callers/ring.ts'
import { type Asked, ask } from './ask.ts'

const dsl = `model
  schema 1.1
type user
type group
  relations
    define member: [user]
type document
  relations
    define viewer: [user, user with small, group#member]
condition small(size: int) {
  size < 10
}
`
const key = (user: string, object: string, relation = 'viewer') => ({ user, relation, object })
const ann = key('user:ann', 'group:g', 'member')
const gains = (relation: string, object: string) => ({
  change: 'gains',
  subject: 'user:ann',
  relation,
  object,
})

let storage: LevelStorage
let app: ReturnType<typeof createApp>
let guarded: ReturnType<typeof createApp>
let ring: Ring
let store: string

beforeAll(async () => {
  storage = await openStorage({ memory: true })
  const kith = kithOver(storage)
  ring = await openRing()
  app = createApp(kith)
  guarded = createApp(kith, { gate: ring.gate, keys: ring.keys })
  store = (await kith.createStore('a store')).id
  await model(dsl, '')
  await write({ writes: { tuple_keys: [key('group:g#member', 'document:1')] } })
})

const text = { 'Content-Type': 'text/plain' }
const write = (body: object, query = '', more: Partial<Asked> & { app?: typeof app } = {}) =>
  ask(more.app ?? app, `/stores/${store}/write${query}`, { body, ...more })
const model = (body: string, query: string) =>
  ask(app, `/stores/${store}/authorization-models${query}`, { body, headers: text })
const lines = (body: string, query: string) => ask(app, `/v1/stores/${store}/import${query}`, { body })

test('a write, an import and a model say what they would change, and change nothing', async () => {
  const { revision } = storage.view(store)
  const zookie = storage.zookie(store, revision)
  const rest = { continuationToken: '', truncated: false, zookie }
  const rows = [gains('viewer', 'document:1'), gains('member', 'group:g')]
  const body = { writes: { tuple_keys: [ann] } }
  const written = await write(body, '?dryRun=true')
  expect([written.status, written.body]).toEqual([200, { dryRun: true, rows, ...rest }])
  expect(written.headers.get('Kith-Zookie')).toBe(zookie)
  expect((await write(body, '?dryRun=true', { packed: true })).body).toEqual(written.body)
  expect((await lines(`${JSON.stringify(ann)}\n`, '?dryRun=true')).body).toEqual(written.body)
  const modelled = await model(dsl.replace('[user, user with small, group#member]', '[user]'), '?dryRun=true')
  expect([modelled.status, modelled.body]).toEqual([200, { dryRun: true, rows: [], ...rest }])
  expect(storage.view(store).revision).toBe(revision)
})

test('in pages, under a context', async () => {
  const condition = { name: 'small' }
  const body = { writes: { tuple_keys: [ann, { ...key('user:bob', 'document:1'), condition }] } }
  const first = await write(body, '?dryRun=true&pageSize=1')
  const { rows, continuationToken } = first.body as { rows: unknown; continuationToken: string }
  expect(rows).toEqual([gains('viewer', 'document:1')])
  const query = `?dryRun=true&pageSize=9&continuationToken=${encodeURIComponent(continuationToken)}`
  const bob = { ...gains('viewer', 'document:1'), subject: 'user:bob' }
  expect(await write(body, query)).toMatchObject({
    body: { rows: [{ ...bob, change: 'unknown' }, gains('member', 'group:g')], continuationToken: '' },
  })
  const context = (size: number) => `?dryRun=true&context=${encodeURIComponent(JSON.stringify({ size }))}`
  expect((await write(body, context(3))).body).toMatchObject({ rows: [{}, bob, {}] })
  expect((await write(body, context(30))).body).toMatchObject({
    rows: [gains('viewer', 'document:1'), gains('member', 'group:g')],
  })
})

test.each([
  ['?dry_run=true', 'invalid DryRun.DryRun: the parameter is written dryRun, not "dry_run"'],
  ['?DRYRUN=true', 'invalid DryRun.DryRun: the parameter is written dryRun, not "DRYRUN"'],
  ['?dryRun=yes', 'invalid value for bool field dryRun: "yes"'],
  ['?dryRun', 'invalid value for bool field dryRun: ""'],
  ['?dryRun=true&dryRun=false', 'invalid DryRun.DryRun: value must be given once'],
  ['?dryRun=true&context=[]', 'invalid value for struct field context: an array'],
])('%s is refused, and nothing is written', async (query, message) => {
  const { revision } = storage.view(store)
  const answered = [
    await write({ writes: { tuple_keys: [key('user:eve', 'document:1')] } }, query),
    await model(dsl, query),
    await lines(`${JSON.stringify(ann)}\n`, query),
  ]
  for (const { status, body } of answered) {
    expect([status, body]).toMatchObject([400, { code: 'validation_error', message }])
  }
  expect(storage.view(store).revision).toBe(revision)
})

test('refused as the real one is', async () => {
  const bad = { writes: { tuple_keys: [key('user:ann', 'document:1', 'nix')] } }
  expect(await write(bad, '?dryRun=true')).toMatchObject({ status: 400, body: (await write(bad)).body })
  const there = { writes: { tuple_keys: [key('group:g#member', 'document:1')] } }
  expect(await write(there, '?dryRun=true')).toMatchObject({ status: 400, body: (await write(there)).body })
  expect(await lines('{"user":"user:ann"}\n', '?dryRun=true')).toMatchObject({
    status: 400,
    body: { line: 1 },
  })
  const moved = await write({ writes: { tuple_keys: [ann] } }, '?dryRun=true&pageSize=1')
  await write({ writes: { tuple_keys: [key('user:new', 'document:8')] } }, '?dryRun=false')
  const token = (moved.body as { continuationToken: string }).continuationToken
  const query = `?dryRun=true&continuationToken=${encodeURIComponent(token)}`
  expect(await write({ writes: { tuple_keys: [ann] } }, query)).toMatchObject({
    status: 409,
    body: { code: 'precondition_failed' },
  })
})

test('it takes the right to make the change, and to read all of the store', async () => {
  const asked = { writes: { tuple_keys: [ann] } }
  const as = async (...scopes: string[]) => {
    const headers = { Authorization: `Bearer ${await ring.key(...scopes)}` }
    const { status, body } = await write(asked, '?dryRun=true', { headers, app: guarded })
    return status === 200 ? 200 : [status, (body as { message: string }).message]
  }
  expect(await as(`write:${store}`, `read:${store}`)).toBe(200)
  expect(await as(`write:${store}`)).toEqual([403, `the caller lacks the scope read:${store}`])
  expect(await as(`read:${store}`)).toEqual([403, `the caller lacks the scope write:${store}`])
  expect(await as(`write:${store}`, `read:${store}:group`)).toEqual([
    403,
    `the caller lacks the scope read:${store}`,
  ])
})
