/** What is refused at the door, with which status and body; and what every fault becomes. */
import { pack } from 'msgpackr'
import { describe, expect, test } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { routes } from '../../src/http/routes.ts'
import { Fault, type FaultCode } from '../../src/lib/fault.ts'
import { ask } from './ask.ts'
import { fake, modelId, storeId, zookie } from './fake.ts'

const key = { user: 'user:anne', relation: 'viewer', object: 'document:1' }
const s = `/stores/${storeId}`
const allow = async () => ({ zookie, model: modelId, allowed: true, resolution: '' })
const app = createApp(fake({ check: allow }).kith)

describe('paths (CVE-2025-46569, CVE-2026-26205)', () => {
  test.each([
    '/',
    '/nothing',
    '/stores/',
    `${s}/`,
    `${s}/nothing`,
    `/${s}`,
    `${s}//check`,
    '/v1',
    `${s}/CHECK`,
    '/%E0%A4%A',
  ])('unknown: %s', async (path) => {
    const { status, body } = await ask(app, path)
    expect([status, body]).toEqual([404, { code: 'undefined_endpoint', message: 'Not Found' }])
  })

  test.each(routes.map((route) => route.path))('wrong method: %s', async (path) => {
    const at = path.replace(':store', storeId).replace(':model', modelId)
    const { status, body, headers } = await ask(app, at, { method: 'OPTIONS' })
    const error = { code: 'unimplemented', message: 'Method Not Allowed' }
    if (path.startsWith('/scim/')) {
      expect([status, body]).toMatchObject([405, { status: '405', detail: 'Method Not Allowed' }])
      expect(headers.get('allow')).toMatch(/^(?:GET, HEAD|POST|PUT|PATCH|DELETE)/)
      return
    }
    expect([status, body]).toEqual([404, /^\/v1\/(orgs|presets|invitations)/.test(path) ? { error } : error])
  })

  /** Organizations are told apart elsewhere, those of identity providers too. */
  const withStore = routes.filter(
    ({ path }) => path.includes(':store') && !/^\/(?:v1\/orgs|scim)\//.test(path),
  )
  const bad = ['x', storeId.toLowerCase(), `${storeId}0`, '%2e%2e%2f', '%00', 'I'.repeat(26), '%E0%A4%A']
  test.each(withStore.flatMap(({ method, path }) => bad.map((id) => [method, path, id] as const)))(
    '%s %s with the store id %s',
    async (method, path, id) => {
      const asked =
        method === 'POST' || method === 'PUT' || method === 'PATCH' ? { method, body: {} } : { method }
      const { status, body } = await ask(app, path.replace(':store', id).replace(':model', modelId), asked)
      expect(status).toBe(400)
      expect(body).toMatchObject({
        code: 'validation_error',
        message: expect.stringMatching(/^invalid \w+\.StoreId: value does not match regex pattern "/),
      })
    },
  )

  test.each(bad)('an organization of the id %s is not there', async (id) => {
    const { status, body } = await ask(app, `/v1/orgs/${id}/groups`, {
      headers: { 'Kith-Actor': 'user:ann' },
    })
    expect([status, (body as { error: { code: string } }).error.code]).toEqual([404, expect.any(String)])
  })

  test('a model id that is none', async () => {
    const { status, body } = await ask(app, `${s}/authorization-models/x`)
    expect([status, body]).toEqual([
      400,
      {
        code: 'validation_error',
        message:
          'invalid ReadAuthorizationModelRequest.Id: value does not match regex pattern "^[ABCDEFGHJKMNPQRSTVWXYZ0-9]{26}$"',
      },
    ])
  })
})

describe('bodies', () => {
  const json = { 'Content-Type': 'application/json' }
  const packed = { 'Content-Type': 'application/msgpack' }
  test.each<[string, string | Uint8Array, Record<string, string>, RegExp]>([
    ['cut short', '{"tuple_key":{', json, /^malformed JSON$/],
    ['no JSON', 'hello', json, /^malformed JSON$/],
    ['two values', '{} {}', json, /^malformed JSON$/],
    ['not UTF-8', Uint8Array.from([0x22, 0xff, 0x22]), json, /not UTF-8/],
    ['an array', '[]', json, /invalid value for message field body/],
    ['a string', '"x"', json, /invalid value for message field body/],
    ['null', 'null', json, /invalid value for message field body/],
    ['deep', '['.repeat(100_000), json, /^malformed JSON$/],
    [
      'deep and whole',
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      json,
      /invalid value for message field body/,
    ],
    ['JSON said to be msgpack', '{"tuple_key":{}}', packed, /^malformed msgpack/],
    ['a msgpack date', pack({ tuple_key: new Date() }), packed, /^malformed msgpack/],
    ['compressed', '{}', { 'Content-Encoding': 'gzip' }, /Content-Encoding/],
  ])('%s', async (_, body, headers, message) => {
    const answer = await ask(app, `${s}/check`, { body, headers: { ...headers, Accept: 'application/json' } })
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ code: 'validation_error', message: expect.stringMatching(message) })
  })

  test('msgpack is answered in msgpack, errors too, unless JSON is asked for', async () => {
    const mirrored = await ask(app, `${s}/check`, { body: {}, packed: true })
    expect(mirrored.headers.get('Content-Type')).toBe('application/msgpack')
    expect(mirrored.body).toMatchObject({ code: 'tuple_key_value_not_specified' })
    const asked = await ask(app, `${s}/check`, {
      body: { tuple_key: key },
      packed: true,
      headers: { Accept: 'application/json, */*' },
    })
    expect(asked.headers.get('Content-Type')).toBe('application/json')
    expect(asked.body).toEqual({ allowed: true, resolution: '' })
  })

  const whole = JSON.stringify({ tuple_key: key })
  test.each<[string, string, number]>([
    ['exactly at the bound', whole.padEnd(1000), 200],
    ['one byte above', whole.padEnd(1001), 413],
  ])('%s', async (_, body, status) => {
    const small = createApp(fake({ check: allow }).kith, { bodyBytesMax: 1000 })
    const declared = await ask(small, `${s}/check`, {
      body,
      headers: { 'Content-Length': String(body.length) },
    })
    expect(declared.status).toBe(status)
    const streamed = await small.request(`${s}/check`, {
      method: 'POST',
      body: new Blob([body.slice(0, 500), body.slice(500)]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect(streamed.status).toBe(status)
    if (status === 413) expect(await streamed.json()).toMatchObject({ code: 'resource_exhausted' })
  })

  test("the default bound is the contract's", async () => {
    expect((await ask(app, `${s}/check`, { body: whole.padEnd(616_448) })).status).toBe(200)
    expect((await ask(app, `${s}/check`, { body: whole.padEnd(616_449) })).status).toBe(413)
  })
})

describe('faults', () => {
  test.each<[FaultCode, number]>([
    ['validation_error', 400],
    ['authorization_model_not_found', 400],
    ['latest_authorization_model_not_found', 400],
    ['invalid_zookie', 400],
    ['store_id_not_found', 404],
    ['Aborted', 409],
    ['precondition_failed', 409],
    ['log_forked', 409],
    ['resource_exhausted', 413],
    ['deadline_exceeded', 500],
    ['unavailable', 503],
    ['not_yet_fresh', 503],
  ])('%s is %i', async (code, status) => {
    const { kith } = fake({
      check: async () => {
        throw new Fault(code, 'said')
      },
    })
    const answer = await ask(createApp(kith), `${s}/check`, { body: { tuple_key: key } })
    expect([answer.status, answer.body]).toEqual([status, { code, message: 'said' }])
    expect(answer.headers.get('Retry-After')).toBe(status === 503 ? '1' : null)
  })

  test('what nobody expected says nothing of itself, and is reported', async () => {
    const bug = new Error('secret')
    const { kith } = fake({
      check: async () => {
        throw bug
      },
    })
    const seen: unknown[] = []
    const reporting = createApp(kith, {
      onInternalFault: (fault, request) => seen.push([fault.cause, request]),
    })
    const answer = await ask(reporting, `${s}/check`, {
      body: { tuple_key: key },
      headers: { 'X-Request-Id': 'r1' },
    })
    expect([answer.status, answer.body]).toEqual([
      500,
      { code: 'internal_error', message: 'Internal Server Error' },
    ])
    expect(seen).toEqual([[bug, { id: 'r1', method: 'POST', path: `${s}/check` }]])
  })

  test('a question that takes too long ends; a write is waited for', async () => {
    let release: () => void = () => {}
    const slow = new Promise<void>((resolve) => {
      release = resolve
    })
    const { kith } = fake({
      check: () => slow.then(allow),
      write: () => slow.then(() => ({ zookie, model: modelId, written: 1, deleted: 0 })),
    })
    const hurried = createApp(kith, { requestTimeoutMs: 1 })
    const writing = ask(hurried, `${s}/write`, { body: { writes: { tuple_keys: [key] } } })
    const { status, body } = await ask(hurried, `${s}/check`, { body: { tuple_key: key } })
    expect([status, body]).toEqual([500, { code: 'deadline_exceeded', message: 'Request Deadline Exceeded' }])
    release()
    expect((await writing).status).toBe(200)
  })
})

describe('CORS', () => {
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,x-openfga-client-method',
    },
  })

  test('any origin, without a claim on credentials it would need', async () => {
    const { status, headers } = await ask(app, `${s}/check`, preflight('https://a.example'))
    expect(status).toBe(204)
    expect(headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(headers.get('Access-Control-Allow-Headers')).toBe('authorization,x-openfga-client-method')
    expect(headers.get('Access-Control-Allow-Methods')).toBe('GET, POST, HEAD, PATCH, DELETE, PUT')
  })

  test('only configured origins, where some are', async () => {
    const strict = createApp(fake({ check: allow }).kith, { corsOrigins: ['https://a.example'] })
    const good = await ask(strict, `${s}/check`, preflight('https://a.example'))
    expect(good.headers.get('Access-Control-Allow-Origin')).toBe('https://a.example')
    const bad = await ask(strict, `${s}/check`, preflight('https://b.example'))
    expect(bad.headers.get('Access-Control-Allow-Origin')).toBeNull()
    const plain = await ask(strict, `${s}/check`, { body: { tuple_key: key } })
    expect(plain.headers.get('Access-Control-Allow-Origin')).toBeNull()
    expect(plain.status).toBe(200)
  })
})
