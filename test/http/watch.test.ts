/** The log over HTTP: who made what, pages, and server-sent events that go on where a client was. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { FixedKeys } from '../../src/callers/fixed-keys.ts'
import { Gate } from '../../src/callers/gate.ts'
import { parseRoll } from '../../src/callers/roll.ts'
import { createApp } from '../../src/http/app.ts'
import { listen } from '../../src/http/listen.ts'
import type { Kith } from '../../src/service/kith.ts'
import { kithOver } from '../../src/service/open.ts'
import { openStorage } from '../../src/storage/open.ts'
import { ask } from './ask.ts'

const dsl = 'model\n  schema 1.1\ntype user\ntype document\n  relations\n    define viewer: [user]\n'
const headers = { 'Content-Type': 'text/plain' }
const key = (id: number) => ({ user: 'user:anne', relation: 'viewer', object: `document:${id}` })

let kith: Kith
let app: ReturnType<typeof createApp>
let store: string

beforeEach(async () => {
  const storage = await openStorage({ memory: true })
  onTestFinished(() => storage.close())
  kith = kithOver(storage, { heartbeatMs: 5 })
  app = createApp(kith)
  store = ((await ask(app, '/stores', { body: { name: 'one' } })).body as { id: string }).id
  await ask(app, `/stores/${store}/authorization-models`, { method: 'POST', body: dsl, headers })
})

const write = (id: number, requestId = 'r') =>
  ask(app, `/stores/${store}/write`, {
    body: { writes: { tuple_keys: [key(id)] } },
    headers: { 'X-Request-Id': requestId },
  })

interface Seen {
  readonly id?: string
  readonly event?: string
  readonly data?: { readonly revision?: number; readonly code?: string; readonly tuples?: unknown[] }
}

/** Events until `enough` of them; signs of life are passed over unless they are asked for. */
async function events(
  body: ReadableStream<Uint8Array> | null,
  enough: (seen: Seen[]) => boolean,
  all = false,
) {
  const seen: Seen[] = []
  let text = ''
  for await (const chunk of body ?? new ReadableStream<Uint8Array>()) {
    text += Buffer.from(chunk).toString()
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = [...block.matchAll(/^(\w+): (.*)$/gm)].map(([, name = '', value = '']) => [name, value])
      const { id, event, data } = Object.fromEntries(fields) as Record<string, string>
      if (event === undefined && !all) continue
      seen.push({
        ...(id !== undefined && { id }),
        ...(event !== undefined && { event }),
        ...(data !== undefined && { data: JSON.parse(data) }),
      })
    }
    if (enough(seen)) return seen
  }
  return seen
}

const changesOf = (count: number) => (seen: Seen[]) =>
  seen.filter(({ event }) => event === 'change').length >= count
const revisions = (seen: readonly Seen[]) => seen.map(({ data }) => data?.revision)

test('every change carries the id of the request that made it, in pages and in the order made', async () => {
  await write(1, 'first')
  await ask(app, `/stores/${store}/write`, {
    body: { writes: { tuple_keys: [{ ...key(1), condition: null }], on_duplicate: 'ignore' } },
  })
  await ask(app, `/v1/stores/${store}/import`, { method: 'POST', body: JSON.stringify(key(2)) })
  const { body: page, headers: answered } = await ask(app, `/v1/stores/${store}/changes?page_size=2`)
  const { changes, continuation_token: token } = page as { changes: object[]; continuation_token: string }
  expect(changes).toMatchObject([
    {
      revision: 1,
      source: 'api',
      authorization_model_id: expect.any(String),
      request_id: expect.any(String),
    },
    { revision: 2, source: 'api', request_id: 'first', tuples: [{ operation: 'write', tuple_key: key(1) }] },
  ])
  expect(answered.get('kith-zookie')).not.toBe(token)
  const rest = await ask(app, `/v1/stores/${store}/changes?continuation_token=${encodeURIComponent(token)}`)
  expect(rest.body).toMatchObject({ changes: [{ revision: 3, source: 'import' }] })
  const { continuation_token: end } = rest.body as { continuation_token: string }
  expect(end).toBe(answered.get('kith-zookie'))
  const filtered = await ask(app, `/v1/stores/${store}/changes?object=document:2&user=user:anne`)
  expect(filtered.body).toMatchObject({ changes: [{ revision: 3 }] })
  expect((await ask(app, `/v1/stores/${store}/changes?start_time=yesterday`)).status).toBe(400)
  expect((await ask(app, `/v1/stores/${store}/changes?continuation_token=x~y`)).status).toBe(400)
  expect((await ask(app, '/v1/changes')).body).toMatchObject({
    changes: [{ operation: 'create', store_id: store, name: 'one', source: 'api' }],
    continuation_token: '',
  })
})

describe('watch', () => {
  test('goes on after Last-Event-ID, or after a zookie, and begins with a place', async () => {
    const zookie = (await write(1)).headers.get('kith-zookie') ?? ''
    await write(2)
    await write(3)
    const path = `/v1/stores/${store}/watch`
    const first = await app.request(`${path}?after=${encodeURIComponent(zookie)}`)
    expect(first.headers.get('content-type')).toBe('text/event-stream')
    expect(first.headers.get('cache-control')).toBe('no-store')
    const seen = await events(first.body, changesOf(2))
    expect(revisions(seen)).toEqual([3, 4])
    const resumed = await app.request(`${path}?after=${encodeURIComponent(zookie)}`, {
      headers: { 'Last-Event-ID': seen[0]?.id ?? '' },
    })
    expect(revisions(await events(resumed.body, changesOf(1)))).toEqual([4])
    const now = await app.request(path)
    const alive = await events(now.body, (blocks) => blocks.length > 2, true)
    expect(alive.slice(1)).toEqual(alive.slice(1).map(() => ({ id: seen[1]?.id })))
    expect(kith.watchCount).toBe(0)
    expect((await app.request(`${path}?after=x`)).status).toBe(400)
    expect((await app.request(`/v1/stores/01J0000000000000000000000A/watch`)).status).toBe(404)
  })

  test('a deleted store and a stopping server end it with a reason', async () => {
    const deleted = await app.request(`/v1/stores/${store}/watch`)
    const reading = events(deleted.body, () => false)
    await ask(app, `/stores/${store}`, { method: 'DELETE' })
    expect(await reading).toMatchObject([{ event: 'end', data: { code: 'store_id_not_found' } }])
    store = ((await ask(app, '/stores', { body: { name: 'two' } })).body as { id: string }).id
    const stopped = await app.request(`/v1/stores/${store}/watch`)
    const last = events(stopped.body, () => false)
    kith.endWatches('the sidecar is stopping')
    expect(await last).toMatchObject([{ event: 'end', data: { code: 'unavailable' } }])
    expect((await app.request(`/v1/stores/${store}/watch`)).status).toBe(503)
  })

  test('a reader that takes nothing is sent no more than its socket holds, and then all of it, once', async () => {
    const padding = 'x'.repeat(200)
    const ids = Array.from({ length: 20_000 }, (_, i) => i)
    const tuples = ids.map((i) => ({
      user: 'user:anne',
      relation: 'viewer',
      object: `document:${padding}${i}`,
    }))
    let pulled = 0
    const counting = {
      ...kith,
      async watch(request: Parameters<Kith['watch']>[0]) {
        const { pages, ...rest } = await kith.watch(request)
        const next = pages.next.bind(pages)
        pages.next = () => {
          pulled++
          return next()
        }
        return { ...rest, pages }
      },
    }
    const server = createServer(getRequestListener(createApp(counting).fetch))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const lines = tuples.map((tuple) => JSON.stringify(tuple)).join('\n')
    await ask(app, `/v1/stores/${store}/import`, { method: 'POST', body: lines })
    const answer = await fetch(
      `http://127.0.0.1:${port}/v1/stores/${store}/watch?start_time=2000-01-01T00:00:00Z`,
    )
    // It is over when two looks apart find nothing pulled: the socket is full.
    for (let before = -1; before !== pulled; ) {
      before = pulled
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(pulled).toBeLessThan(20)
    const isWhole = (seen: Seen[]) =>
      seen.reduce((sum, { data }) => sum + (data?.tuples?.length ?? 0), 0) >= ids.length
    const seen = await events(answer.body, isWhole)
    const told = seen.flatMap(({ data }) => (data?.tuples ?? []) as { tuple_key: { object: string } }[])
    expect(told.map(({ tuple_key }) => tuple_key.object).sort()).toEqual(
      tuples.map(({ object }) => object).sort(),
    )
  })

  test('a caller that is narrowed to other types meanwhile is told no more', async () => {
    const key = 'k'.repeat(32)
    const kinds = (scope: string) => ({ bearers: [new FixedKeys(parseRoll(`web key:${key} ${scope}`).keys)] })
    const gate = new Gate(kinds(`read:${store}`))
    const answer = await createApp(kith, { gate }).request(`/v1/stores/${store}/watch`, {
      headers: { Authorization: `Bearer ${key}` },
    })
    const reading = events(answer.body, (seen) => seen.length > 0)
    gate.know(kinds(`read:${store}:folder`))
    await write(1)
    expect(await reading).toMatchObject([{ event: 'end', data: { code: 'forbidden' } }])
    expect(kith.watchCount).toBe(0)
  })

  test('HEAD opens none: nobody would read it, or end it', async () => {
    const { status, body } = await app.request(`/v1/stores/${store}/watch`, { method: 'HEAD' })
    expect([status, body]).toEqual([200, null])
    expect(kith.watchCount).toBe(0)
  })

  test('does not keep a server from stopping', async () => {
    const listening = await listen(app, { host: '127.0.0.1', port: 0 })
    const answer = await fetch(`${listening.address}/v1/stores/${store}/watch`)
    const seen = events(answer.body, () => false)
    kith.endWatches('the sidecar is stopping')
    await listening.close(60_000)
    expect((await seen).at(-1)).toMatchObject({ event: 'end' })
  })
})
