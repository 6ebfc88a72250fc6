/**
 * Whole requests to the app over a service with something in it: every answer is one that the description announces,
 * none is a fault of ours, and what was refused has changed nothing.
 */
import { createApp } from '../../../src/http/app.ts'
import { routes } from '../../../src/http/routes.ts'
import { parseDsl } from '../../../src/model/dsl.ts'
import { kithOver } from '../../../src/service/open.ts'
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

/** The body with what only the site knows, and without a cursor that nobody sealed. */
function fitting(body: object): string {
  return JSON.stringify({ ...body, continuation_token: '' }).replaceAll(
    '01J0000000000000000000000B',
    ':model',
  )
}

/** `METHOD PATH?QUERY`, then the type of the body, then the body: one a line. */
const seeds = routes.flatMap(({ method, path }) => {
  const bodies = bodyOf[path.split('/').at(-1) ?? ''] ?? [{}]
  return bodies.map((body) => `${method} ${path}\napplication/json\n${method === 'GET' ? '' : fitting(body)}`)
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
  ...new Set(JSON.stringify(bodyOf).match(/"[\w:]+"/g) ?? []),
]

/** A sidecar without sockets, emptied now and then, since requests that are taken fill it. */
class Site {
  readonly app: ReturnType<typeof createApp>
  readonly store: string
  readonly model: string
  readonly faults: string[] = []

  private constructor(app: ReturnType<typeof createApp>, store: string, model: string, faults: string[]) {
    this.app = app
    this.store = store
    this.model = model
    this.faults = faults
  }

  static async open(): Promise<Site> {
    const kith = kithOver(await openStorage({ memory: true }))
    const faults: string[] = []
    const app = createApp(kith, { onInternalFault: (fault) => faults.push(String(fault.stack)) })
    const { id: store } = await kith.createStore('fuzzed')
    const { id: model } = await kith.writeModel({ store, json: await parseDsl(dsl) })
    const writes = ['owner', 'viewer'].map((relation) => ({
      object: 'document:1',
      relation,
      subject: 'user:anne',
    }))
    await kith.write({ store, writes })
    return new Site(app, store, model, faults)
  }
}

/** Requests to one site before the next one is opened. */
const lifetime = 5_000
let site: Promise<Site> | undefined
let asked = 0

async function attempt(input: Buffer): Promise<'taken' | 'refused'> {
  if (site === undefined || asked++ % lifetime === 0) site = Site.open()
  const { app, store, model, faults } = await site
  const text = input.toString('latin1').replaceAll(':model', model)
  const [line = '', type = ''] = text.split('\n', 2)
  const [, method, path = '', query = ''] =
    /^(GET|POST|PUT|DELETE|PATCH) (\/[\x21-\x3e\x40-\x7e]*)(\?[\x21-\x7e]*)?$/.exec(line) ?? []
  if (method === undefined || !/^[\x20-\x7e]*$/.test(type)) return 'refused'
  const route = routes.find((each) => each.method === method && each.path.replace(':model', model) === path)
  // Deleting it would leave nothing to ask.
  if (route === undefined || (method === 'DELETE' && path === '/stores/:store')) return 'refused'
  const body = method === 'GET' ? undefined : Buffer.from(text.slice(line.length + type.length + 2), 'latin1')
  const url = path.replace(':store', store) + query
  const answer = await ask(app, url, {
    method,
    headers: { 'Content-Type': type, Accept: 'application/json' },
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
    .filter((seed) =>
      / \S*\/(check|batch-check|read|expand|list-objects|list-users|stores|readyz|debug)\n/.test(seed),
    )
    .map((seed) => Buffer.from(seed)),
  words,
  share: 12,
  attempt,
}
