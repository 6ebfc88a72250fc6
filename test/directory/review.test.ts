/** What must not leak, and what must not be lost: the ways round the directory that were once open. */
import { expect, test } from 'vitest'
import { type Client, sharedDirectory } from './http.ts'
import { stageOf } from './stage.ts'

const directory = await sharedDirectory()
const stage = await stageOf(directory, 'sharing')
await stage.people(['cre', 'creator'], 'mem', 'x', ['con', 'consumer'])
const as = { cre: stage.as('cre'), mem: stage.as('mem'), x: stage.as('x'), con: stage.as('con') }

const company = () => `company:${stage.id}`
const write = (body: object) => directory.ask('POST', `/stores/${stage.id}/write`, body)
const tuple_keys = (...keys: readonly object[]) => ({ tuple_keys: keys })

/** A public group with `x` in it, whose members `cre` may not see. */
async function publicGroup(name: string): Promise<string> {
  const { id } = (await as.mem('POST', '/groups', { name, visibility: 'public' })).body
  expect((await as.mem('POST', `/groups/${id}/members`, { user: 'x', role: 'viewer' })).status).toBe(201)
  return id
}

test('an organization as a whole has no dry run: asking for one does not do it', async () => {
  const refused = { status: 422, body: { error: { code: 'invalid_field', field: 'dryRun' } } }
  expect(await directory.ask('DELETE', `/v1/orgs/${stage.id}?dryRun=true`)).toMatchObject(refused)
  const body = { name: 'dry', preset: 'sharing' }
  expect(await directory.ask('POST', '/v1/orgs?dryRun=true', body)).toMatchObject(refused)
  expect((await stage.boss('GET', '')).status).toBe(200)
})

test.each<[string, string, object]>([
  ['/groups', 'grp', { name: 'Would be', visibility: 'private' }],
  ['/users', 'usr', { name: 'Would Be', role: 'creator' }],
  ['/resources/assistant', 'agent', { name: 'Would be' }],
])('what POST %s would make up an id for is of one whole, page by page', async (path, prefix, body) => {
  const ask = (query: string) => stage.boss('POST', `${path}?dryRun=true${query}`, body)
  const whole = (await ask('')).body
  expect(whole.result.id).toMatch(new RegExp(`^${prefix}_[a-z0-9]{12}$`))
  expect(whole.rows.length).toBeGreaterThan(2)
  const rows: object[] = []
  let token = ''
  do {
    const page = await ask(`&pageSize=1&continuationToken=${token}`)
    expect(page).toMatchObject({ status: 200, body: { result: { id: whole.result.id } } })
    rows.push(...page.body.rows)
    token = page.body.continuationToken
  } while (token !== '')
  expect(rows).toEqual(whole.rows)
  // What is made has an id of its own.
  const made = await stage.boss('POST', path, body)
  expect(made.status).toBe(201)
  expect(made.body.id).not.toBe(whole.result.id)
})

test('a dry run of settings and of a plan shows what they would be', async () => {
  const change = { name: 'New', settings: { adminSeesPrivate: true } }
  expect((await stage.boss('PATCH', '?dryRun=true', change)).body.result).toMatchObject(change)
  expect((await stage.boss('GET', '')).body).toMatchObject({
    name: 'sharing',
    settings: { adminSeesPrivate: false },
  })
  const other = await stageOf(directory, 'enterprise')
  const planned = await directory.ask('PUT', `/v1/orgs/${other.id}/plan?dryRun=true`, { plan: 'pro' })
  expect(planned.body.result).toMatchObject({ plan: 'pro' })
  expect((await other.boss('GET', '')).body).toMatchObject({ plan: 'enterprise' })
})

test('E24: a dry run names no members of a group to who may not see them', async () => {
  const group = await publicGroup('Public')
  expect((await as.cre('GET', `/groups/${group}/members`)).status).toBe(403)
  await as.cre('POST', '/resources/agent', { id: 'a1', name: 'A' })
  const shares = '/resources/agent/a1/shares'
  const given = { group, level: 'viewer' }
  const none = { status: 200, body: { rows: [], hidden: true } }
  expect(await as.cre('POST', `${shares}?dryRun=true`, given)).toMatchObject(none)
  expect((await as.cre('POST', shares, given)).status).toBe(201)
  expect(await as.cre('DELETE', `${shares}?group=${group}&dryRun=true`)).toMatchObject(none)
  // Of its own, and of somebody it names, it is told.
  const people = async (method: string, path: string, body?: object) => {
    const { rows } = (await as.cre(method, path, body)).body
    return [...new Set(rows.map(({ subject }: { readonly subject: string }) => subject))]
  }
  expect(await people('DELETE', '/resources/agent/a1?dryRun=true')).toEqual(['user:cre'])
  expect(await people('POST', `${shares}?dryRun=true`, { user: 'con', level: 'viewer' })).toEqual([
    'user:con',
  ])
  // Who is in the group sees who else is.
  await as.mem('POST', `/groups/${group}/members`, { user: 'cre', role: 'viewer' })
  const all = await people('DELETE', `${shares}?group=${group}&dryRun=true`)
  expect(all.toSorted()).toEqual(['user:mem', 'user:x'])
})

test('E22: the highest role on a hidden resource is 404, whomever it is asked for', async () => {
  await as.mem('POST', '/resources/conversation', { id: 'secret', name: 'Secret' })
  for (const user of ['nobody', 'mem', 'con']) {
    for (const id of ['secret', 'none']) {
      const answer = await as.con('GET', `/resources/conversation/${id}/effective-role?user=${user}`)
      expect([user, id, answer]).toMatchObject([user, id, { status: 404 }])
    }
  }
})

test('E22: a hidden resource is 404 also for what the product does not have', async () => {
  await as.mem('POST', '/resources/conversation', { id: 'quiet', name: 'Quiet' })
  const asked: readonly (readonly [method: string, path: string, body?: object])[] = [
    ['GET', 'api-keys'],
    ['POST', 'api-keys', { name: 'k' }],
    ['POST', 'publish'],
    ['GET', 'conversations'],
    ['POST', 'conversations', { message: 'm' }],
  ]
  for (const [method, path, body] of asked) {
    const of = (client: Client) => client(method, `/resources/conversation/quiet/${path}`, body)
    expect([method, path, await of(as.con)]).toMatchObject([method, path, { status: 404 }])
    expect([method, path, await of(as.mem)]).toMatchObject([method, path, { status: 422 }])
  }
})

test('Z39: a copy takes and names nothing that is hidden from who copies', async () => {
  const from = await publicGroup('Source')
  await as.mem('POST', '/resources/conversation', { id: 'kept', name: 'Kept' })
  const shared = await as.mem('POST', '/resources/conversation/kept/shares', { group: from, level: 'viewer' })
  expect(shared.status).toBe(201)
  const copy = await as.cre('POST', '/groups', { name: 'Copy', copyFrom: from })
  expect(copy.status).toBe(201)
  expect(JSON.stringify(copy.body)).not.toContain('kept')
  const named = await directory.ask('POST', `/stores/${stage.id}/read`, {
    tuple_key: { object: 'conversation:', user: `group:${copy.body.id}#member` },
  })
  expect(named.body.tuples).toEqual([])
})

test('a user who is also an operator stays one when the organization deletes them', async () => {
  await directory.ask('PUT', `/v1/orgs/${stage.id}/operators/sue`)
  expect((await stage.boss('POST', '/users', { id: 'sue' })).status).toBe(201)
  expect((await stage.boss('DELETE', '/users/sue')).status).toBe(204)
  expect((await stage.as('sue')('GET', '')).status).toBe(200)
  expect((await stage.boss('GET', '/users/sue')).status).toBe(404)
  expect((await directory.ask('DELETE', `/v1/orgs/${stage.id}/operators/sue`)).status).toBe(204)
  expect((await stage.as('sue')('GET', '')).status).toBe(404)
})

test('who has a role for a time is not the last who has it', async () => {
  const expires_at = new Date(Date.now() + 3_600_000).toISOString()
  const admin = (id: string) => ({ user: `user:${id}`, relation: 'admin', object: company() })
  const member = { ...admin('x'), relation: 'member' }
  const timed = { ...admin('x'), expires_at }
  expect(await write({ deletes: tuple_keys(member), writes: tuple_keys(timed) })).toMatchObject({
    status: 200,
  })
  const lost = { status: 409, body: { code: 'last_holder' } }
  expect(await write({ deletes: tuple_keys(admin('boss')) })).toMatchObject(lost)
  expect((await stage.boss('PATCH', '/users/boss', { role: 'member' })).status).toBe(409)
  // Nor is it taken from the last by a time of its own.
  const line = JSON.stringify({ ...admin('boss'), expires_at })
  const imported = await directory.ask('POST', `/v1/stores/${stage.id}/import`, line)
  expect(JSON.stringify(imported.body)).toContain('keeps at least one Admin')
  expect((await stage.boss('PATCH', '/users/mem', { role: 'admin' })).status).toBe(200)
  expect((await write({ deletes: tuple_keys(admin('boss')) })).status).toBe(200)
  await write({ writes: tuple_keys(admin('boss')) })
  await stage.as('boss')('PATCH', '/users/mem', { role: 'member' })
})

test('what nobody sees makes no other name, and no name', async () => {
  expect((await as.mem('POST', '/groups', { name: 'Plain' })).status).toBe(201)
  const twin = await as.mem('POST', '/groups', { name: 'Pl\u200bain' })
  expect(twin).toMatchObject({ status: 409, body: { error: { code: 'name_taken' } } })
  expect((await as.mem('POST', '/groups', { name: '\u200b\u2060' })).status).toBe(422)
})

test('attributes too deep, and addresses that are no text, are refused by field', async () => {
  const deep = (levels: number) =>
    `{"name":"d","attributes":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`
  expect((await as.cre('POST', '/resources/agent', deep(20))).status).toBe(201)
  for (const levels of [40, 8_000, 100_000]) {
    const answer = await as.cre('POST', '/resources/agent', deep(levels))
    expect(answer).toMatchObject({ status: 422, body: { error: { field: 'attributes' } } })
  }
  for (const email of ['a\u0000b@e.co', 'a\u202eb@e.co', 'a\ud800@e.co']) {
    expect((await stage.boss('POST', '/users', { id: 'odd', email })).status).toBe(422)
  }
})

test('T63: no filter ends what has a request of its own', async () => {
  const other = await stageOf(directory, 'enterprise')
  const group = await other.group('Archived')
  expect((await other.boss('POST', `/groups/${group}/archive`)).status).toBe(200)
  const organization = `organization:${other.id}`
  const wide = [
    { object: `group:${group}` },
    { object: `group:${group}`, relation: 'archived' },
    { object: organization, relation: 'plan' },
    { object: 'plan:enterprise' },
  ]
  for (const delete_where of wide) {
    const answer = await directory.ask('POST', `/stores/${other.id}/write`, { delete_where })
    expect([delete_where, answer]).toMatchObject([delete_where, { status: 403, body: { code: 'reserved' } }])
  }
  expect((await other.boss('GET', `/groups/${group}`)).body.status).toBe('Archived')
  expect((await other.boss('GET', '')).body.plan).toBe('enterprise')
  const fine = { object: `group:${group}`, relation: 'direct_member' }
  expect((await directory.ask('POST', `/stores/${other.id}/write`, { delete_where: fine })).status).toBe(200)
})
