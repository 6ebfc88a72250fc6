/** Traces: sent to a collector where OTEL_* names one, under the caller's trace; else nothing is loaded. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { openTracing } from '../../src/observe/tracing.ts'
import { doors, ground } from './world.ts'

interface Span {
  readonly traceId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
}

/** A collector that keeps what it is sent. */
async function collector(): Promise<{ url: string; spans: Span[]; resources: string[] }> {
  const spans: Span[] = []
  const resources: string[] = []
  const server = createServer(async (request, answer) => {
    const sent = (await json(request)) as {
      resourceSpans: { resource: unknown; scopeSpans: { spans: Span[] }[] }[]
    }
    for (const { resource, scopeSpans } of sent.resourceSpans) {
      resources.push(JSON.stringify(resource))
      for (const scope of scopeSpans) spans.push(...scope.spans)
    }
    answer.setHeader('content-type', 'application/json').end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, resources }
}

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

test.each([
  [{}],
  [{ OTEL_SERVICE_NAME: 'x' }],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_EXPORTER: 'none' }],
])('none where none are asked for: %j', async (env) => {
  expect(await openTracing(env)).toBeUndefined()
})

test('a span a request, under the trace of its caller, from both doors', async () => {
  const { url, spans, resources } = await collector()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url)
  vi.stubEnv('OTEL_SERVICE_NAME', 'mine')
  const tracing = await openTracing()
  if (tracing === undefined) throw new Error('there is no tracing')
  const d = await doors(await ground(), [tracing.see])
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const trace = (flags: string) => ({ traceparent: `00-${traceId}-b7ad6b7169203331-${flags}` })
  await (await d.check('user:anne')).text()
  await (await d.check('user:eve', {}, trace('01'))).text()
  await (await d.check('user:eve', {}, trace('00'))).text()
  await (await d.check('user:eve', {}, { traceparent: 'nonsense' })).text()
  const tuple_key = { user: 'user:anne', relation: 'nothing', object: 'document:1' }
  await (await d.post('/check', { tuple_key })).text()
  await tracing.close(60_000)
  const told = spans.map(({ name, traceId: id, parentSpanId, attributes }) => ({
    name,
    isMine: id === traceId,
    parent: parentSpanId === 'b7ad6b7169203331',
    ...Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
  }))
  // A caller that did not sample is not sampled here.
  expect(told).toHaveLength(4)
  expect(told).toMatchObject([
    {
      name: 'kith check',
      isMine: false,
      parent: false,
      'kith.allowed': true,
      'kith.lane': 'fast',
      'kith.store': d.store,
    },
    {
      isMine: true,
      parent: true,
      'kith.allowed': false,
      'kith.lane': 'app',
      'kith.model': d.model,
      'kith.source': 'graph',
    },
    { isMine: false, parent: false },
    { 'error.type': 'validation_error', 'http.response.status_code': 400 },
  ])
  expect(resources[0]).toContain('"mine"')
  expect(JSON.stringify(spans)).not.toMatch(/user:|document:/)
})

test('a collector that is not there holds nobody up', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'http://127.0.0.1:1/v1/traces')
  const tracing = await openTracing()
  const d = await doors(await ground(), tracing === undefined ? [] : [tracing.see])
  expect(await (await d.check('user:anne')).json()).toMatchObject({ allowed: true })
  await tracing?.close(1)
})
