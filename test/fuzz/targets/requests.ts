/**
 * Whole requests to the app over a service with something in it: every answer is one that the description announces,
 * none is a fault of ours, and what was refused has changed nothing.
 */
import { directoryOver } from '../../../src/directory/open.ts'
import { createOrganization } from '../../../src/directory/organizations/organizations.ts'
import { presetsOf } from '../../../src/directory/preset/presets.ts'
import { createApp } from '../../../src/http/app.ts'
import { routes } from '../../../src/http/routes.ts'
import { parseDsl } from '../../../src/model/dsl.ts'
import { groundOver, kithOn } from '../../../src/service/open.ts'
import { openStorage } from '../../../src/storage/open.ts'
import { ask } from '../../http/ask.ts'
import type { Target } from '../campaign.ts'
import { undescribed } from '../description.ts'
import { spellings } from './bodies.ts'

const dsl = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member]
type document
  relations
    define owner: [user]
    define viewer: [user with recent, user, user:*, group#member] or owner
condition recent(now: timestamp, limit: int, days: list<string>) {
  limit > 0 && size(days) > 0 && now < timestamp("2027-01-01T00:00:00Z")
}
`

const bodyOf: Readonly<Record<string, readonly object[]>> = {
  ...Object.fromEntries(Object.entries(spellings).map(([name, { bodies }]) => [name, bodies])),
  'streamed-list-objects': spellings['list-objects']?.bodies ?? [],
  explain: spellings.check?.bodies ?? [],
  import: spellings['import line']?.bodies ?? [],
  stores: [{ name: 'another' }],
}

/** Of an organization, by path. */
const managementOf: Readonly<Record<string, object>> = {
  '/v1/orgs': { name: 'another', preset: 'default' },
  '/v1/orgs/:store/users': { name: 'Zoe', email: 'zoe@example.com', attributes: { department: 'Sales' } },
  '/v1/orgs/:store/groups': { name: 'Sales', description: 'those who sell', tags: ['one'] },
  '/v1/orgs/:store/groups/:group/members': { user: 'ann', role: 'member' },
  '/v1/orgs/:store/groups/:group/resources/:kind': { ids: ['a1'], level: 'viewer' },
  '/v1/orgs/:store/resources/:kind': { id: 'a2', name: 'Another', features: ['voice'] },
  '/v1/orgs/:store/resources/:kind/:id/shares': { user: 'boss', level: 'viewer' },
  '/v1/orgs/:store/check': { user: 'boss', relation: 'can_view', object: 'agent:a1' },
}
const isManagement = (path: string): boolean => path.startsWith('/v1/orgs')

/** The body with what only the site knows, and without a cursor that nobody sealed. */
function fitting(body: object): string {
  return JSON.stringify({ ...body, continuation_token: '' }).replaceAll(
    '01J0000000000000000000000B',
    ':model',
  )
}

/** `METHOD PATH?QUERY`, then the type of the body, then the body: one a line. */
const seeds = routes.flatMap(({ method, path }) => {
  const bodies = isManagement(path)
    ? [managementOf[path] ?? {}]
    : (bodyOf[path.split('/').at(-1) ?? ''] ?? [{}])
  const text = (body: object) => (isManagement(path) ? JSON.stringify(body) : fitting(body))
  return bodies.map((body) => `${method} ${path}\napplication/json\n${method === 'GET' ? '' : text(body)}`)
})

const words = [
  ...[
    'GET ',
    'POST ',
    'PUT ',
    'DELETE ',
    'PATCH ',
    'HEAD ',
    '?page_size=',
    '&continuation_token=',
    '&type=document',
  ],
  ...[
    ':store',
    ':model',
    '..',
    '//',
    '%2e%2e',
    '%00',
    '/check',
    '/write',
    'application/msgpack',
    'application/x-ndjson',
  ],
  ...new Set(JSON.stringify([bodyOf, managementOf]).match(/"[\w:]+"/g) ?? []),
]

/** A sidecar without sockets, emptied now and then, since requests that are taken fill it. */
class Site {
  readonly app: ReturnType<typeof createApp>
  readonly store: string
  readonly model: string
  /** The id of an organization, and of a group in it. */
  readonly org: string
  readonly group: string
  readonly faults: string[]

  private constructor(site: Pick<Site, 'app' | 'store' | 'model' | 'org' | 'group' | 'faults'>) {
    this.app = site.app
    this.store = site.store
    this.model = site.model
    this.org = site.org
    this.group = site.group
    this.faults = site.faults
  }

  static async open(): Promise<Site> {
    const ground = groundOver(await openStorage({ memory: true }))
    const kith = kithOn(ground)
    const directory = directoryOver(ground, presetsOf())
    const faults: string[] = []
    const app = createApp(kith, { directory, onInternalFault: (fault) => faults.push(String(fault.stack)) })
    const { id: store } = await kith.createStore('fuzzed')
    const { id: model } = await kith.writeModel({ store, json: await parseDsl(dsl) })
    const writes = ['owner', 'viewer'].map((relation) => ({
      object: 'document:1',
      relation,
      subject: 'user:anne',
    }))
    await kith.write({ store, writes })
    const owner = { id: 'boss', name: 'Boss' }
    const { id: org } = await createOrganization(directory, { name: 'Acme', preset: 'default', owner }, {})
    const manage = async (path: string, body: object): Promise<{ readonly id: string }> => {
      const headers = { 'Kith-Actor': 'user:boss' }
      return (await ask(app, `/v1/orgs/${org}${path}`, { body, headers })).body as { id: string }
    }
    await manage('/users', { id: 'ann', name: 'Ann' })
    await manage('/resources/agent', { id: 'a1', name: 'One' })
    const { id: group } = await manage('/groups', { name: 'First', description: 'of all' })
    return new Site({ app, store, model, org, group, faults })
  }
}

/** Requests to one site before the next one is opened. */
const lifetime = 5_000
let site: Promise<Site> | undefined
let asked = 0

async function attempt(input: Buffer): Promise<'taken' | 'refused'> {
  if (site === undefined || ++asked % lifetime === 0) site = Site.open()
  const { app, store, model, org, group, faults } = await site
  const text = input.toString('latin1').replaceAll(':model', model)
  const [line = '', type = ''] = text.split('\n', 2)
  const [, method, path = '', query = ''] =
    /^(GET|POST|PUT|DELETE|PATCH) (\/[\x21-\x3e\x40-\x7e]*)(\?[\x21-\x7e]*)?$/.exec(line) ?? []
  if (method === undefined || !/^[\x20-\x7e]*$/.test(type)) return 'refused'
  const route = routes.find((each) => each.method === method && each.path.replace(':model', model) === path)
  // Deleting it would leave nothing to ask.
  const isWhole = path === '/stores/:store' || path === '/v1/orgs/:store'
  if (route === undefined || (method === 'DELETE' && isWhole)) return 'refused'
  const body = method === 'GET' ? undefined : Buffer.from(text.slice(line.length + type.length + 2), 'latin1')
  const names = {
    ':store': isManagement(path) ? org : store,
    ':group': group,
    ':kind': 'agent',
    ':user': 'boss',
    ':id': 'a1',
  }
  const url = Object.entries(names).reduce((at, [name, id]) => at.replace(name, id), path) + query
  const answer = await ask(app, url, {
    method,
    headers: {
      'Content-Type': type,
      Accept: 'application/json',
      ...(isManagement(path) && { 'Kith-Actor': 'user:boss' }),
    },
    ...(body !== undefined && { body }),
  })
  if (faults.length > 0) throw new Error(faults.splice(0).join('\n'))
  if (answer.status >= 500) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
  const wrong = undescribed({
    method,
    path: route.path,
    status: answer.status,
    media: answer.headers.get('Content-Type') ?? '',
    body: answer.body,
  })
  if (wrong !== undefined) throw new Error(wrong)
  return answer.status < 400 ? 'taken' : 'refused'
}

export const requests: Target = {
  name: 'request',
  // Of those that are no question, a seed may be refused for what it lacks; these are taken as they are.
  seeds: seeds
    .filter(
      (seed) =>
        Object.keys(managementOf).some((path) => seed.startsWith(`POST ${path}\n`)) ||
        / \/(?!v1\/orgs)\S*(check|batch-check|read|expand|list-objects|list-users|stores|readyz|debug)\n/.test(
          seed,
        ),
    )
    .map((seed) => Buffer.from(seed)),
  words,
  share: 12,
  begin: () => {
    site = undefined
  },
  attempt,
}
