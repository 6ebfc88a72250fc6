/** Pages in browsers: one that shows a bearer is a caller as any; one that shows nothing borrows nobody's place. */
import { beforeAll, describe, expect, test } from 'vitest'
import { anonymous } from '../../src/callers/caller.ts'
import { createApp } from '../../src/http/app.ts'
import { demandPage } from '../../src/http/permit.ts'
import { openRing, type Ring } from '../callers/ring.ts'
import { ask } from './ask.ts'
import { fake } from './fake.ts'

const { kith } = fake({ stores: async () => ({ stores: [], continuationToken: '' }) })
const page = 'https://page.example'

let ring: Ring
beforeAll(async () => {
  ring = await openRing()
})

async function listed(
  corsOrigins: readonly string[] | undefined,
  headers: Record<string, string>,
  gate = false,
) {
  const app = createApp(kith, { ...(corsOrigins && { corsOrigins }), ...(gate && { gate: ring.gate }) })
  const { status, headers: answered } = await ask(app, '/stores', { headers })
  return [status, answered.get('access-control-allow-origin')]
}

describe('where nobody has to say who it is', () => {
  test('a page whose origin is not named is refused, and nothing is said to it', async () => {
    expect(await listed([], { Origin: page })).toEqual([403, null])
    expect(await listed(['https://other.example'], { Origin: page })).toEqual([403, null])
    expect(await listed(['https://page.example.evil'], { Origin: page })).toEqual([403, null])
    expect(await listed([], { Origin: 'null' })).toEqual([403, null])
  })
  test('one that is named may ask; so may any where that is spelled out, and who is no page', async () => {
    expect(await listed([page], { Origin: page })).toEqual([200, page])
    expect(await listed(['*'], { Origin: page })).toEqual([200, '*'])
    expect(await listed([], {})).toEqual([200, null])
  })
})

describe('where only this machine is served, a name that was bent to it is a page', () => {
  async function asked(method: string, headers: Record<string, string>, corsOrigins: readonly string[] = []) {
    const app = createApp(kith, { isLocal: true, corsOrigins })
    return (await app.request('/stores', { method, headers })).status
  }

  test.each([
    ['localhost', 200],
    ['LOCALHOST:8080', 200],
    ['kith.localhost:8080', 200],
    ['127.0.0.1:8080', 200],
    ['127.1.2.3', 200],
    ['[::1]:8080', 200],
    ['evil.example:8080', 403],
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost.evil.example:8080', 403],
    ['evillocalhost', 403],
    ['0.0.0.0:8080', 403],
    ['', 403],
  ])('%j: %i', async (Host, status) => {
    expect([await asked('GET', { Host }), await asked('HEAD', { Host })]).toEqual([status, status])
  })

  test('one that is named may read; who is no browser may say any; health says nothing worth it', async () => {
    const Host = 'kith.internal:8080'
    expect(await asked('GET', { Host }, ['http://kith.internal:8080'])).toBe(200)
    expect(await asked('GET', { Host }, ['*'])).toBe(200)
    expect(await asked('GET', {})).toBe(200)
    const app = createApp(kith, { isLocal: true, corsOrigins: [] })
    expect((await app.request('/livez', { headers: { Host } })).status).toBe(200)
    // Not a page: one would have named itself.
    expect((await app.request('/stores', { method: 'POST', body: '{', headers: { Host } })).status).toBe(400)
    expect((await listed([], { Host })).at(0)).toBe(200)
  })
})

test('where a key is shown, the page that shows it may ask', async () => {
  const Authorization = `Bearer ${await ring.key('check')}`
  expect(await listed(['*'], { Origin: page, Authorization }, true)).toEqual([200, '*'])
  expect(await listed(['*'], { Origin: page }, true)).toEqual([401, '*'])
})

test('a certificate is lent to no page that is not named, `*` or not', () => {
  const caller = { ...anonymous, kind: 'certificate' } as const
  expect(() => demandPage(caller, ['*'], page)).toThrow('may not ask')
  expect(() => demandPage(caller, [page], page)).not.toThrow()
  expect(() => demandPage(caller, [], undefined)).not.toThrow()
})
