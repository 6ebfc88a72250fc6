/** Nobody gets in: every route, by the table, without credentials, with wrong ones, and with the wrong scopes. */
import { beforeAll, describe, expect, test } from 'vitest'
import { rights, Scopes } from '../../src/callers/scopes.ts'
import { createApp } from '../../src/http/app.ts'
import type { Route } from '../../src/http/route.ts'
import { routes } from '../../src/http/routes.ts'
import { openRing, operator, type Ring } from '../callers/ring.ts'
import { ask } from './ask.ts'
import { fake, modelId, storeId } from './fake.ts'

const other = '01J0000000000000000000000Z'
/** Rights that no store narrows. */
const wholeFolder: readonly string[] = ['keys', 'backup', 'debug']

let ring: Ring
let app: ReturnType<typeof createApp>
const { kith, calls } = fake({ unready: 'the folder /secret/path is gone' })

beforeAll(async () => {
  ring = await openRing()
  app = createApp(kith, { gate: ring.gate, keys: ring.keys })
})

const pathOf = ({ path }: Route, store = storeId) =>
  path.replace(':store', store).replace(':model', modelId).replace(':key', modelId).replace(/:\w+/g, 'one')

/** Errors are spelt otherwise where organizations are managed. */
const isDirectory = ({ path }: Route) => /^\/v1\/(orgs|presets|invitations)/.test(path)
/** Errors of SCIM are the standard's: a status as text, and a sentence. */
const isScim = ({ path }: Route) => path.startsWith('/scim/')
const scimError = (status: number, detail: string) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
  status: String(status),
  detail,
})
const spelt = (route: Route, status: number, error: { readonly code: string; readonly message: string }) => {
  if (isScim(route)) return scimError(status, error.message)
  return isDirectory(route) ? { error } : error
}

/** As a client would: with a body that would be refused if it were read. */
function call(route: Route, { key, path = pathOf(route) }: { key?: string | undefined; path?: string } = {}) {
  const body = route.method === 'GET' || route.method === 'DELETE' ? {} : { body: '{' }
  const headers: Record<string, string> = key === undefined ? {} : { Authorization: `Bearer ${key}` }
  if (isDirectory(route)) headers['Kith-Actor'] = 'user:ann'
  return ask(app, path, { method: route.method, ...body, headers })
}

const open = ['GET /startupz', 'GET /livez', 'GET /readyz', 'GET /healthz']
const named = routes.map((route) => ({ ...route, name: `${route.method} ${route.path}` }))
const closed = named.filter(({ name }) => !open.includes(name))

test('only health is open', () => {
  expect(named.filter(({ need }) => need === 'nothing').map(({ name }) => name)).toEqual(open)
  expect(closed.length).toBeGreaterThan(25)
})

describe.each(closed)('$name', (route) => {
  test.each([
    ['without credentials', undefined],
    ['with a key that was never made', `kith_${storeId}_${'a'.repeat(43)}`],
    ['with something else', 'secret'],
  ])('%s answers 401, says nothing, and asks nothing', async (_, key) => {
    calls.length = 0
    const { status, body, headers } = await call(route, { key })
    expect(status).toBe(401)
    if (isScim(route)) expect(body).toMatchObject(scimError(401, expect.any(String)))
    else {
      const { code } = isDirectory(route)
        ? (body as { error: { code: string } }).error
        : (body as { code: string })
      expect(code).toBe('unauthenticated')
    }
    expect(headers.get('WWW-Authenticate')).toBe('Bearer realm="kith"')
    expect(headers.get('openfga-store-id')).toBeNull()
    expect(calls).toEqual([])
  })

  test('a caller that may do everything else is refused, and told which scope it lacks', async () => {
    const { need } = route
    if (need === 'a caller' || need === 'nothing') return
    const rest = rights.filter((right) => right !== need)
    const key = await ring.key(...(need === 'the store' ? [`check:${other}`, ...wholeFolder] : rest))
    calls.length = 0
    const { status, body } = await call(route, { key })
    expect(calls).toEqual([])
    if (need === 'the store') return expect([status, body]).toEqual([404, noStoreOf(route)])
    const word = route.path.includes(':store') ? `${need}:${storeId}` : need
    expect([status, body]).toEqual([
      403,
      spelt(route, 403, { code: 'forbidden', message: `the caller lacks the scope ${word}` }),
    ])
  })

  test('a store that no scope is about is answered as one that is not there', async () => {
    if (!route.path.includes(':store')) return
    const key = await ring.key(
      ...rights.map((right) => (wholeFolder.includes(right) ? right : `${right}:${other}`)),
    )
    calls.length = 0
    const answers = [await call(route, { key }), await call(route, { key, path: pathOf(route, modelId) })]
    for (const { status, body, headers } of answers) {
      expect([status, body]).toEqual([404, noStoreOf(route)])
      expect(headers.get('openfga-store-id')).toBeNull()
    }
    expect(calls).toEqual([])
  })

  test('the caller with just that scope is let in', async () => {
    const { need } = route
    // Of what any right in the store opens, one route asks for either of two.
    const general = need === 'the store' ? 'usage' : need
    const right = general === 'a caller' || general === 'nothing' ? 'check' : general
    const word = route.path.includes(':store') ? `${right}:${storeId}` : right
    const words = isDirectory(route) ? [word, `act:${storeId}`] : [word]
    const { status } = await call(route, { key: await ring.key(...words) })
    expect([401, 403]).not.toContain(status)
  })
})

const noStore = { code: 'store_id_not_found', message: 'Store ID not found' }
const noStoreOf = (route: Route) => {
  const message = 'there is no such organization'
  return isDirectory(route) || isScim(route) ? spelt(route, 404, { code: 'not_found', message }) : noStore
}

describe('what is not a route', () => {
  test.each([
    ['GET', '/nowhere'],
    ['POST', '/stores/nowhere'],
    ['PUT', `/stores/${storeId}/check`],
    ['DELETE', '/livez'],
    ['OPTIONS', '/stores'],
    ['GET', '/'],
    ['POST', '//livez'],
    ['GET', '/%'],
    ['GET', '/livez/'],
  ])('%s %s says nothing without credentials', async (method, path) => {
    const { status, body } = await ask(app, path, { method })
    expect([status, (body as { code: string }).code]).toEqual([401, 'unauthenticated'])
  })

  test('HEAD is a GET', async () => {
    expect((await app.request('/stores', { method: 'HEAD' })).status).toBe(401)
    expect((await app.request('/docs', { method: 'HEAD' })).status).toBe(401)
    expect((await app.request('/livez', { method: 'HEAD' })).status).toBe(200)
  })

  test('a preflight is answered, and nothing else of it', async () => {
    const headers = { Origin: 'https://a.example', 'Access-Control-Request-Method': 'POST' }
    const { status, body } = await ask(app, '/stores', { method: 'OPTIONS', headers })
    expect([status, body]).toEqual([204, undefined])
  })
})

test('health says nothing of why', async () => {
  expect((await ask(app, '/livez')).status).toBe(200)
  const { status, body } = await ask(app, '/readyz')
  expect([status, body]).toEqual([503, { code: 'unavailable', message: 'not ready' }])
})

test.each([
  ['Basic a2V5'],
  ['Bearer'],
  ['Bearer '],
  ['Bearer a b'],
  ['bearer kith_'],
  ['Bearer kith_01J0000000000000000000000A_'],
  [`Bearer ${'a'.repeat(13_000)}`],
  ['Bearer eyJhbGciOiJub25lIn0.e30.'],
])('Authorization: %.40s is refused', async (authorization) => {
  const { status } = await ask(app, '/stores', { headers: { Authorization: authorization } })
  expect(status).toBe(401)
})

test('the body of a stranger is not read', async () => {
  let pulls = 0
  const body = new ReadableStream(
    {
      pull(controller) {
        pulls++
        controller.enqueue(new Uint8Array(1_024))
      },
    },
    { highWaterMark: 0 },
  )
  const request = new Request(`http://kith/stores/${storeId}/write`, {
    method: 'POST',
    body,
    duplex: 'half',
  } as RequestInit)
  expect((await app.request(request)).status).toBe(401)
  expect(pulls).toBe(0)
})

describe('keys over HTTP', () => {
  const withKey = (key: string) => ({ Authorization: `Bearer ${key}` })

  test('made, used, rotated, revoked', async () => {
    const admin = withKey(await ring.key('*'))
    const made = await ask(app, '/v1/keys', {
      headers: admin,
      body: { name: 'web', scopes: [`check:${storeId}`] },
    })
    expect(made.status).toBe(201)
    expect(made.headers.get('Cache-Control')).toBe('no-store')
    const { id, key, ...shown } = made.body as { id: string; key: string }
    expect(shown).toMatchObject({ name: 'web', scopes: [`check:${storeId}`] })
    const use = async (text: string) => (await ask(app, '/openapi.json', { headers: withKey(text) })).status
    expect(await use(key)).toBe(200)

    const rotated = await ask(app, `/v1/keys/${id}/rotate`, { headers: admin, body: { overlap_seconds: 60 } })
    const second = (rotated.body as { key: string }).key
    expect([await use(key), await use(second)]).toEqual([200, 200])
    ring.now += 60_000
    expect([await use(key), await use(second)]).toEqual([401, 200])

    const listed = await ask(app, '/v1/keys', { headers: admin })
    const found = (listed.body as { keys: { id: string }[] }).keys.find((each) => each.id === id)
    expect(found).toMatchObject({ last_used_at: expect.any(String) })
    expect(JSON.stringify(listed.body)).not.toMatch(/hash|salt|secrets|kith_/)

    expect((await ask(app, `/v1/keys/${id}`, { method: 'DELETE', headers: admin })).status).toBe(204)
    expect(await use(second)).toBe(401)
    expect((await ask(app, `/v1/keys/${id}`, { method: 'DELETE', headers: admin })).status).toBe(204)
    expect((await ask(app, `/v1/keys/${id}/rotate`, { method: 'POST', headers: admin })).status).toBe(404)
  })

  test('bound to a user, its changes are told to be for that user', async () => {
    const admin = withKey(await ring.key('*'))
    const body = { name: 'anne', scopes: ['write'], actor: 'user:anne' }
    const made = (await ask(app, '/v1/keys', { headers: admin, body })).body as { key: string; actor: string }
    expect(made.actor).toBe('user:anne')
    const { keys } = (await ask(app, '/v1/keys', { headers: admin })).body as { keys: object[] }
    expect(keys).toContainEqual(expect.objectContaining({ name: 'anne', actor: 'user:anne' }))
    calls.length = 0
    const tuple = { user: 'user:bob', relation: 'viewer', object: 'document:1' }
    await ask(app, `/stores/${storeId}/write`, {
      headers: withKey(made.key),
      body: { writes: { tuple_keys: [tuple] } },
    })
    expect(calls[0]?.[1]).toMatchObject({ provenance: { actor: 'user:anne', source: 'api' } })
  })

  test('nobody gives what it has not, nor sees or touches a key that may more', async () => {
    const strong = await ring.keys.create({ name: 'strong', scopes: Scopes.all }, operator)
    const headers = withKey(await ring.key('keys', `check:${storeId}`))
    const give = (...scopes: string[]) => ask(app, '/v1/keys', { headers, body: { name: 'x', scopes } })
    expect((await give(`check:${storeId}:document`, 'keys')).status).toBe(201)
    for (const scopes of [['*'], ['check'], [`read:${storeId}`], [`check:${storeId}`, 'debug']]) {
      expect((await give(...scopes)).status).toBe(403)
    }
    const { keys } = (await ask(app, '/v1/keys', { headers })).body as { keys: { id: string }[] }
    expect(keys.length).toBeGreaterThan(0)
    expect(keys.map(({ id }) => id)).not.toContain(strong.info.id)
    const touched = [
      await ask(app, `/v1/keys/${strong.info.id}`, { method: 'DELETE', headers }),
      await ask(app, `/v1/keys/${strong.info.id}/rotate`, { method: 'POST', headers }),
    ]
    expect(touched.map(({ status }) => status)).toEqual([404, 404])
  })

  test.each([
    [{ name: 'x' }, 'Scopes'],
    [{ name: 'x', scopes: [] }, 'at least 1'],
    [{ name: 'x', scopes: ['root'] }, 'the scope \\"root\\" is unknown'],
    [{ name: '', scopes: ['*'] }, 'Name'],
    [{ name: 'x', scopes: ['*'], actor: 'anne' }, 'one user'],
    [{ name: 'x', scopes: ['*'], actor: '' }, 'one user'],
    [{ name: 'x', scopes: ['*'], actor: 7 }, 'string field actor'],
    [{ name: 'x', scopes: ['*'], expires_in: 5 }, 'unknown field'],
    [{ name: 'x', scopes: ['*'], expires_in_seconds: 0 }, 'range'],
  ])('%j is refused', async (body, reason) => {
    const answered = await ask(app, '/v1/keys', { headers: withKey(await ring.key('*')), body })
    expect(answered.status).toBe(400)
    expect(JSON.stringify(answered.body)).toContain(reason)
  })
})
