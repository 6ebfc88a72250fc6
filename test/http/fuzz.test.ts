/**
 * Bodies and paths nobody meant: never a 5xx, never a crash, always an error body that is one. The real service is
 * behind the door, so this holds for it too.
 */
import fc from 'fast-check'
import { pack } from 'msgpackr'
import { beforeAll, expect, test } from 'vitest'
import { directoryOver } from '../../src/directory/open.ts'
import { createOrganization } from '../../src/directory/organizations/organizations.ts'
import { presetsOf } from '../../src/directory/preset/presets.ts'
import { createApp } from '../../src/http/app.ts'
import { routes } from '../../src/http/routes.ts'
import type { Fault } from '../../src/lib/fault.ts'
import { groundOver, kithOn } from '../../src/service/open.ts'
import { openStorage } from '../../src/storage/open.ts'
import { ask } from './ask.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
let app: ReturnType<typeof createApp>
let store: string
let org: string
let model: string
const internal: Fault[] = []

beforeAll(async () => {
  const ground = groundOver(await openStorage({ memory: true }))
  const directory = directoryOver(ground, presetsOf())
  app = createApp(kithOn(ground), { directory, onInternalFault: (fault) => internal.push(fault) })
  const owner = { id: 'anne' }
  org = (await createOrganization(directory, { name: 'fuzzed', preset: 'default', owner }, {})).id
  store = ((await ask(app, '/stores', { body: { name: 'fuzzed' } })).body as { id: string }).id
  const dsl =
    'model\n  schema 1.1\ntype user\ntype document\n  relations\n    define viewer: [user, user:*, document#viewer]\n'
  const headers = { 'Content-Type': 'text/plain' }
  const made = await ask(app, `/stores/${store}/authorization-models`, { method: 'POST', body: dsl, headers })
  model = (made.body as { authorization_model_id: string }).authorization_model_id
})

/** Names that the decoders look for, so that random bodies get past the first field. */
const names = [
  'tuple_key',
  'tuple_keys',
  'user',
  'relation',
  'object',
  'type',
  'id',
  'contextual_tuples',
  'context',
  'condition',
  'name',
  'authorization_model_id',
  'consistency',
  'trace',
  'checks',
  'correlation_id',
  'user_filters',
  'writes',
  'deletes',
  'on_duplicate',
  'on_missing',
  'delete_where',
  'preconditions',
  'must',
  'filter',
  'tuple',
  'page_size',
  'continuation_token',
  'expires_at',
  'ids',
  'level',
  'role',
  'email',
  'parentId',
  'attributes',
  'assertions',
  'expectation',
  'schema_version',
  'type_definitions',
  'relations',
  'metadata',
  'conditions',
  'this',
  'union',
  'child',
  'difference',
  'base',
  'directly_related_user_types',
  '__proto__',
  'constructor',
  'toString',
  'length',
]
const scalars = fc.oneof(
  fc.constantFrom<unknown>(
    'user:anne',
    'document:1',
    'viewer',
    'document',
    'user',
    'document:1#viewer',
    'user:*',
    'document:',
    '',
    ':',
    '#',
    '*',
    'user:*#viewer',
    '1.1',
    'exist',
    'ignore',
    'update',
    '2999-01-01T00:00:00Z',
    0,
    -1,
    1e308,
    2 ** 53,
    null,
    true,
    [],
    {},
    'x'.repeat(600),
    'é'.repeat(300),
    '\u0000',
    'a b',
    '\ud800',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.double(),
  fc.boolean(),
)
const { body: bodies } = fc.letrec<{ body: unknown; value: unknown }>((tie) => ({
  body: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 6, noNullPrototype: true }),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 4 }),
    tie('body'),
  ),
}))
const bodied = routes.filter(
  ({ method, path }) => method !== 'GET' && method !== 'DELETE' && path.includes(':store'),
)

const isManagement = (path: string): boolean => path.startsWith('/v1/orgs') || path.startsWith('/scim/')

function pathOf(path: string): string {
  const id = isManagement(path) ? org : store
  return path
    .replace(':store', id)
    .replace(':model', model)
    .replace(':kind', 'agent')
    .replace(':user', 'anne')
}

function demandTame(path: string, { status, body }: { status: number; body: unknown }): void {
  const isProvisioning = path.startsWith('/scim/')
  // RFC 7644, 3.12: bulk is off, and the status is text.
  expect(isProvisioning && status === 501 ? 0 : status).toBeLessThan(500)
  if (status < 400) return
  if (isProvisioning) {
    expect(body).toMatchObject({ status: String(status), detail: expect.any(String) })
    return
  }
  const { error = body } = body as { readonly error?: unknown }
  expect(error).toMatchObject({ code: expect.any(String), message: expect.any(String) })
}

test(`bodies of JSON values, seed ${seed}`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...bodied),
      fc.oneof(bodies, scalars),
      fc.boolean(),
      async (route, body, packed) => {
        const payload = packed ? pack(body) : JSON.stringify(body)
        const headers = {
          'Content-Type': packed ? 'application/msgpack' : 'application/json',
          Accept: 'application/json',
          'Kith-Actor': 'user:anne',
        }
        demandTame(
          route.path,
          await ask(app, pathOf(route.path), { method: route.method, body: payload, headers }),
        )
      },
    ),
    { numRuns: 1_500, seed },
  )
  expect(internal).toEqual([])
})

test(`bodies of bytes, seed ${seed}`, async () => {
  const media = fc.constantFrom(
    'application/json',
    'application/msgpack',
    'text/plain',
    'application/x-ndjson',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...bodied),
      fc.uint8Array({ maxLength: 80 }),
      media,
      async (route, body, type) => {
        const headers = { 'Content-Type': type, Accept: 'application/json', 'Kith-Actor': 'user:anne' }
        demandTame(route.path, await ask(app, pathOf(route.path), { method: route.method, body, headers }))
      },
    ),
    { numRuns: 600, seed },
  )
  expect(internal).toEqual([])
})

test(`paths, queries and headers, seed ${seed}`, async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'stores',
      'v1',
      'check',
      'changes',
      'authorization-models',
      'assertions',
      '..',
      '%2e',
      '%',
      '%00',
      '*',
      ':store',
      '',
    ),
    fc.constant(null).map(() => store),
    fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => encodeURIComponent(text.toWellFormed())),
  )
  const query = fc.dictionary(
    fc.constantFrom('page_size', 'continuation_token', 'type', 'start_time', 'name', 'service', '__proto__'),
    fc.string({ maxLength: 12 }),
  )
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'HEAD', 'OPTIONS')
  const header = fc.stringMatching(/^[!-~]{0,40}$/)
  await fc.assert(
    fc.asyncProperty(
      method,
      fc.array(piece, { maxLength: 6 }),
      query,
      header,
      async (method, pieces, query, header) => {
        const answer = await ask(app, `/${pieces.join('/')}?${new URLSearchParams(query)}`, {
          method,
          headers: { 'Kith-At-Least-As-Fresh': header, Accept: header, 'X-Request-Id': header },
        })
        if (method === 'HEAD') expect(answer.status).toBeLessThan(500)
        else demandTame('', answer)
      },
    ),
    { numRuns: 1_000, seed },
  )
  expect(internal).toEqual([])
})
