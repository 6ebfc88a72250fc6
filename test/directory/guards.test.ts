/** What holds for every commit to an organization, tuples that no verb decided on included. */
import { expect, test } from 'vitest'
import { type Answer, sharedDirectory } from './http.ts'
import { plant } from './plant.ts'
import { type Stage, stageOf } from './stage.ts'

const directory = await sharedDirectory()

type Key = readonly [object: string, relation: string, user: string]

/** Raw tuples, as a caller with the right to write them sends them. */
async function write(stage: Stage, writes: readonly Key[], deletes: readonly Key[] = []): Promise<Answer> {
  const keys = (list: readonly Key[]) => ({
    tuple_keys: list.map(([object, relation, user]) => ({ object, relation, user })),
  })
  return await directory.ask('POST', `/stores/${stage.id}/write`, {
    ...(writes.length === 0 ? {} : { writes: keys(writes) }),
    ...(deletes.length === 0 ? {} : { deletes: keys(deletes) }),
  })
}

test('X1: tuples name what is in this organization, and nothing else', async () => {
  const [stage, other] = [await stageOf(directory, 'enterprise'), await stageOf(directory, 'enterprise')]
  await stage.people('ann')
  const [own, foreign] = [await stage.group('One'), await other.group('Two')]
  const refused: readonly Key[] = [
    [`group:${own}`, 'direct_member', 'user:eve'],
    [`group:${foreign}`, 'direct_member', 'user:ann'],
    [`group:${own}`, 'child', `group:${foreign}`],
    ['agent:a1', 'viewer', 'user:ann'],
    [`organization:${other.id}`, 'admin', 'user:ann'],
    [`group:${own}`, 'organization', `organization:${other.id}`],
  ]
  for (const key of refused) {
    expect([key, await write(stage, [key])]).toMatchObject([
      key,
      { status: 422, body: { code: 'unknown_reference' } },
    ])
  }
  // One that is wrong takes the others with it.
  const mixed = await write(stage, [[`group:${own}`, 'direct_member', 'user:ann'], ...refused.slice(0, 1)])
  expect(mixed.status).toBe(422)
  expect((await stage.boss('GET', `/groups/${own}/members`)).body.members).toEqual([])
  expect((await write(stage, [[`group:${own}`, 'direct_member', 'user:ann']])).status).toBe(200)
  const mapping: Key = [`group:${own}`, 'sso_member', 'idp_group:x#member']
  expect(await write(stage, [mapping])).toMatchObject({ status: 422, body: { code: 'unknown_reference' } })
})

test('T56: who is in a group by its rule is nothing for raw tuples; who was put there all the same is left out', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('ann', 'bob')
  const id = await stage.group('Ruled')
  expect((await stage.boss('PUT', `/groups/${id}/rule`, { rule: "email.startsWith('a')" })).status).toBe(200)
  const reserved = {
    status: 403,
    body: { code: 'reserved', message: expect.stringContaining('rule_member') },
  }
  expect(await write(stage, [[`group:${id}`, 'rule_member', 'user:bob']])).toMatchObject(reserved)
  expect(await write(stage, [], [[`group:${id}`, 'rule_member', 'user:ann']])).toMatchObject(reserved)
  // Left out, and there nevertheless: the next look at them takes them out, the rule's own included.
  expect((await stage.boss('DELETE', `/groups/${id}/members/ann?exclude=true`)).status).toBe(204)
  for (const look of [
    () => stage.boss('PATCH', '/users/ann', { attributes: { city: 'Rome' } }),
    () => stage.boss('PUT', `/groups/${id}/rule`, { rule: "email.startsWith('an')" }),
  ]) {
    await plant(directory, stage, (garden) => garden.byRule(id, 'ann'))
    expect((await look()).status).toBe(200)
    expect((await stage.boss('GET', `/groups/${id}/members`)).body.members).toEqual([])
  }
})

test('T59: who is in a group of the identity provider is nothing for raw tuples', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('ann', 'bob')
  const made = await directory.ask('POST', `/scim/v2/${stage.id}/Groups`, {
    displayName: 'Staff',
    members: [{ value: 'ann' }],
  })
  const staff = `idp_group:${JSON.parse(made.body).id}`
  const id = await stage.group('Staff')
  await stage.boss('PUT', `/groups/${id}/rule`, { rule: "'Staff' in groups" })
  const reserved = { status: 403, body: { code: 'reserved', message: expect.stringContaining(staff) } }
  expect(await write(stage, [[staff, 'member', 'user:bob']])).toMatchObject(reserved)
  expect(await write(stage, [], [[staff, 'member', 'user:ann']])).toMatchObject(reserved)
  const filtered = { delete_where: { user: 'user:ann', relation: 'member' } }
  expect(await directory.ask('POST', `/stores/${stage.id}/write`, filtered)).toMatchObject(reserved)
  expect([await stage.check('ann', 'member', staff), await stage.check('bob', 'member', staff)]).toEqual([
    true,
    false,
  ])
  // What it gives is a tuple as any other.
  expect((await write(stage, [[`group:${id}`, 'sso_member', `${staff}#member`]])).status).toBe(200)
})

test("what makes a group or a resource the organization's goes with it, and not before", async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('ann')
  const { body } = await directory.ask('POST', `/scim/v2/${stage.id}/Groups`, { displayName: 'Staff' })
  const staff = JSON.parse(body).id
  const group = await stage.group('Staff')
  const agent = (await stage.boss('POST', '/resources/agent', { name: 'A' })).body.id
  const path = `/stores/${stage.id}/write`
  const organization = `organization:${stage.id}`
  for (const object of [`idp_group:${staff}`, `group:${group}`, `agent:${agent}`]) {
    const reserved = { status: 403, body: { code: 'reserved', message: expect.stringContaining(object) } }
    const key = { object, relation: 'organization', user: organization }
    const until = { ...key, expires_at: new Date(Date.now() + 60_000).toISOString() }
    expect(await write(stage, [], [[object, 'organization', organization]])).toMatchObject(reserved)
    for (const delete_where of [{ object }, { object, relation: 'organization' }]) {
      expect(await directory.ask('POST', path, { delete_where })).toMatchObject(reserved)
    }
    const writes = { tuple_keys: [until], on_duplicate: 'update' }
    expect(await directory.ask('POST', path, { writes })).toMatchObject(reserved)
  }
  expect(await stage.check('boss', 'can_view', `agent:${agent}`)).toBe(true)
  const all = { delete_where: { user: organization } }
  expect(await directory.ask('POST', path, all)).toMatchObject({ status: 403, body: { code: 'reserved' } })
  // With its own requests it goes.
  expect((await directory.ask('DELETE', `/scim/v2/${stage.id}/Groups/${staff}`)).status).toBe(204)
  expect((await stage.boss('DELETE', `/groups/${group}`)).status).toBe(204)
})

test('D1: one role in the organization', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('ann')
  const role = (relation: string): Key => [`organization:${stage.id}`, relation, 'user:ann']
  expect(await write(stage, [role('admin')])).toMatchObject({ status: 409, body: { code: 'already_exists' } })
  expect((await write(stage, [role('admin')], [role('readonly')])).status).toBe(200)
  expect((await stage.boss('GET', '/users?q=ann')).body.users).toMatchObject([{ role: 'admin' }])
})

test('E31: somebody keeps the highest role of the organization', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('ann')
  const admin = (user: string): Key => [`organization:${stage.id}`, 'admin', `user:${user}`]
  expect(await write(stage, [], [admin('boss')])).toMatchObject({
    status: 409,
    body: { code: 'last_holder' },
  })
  const filtered = await directory.ask('POST', `/stores/${stage.id}/write`, {
    delete_where: { user: 'user:boss' },
  })
  expect(filtered).toMatchObject({ status: 409, body: { code: 'last_holder' } })
  const handed = await write(
    stage,
    [admin('ann')],
    [admin('boss'), [`organization:${stage.id}`, 'readonly', 'user:ann']],
  )
  expect(handed.status).toBe(200)
})

test('T18: raw tuples make no ring, no second parent, and nothing too deep', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const ids: string[] = []
  for (let at = 0; at < 11; at++) ids.push(await stage.group(`g${at}`))
  const edge = (parent: number, child: number): Key => [
    `group:${ids[parent]}`,
    'child',
    `group:${ids[child]}`,
  ]
  const chain = ids.slice(1).map((_, at) => edge(at, at + 1))
  expect(await write(stage, chain)).toMatchObject({ status: 422, body: { code: 'too_deep' } })
  expect(await write(stage, [edge(0, 0)])).toMatchObject({ status: 409, body: { code: 'cycle' } })
  expect(await write(stage, [edge(0, 1), edge(1, 2), edge(2, 0)])).toMatchObject({
    status: 409,
    body: { code: 'cycle' },
  })
  expect((await write(stage, chain.slice(0, 9))).status).toBe(200)
  expect(await write(stage, [edge(10, 5)])).toMatchObject({ status: 409, body: { code: 'already_exists' } })
  expect(await write(stage, [edge(9, 0)])).toMatchObject({ status: 409, body: { code: 'cycle' } })
  // Judged as it is left: the ring is not there once its other half goes in the same commit.
  expect((await write(stage, [edge(9, 0)], [edge(4, 5)])).status).toBe(200)
})

test('T73, T67: which plan it is, what that includes, and what is archived, is nothing for raw tuples', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const id = await stage.group('One')
  const organization = `organization:${stage.id}`
  for (const key of [
    [organization, 'plan', 'plan:pro'],
    ['plan:free', 'groups', 'user:*'],
    [`group:${id}`, 'archived', 'user:*'],
  ] as const) {
    expect(await write(stage, [key])).toMatchObject({ status: 403, body: { code: 'reserved' } })
  }
  expect(await write(stage, [], [[organization, 'plan', 'plan:enterprise']])).toMatchObject({ status: 403 })
})

test.each(['enterprise', 'sharing', 'client-portal', 'default'])(
  'X1: who the operators of %s are is nothing for raw tuples',
  async (preset) => {
    const stage = await stageOf(directory, preset)
    await stage.people('ann')
    const { type, operatorRelation = '' } = (await directory.ground.presets.get(preset)).organization
    const operator = (user: string): Key => [`${type}:${stage.id}`, operatorRelation, `user:${user}`]
    const reserved = { status: 403, body: { code: 'reserved' } }
    expect(await write(stage, [operator('ann')])).toMatchObject(reserved)
    expect(await stage.check('ann', operatorRelation, `${type}:${stage.id}`)).toBe(false)

    await directory.ask('PUT', `/v1/orgs/${stage.id}/operators/ann`)
    expect(await write(stage, [], [operator('ann')])).toMatchObject(reserved)
    for (const filter of [
      { user: 'user:ann' },
      { object: `${type}:${stage.id}` },
      { relation: operatorRelation },
    ]) {
      const path = `/stores/${stage.id}/write`
      expect(await directory.ask('POST', path, { delete_where: filter })).toMatchObject(reserved)
    }
    expect(await stage.check('ann', operatorRelation, `${type}:${stage.id}`)).toBe(true)
  },
)
