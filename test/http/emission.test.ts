/** Whole answers, key by key: what protojson writes out and what it leaves out, in both spellings. */
import { describe, expect, test } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { Fault } from '../../src/lib/fault.ts'
import type { Kith } from '../../src/service/kith.ts'
import { type Asked, ask } from './ask.ts'
import { fake, modelId, storeId, zookie } from './fake.ts'

const at = Date.UTC(2026, 0, 2, 3, 4, 5, 6)
const stamp = '2026-01-02T03:04:05.006Z'
const key = { user: 'user:anne', relation: 'viewer', object: 'document:1' }
const tuple = { object: 'document:1', relation: 'viewer', subject: 'user:anne' }
const stored = { ...tuple, timestamp: at, revision: 1 }
const record = { id: storeId, name: 'a store', createdAt: at, updatedAt: at }
const json = {
  schema_version: '1.1',
  type_definitions: [{ type: 'user', relations: {}, metadata: null }],
}
const answered = { zookie, model: modelId }
const listed = { ...answered, continuationToken: '', truncated: false }
const s = `/stores/${storeId}`
const v1 = `/v1/stores/${storeId}`
const listObjects = { type: 'document', relation: 'viewer', user: 'user:anne' }
const listUsers = {
  object: { type: 'document', id: '1' },
  relation: 'viewer',
  user_filters: [{ type: 'user' }],
}

type Row = readonly [
  what: string,
  kith: Partial<Kith>,
  path: string,
  asked: Asked,
  status: number,
  body: unknown,
]

const rows: readonly Row[] = [
  [
    'check, denied',
    { check: async () => ({ ...answered, allowed: false, resolution: '' }) },
    `${s}/check`,
    { body: { tuple_key: key } },
    200,
    { allowed: false, resolution: '' },
  ],
  [
    'check, with a trace',
    { check: async () => ({ ...answered, allowed: true, resolution: 'why', trace: { a: 1 } }) },
    `${s}/check`,
    { body: { tuple_key: key, trace: true } },
    200,
    { allowed: true, resolution: 'why', trace: { a: 1 } },
  ],
  [
    'batch-check, every kind of result',
    {
      batchCheck: async () => ({
        ...answered,
        results: new Map<string, boolean | Error>([
          ['yes', true],
          ['no', false],
          ['input', new Fault('validation_error', 'bad')],
          ['type', new Fault('type_not_found', 'no type')],
          ['tuple', new Fault('invalid_tuple', 'bad tuple')],
          ['deep', new Fault('authorization_model_resolution_too_complex', 'deep')],
          ['late', new Fault('deadline_exceeded', 'late')],
          ['bug', new Error('secret')],
        ]),
      }),
    },
    `${s}/batch-check`,
    { body: { checks: [{ tuple_key: key, correlation_id: 'yes' }] } },
    200,
    {
      result: {
        yes: { allowed: true },
        no: { allowed: false },
        input: { error: { input_error: 'validation_error', message: 'bad' } },
        type: { error: { input_error: 'validation_error', message: 'no type' } },
        tuple: { error: { input_error: 'invalid_tuple', message: 'bad tuple' } },
        deep: { error: { input_error: 'authorization_model_resolution_too_complex', message: 'deep' } },
        late: { error: { internal_error: 'deadline_exceeded', message: 'late' } },
        bug: { error: { internal_error: 'internal_error', message: 'Internal Server Error' } },
      },
    },
  ],
  [
    'expand',
    { expand: async () => ({ ...answered, tree: { root: { name: 'document:1#viewer' } } }) },
    `${s}/expand`,
    { body: { tuple_key: { object: 'document:1', relation: 'viewer' } } },
    200,
    { tree: { root: { name: 'document:1#viewer' } } },
  ],
  [
    'list-objects, as upstream',
    { listObjects: async () => ({ ...listed, objects: [] }) },
    `${s}/list-objects`,
    { body: listObjects },
    200,
    { objects: [] },
  ],
  [
    'list-objects, cut',
    { listObjects: async () => ({ ...listed, objects: ['document:1'], truncated: true }) },
    `${s}/list-objects`,
    { body: listObjects },
    200,
    { objects: ['document:1'], truncated: true },
  ],
  [
    'list-objects, in pages',
    { listObjects: async () => ({ ...listed, objects: ['document:1'], continuationToken: 'abc' }) },
    `${s}/list-objects`,
    { body: { ...listObjects, page_size: 1 } },
    200,
    { objects: ['document:1'], continuation_token: 'abc' },
  ],
  [
    'list-objects, the last page',
    { listObjects: async () => ({ ...listed, objects: [] }) },
    `${s}/list-objects`,
    { body: { ...listObjects, continuation_token: 'abc' } },
    200,
    { objects: [], continuation_token: '' },
  ],
  [
    'streamed-list-objects',
    {
      streamListObjects: async () => ({
        ...answered,
        objects: each(['document:1', 'document:2']),
        pages: each([['document:1', 'document:2']]),
      }),
    },
    `${s}/streamed-list-objects`,
    { body: listObjects },
    200,
    [{ result: { object: 'document:1' } }, { result: { object: 'document:2' } }],
  ],
  [
    'list-users, one member of the oneof each',
    { listUsers: async () => ({ ...listed, users: ['group:eng#member', 'user:*', 'user:anne'] }) },
    `${s}/list-users`,
    { body: listUsers },
    200,
    {
      users: [
        { userset: { type: 'group', id: 'eng', relation: 'member' } },
        { wildcard: { type: 'user' } },
        { object: { type: 'user', id: 'anne' } },
      ],
    },
  ],
  [
    'write',
    { write: async () => ({ ...answered, written: 1, deleted: 0 }) },
    `${s}/write`,
    { body: { writes: { tuple_keys: [key] } } },
    200,
    {},
  ],
  [
    'read',
    {
      read: async () => ({
        zookie,
        continuationToken: '',
        tuples: [
          stored,
          { ...stored, condition: { name: 'recent' }, expiresAt: at },
          { ...stored, condition: { name: 'recent', context: { a: [null, 1.5] } } },
        ],
      }),
    },
    `${s}/read`,
    { body: {} },
    200,
    {
      tuples: [
        { key: { ...key, condition: null }, timestamp: stamp },
        { key: { ...key, condition: { name: 'recent', context: {} }, expires_at: stamp }, timestamp: stamp },
        { key: { ...key, condition: { name: 'recent', context: { a: [null, 1.5] } } }, timestamp: stamp },
      ],
      continuation_token: '',
    },
  ],
  [
    'changes, where a delete has no condition',
    {
      changes: async () => ({
        zookie,
        continuationToken: 'abc',
        changes: [
          {
            operation: 'delete',
            tuple: { ...tuple, condition: { name: 'recent' }, expiresAt: at },
            timestamp: at,
            revision: 1,
          },
          { operation: 'write', tuple, timestamp: at, revision: 1 },
        ],
      }),
    },
    `${s}/changes`,
    {},
    200,
    {
      changes: [
        { tuple_key: { ...key, condition: null }, operation: 'TUPLE_OPERATION_DELETE', timestamp: stamp },
        { tuple_key: { ...key, condition: null }, operation: 'TUPLE_OPERATION_WRITE', timestamp: stamp },
      ],
      continuation_token: 'abc',
    },
  ],
  [
    'a new store, which has no deleted_at',
    { createStore: async () => record },
    '/stores',
    { body: { name: 'a store' } },
    201,
    { id: storeId, name: 'a store', created_at: stamp, updated_at: stamp },
  ],
  [
    'a store',
    { store: async () => record },
    s,
    {},
    200,
    { id: storeId, name: 'a store', created_at: stamp, updated_at: stamp, deleted_at: null },
  ],
  [
    'stores',
    { stores: async () => ({ stores: [record], continuationToken: '' }) },
    '/stores',
    {},
    200,
    {
      stores: [{ id: storeId, name: 'a store', created_at: stamp, updated_at: stamp, deleted_at: null }],
      continuation_token: '',
    },
  ],
  [
    'a renamed store',
    { renameStore: async () => record },
    s,
    { method: 'PATCH', body: { name: 'a store' } },
    200,
    { id: storeId, name: 'a store', created_at: stamp, updated_at: stamp },
  ],
  ['a deleted store', { deleteStore: async () => {} }, s, { method: 'DELETE' }, 204, undefined],
  [
    'a new model',
    { writeModel: async () => ({ zookie, id: modelId }) },
    `${s}/authorization-models`,
    { body: json },
    201,
    { authorization_model_id: modelId },
  ],
  [
    'a model',
    { model: async () => ({ zookie, id: modelId, json }) },
    `${s}/authorization-models/${modelId}`,
    {},
    200,
    { authorization_model: { id: modelId, ...json, conditions: {} } },
  ],
  [
    'models',
    { models: async () => ({ zookie, models: [{ id: modelId, json }], continuationToken: '' }) },
    `${s}/authorization-models`,
    {},
    200,
    { authorization_models: [{ id: modelId, ...json, conditions: {} }], continuation_token: '' },
  ],
  [
    'written assertions',
    { writeAssertions: async () => answered },
    `${s}/assertions/${modelId}`,
    { method: 'PUT', body: { assertions: [] } },
    204,
    undefined,
  ],
  [
    'no assertions',
    { assertions: async () => ({ zookie, model: modelId, assertions: [] }) },
    `${s}/assertions/${modelId}`,
    {},
    200,
    { authorization_model_id: modelId, assertions: [] },
  ],
  [
    'explain',
    { explain: async () => ({ ...answered, allowed: true, explanation: { path: [] } }) },
    `${v1}/explain`,
    { body: { tuple_key: key } },
    200,
    { allowed: true, explanation: { path: [] } },
  ],
  [
    'expand to the leaves',
    { expandAll: async () => ({ ...answered, nodes: [{ a: 1 }], continuationToken: '', truncated: false }) },
    `${v1}/expand`,
    { body: { tuple_key: { object: 'document:1', relation: 'viewer' } } },
    200,
    { nodes: [{ a: 1 }], continuation_token: '', truncated: false },
  ],
  [
    'export, with only what is set',
    {
      exportTuples: async () => ({
        zookie,
        tuples: each([stored, { ...stored, expiresAt: at, condition: { name: 'recent' } }]),
      }),
    },
    `${v1}/export`,
    {},
    200,
    [key, { ...key, condition: { name: 'recent' }, expires_at: stamp }],
  ],
  ['livez', { unready: 'stopping' } as Partial<Kith>, '/livez', {}, 200, { status: 'SERVING' }],
  ['readyz', {}, '/readyz', {}, 200, { status: 'SERVING' }],
  [
    'readyz when it is not',
    { unready: 'the log has a gap' } as Partial<Kith>,
    '/readyz',
    {},
    503,
    { code: 'unavailable', message: 'the log has a gap' },
  ],
  ['healthz', {}, '/healthz?service=openfga.v1.OpenFGAService', {}, 200, { status: 'SERVING' }],
  [
    'healthz of something else',
    {},
    '/healthz?service=x',
    {},
    404,
    { code: 'undefined_endpoint', message: 'unknown service' },
  ],
]

describe('as JSON', () => {
  test.each(rows)('%s', async (_, kith, path, asked, status, body) => {
    const answer = await ask(createApp(fake(kith).kith), path, asked)
    expect([answer.status, answer.body]).toStrictEqual([status, body])
  })
})

describe('as MessagePack', () => {
  const packable = rows.filter(([, , , , , body]) => body !== undefined && !Array.isArray(body))
  test.each(packable)('%s', async (_, kith, path, asked, status, body) => {
    const headers = { Accept: 'application/msgpack' }
    const answer = await ask(createApp(fake(kith).kith), path, {
      ...asked,
      packed: asked.body !== undefined,
      headers,
    })
    expect(answer.headers.get('Content-Type')).toBe('application/msgpack')
    expect([answer.status, answer.body]).toStrictEqual([status, body])
  })
})

test('a correlation id __proto__ is one more key', async () => {
  const { kith } = fake({
    batchCheck: async () => ({ ...answered, results: new Map([['__proto__', true]]) }),
  })
  const response = await createApp(kith).request(`${s}/batch-check`, {
    method: 'POST',
    body: JSON.stringify({ checks: [{ tuple_key: key, correlation_id: '__proto__' }] }),
  })
  expect(await response.text()).toBe('{"result":{"__proto__":{"allowed":true}}}')
})

describe('headers', () => {
  test('of an answer', async () => {
    const { kith } = fake({ check: async () => ({ ...answered, allowed: true, resolution: '' }) })
    const { headers } = await ask(createApp(kith), `${s}/check`, {
      body: { tuple_key: key },
      headers: { 'X-Request-Id': 'trace-1' },
    })
    expect(headers.get('Kith-Zookie')).toBe(zookie)
    expect(headers.get('Openfga-Store-Id')).toBe(storeId)
    expect(headers.get('Openfga-Authorization-Model-Id')).toBe(modelId)
    expect(headers.get('X-Request-Id')).toBe('trace-1')
    expect(headers.get('fga-request-id')).toBe('trace-1')
    expect(headers.get('fga-query-duration-ms')).toMatch(/^\d+$/)
    expect(headers.get('Content-Type')).toBe('application/json')
  })

  test.each([
    ['GET', `${s}/authorization-models`],
    ['GET', `${s}/authorization-models/${modelId}`],
    ['GET', `${s}/assertions/${modelId}`],
    ['PUT', `${s}/assertions/${modelId}`],
  ])('%s %s tells its state too', async (method, path) => {
    const { kith } = fake({
      models: async () => ({ zookie, models: [], continuationToken: '' }),
      model: async () => ({ zookie, id: modelId, json }),
      assertions: async () => ({ zookie, model: modelId, assertions: [] }),
      writeAssertions: async () => answered,
    })
    const body = method === 'PUT' ? { body: { assertions: [] } } : {}
    const { headers } = await ask(createApp(kith), path, { method, ...body })
    expect(headers.get('Kith-Zookie')).toBe(zookie)
  })

  test.each(['', 'a b', 'x'.repeat(129), 'é'])('a request id %j is replaced', async (id) => {
    const { headers } = await ask(createApp(fake({}).kith), '/livez', { headers: { 'X-Request-Id': id } })
    expect(headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('the zookie of a request reaches the service', async () => {
    const { kith, calls } = fake({ check: async () => ({ ...answered, allowed: true, resolution: '' }) })
    await ask(createApp(kith), `${s}/check`, {
      body: { tuple_key: key },
      headers: { 'Kith-At-Least-As-Fresh': 'z0' },
    })
    expect(calls).toStrictEqual([['check', { store: storeId, atLeastAsFresh: 'z0', tuple }]])
  })

  test('/v1 asks without a depth limit, OpenFGA with the configured one', async () => {
    const { kith, calls } = fake({
      explain: async () => ({ ...answered, allowed: true, explanation: {} }),
      check: async () => ({ ...answered, allowed: true, resolution: '' }),
    })
    const app = createApp(kith)
    await ask(app, `${v1}/explain`, { body: { tuple_key: key, trace: true } })
    await ask(app, `${s}/check`, { body: { tuple_key: key } })
    expect(calls).toStrictEqual([
      ['explain', { store: storeId, tuple, depthMax: Number.POSITIVE_INFINITY }],
      ['check', { store: storeId, tuple }],
    ])
  })
})

async function* each<Item>(items: readonly Item[]) {
  yield* items
}
