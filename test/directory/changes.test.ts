/** The change log: each management call adds exactly its rows, raw writes theirs, newest first, and pages are stable. */
import { expect, test } from 'vitest'
import { type Client, type Organization, sharedGuarded } from './http.ts'

const { ring, directory } = await sharedGuarded()

interface Row {
  readonly revision: number
  readonly at: string
  readonly action: string
  readonly target: string
  readonly subject?: string
}

async function page(client: Client, query = ''): Promise<{ changes: Row[]; continuationToken: string }> {
  const { status, body } = await client('GET', `/changes?${query}`)
  expect({ status, body }).toMatchObject({ status: 200 })
  return body
}

async function all(client: Client, query = ''): Promise<Row[]> {
  const rows: Row[] = []
  for (let token = ''; ; ) {
    const { changes, continuationToken } = await page(client, `${query}&continuationToken=${token}`)
    rows.push(...changes)
    token = continuationToken
    if (token === '') return rows
  }
}

/** A call of the management, its status, and its rows. */
type Call = [method: string, path: string, body: object | undefined, status: number, rows: object[]]

/** In this order; each is one commit. GROUP is the id of the group that was made first. */
const calls: Call[] = [
  [
    'POST',
    '/users',
    { id: 'ann', name: 'Ann' },
    201,
    [{ action: 'user.create', target: 'user:ann', new: { name: 'Ann' } }],
  ],
  ['POST', '/users', { id: 'bob' }, 201, [{ action: 'user.create', target: 'user:bob' }]],
  ['POST', '/users', { id: 'bob' }, 409, []],
  ['POST', '/users', { id: 'x', wrong: 1 }, 422, []],
  [
    'POST',
    '/groups',
    { name: 'G' },
    201,
    [{ action: 'group.create', target: 'group:GROUP', new: { name: 'G' } }],
  ],
  ['POST', '/groups', { name: 'G' }, 409, []],
  [
    'PATCH',
    '/groups/GROUP',
    { name: 'New' },
    200,
    [{ action: 'group.update', target: 'group:GROUP', old: { name: 'G' }, new: { name: 'New' } }],
  ],
  [
    'POST',
    '/groups/GROUP/members',
    { user: 'ann', role: 'manager' },
    201,
    [{ action: 'member.add', target: 'group:GROUP', subject: 'user:ann', new: { role: 'manager' } }],
  ],
  ['POST', '/groups/GROUP/members', { user: 'ann', role: 'manager' }, 200, []],
  [
    'PATCH',
    '/groups/GROUP/members/ann',
    { role: 'owner' },
    200,
    [
      {
        action: 'member.change',
        target: 'group:GROUP',
        subject: 'user:ann',
        old: { role: 'manager' },
        new: { role: 'owner' },
      },
    ],
  ],
  [
    'POST',
    '/groups/GROUP/members',
    { users: ['bob'], role: 'member' },
    201,
    [{ action: 'member.add', target: 'group:GROUP', subject: 'user:bob' }],
  ],
  [
    'POST',
    '/resources/agent',
    { id: 'a', name: 'A' },
    201,
    [{ action: 'resource.create', target: 'agent:a', new: { name: 'A' } }],
  ],
  [
    'PATCH',
    '/resources/bot/a',
    { name: 'B' },
    200,
    [{ action: 'resource.update', target: 'agent:a', old: { name: 'A' }, new: { name: 'B' } }],
  ],
  [
    'POST',
    '/resources/agent/a/shares',
    { user: 'bob', level: 'viewer' },
    201,
    [{ action: 'share', target: 'agent:a', subject: 'user:bob', new: { level: 'viewer' } }],
  ],
  [
    'POST',
    '/resources/agent/a/shares',
    { user: 'bob', level: 'editor' },
    200,
    [
      {
        action: 'share',
        target: 'agent:a',
        subject: 'user:bob',
        old: { level: 'viewer' },
        new: { level: 'editor' },
      },
    ],
  ],
  [
    'DELETE',
    '/resources/agent/a/shares?user=bob',
    undefined,
    204,
    [{ action: 'unshare', target: 'agent:a', subject: 'user:bob', old: { level: 'editor' } }],
  ],
  [
    'POST',
    '/groups/GROUP/resources/agent',
    { ids: ['a'], level: 'viewer' },
    201,
    [{ action: 'share', target: 'agent:a', subject: 'group:GROUP', new: { level: 'viewer' } }],
  ],
  [
    'PATCH',
    '/groups/GROUP/resources/agent/a',
    { level: 'editor' },
    200,
    [
      {
        action: 'share',
        target: 'agent:a',
        subject: 'group:GROUP',
        old: { level: 'viewer' },
        new: { level: 'editor' },
      },
    ],
  ],
  [
    'DELETE',
    '/groups/GROUP/resources/agent/a',
    undefined,
    204,
    [{ action: 'unshare', target: 'agent:a', subject: 'group:GROUP' }],
  ],
  ['POST', '/groups/GROUP/archive', undefined, 200, [{ action: 'group.archive', target: 'group:GROUP' }]],
  ['POST', '/groups/GROUP/archive', undefined, 200, []],
  ['POST', '/groups/GROUP/unarchive', undefined, 200, [{ action: 'group.unarchive', target: 'group:GROUP' }]],
  [
    'PATCH',
    '/users/ann',
    { name: 'Anna' },
    200,
    [{ action: 'user.update', target: 'user:ann', old: { name: 'Ann' }, new: { name: 'Anna' } }],
  ],
  [
    'PATCH',
    '',
    { name: 'Acme 2' },
    200,
    [{ action: 'organization.rename', old: { name: 'Acme' }, new: { name: 'Acme 2' } }],
  ],
  [
    'PUT',
    '/plan',
    { plan: 'pro' },
    200,
    [{ action: 'plan.set', old: { plan: 'enterprise' }, new: { plan: 'pro' } }],
  ],
  ['PUT', '/operators/zed', undefined, 204, [{ action: 'operator.add', subject: 'user:zed' }]],
  ['PUT', '/operators/zed', undefined, 204, []],
  ['DELETE', '/operators/zed', undefined, 204, [{ action: 'operator.remove', subject: 'user:zed' }]],
  [
    'PATCH',
    '/resources/agent/a/configure/ui',
    { colour: 'red' },
    200,
    [{ action: 'resource.configure', target: 'agent:a', new: { area: 'ui', fields: ['colour'] } }],
  ],
  ['POST', '/resources/agent/a/publish', undefined, 200, [{ action: 'resource.publish', target: 'agent:a' }]],
  ['POST', '/resources/agent/a/publish', undefined, 200, []],
  [
    'POST',
    '/resources/agent/a/unpublish',
    undefined,
    200,
    [{ action: 'resource.unpublish', target: 'agent:a' }],
  ],
  [
    'POST',
    '/resources/agent/a/api-keys',
    { name: 'k' },
    201,
    [{ action: 'api-key.create', target: 'agent:a', new: { name: 'k' } }],
  ],
  [
    'POST',
    '/resources/agent/a/conversations',
    { message: 'hi' },
    201,
    [{ action: 'conversation.start', target: 'agent:a' }],
  ],
  [
    'POST',
    '/groups/GROUP/reviews',
    { keep: ['ann', 'bob'], remove: [] },
    201,
    [{ action: 'group.review', target: 'group:GROUP' }],
  ],
  [
    'DELETE',
    '/groups/GROUP/members/bob',
    undefined,
    204,
    [{ action: 'member.remove', target: 'group:GROUP', subject: 'user:bob', old: { role: 'member' } }],
  ],
  ['DELETE', '/groups/GROUP/members/bob', undefined, 404, []],
  [
    'DELETE',
    '/resources/agent/a',
    undefined,
    204,
    [{ action: 'resource.delete', target: 'agent:a', old: { name: 'B' } }],
  ],
  [
    'DELETE',
    '/groups/GROUP',
    undefined,
    204,
    [{ action: 'group.delete', target: 'group:GROUP', old: { name: 'New' } }],
  ],
  ['DELETE', '/groups/GROUP', undefined, 404, []],
  ['DELETE', '/users/bob', undefined, 204, [{ action: 'user.delete', target: 'user:bob' }]],
]

/** Done by nobody in the organization. */
const platform = /^\/(?:plan|operators)\b/

test('X2: each management call adds exactly its rows: who, when, what, old and new', async () => {
  const organization = await directory.organization('default', 'Acme')
  const boss = organization.as('boss')
  const first = await all(boss)
  expect(first).toMatchObject([
    { revision: 1, action: 'organization.create', new: { name: 'Acme', preset: 'default' } },
  ])
  let known = first.length
  let group = 'GROUP'
  for (const call of calls) {
    const [method, path, body, status, wanted]: Call = JSON.parse(
      JSON.stringify(call.map((part) => part ?? null)).replaceAll('GROUP', group),
    )
    const before = Date.now()
    const made = await boss(method, path, body ?? undefined)
    expect({ path, body: made.body, status: made.status }).toMatchObject({ status })
    if (path === '/groups' && status === 201) group = made.body.id
    const rows = await all(boss)
    const added = rows.slice(0, rows.length - known)
    expect(added).toMatchObject(JSON.parse(JSON.stringify(wanted).replaceAll('GROUP', group)))
    expect(added).toHaveLength(wanted.length)
    for (const row of added) {
      expect(row).toMatchObject({
        ...(platform.test(path) ? { source: 'api' } : { actor: 'user:boss', source: 'manual' }),
        caller: expect.stringMatching(/^key:/),
        requestId: made.headers.get('x-request-id'),
      })
      expect(Math.abs(Date.parse(row.at) - before)).toBeLessThan(60_000)
    }
    known = rows.length
  }
})

test('X2: tuples and models that come past the management are rows too', async () => {
  const organization = await directory.organization('default')
  const boss = organization.as('boss')
  await boss('POST', '/users', { id: 'ann' })
  await boss('POST', '/resources/agent', { id: 'a', name: 'A' })
  const store = `/stores/${organization.id}`
  const tuple = { user: 'user:ann', relation: 'viewer', object: 'agent:a' }
  expect((await directory.ask('POST', `${store}/write`, { writes: { tuple_keys: [tuple] } })).status).toBe(
    200,
  )
  const said = { target: 'agent:a', subject: 'user:ann' }
  expect(await all(boss, 'source=api')).toMatchObject([
    { action: 'tuple.write', ...said, new: { relation: 'viewer' } },
    { action: 'organization.create' },
  ])
  expect((await directory.ask('POST', `${store}/write`, { deletes: { tuple_keys: [tuple] } })).status).toBe(
    200,
  )
  expect(await all(boss, 'action=tuple')).toMatchObject([
    { action: 'tuple.delete', ...said, old: { relation: 'viewer' } },
    { action: 'tuple.write', ...said },
  ])
  expect((await directory.ask('POST', `/v1${store}/import`, tuple)).status).toBe(200)
  expect(await all(boss, 'source=import')).toMatchObject([{ action: 'tuple.write', ...said }])
  const { body } = await directory.ask('GET', `${store}/authorization-models`)
  const [{ id: _, ...model }] = body.authorization_models
  const written = await directory.ask('POST', `${store}/authorization-models`, model)
  expect(await all(boss, 'action=model.write')).toMatchObject([
    { target: written.body.authorization_model_id },
  ])
})

async function busy(): Promise<{ organization: Organization; boss: Client }> {
  const organization = await directory.organization('sharing')
  const boss = organization.as('boss')
  for (const id of ['ann', 'bob']) await boss('POST', '/users', { id })
  const { body } = await organization.as('ann')('POST', '/groups', { name: 'G' })
  await organization.as('ann')('POST', `/groups/${body.id}/members`, { user: 'bob', role: 'viewer' })
  await boss('POST', '/resources/assistant', { id: 'a', name: 'A' })
  return { organization, boss }
}

test('rows are found by who, what, to what, and when', async () => {
  const { organization } = await busy()
  await directory.ask('PUT', `/v1/orgs/${organization.id}/operators/bob`)
  await directory.ask('POST', `/stores/${organization.id}/write`, {
    writes: { tuple_keys: [{ user: 'user:bob', relation: 'viewer', object: 'assistant:a' }] },
  })
  const bob = organization.as('bob')
  const actions = async (query: string) => (await all(bob, query)).map(({ action }) => action)
  const whole = [
    'tuple.write',
    'operator.add',
    'resource.create',
    'member.add',
    'group.create',
    'user.create',
    'user.create',
    'organization.create',
  ]
  expect(await actions('')).toEqual(whole)
  expect(await actions('actor=ann')).toEqual(['member.add', 'group.create'])
  expect(await actions('actor=user:ann&action=group')).toEqual(['group.create'])
  expect(await actions('action=member.add')).toEqual(['member.add'])
  expect(await actions('action=member.ad')).toEqual([])
  expect(await actions('type=agent')).toEqual(['tuple.write', 'resource.create'])
  expect(await actions('target=agent:a')).toEqual(['tuple.write', 'resource.create'])
  expect(await actions('subject=bob')).toEqual(['tuple.write', 'operator.add', 'member.add'])
  const [last, ...earlier] = await all(bob)
  const at = encodeURIComponent(new Date(Date.parse(last?.at ?? '') + 1).toISOString())
  expect(await actions(`from=${at}`)).toEqual([])
  expect(await actions(`to=${at}`)).toEqual(whole)
  const first = encodeURIComponent(earlier.at(-1)?.at ?? '')
  expect(await actions(`to=${first}`)).toEqual([])
  expect(await actions(`from=${first}`)).toEqual(whole)
})

test('X5: what happens between two pages neither repeats nor hides a row', async () => {
  const { organization } = await busy()
  await directory.ask('PUT', `/v1/orgs/${organization.id}/operators/bob`)
  const viewer = { user: 'user:bob', relation: 'viewer', object: 'assistant:a' }
  const pair = [viewer, { ...viewer, user: 'user:ann' }]
  await directory.ask('POST', `/stores/${organization.id}/write`, { writes: { tuple_keys: pair } })
  const bob = organization.as('bob')
  const whole = await all(bob)
  const seen: Row[] = []
  let token = ''
  do {
    const { changes, continuationToken } = await page(bob, `pageSize=1&continuationToken=${token}`)
    seen.push(...changes)
    expect(seen.length).toBeLessThanOrEqual(whole.length)
    token = continuationToken
    await organization.as('boss')('POST', '/users', {})
  } while (token !== '')
  expect(seen).toEqual(whole)
  expect(whole.filter(({ action }) => action === 'tuple.write')).toHaveLength(2)
  const { continuationToken } = await page(bob, 'pageSize=1')
  expect(await bob('GET', `/changes?actor=ann&continuationToken=${continuationToken}`)).toMatchObject({
    status: 400,
  })
})

test.each<[string, string, number, object]>([
  ['ann', '', 403, { code: 'forbidden', message: expect.stringContaining('can_view_changes') }],
  ['boss', '', 200, {}],
  ['boss', 'from=yesterday', 422, { code: 'invalid_field', field: 'from' }],
  ['boss', 'pageSize=1000', 422, { code: 'invalid_field', field: 'pageSize' }],
  ['nobody', '', 404, { code: 'not_found' }],
])('X1: %s, %s: %i', async (actor, query, status, error) => {
  const organization = await directory.organization('group-only')
  await organization.as('boss')('POST', '/users', { id: 'ann' })
  const { body, ...answer } = await organization.as(actor)('GET', `/changes?${query}`)
  expect(answer.status).toBe(status)
  expect(body.error ?? {}).toMatchObject(error)
  const headers = { 'kith-actor': 'user:boss', authorization: `Bearer ${await ring.key('directory', 'act')}` }
  const path = `/v1/orgs/${organization.id}/changes`
  expect((await directory.ask('GET', path, undefined, headers)).status).toBe(403)
})
