/** Organizations come with their model, their first user and their tuples, and are there for their own people only. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDirectory, sharedDirectory } from './http.ts'
import { idsOf, ok, refused, stageOf } from './stage.ts'

const directory = await sharedDirectory()

const presets = ['training', 'sharing', 'enterprise', 'client-portal', 'group-only', 'default']

describe.each(presets)('%s', (preset) => {
  test('is made in one commit, with its first user', async () => {
    const organization = await directory.organization(preset, 'One')
    const boss = organization.as('boss')
    const shown = await boss('GET', '')
    expect(shown).toMatchObject({ status: 200, body: { id: organization.id, name: 'One', preset } })
    const users = await boss('GET', '/users')
    expect(users).toMatchObject({ status: 200, body: { users: [{ id: 'boss', name: 'Boss' }] } })
  })

  test('people are made, found, and their names taken once', async () => {
    const boss = (await directory.organization(preset)).as('boss')
    const ann = await boss('POST', '/users', { id: 'ann', email: 'Ann@Example.com', name: 'Ann Lee' })
    expect(ann).toMatchObject({ status: 201, body: { id: 'ann', name: 'Ann Lee' } })
    const twice = await boss('POST', '/users', { email: 'ann@example.COM', name: 'Other' })
    expect(twice).toMatchObject({ status: 409, body: { error: { code: 'name_taken', field: 'email' } } })
    const found = await boss('GET', '/users?q=LEE')
    expect(found.body.users.map(({ id }: { id: string }) => id)).toEqual(['ann'])
  })
})

test.each([
  [{}, 422, { code: 'invalid_field', field: 'name' }],
  [{ name: 'x', preset: 'nothing' }, 404, { code: 'not_found' }],
  [{ name: 'x', preset: 'default', members: [] }, 422, { code: 'invalid_field', field: 'members' }],
])('%j is refused', async (body, status, error) => {
  expect(await directory.ask('POST', '/v1/orgs', body)).toMatchObject({ status, body: { error } })
})

test('nobody, and somebody of another organization, finds none', async () => {
  const [one, other] = [await directory.organization('default'), await directory.organization('default')]
  expect((await other.as('boss')('POST', '/users', { id: 'eve' })).status).toBe(201)
  expect(await one.as('eve')('GET', '')).toMatchObject({
    status: 404,
    body: { error: { code: 'not_found' } },
  })
  expect(await one.as('eve')('POST', '/users', { id: 'x' })).toMatchObject({ status: 404 })
  expect(await directory.ask('GET', `/v1/orgs/${one.id}`)).toMatchObject({
    status: 403,
    body: { error: { code: 'actor_required' } },
  })
})

test('T36, X6: switches of the preset, by those who may; the next question goes by them', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const ann = await stage.user('ann')
  const group = await stage.group('G')
  await stage.join(group, 'ann', 'manager')
  refused(await ann('PATCH', `/groups/${group}`, { name: 'Ours' }), 403, 'forbidden')
  refused(await ann('PATCH', '', { settings: { managerCanModify: true } }), 403, 'forbidden')
  const on = ok(await stage.boss('PATCH', '', { settings: { managerCanModify: true }, name: 'Acme' }), 200)
  expect(on.body).toMatchObject({ name: 'Acme', settings: { managerCanModify: true } })
  expect((await stage.boss('GET', '')).body).toMatchObject({
    name: 'Acme',
    settings: { managerCanModify: true },
  })
  ok(await ann('PATCH', `/groups/${group}`, { name: 'Ours' }), 200)
  ok(await stage.boss('PATCH', '', { settings: { managerCanModify: false } }), 200)
  refused(await ann('PATCH', `/groups/${group}`, { name: 'Mine' }), 403, 'forbidden')
  const stray = { settings: { adminSeesPrivate: true }, name: 'Never' }
  refused(await stage.boss('PATCH', '', stray), 422, 'not_in_preset', 'settings.adminSeesPrivate')
  expect((await stage.boss('GET', '')).body.name).toBe('Acme')
  refused(await stage.boss('PATCH', '', { settings: { toString: true } }), 422, 'not_in_preset')
  const wrong = { settings: { managerCanModify: 'yes' } }
  refused(await stage.boss('PATCH', '', wrong), 422, 'invalid_field', 'settings.managerCanModify')
})

test('admins see private groups where that is switched on', async () => {
  const stage = await stageOf(directory, 'sharing')
  const owner = await stage.user('owner', 'member')
  const group = ok(await owner('POST', '/groups', { name: 'Secret' }), 201).body.id
  refused(await stage.boss('GET', `/groups/${group}`), 404, 'not_found')
  ok(await stage.boss('PATCH', '', { settings: { adminSeesPrivate: true } }), 200)
  ok(await stage.boss('GET', `/groups/${group}`), 200)
})

test('E26, E27, E29: groups are made by all but consumers', async () => {
  const stage = await stageOf(directory, 'sharing')
  for (const role of ['admin', 'creator', 'member']) {
    const somebody = await stage.user(`a-${role}`, role)
    const group = ok(await somebody('POST', '/groups', { name: role }), 201).body.id
    ok(await somebody('PATCH', `/groups/${group}`, { name: `${role}s` }), 200)
  }
  const consumer = await stage.user('consumer', 'consumer')
  refused(await consumer('POST', '/groups', { name: 'Mine' }), 403, 'forbidden')
  const group = await stage.group('G')
  await stage.join(group, 'consumer', 'owner')
  await stage.user('ann')
  refused(
    await consumer('POST', `/groups/${group}/members`, { user: 'ann', role: 'viewer' }),
    403,
    'forbidden',
  )
  refused(await consumer('PATCH', `/groups/${group}`, { name: 'Mine' }), 403, 'forbidden')
  refused(await consumer('DELETE', `/groups/${group}`), 403, 'forbidden')
})

describe('plans', () => {
  test('T71, T72: without the plan there are no groups, and people are given things one by one', async () => {
    const stage = await stageOf(directory, 'enterprise', 'free')
    await stage.user('ann')
    const group = { name: 'G', description: 'G' }
    refused(await stage.boss('POST', '/groups', group), 403, 'plan_required:pro')
    await stage.resource('agent', 'a')
    refused(await stage.boss('GET', '/groups/assignable?for=agent:a'), 403, 'plan_required:pro')
    ok(await stage.share('agent', 'a', { user: 'ann', level: 'view' }), 201)
    expect(await stage.may('ann', 'can_query', 'agent:a')).toBe(true)
    for (const plan of ['pro', 'enterprise']) {
      const set = await directory.ask('PUT', `/v1/orgs/${stage.id}/plan`, { plan })
      expect(ok(set, 200).body.plan).toBe(plan)
      ok(await stage.boss('POST', '/groups', { ...group, name: plan }), 201)
    }
  })

  test('T71: a plan includes what its preset says when it is set, also of an organization of before', async () => {
    const town = await stageOf(directory, 'enterprise', 'pro')
    const { storage } = directory.ground.service
    const of = async (plan: string) =>
      (await storage.view(town.id).tuples({ object: `plan:${plan}` }, 100)).rows.map(
        ({ relation }) => relation,
      )
    // As it was: another preset, and a model that knows less.
    await town.commit((draft) => {
      draft.delete('plan:pro', 'groups', 'user:*')
      draft.write('plan:pro', 'sso', 'user:*')
      draft.delete('plan:enterprise', 'sso', 'user:*')
    })
    expect((await town.boss('POST', '/groups', { name: 'G', description: 'G' })).status).toBe(403)
    const put = (plan: string, query = '') =>
      directory.ask('PUT', `/v1/orgs/${town.id}/plan${query}`, { plan })
    const { rows } = ok(await put('pro', '?dryRun=true'), 200).body
    expect(rows).toContainEqual(expect.objectContaining({ change: 'gains', relation: 'can_create_group' }))
    expect(await of('pro')).toEqual(['sso'])
    ok(await put('pro'), 200)
    ok(await town.boss('POST', '/groups', { name: 'G', description: 'G' }), 201)
    expect([await of('pro'), await of('enterprise')]).toEqual([['groups'], ['auto_assignment', 'groups']])
    ok(await put('enterprise'), 200)
    expect(await of('enterprise')).toEqual(['auto_assignment', 'groups', 'sso'])
  })

  test('T73: a lower plan freezes groups: read and cleared away, not changed; the higher one is as before', async () => {
    const stage = await stageOf(directory, 'enterprise', 'pro')
    await stage.user('ann')
    await stage.user('bob')
    const [group, other] = [
      await stage.group('G', { members: ['ann'] }),
      await stage.group('Other', { members: ['ann'] }),
    ]
    for (const id of ['a', 'b']) await stage.resource('agent', id)
    ok(await stage.attach(group, 'agent', ['a']), 201)
    const plan = async (id: string) =>
      ok(await directory.ask('PUT', `/v1/orgs/${stage.id}/plan`, { plan: id }), 200)
    await plan('free')
    for (const path of ['', '/members', '/resources/agent']) {
      ok(await stage.boss('GET', `/groups/${group}${path}`), 200)
    }
    const edits = [
      ['PATCH', `/groups/${group}`, { name: 'New' }],
      ['POST', `/groups/${group}/members`, { user: 'bob', role: 'member' }],
      ['DELETE', `/groups/${group}/members/ann`, undefined],
      ['POST', `/groups/${group}/resources/agent`, { ids: ['b'] }],
      ['PATCH', `/groups/${group}/resources/agent/a`, { level: 'edit' }],
      ['DELETE', `/groups/${group}/resources/agent/a`, undefined],
      ['POST', `/groups/${group}/archive`, undefined],
    ] as const
    for (const [method, path, body] of edits) {
      refused(await stage.boss(method, path, body), 403, 'plan_required:pro')
    }
    expect(await stage.may('ann', 'can_query', 'agent:a')).toBe(true)
    ok(await stage.boss('DELETE', `/groups/${other}`), 204)
    await plan('pro')
    for (const [method, path, body] of edits.slice(0, 2)) {
      expect((await stage.boss(method, path, body)).status).toBeLessThan(300)
    }
    expect(idsOf(await stage.boss('GET', `/groups/${group}/resources/agent`))).toEqual(['a'])
  })

  test('T73: a product whose data says so suspends on a lower plan; the higher one gives all of it back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kith-suspending-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const shipped = new URL('../../schema/', import.meta.url)
    const preset = JSON.parse(await readFile(new URL('presets/enterprise.json', shipped), 'utf8'))
    const suspends = { object: '{organization}', relation: 'lapse_suspends', subject: 'user:*' }
    const suspending = { ...preset, id: 'suspending', model: 'suspending.fga', tuples: [suspends] }
    await writeFile(join(folder, 'suspending.json'), JSON.stringify(suspending))
    await copyFile(new URL('models/enterprise.fga', shipped), join(folder, 'suspending.fga'))
    const strict = await openDirectory({ folders: [folder] })

    for (const [name, gives] of [
      ['enterprise', true],
      ['suspending', false],
    ] as const) {
      const stage = await stageOf(strict, name, 'pro')
      for (const user of ['ann', 'bob']) await stage.user(user)
      const group = await stage.group('G', { members: ['ann'] })
      await stage.resource('agent', 'a')
      ok(await stage.attach(group, 'agent', ['a']), 201)
      ok(await stage.share('agent', 'a', { user: 'bob', level: 'view_use' }), 201)
      const reach = async () => [
        await stage.may('ann', 'can_query', 'agent:a'),
        await stage.may('bob', 'can_query', 'agent:a'),
      ]
      for (const [plan, expected] of [
        ['free', gives],
        ['pro', true],
        ['free', gives],
        ['enterprise', true],
      ] as const) {
        ok(await strict.ask('PUT', `/v1/orgs/${stage.id}/plan`, { plan }), 200)
        expect([name, plan, await reach()]).toEqual([name, plan, [expected, true]])
      }
      expect(idsOf(await stage.boss('GET', `/groups/${group}/members`))).toEqual(['ann'])
    }
  })

  test('one that is none, and a product without any', async () => {
    const [one, other] = [await stageOf(directory, 'enterprise'), await stageOf(directory, 'sharing')]
    const put = (stage: { readonly id: string }, body: object) =>
      directory.ask('PUT', `/v1/orgs/${stage.id}/plan`, body)
    refused(await put(one, { plan: 'gold' }), 422, 'not_in_preset', 'plan')
    refused(await put(one, {}), 422, 'invalid_field', 'plan')
    refused(await put(other, { plan: 'pro' }), 422, 'not_in_preset')
    refused(await put({ id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }, { plan: 'pro' }), 404, 'not_found')
  })
})

test('organizations are listed and deleted by the platform; operators come and go', async () => {
  const stage = await stageOf(directory, 'sharing')
  const store = await directory.ask('POST', '/stores', { name: 'plain' })
  const all: string[] = []
  let token = ''
  do {
    const page = await directory.ask(
      'GET',
      `/v1/orgs?pageSize=7&continuationToken=${encodeURIComponent(token)}`,
    )
    all.push(...idsOf(page))
    token = page.body.continuationToken
  } while (token !== '')
  expect(all).toContain(stage.id)
  expect(all).not.toContain(store.body.id)
  expect(new Set(all).size).toBe(all.length)

  const operator = `/v1/orgs/${stage.id}/operators/office`
  // What is wrong with the organization is told before what is wrong with the user.
  refused(await directory.ask('PUT', '/v1/orgs/no/operators/%20'), 404, 'not_found')
  refused(await directory.ask('PUT', `/v1/orgs/${stage.id}/operators/%20`), 422, 'invalid_field')
  refused(
    await directory.ask('PUT', `/v1/orgs/${stage.id}/operators/%20?dryRun=maybe`),
    400,
    'validation_error',
  )
  refused(await stage.as('office')('GET', ''), 404, 'not_found')
  ok(await directory.ask('PUT', operator), 204)
  ok(await directory.ask('PUT', operator), 204)
  ok(await stage.as('office')('GET', ''), 200)
  ok(await directory.ask('DELETE', operator), 204)
  refused(await directory.ask('DELETE', operator), 404, 'not_found')
  refused(await stage.as('office')('GET', ''), 404, 'not_found')

  refused(await directory.ask('DELETE', `/v1/orgs/${store.body.id}`), 404, 'not_found')
  ok(await directory.ask('DELETE', `/v1/orgs/${stage.id}`), 204)
  refused(await stage.boss('GET', ''), 404, 'not_found')
})
