/** GET /v1/debug: the numbers of the service under the names of the wire, and nothing that names anybody. */
import { expect, onTestFinished, test } from 'vitest'
import { Admission } from '../../src/http/admission/admission.ts'
import { createApp } from '../../src/http/app.ts'
import { describeRoutes } from '../../src/http/reference/description.ts'
import type { MemoryReport } from '../../src/service/memory.ts'
import { kithOver } from '../../src/service/open.ts'
import { openStorage } from '../../src/storage/open.ts'
import { ask } from './ask.ts'
import { fake } from './fake.ts'

const memory: MemoryReport = {
  checks: { graph: 1, decisions: 2, walked: 3 },
  samples: { taken: 4, mismatches: 5 },
  bytes: { graph: 6, graphMax: 7, decisions: 8, decisionsMax: 9, stripes: 10 },
  forgotten: 15,
  windowMs: 11,
}
const written = {
  version: { kith: expect.stringMatching(/^\d+\.\d+\.\d+/), node: process.versions.node },
  process: {
    uptime_seconds: expect.any(Number),
    rss_bytes: expect.any(Number),
    heap_used_bytes: expect.any(Number),
    external_bytes: expect.any(Number),
  },
  store_count: 12,
  checks: { graph: 1, decisions: 2, walked: 3 },
  samples: { taken: 4, mismatches: 5 },
  memory: {
    graph_bytes: 6,
    graph_bytes_max: 7,
    decision_bytes: 8,
    decision_bytes_max: 9,
    stripe_bytes: 10,
    forgotten: 15,
    window_ms: 11,
  },
}

test('each number under its own name; those of the lane where there is one', async () => {
  const { kith } = fake({ memory, storeCount: 12 })
  const lane = { answered: 0, handedOver: 0 }
  const [beside, alone] = [createApp(kith, { lane }), createApp(kith)]
  Object.assign(lane, { answered: 13, handedOver: 14 })
  const { status, body } = await ask(beside, '/v1/debug')
  expect([status, body]).toEqual([200, { ...written, lane: { answered: 13, handed_over: 14 } }])
  expect((await ask(alone, '/v1/debug')).body).toEqual(written)
  const { rss_bytes, heap_used_bytes } = (body as { process: Record<string, number> }).process
  expect(rss_bytes).toBeGreaterThan(1 << 20)
  expect(heap_used_bytes).toBeGreaterThan(1 << 20)
})

test('the description has all of it', async () => {
  const { components } = (await describeRoutes()) as unknown as {
    components: { schemas: { Debug: Schema } }
  }
  const { kith } = fake({ memory, storeCount: 12 })
  const admission = new Admission({ listsMax: 3, ratePerSecond: 0, watchesMax: 100, bodyBytesMax: 1_000 })
  onTestFinished(() => admission.close())
  const { body } = await ask(
    createApp(kith, { admission, lane: { answered: 0, handedOver: 0 } }),
    '/v1/debug',
  )
  expect(namesOf(body)).toEqual(described(components.schemas.Debug))
})

test('no name of a store, a model or a tuple', async () => {
  const storage = await openStorage({ memory: true })
  const app = createApp(kithOver(storage))
  const { body: made } = await ask(app, '/stores', { body: { name: 'secretive' } })
  const { id } = made as { id: string }
  const dsl = 'model\n  schema 1.1\ntype person\ntype paper\n  relations\n    define reader: [person]\n'
  const headers = { 'Content-Type': 'text/plain' }
  await ask(app, `/stores/${id}/authorization-models`, { method: 'POST', body: dsl, headers })
  const tuple_key = { user: 'person:ann', relation: 'reader', object: 'paper:plan' }
  await ask(app, `/stores/${id}/write`, { body: { writes: { tuple_keys: [tuple_key] } } })
  expect((await ask(app, `/stores/${id}/check`, { body: { tuple_key } })).body).toMatchObject({
    allowed: true,
  })
  const { body } = await ask(app, '/v1/debug')
  expect(body).toMatchObject({ store_count: 1, checks: { graph: 1, decisions: 0, walked: 0 } })
  const text = JSON.stringify(body)
  for (const name of [id, 'secretive', 'person', 'ann', 'reader', 'paper', 'plan'])
    expect(text).not.toContain(name)
  await ask(app, `/stores/${id}`, { method: 'DELETE' })
  expect((await ask(app, '/v1/debug')).body).toMatchObject({ store_count: 0 })
  await storage.close()
})

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
}

function described({ properties }: Schema): object | undefined {
  return (
    properties &&
    Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, described(inner)]))
  )
}

function namesOf(value: unknown): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, namesOf(inner)]))
}
