/** The surface over the real service, in process: Kith's additions, forged and foreign cursors and zookies, limits. */
import { beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { kithOver } from '../../src/service/open.ts'
import { openStorage } from '../../src/storage/open.ts'
import { type Answered, type Asked, ask } from './ask.ts'

const dsl = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member]
type document
  relations
    define owner: [user]
    define viewer: [user, user:*, user with small, group#member] or owner
condition small(size: double, limit: double) {
  size < limit
}
`
const key = (user: string, object: string, relation = 'viewer') => ({ user, relation, object })

let app: ReturnType<typeof createApp>
let store: string
let other: string

beforeAll(async () => {
  app = createApp(kithOver(await openStorage({ memory: true })))
  store = await newStore()
  other = await newStore()
  await write(store, [
    key('user:anne', 'document:1'),
    key('user:anne', 'document:2'),
    key('user:anne', 'document:3', 'owner'),
    key('user:bob', 'document:1'),
    key('group:eng#member', 'document:2'),
    key('user:carl', 'group:eng', 'member'),
  ])
  await write(other, [key('user:zoe', 'document:1'), key('user:zoe', 'document:2')])
})

async function newStore(): Promise<string> {
  const { body } = await ask(app, '/stores', { body: { name: 'a store' } })
  const { id } = body as { id: string }
  const made = await ask(app, `/stores/${id}/authorization-models`, {
    method: 'POST',
    body: dsl,
    headers: { 'Content-Type': 'text/plain' },
  })
  expect(made.status).toBe(201)
  return id
}

function write(id: string, tuple_keys: readonly object[]): Promise<Answered> {
  return ask(app, `/stores/${id}/write`, { body: { writes: { tuple_keys } } })
}

const on = (path: string, asked?: Asked) => ask(app, `/stores/${store}${path}`, asked)
const allowed = async (tuple_key: object, more: object = {}) =>
  ((await on('/check', { body: { tuple_key, ...more } })).body as { allowed?: boolean }).allowed

describe('cursors', () => {
  type Page = { continuation_token: string }
  const pages: readonly (readonly [string, string, (more: object) => Asked])[] = [
    ['read', '/read', (more) => ({ body: { page_size: 1, ...more } })],
    [
      'list-objects',
      '/list-objects',
      (more) => ({
        body: { user: 'user:anne', relation: 'viewer', type: 'document', page_size: 1, ...more },
      }),
    ],
    [
      'list-users',
      '/list-users',
      (more) => ({
        body: {
          object: { type: 'document', id: '1' },
          relation: 'viewer',
          user_filters: [{ type: 'user' }],
          page_size: 1,
          ...more,
        },
      }),
    ],
  ]

  test.each(pages)('%s: lead to the end, each row once', async (_, path, asked) => {
    const seen: string[] = []
    let token: string | undefined = ''
    for (let i = 0; i < 20 && token !== undefined; i++) {
      const { status, body } = await on(path, asked(token === '' ? {} : { continuation_token: token }))
      expect(status).toBe(200)
      const { continuation_token, tuples, objects, users } = body as Page & Record<string, unknown[]>
      seen.push(...(tuples ?? objects ?? users ?? []).map((row) => JSON.stringify(row)))
      token = continuation_token || undefined
    }
    expect(token).toBeUndefined()
    expect(seen.length).toBeGreaterThan(1)
    expect(new Set(seen).size).toBe(seen.length)
  })

  const tampered = (token: string) => `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`
  test.each(pages)(
    'GHSA-vhvq-fv9f-wh4q, CVE-2026-33505: %s: forged, foreign and misplaced ones are refused',
    async (_, path, asked) => {
      const { body } = await on(path, asked({}))
      const token = (body as Page).continuation_token
      expect(token).not.toBe('')
      const refused = { status: 400, body: { code: 'invalid_continuation_token' } }
      for (const bad of ['abcd', 'AAAA'.repeat(50), tampered(token), token.slice(0, -4)]) {
        expect(await on(path, asked({ continuation_token: bad }))).toMatchObject(refused)
      }
      expect(await ask(app, `/stores/${other}${path}`, asked({ continuation_token: token }))).toMatchObject(
        refused,
      )
      const elsewhere = path === '/read' ? '/list-objects' : '/read'
      const [, , askElsewhere] = pages.find(([, each]) => each === elsewhere) ?? pages[0] ?? []
      expect(await on(elsewhere, askElsewhere?.({ continuation_token: token }))).toMatchObject(refused)
    },
  )

  test('changes: echo at the end, refuse another type', async () => {
    const { body } = await on('/changes?type=document&page_size=100')
    const { changes, continuation_token } = body as Page & { changes: unknown[] }
    expect(changes).toHaveLength(5)
    const again = await on(
      `/changes?type=document&continuation_token=${encodeURIComponent(continuation_token)}`,
    )
    expect(again.body).toEqual({ changes: [], continuation_token })
    const mismatch = await on(
      `/changes?type=group&continuation_token=${encodeURIComponent(continuation_token)}`,
    )
    expect(mismatch).toMatchObject({
      status: 400,
      body: { code: 'query_string_type_continuation_token_mismatch' },
    })
    const forged = await on('/changes?continuation_token=abcd')
    expect(forged).toMatchObject({ status: 400, body: { code: 'invalid_continuation_token' } })
    const future = await on('/changes?start_time=2999-01-01T00:00:00Z')
    expect(future).toMatchObject({ status: 400, body: { code: 'invalid_start_time' } })
  })
})

describe('zookies', () => {
  const fresh = (zookie: string) => ({
    body: { tuple_key: key('user:anne', 'document:1') },
    headers: { 'Kith-At-Least-As-Fresh': zookie },
  })

  test('of a write are good for every later question', async () => {
    const { headers } = await write(store, [key('user:dan', 'document:9')])
    const zookie = headers.get('Kith-Zookie') ?? ''
    expect(zookie).not.toBe('')
    const answer = await on('/check', fresh(zookie))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Kith-Zookie')).not.toBe('')
  })

  test('forged and foreign ones are refused', async () => {
    const { headers } = await ask(app, `/stores/${other}/read`, { body: {} })
    const foreign = headers.get('Kith-Zookie') ?? ''
    for (const bad of ['', 'x', 'AAAA', foreign, `${foreign}A`]) {
      expect(await on('/check', fresh(bad))).toMatchObject({ status: 400, body: { code: 'invalid_zookie' } })
    }
  })
})

describe('stores', () => {
  test('unknown ones are 404 everywhere, deleted ones too', async () => {
    const gone = await newStore()
    expect((await ask(app, `/stores/${gone}`, { method: 'DELETE' })).status).toBe(204)
    expect((await ask(app, `/stores/${gone}`, { method: 'DELETE' })).status).toBe(204)
    const tuple_key = key('user:anne', 'document:1')
    const model = '01J0000000000000000000000B'
    for (const id of [gone, '01J0000000000000000000000A']) {
      const asks: readonly (readonly [string, Asked])[] = [
        ['', {}],
        ['', { method: 'PATCH', body: { name: 'new name' } }],
        ['/check', { body: { tuple_key } }],
        ['/check', { body: { tuple_key, authorization_model_id: model } }],
        ['/batch-check', { body: { checks: [{ tuple_key, correlation_id: 'a' }] } }],
        ['/expand', { body: { tuple_key } }],
        ['/list-objects', { body: { type: 'document', relation: 'viewer', user: 'user:anne' } }],
        ['/streamed-list-objects', { body: { type: 'document', relation: 'viewer', user: 'user:anne' } }],
        [
          '/list-users',
          {
            body: {
              object: { type: 'document', id: '1' },
              relation: 'viewer',
              user_filters: [{ type: 'user' }],
            },
          },
        ],
        ['/write', { body: { writes: { tuple_keys: [tuple_key] } } }],
        ['/read', { body: {} }],
        ['/changes', {}],
        ['/authorization-models', {}],
        ['/authorization-models', { method: 'POST', body: dsl, headers: { 'Content-Type': 'text/plain' } }],
        [`/authorization-models/${model}`, {}],
        [`/assertions/${model}`, {}],
        [`/assertions/${model}`, { method: 'PUT', body: { assertions: [] } }],
      ]
      for (const [path, asked] of asks) {
        const { status, body } = await ask(app, `/stores/${id}${path}`, asked)
        expect([path, status, body]).toEqual([
          path,
          404,
          { code: 'store_id_not_found', message: 'Store ID not found' },
        ])
      }
      for (const [path, asked] of [
        ['explain', { body: { tuple_key } }],
        ['expand', { body: { tuple_key } }],
        ['export', {}],
        ['import', { body: `${JSON.stringify(tuple_key)}\n` }],
      ] as const) {
        expect(await ask(app, `/v1/stores/${id}/${path}`, asked)).toMatchObject({
          status: 404,
          body: { code: 'store_id_not_found' },
        })
      }
    }
  })

  test('are renamed', async () => {
    const { status, body } = await on('', { method: 'PATCH', body: { name: 'new name' } })
    expect([status, body]).toMatchObject([200, { id: store, name: 'new name' }])
    expect((await on('')).body).toMatchObject({ name: 'new name', deleted_at: null })
  })
})

describe('models', () => {
  test('as text that makes no sense are refused', async () => {
    const text = { method: 'POST', headers: { 'Content-Type': 'text/plain; charset=utf-8' } }
    const path = '/authorization-models'
    for (const body of ['', 'hello', 'model\n  schema 1.1\ntype user\n  relations\n    define a: b\n']) {
      const answer = await on(path, { ...text, body })
      expect(answer.status).toBe(400)
    }
    expect(
      (await on(path, { ...text, body: JSON.stringify({ schema_version: '1.1', type_definitions: [] }) }))
        .body,
    ).toMatchObject({
      code: 'type_definitions_too_few_items',
    })
  })

  test('that are not there are 400', async () => {
    const model = '01J0000000000000000000000B'
    const missing = {
      status: 400,
      body: { code: 'authorization_model_not_found', message: `Authorization Model '${model}' not found` },
    }
    expect(await on(`/authorization-models/${model}`)).toMatchObject(missing)
    expect(
      await on('/check', {
        body: { tuple_key: key('user:anne', 'document:1'), authorization_model_id: model },
      }),
    ).toMatchObject(missing)
  })

  test('nested beyond reason are refused', async () => {
    const depth = 20_000
    const rewrite = `${'{"union":{"child":['.repeat(depth)}{"this":{}}${']}}'.repeat(depth)}`
    const spelt = `{"schema_version":"1.1","type_definitions":[{"type":"user","relations":{"a":${rewrite}}}]}`
    expect((await on('/authorization-models', { body: spelt })).status).toBe(400)
  })
})

describe('additions to write and read', () => {
  const doc = 'document:additions'

  test('a precondition that does not hold refuses the write', async () => {
    const body = (must: string, user: string) => ({
      writes: { tuple_keys: [key('user:pre', doc)] },
      preconditions: [{ tuple: key(user, 'document:1'), must }],
    })
    const refused = await on('/write', { body: body('exist', 'user:nobody') })
    expect([refused.status, refused.body]).toMatchObject([409, { code: 'precondition_failed' }])
    expect(await allowed(key('user:pre', doc))).toBe(false)
    expect((await on('/write', { body: body('not_exist', 'user:nobody') })).status).toBe(200)
    expect(await allowed(key('user:pre', doc))).toBe(true)
  })

  test('update replaces a condition, ignore refuses another one', async () => {
    const tuple = key('user:upd', doc)
    const limited = (limit: number) => ({ ...tuple, condition: { name: 'small', context: { limit } } })
    const save = (tuple_key: object, on_duplicate: string) =>
      on('/write', { body: { writes: { tuple_keys: [tuple_key], on_duplicate } } })
    expect((await save(limited(10), '')).status).toBe(200)
    expect(await allowed(tuple, { context: { size: 50 } })).toBe(false)
    expect((await save(limited(10), 'ignore')).status).toBe(200)
    expect(await save(limited(100), 'ignore')).toMatchObject({ status: 409, body: { code: 'Aborted' } })
    expect((await save(limited(100), 'update')).status).toBe(200)
    expect(await allowed(tuple, { context: { size: 50 } })).toBe(true)
    expect(await save(limited(1), 'sometimes')).toMatchObject({
      status: 400,
      body: { code: 'validation_error' },
    })
  })

  test('delete_where takes what matches and nothing else', async () => {
    await write(store, [
      key('user:del', 'document:d1'),
      key('user:del', 'document:d2'),
      key('user:kept', 'document:d1'),
    ])
    expect((await on('/write', { body: { delete_where: { user: 'user:del' } } })).status).toBe(200)
    expect(await allowed(key('user:del', 'document:d1'))).toBe(false)
    expect(await allowed(key('user:kept', 'document:d1'))).toBe(true)
    expect((await on('/write', { body: { delete_where: {} } })).status).toBe(400)
    expect(await allowed(key('user:kept', 'document:d1'))).toBe(true)
  })

  test('read by user alone and by relation alone', async () => {
    const read = async (tuple_key: object) =>
      ((await on('/read', { body: { tuple_key } })).body as { tuples: { key: object }[] }).tuples.map(
        (row) => row.key,
      )
    expect(await read({ user: 'group:eng#member' })).toEqual([
      { ...key('group:eng#member', 'document:2'), condition: null },
    ])
    expect(await read({ relation: 'owner' })).toEqual([
      { ...key('user:anne', 'document:3', 'owner'), condition: null },
    ])
    expect((await on('/read', { body: { tuple_key: {} } })).status).toBe(400)
  })

  test('a tuple that expires says so, and is gone when it has', async () => {
    const tuple = key('user:brief', doc)
    const past = await write(store, [{ ...tuple, expires_at: '2020-01-01T00:00:00Z' }])
    expect(past.status === 200 ? await allowed(tuple) : past.status).not.toBe(true)
    await on('/write', { body: { delete_where: { user: 'user:brief' } } })
    expect((await write(store, [{ ...tuple, expires_at: '2999-01-01T00:00:00+01:00' }])).status).toBe(200)
    expect(await allowed(tuple)).toBe(true)
    const { body } = await on('/read', { body: { tuple_key: { ...tuple } } })
    expect(body).toMatchObject({ tuples: [{ key: { ...tuple, expires_at: '2998-12-31T23:00:00.000Z' } }] })
  })
})

describe('additions to questions', () => {
  test('a trace says why', async () => {
    const { body } = await on('/check', { body: { tuple_key: key('user:carl', 'document:2'), trace: true } })
    expect(body).toMatchObject({
      allowed: true,
      resolution: expect.stringContaining('group:eng'),
      trace: expect.any(Object),
    })
    const plain = await on('/check', { body: { tuple_key: key('user:carl', 'document:2') } })
    expect(plain.body).toEqual({ allowed: true, resolution: '' })
  })

  test('explain and expand to the leaves', async () => {
    const tuple_key = key('user:carl', 'document:2')
    const explained = await ask(app, `/v1/stores/${store}/explain`, { body: { tuple_key } })
    expect(explained).toMatchObject({ status: 200, body: { allowed: true, explanation: expect.any(Object) } })
    const expanded = await ask(app, `/v1/stores/${store}/expand`, { body: { tuple_key } })
    expect(expanded.status).toBe(200)
    expect(JSON.stringify(expanded.body)).toContain('user:carl')
  })

  test('a number beyond doubles is never an allow', async () => {
    const tuple = { ...key('user:num', 'document:num'), condition: { name: 'small', context: { limit: 10 } } }
    await write(store, [tuple])
    for (const size of ['1.79e+309', '-1.79e+309', '"1.79e+309"', 'null']) {
      const body = `{"tuple_key":${JSON.stringify(key('user:num', 'document:num'))},"context":{"size":${size}}}`
      expect([size, await on('/check', { body })]).toMatchObject([
        size,
        { status: 400, body: { code: 'validation_error' } },
      ])
    }
  })
})

describe('import and export', () => {
  test('go round', async () => {
    const target = await newStore()
    const exported = await ask(app, `/v1/stores/${store}/export`)
    expect(exported.status).toBe(200)
    const lines = exported.body as object[]
    expect(lines.length).toBeGreaterThan(6)
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const imported = await ask(app, `/v1/stores/${target}/import`, { body: text })
    expect((imported.body as object[]).at(-1)).toMatchObject({
      done: true,
      written: lines.length,
      skipped: 0,
    })
    const again = await ask(app, `/v1/stores/${target}/import`, { body: text })
    expect((again.body as object[]).at(-1)).toMatchObject({ done: true, written: 0, skipped: lines.length })
    expect((await ask(app, `/v1/stores/${target}/export`)).body).toEqual(lines)
  })

  test('a line that the model refuses has its number, and those before it are in', async () => {
    const target = await newStore()
    const lines = [key('user:a', 'document:1'), key('user:b', 'document:1'), key('user:c', 'nothing:1')]
    const { body } = await ask(app, `/v1/stores/${target}/import`, {
      body: lines.map((line) => JSON.stringify(line)).join('\n'),
    })
    expect((body as object[]).at(-1)).toMatchObject({ error: { code: 'validation_error', line: 3 } })
    expect((await ask(app, `/v1/stores/${target}/export`)).body).toHaveLength(2)
  })
})
