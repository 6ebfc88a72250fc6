/** The description and the routes name the same things; the reference page shows it and nothing else. */
import { describe, expect, test } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { describeRoutes } from '../../src/http/reference/description.ts'
import { page } from '../../src/http/reference/page.ts'
import { routes } from '../../src/http/routes.ts'
import type { JsonObject } from '../../src/lib/json.ts'
import { ask } from './ask.ts'
import { fake } from './fake.ts'

const source = (await describeRoutes()) as unknown as {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: Record<string, object>
}
interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly requestBody?: { readonly content: object }
}
const methods = ['get', 'post', 'put', 'patch', 'delete']
const app = createApp(fake({}).kith)

const described = Object.entries(source.paths).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([method]) => methods.includes(method))
    .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
)

test('every route is described, and every description is a route', () => {
  const mounted = routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
  expect(mounted.length).toBeGreaterThan(20)
  expect(described.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(mounted.sort())
})

test('of stores nothing is mounted but the table; that all of it answers, routes.test.ts has', () => {
  const spelt = ({ method, path }: { readonly method: string; readonly path: string }) => `${method} ${path}`
  expect(app.routes.map(spelt)).toEqual(routes.filter(({ path }) => path.startsWith('/stores')).map(spelt))
})

test('operation ids are distinct, and every reference leads somewhere', () => {
  const ids = described.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const references = [...JSON.stringify(source).matchAll(/#\/components\/(\w+)\/(\w+)/g)]
  expect(references.length).toBeGreaterThan(50)
  const lost = references.filter(
    ([, room = '', name = '']) => !Object.hasOwn(source.components[room] ?? {}, name),
  )
  expect(lost.map(([reference]) => reference)).toEqual([])
})

test('every JSON body may be MessagePack', () => {
  const bodies = described.flatMap(({ operation }) =>
    operation.requestBody ? [operation.requestBody.content] : [],
  )
  const json = bodies.filter((content) => 'application/json' in content)
  expect(json.length).toBeGreaterThan(10)
  expect(json.filter((content) => !('application/msgpack' in content))).toEqual([])
})

test('is served as it is written', async () => {
  const { status, body } = await ask(app, '/openapi.json')
  expect([status, body]).toEqual([200, source])
})

describe('the page', () => {
  test('names every route and fetches nothing', async () => {
    const { status, body, headers } = await ask(app, '/docs')
    const html = String(body)
    expect(status).toBe(200)
    expect(headers.get('Content-Type')).toContain('text/html')
    expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'")
    for (const { path } of described) expect(html).toContain(`<code>${path}</code>`)
    expect(html).not.toMatch(/<script|<link|<img|<iframe|src=|url\(|https?:/i)
  })

  test('escapes every text', () => {
    const nasty = '<img src=x onerror="alert(1)">\'&'
    const html = page({
      info: { title: nasty, description: nasty },
      paths: {
        [nasty]: {
          get: {
            tags: [nasty],
            summary: nasty,
            description: nasty,
            parameters: [{ name: nasty, in: nasty, description: nasty }],
            requestBody: { content: { [nasty]: { schema: { $ref: '#/components/schemas/N' } } } },
            responses: { [nasty]: { description: nasty, content: { [nasty]: { schema: { type: nasty } } } } },
          },
        },
      },
      components: { schemas: { N: { properties: { [nasty]: { type: nasty, description: nasty } } } } },
    } satisfies JsonObject)
    expect(html).not.toContain('<img')
    expect(html).not.toContain('"alert')
    expect(html.split('&#60;img').length).toBeGreaterThan(12)
  })
})
