/**
 * What requests make has the shape of what those before them made. Node 20 gives `{ ...some, more }` a hidden class of its own each
 * time: half a microsecond, every property read of it afterwards is looked up anew, and whatever it holds stays until all memory is
 * collected. Counted by V8's own log.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { folderWith, type Running, serve } from '../cli/program.ts'

const times = 200

/** Hono puts the parameters of a route into one that it has spread: its own affair. */
const routerLines = readFileSync(
  join(import.meta.dirname, '../../node_modules/hono/dist/router/trie-router/node.js'),
  'utf8',
).split('\n')

const member = { type: 'group', relation: 'member' }
const direct = (...types: object[]) => ({ directly_related_user_types: types })
const model = {
  schema_version: '1.1',
  type_definitions: [
    { type: 'user' },
    {
      type: 'group',
      relations: { member: { this: {} } },
      metadata: {
        relations: { member: direct({ type: 'user' }, { type: 'user', condition: 'soon' }, member) },
      },
    },
    {
      type: 'agent',
      relations: {
        blocked: { this: {} },
        viewer: { this: {} },
        user: {
          difference: {
            base: { computedUserset: { relation: 'viewer' } },
            subtract: { computedUserset: { relation: 'blocked' } },
          },
        },
      },
      metadata: {
        relations: { blocked: direct({ type: 'user' }), viewer: direct({ type: 'user' }, member) },
      },
    },
  ],
  conditions: {
    soon: { name: 'soon', expression: 'x < 5', parameters: { x: { type_name: 'TYPE_NAME_INT' } } },
  },
}

describe.each([
  { way: 'the app', flags: ['--no-fast-lane'] },
  { way: 'the fast lane', flags: [] },
])('no request through $way makes a shape of its own', ({ flags }) => {
  const folder = folderWith({})
  let sidecar: Running
  let store = ''
  let org = ''
  let group = ''
  let provided = ''
  let index = 0

  async function ask(method: string, path: string, body?: object): Promise<{ readonly id: string }> {
    const response = await fetch(sidecar.url + path, {
      method,
      headers: { 'content-type': 'application/json', 'kith-actor': 'user:u0' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text || '{}') as { id: string }
  }
  const key = (user: string, relation: string, object: string) => ({ user, relation, object })
  const question = () => key(`user:u${index % 40}`, 'user', `agent:a${index % 10}`)
  const post = (path: string, body: object) => ask('POST', `/stores/${store}/${path}`, body)
  const write = (...keys: object[]) => post('write', { writes: { tuple_keys: keys } })
  const manage = (method: string, path: string, body?: object) => ask(method, `/v1/orgs/${org}${path}`, body)
  const provide = (method: string, path: string, body: object) => ask(method, `/scim/v2/${org}/${path}`, body)

  /** Who came by SCIM, in turn. */
  const people: string[] = []
  const kinds: Readonly<Record<string, () => Promise<unknown>>> = {
    check: () => post('check', { tuple_key: question() }),
    'check, walked': () => post('check', { tuple_key: question(), consistency: 'HIGHER_CONSISTENCY' }),
    'check of a userset, which memory cannot tell': () =>
      post('check', { tuple_key: key(`group:g${index % 5}#member`, 'user', `agent:a${index % 10}`) }),
    'batch-check of usersets': () =>
      post('batch-check', {
        checks: [{ correlation_id: '1', tuple_key: key(`group:g${index % 5}#member`, 'user', 'agent:a1') }],
      }),
    'check with contextual tuples': () =>
      post('check', {
        tuple_key: key('user:q', 'user', 'agent:a1'),
        contextual_tuples: { tuple_keys: [key('user:q', 'viewer', 'agent:a1')] },
      }),
    'check of a condition': () =>
      post('check', { tuple_key: key('user:c', 'user', 'agent:c'), context: { x: 3 } }),
    'batch-check': () => post('batch-check', { checks: [{ correlation_id: '1', tuple_key: question() }] }),
    'list-objects': () => post('list-objects', { user: 'user:u1', relation: 'user', type: 'agent' }),
    'list-users': () =>
      post('list-users', {
        object: { type: 'agent', id: 'a1' },
        relation: 'viewer',
        user_filters: [{ type: 'user' }],
      }),
    expand: () => post('expand', { tuple_key: { relation: 'viewer', object: 'agent:a1' } }),
    read: () => post('read', { tuple_key: { object: 'agent:a1' } }),
    'read of one tuple': () => post('read', { tuple_key: key('user:u1', 'member', 'group:g1') }),
    changes: () => ask('GET', `/stores/${store}/changes?page_size=5`),
    write: () => write(key(`user:w${index}`, 'member', 'group:g1')),
    'write of a condition': () =>
      write({ ...key(`user:wc${index}`, 'member', 'group:g1'), condition: { name: 'soon' } }),
    'write of what expires': () =>
      write({ ...key(`user:we${index}`, 'member', 'group:g1'), expires_at: '2099-01-01T00:00:00Z' }),
    delete: () => post('write', { deletes: { tuple_keys: [key(`user:w${index}`, 'member', 'group:g1')] } }),
    'a user comes': () => manage('POST', '/users', { id: `x${index}`, email: `x${index}@example.com` }),
    'a member comes': () => manage('POST', `/groups/${group}/members`, { user: `x${index}`, role: 'member' }),
    'an organization is asked': () =>
      manage('POST', '/check', { user: 'user:u0', relation: 'can_query', object: 'agent:a1' }),
    'SCIM: a user comes': async () => {
      const { id } = await provide('POST', 'Users', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: `p${index}@example.com`,
        externalId: `p-${index}`,
        name: { givenName: 'Person', familyName: String(index) },
        emails: [{ primary: true, value: `p${index}@example.com`, type: 'work' }],
        active: true,
      })
      people.push(id)
    },
    'SCIM: a user joins a group': () =>
      provide('PATCH', `Groups/${provided}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'Add', path: 'members', value: [{ value: people[index] }] }],
      }),
  }

  beforeAll(async () => {
    sidecar = await serve(
      ['--data', join(folder.path, 'data'), ...flags],
      // A log for each thread: one that begins later would begin the only one anew.
      ['--log-maps', '--logfile-per-isolate', `--logfile=${join(folder.path, 'maps.log')}`],
    )
    store = (await ask('POST', '/stores', { name: 'shapes' })).id
    await post('authorization-models', model)
    await write(...Array.from({ length: 40 }, (_, n) => key(`user:u${n}`, 'member', `group:g${n % 5}`)))
    await write(
      ...Array.from({ length: 10 }, (_, n) => key(`group:g${n % 5}#member`, 'viewer', `agent:a${n}`)),
    )
    await write(
      { ...key('user:c', 'member', 'group:c'), condition: { name: 'soon' } },
      key('group:c#member', 'viewer', 'agent:c'),
    )
    const owner = { id: 'u0', email: 'u0@example.com' }
    org = (await ask('POST', '/v1/orgs', { name: 'Shapes', preset: 'enterprise', owner })).id
    await manage('PUT', '/plan', { plan: 'enterprise' })
    group = (await manage('POST', '/groups', { name: 'Team', description: 'All' })).id
    await manage('POST', '/resources/agent', { id: 'a1', name: 'Agent' })
    provided = (
      await provide('POST', 'Groups', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: 'Provided',
        externalId: 'provided',
      })
    ).id
    await manage('POST', '/sso/mappings', { idpGroup: provided, group })
  })

  afterAll(async () => {
    await sidecar.stop()
    folder.remove()
  })

  test('of any kind', async () => {
    const seen: Record<string, readonly string[]> = {}
    let before = shapes()
    for (const [kind, request] of Object.entries(kinds)) {
      for (index = 0; index < times; index++) await request()
      const after = shapes()
      for (const [place, count] of before)
        expect(after.get(place), `${place} forgotten`).toBeGreaterThanOrEqual(count)
      const own = [...after].filter(([place, count]) => count - (before.get(place) ?? 0) > times / 2)
      if (own.length > 0) seen[kind] = own.map(([place]) => place)
      before = after
    }
    expect(seen).toEqual({})
  })

  /** How many were added to one that nobody else has, by line, column and property of the program. */
  function shapes(): ReadonlyMap<string, number> {
    const counted = new Map<string, number>()
    const logs = readdirSync(folder.path).filter((name) => name.endsWith('maps.log'))
    for (const line of logs.flatMap((name) => readFileSync(join(folder.path, name), 'latin1').split('\n'))) {
      const [event, kind, , , , , row, column, reason, property] = line.split(',')
      if (event !== 'map' || kind !== 'Transition' || reason !== 'prototype') continue
      if (routerLines[Number(row) - 1]?.includes('params[name] = ')) continue
      const place = `${row}:${column} ${property}`
      counted.set(place, (counted.get(place) ?? 0) + 1)
    }
    return counted
  }
})
