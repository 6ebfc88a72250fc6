/** Groups of the identity provider: mapped to the product's, followed when people sign in, and nobody else's business. */
import { describe, expect, test } from 'vitest'
import { openRing } from '../callers/ring.ts'
import { type Answer, closedBy, openDirectory, sharedDirectory } from './http.ts'
import { providerOf } from './scim/provider.ts'
import { idsOf, ok, refused, type Stage, stageOf } from './stage.ts'

const directory = await sharedDirectory()

const sso = ['enterprise', 'default'] as const

const logIn = (stage: Stage, user: object, groups?: readonly string[], more: object = {}): Promise<Answer> =>
  directory.ask('POST', `/v1/orgs/${stage.id}/sso/logins`, { user, ...(groups && { groups }), ...more })

async function membersOf(stage: Stage, group: string): Promise<readonly string[]> {
  const { body } = ok(await stage.boss('GET', `/groups/${group}/members`), 200)
  return body.members
    .map(
      ({ id, role, sources }: { id: string; role: string; sources: string[] }) => `${id} ${role} ${sources}`,
    )
    .filter((each: string) => !each.startsWith('boss '))
}

const mapped = async (stage: Stage, body: object, status = 201) =>
  ok(await stage.boss('POST', '/sso/mappings', body), status).body

async function mappings(stage: Stage): Promise<readonly string[]> {
  const { body } = ok(await stage.boss('GET', '/sso/mappings'), 200)
  return body.mappings
    .map(
      ({ idpGroup, group, role }: { idpGroup: { name: string }; group: { name: string }; role?: string }) =>
        `${idpGroup.name} -> ${group.name} ${role}`,
    )
    .sort()
}

describe.each(sso)('in %s', (preset) => {
  test('T59, X3: in by a sign-in with A, out by the next without; who is in by hand stays', async () => {
    const stage = await stageOf(directory, preset)
    await stage.user('ann')
    await stage.user('bob')
    const group = await stage.group('G', { members: ['bob'] })
    await mapped(stage, { claim: 'A', group })
    expect(ok(await logIn(stage, { id: 'ann' }, ['A', 'other']), 200).body).toMatchObject({
      user: { id: 'ann' },
      isNew: false,
      joined: ['A', 'other'],
      left: [],
      groups: [{ id: group, name: 'G' }],
    })
    ok(await logIn(stage, { id: 'bob' }, ['A']), 200)
    expect(await membersOf(stage, group)).toEqual(['ann member sso', 'bob member manual,sso'])
    expect(await stage.may('ann', 'member', `group:${group}`)).toBe(true)
    // Nothing is said of groups: all stays.
    expect(ok(await logIn(stage, { id: 'ann' }), 200).body).toMatchObject({ joined: [], left: [] })
    expect(await stage.may('ann', 'member', `group:${group}`)).toBe(true)
    expect(ok(await logIn(stage, { id: 'ann' }, ['other']), 200).body).toMatchObject({
      left: ['A'],
      groups: [],
    })
    ok(await logIn(stage, { id: 'bob' }, []), 200)
    expect(await stage.may('ann', 'member', `group:${group}`)).toBe(false)
    expect(await membersOf(stage, group)).toEqual(['bob member manual'])
    // To the letter, and each provider for itself.
    ok(await logIn(stage, { id: 'ann' }, ['a', 'A ', ' A']), 200)
    ok(await logIn(stage, { id: 'ann' }, ['A'], { provider: 'other' }), 200)
    expect(await membersOf(stage, group)).toEqual(['bob member manual'])
    for (const id of ['ann', 'bob']) ok(await logIn(stage, { id }, ['A']), 200)
    ok(await logIn(stage, { id: 'ann' }, [], { provider: 'other' }), 200)
    expect(await membersOf(stage, group)).toEqual(['ann member sso', 'bob member manual,sso'])
    refused(await stage.boss('DELETE', `/groups/${group}/members/ann`), 409, 'managed_elsewhere')
    const left = ok(await stage.boss('DELETE', `/groups/${group}/members/bob`), 200)
    expect(left.body).toMatchObject({ id: 'bob', sources: ['sso'] })
    expect(await membersOf(stage, group)).toEqual(['ann member sso', 'bob member sso'])
  })

  test('T59: a mapping may carry a role; the highest wins, and unmapping takes what it gave', async () => {
    const stage = await stageOf(directory, preset)
    await stage.user('ann')
    await stage.user('bob')
    const group = await stage.group('G')
    await mapped(stage, { claim: 'staff', group })
    await mapped(stage, { claim: 'heads', group, role: 'Manager' })
    ok(await logIn(stage, { id: 'ann' }, ['staff', 'heads']), 200)
    ok(await logIn(stage, { id: 'bob' }, ['staff']), 200)
    expect(await membersOf(stage, group)).toEqual(['ann manager sso', 'bob member sso'])
    expect(await stage.may('ann', 'can_add_member', `group:${group}`)).toBe(true)
    expect(await stage.may('bob', 'can_add_member', `group:${group}`)).toBe(false)
    expect(await mappings(stage)).toEqual(['heads -> G manager', 'staff -> G member'])
    const provided = ok(await stage.boss('GET', '/sso/groups?q=heads'), 200).body.groups[0]
    expect(provided).toMatchObject({ name: 'heads', provider: 'default', memberCount: 1 })
    // Again is as good; in another role it is not.
    await mapped(stage, { idpGroup: provided.id, group, role: 'manager' }, 200)
    refused(
      await stage.boss('POST', '/sso/mappings', { idpGroup: provided.id, group }),
      409,
      'already_exists',
    )
    const path = `/sso/mappings/${provided.id}/${group}`
    ok(await stage.boss('DELETE', path), 204)
    refused(await stage.boss('DELETE', path), 404, 'not_found')
    expect(await membersOf(stage, group)).toEqual(['ann member sso', 'bob member sso'])
    expect(await stage.may('ann', 'can_add_member', `group:${group}`)).toBe(false)
    // All at once: one goes, one changes its role.
    const all = [{ claim: 'staff', group, role: 'manager' }]
    ok(await stage.boss('PUT', '/sso/mappings', { mappings: all }), 200)
    expect(await mappings(stage)).toEqual(['staff -> G manager'])
    expect(await membersOf(stage, group)).toEqual(['ann manager sso', 'bob manager sso'])
    refused(
      await stage.boss('PUT', '/sso/mappings', { mappings: [...all, ...all] }),
      422,
      'invalid_field',
      'mappings[1].group',
    )
    ok(await stage.boss('PUT', '/sso/mappings', { mappings: [] }), 200)
    expect(await membersOf(stage, group)).toEqual([])
    // Who is in them is still known.
    await mapped(stage, { claim: 'heads', group })
    expect(await membersOf(stage, group)).toEqual(['ann member sso'])
    ok(await stage.boss('DELETE', `/sso/groups/${provided.id}`), 204)
    expect(await membersOf(stage, group)).toEqual([])
    ok(await stage.boss('GET', `/groups/${group}`), 200)
  })

  test('T59, X1, X6: what cannot be mapped, and by whom', async () => {
    const stage = await stageOf(directory, preset)
    const low = await stage.user('low')
    const group = await stage.group('G')
    const map = (body: object, as = stage.boss) => as('POST', '/sso/mappings', body)
    refused(await map({ claim: 'A', group }, low), 403, 'forbidden')
    refused(await low('GET', '/sso/mappings'), 403, 'forbidden')
    refused(await low('GET', '/sso/groups'), 403, 'forbidden')
    refused(await map({ claim: 'A', group, role: 'Emperor' }), 422, 'invalid_field', 'role')
    refused(await map({ claim: 'A' }), 422, 'invalid_field', 'group')
    refused(await map({ group }), 422, 'invalid_field', 'idpGroup')
    refused(await map({ claim: 'A', idpGroup: 'x', group }), 422, 'invalid_field', 'idpGroup')
    refused(await map({ idpGroup: 'x', group }), 422, 'unknown_reference', 'idpGroup')
    refused(await map({ claim: 'A', group: 'grp_000000000000' }), 422, 'unknown_reference', 'group')
    refused(await map({ claim: 'A', group, createGroup: true }), 422, 'invalid_field', 'group')
    const other = await stageOf(directory, preset)
    const made = await mapped(other, { claim: 'A', group: await other.group('G') })
    refused(await map({ idpGroup: made.idpGroup.id, group }), 422, 'unknown_reference', 'idpGroup')
    refused(await map({ claim: 'A', group: made.group.id }), 422, 'unknown_reference', 'group')
    refused(
      await stage.boss('DELETE', `/sso/mappings/${made.idpGroup.id}/${made.group.id}`),
      404,
      'not_found',
    )
    refused(await stage.boss('DELETE', `/sso/groups/${made.idpGroup.id}`), 404, 'not_found')
    ok(await stage.boss('POST', `/groups/${group}/archive`), 200)
    refused(await map({ claim: 'A', group }), 409, 'archived')
    expect(ok(await stage.boss('GET', '/sso/groups'), 200).body.groups).toEqual([])
    const would = ok(
      await other.boss('POST', '/sso/mappings?dryRun=true', { claim: 'B', group: made.group.id }),
      200,
    )
    expect(would.body.result).toMatchObject({ idpGroup: { name: 'B' } })
    expect(await mappings(other)).toEqual(['A -> G member'])
  })

  test('T59: a group of the product is made with its mapping, or for each of the provider’s where that is on', async () => {
    const stage = await stageOf(directory, preset)
    const made = await mapped(stage, { claim: 'Sales', createGroup: true, description: 'Who sells.' })
    expect(made.group.name).toBe('Sales')
    ok(await logIn(stage, { id: 'ann' }, ['Sales', 'Support', 'sales']), 201)
    expect(await membersOf(stage, made.group.id)).toEqual(['ann member sso'])
    refused(
      await stage.boss('POST', '/sso/mappings', { claim: 'SALES', createGroup: true }),
      409,
      'name_taken',
    )
    expect(await mappings(stage)).toEqual(['Sales -> Sales member'])

    ok(await stage.boss('PATCH', '', { settings: { ssoCreatesGroups: true } }), 200)
    const { groups } = ok(await logIn(stage, { id: 'bob' }, ['Support', 'Design', 'SALES']), 201).body
    expect(groups.map(({ name }: { name: string }) => name)).toEqual(['Design'])
    expect(await mappings(stage)).toEqual(['Design -> Design member', 'Sales -> Sales member'])
    const log = ok(await stage.boss('GET', '/changes?source=sso'), 200).body.changes
    expect(log.map(({ action }: { action: string }) => action)).toContain('sso.login')
  })

  test('T59: who signs in first becomes a user, where the organization lets them, and twenty times at once is once', async () => {
    const stage = await stageOf(directory, preset)
    const group = await stage.group('G')
    await mapped(stage, { claim: 'A', group })
    const user = { id: 'ann', email: 'ann@x.com', name: 'Ann' }
    const all = await Promise.all(Array.from({ length: 20 }, () => logIn(stage, user, ['A', 'B'])))
    expect(all.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201])
    const { defaultRole } = (await directory.ask('GET', `/v1/presets/${preset}`)).body.organization
    expect(all[0]?.body).toMatchObject({ user: { id: 'ann', name: 'Ann', role: defaultRole } })
    expect(await membersOf(stage, group)).toEqual(['ann member sso'])
    expect(idsOf(await stage.boss('GET', '/sso/groups'))).toHaveLength(2)
    const log = ok(await stage.boss('GET', '/changes?action=user.create&subject=&source=sso'), 200).body
      .changes
    expect(log).toHaveLength(1)
    // By the address too, in any case.
    expect(ok(await logIn(stage, { email: 'ANN@x.com' }, ['A']), 200).body.user.id).toBe('ann')
    refused(await logIn(stage, { id: 'eve', email: 'ann@x.com' }, []), 409, 'name_taken', 'email')
    refused(await logIn(stage, {}, ['A']), 422, 'invalid_field', 'user.id')
    refused(await logIn(stage, { id: 'x', role: 'admin' }, ['A']), 422, 'invalid_field', 'user.role')
    refused(await logIn(stage, { id: 'x' }, Array(1001).fill('A')), 422, 'invalid_field', 'groups')
    refused(await logIn(stage, { id: 'x' }, ['']), 422, 'invalid_field', 'groups[0]')
    ok(await stage.boss('PATCH', '', { settings: { ssoCreatesUsers: false } }), 200)
    refused(await logIn(stage, { email: 'new@x.com' }, ['A']), 403, 'unknown_user')
    expect(idsOf(await stage.boss('GET', '/users'))).toEqual(['ann', 'boss'])
  })

  test.each(['ｂoss@example.com', 'boſs@example.com', 'BOſS@example.com'])(
    'X1: %s only looks like the address of a user, and is nobody',
    async (email) => {
      const stage = await stageOf(directory, preset)
      refused(await logIn(stage, { email }, ['A']), 409, 'name_taken', 'email')
      ok(await stage.boss('PATCH', '', { settings: { ssoCreatesUsers: false } }), 200)
      refused(await logIn(stage, { email }, ['A']), 403, 'unknown_user')
      expect(ok(await logIn(stage, { email: 'BOSS@Example.com' }), 200).body.user.id).toBe('boss')
    },
  )

  test('T59: who is inactive does not sign in, and is where they were when they are back', async () => {
    const stage = await stageOf(directory, preset)
    await stage.user('ann')
    const group = await stage.group('G')
    await mapped(stage, { claim: 'A', group })
    ok(await logIn(stage, { id: 'ann' }, ['A']), 200)
    ok(await stage.boss('PATCH', '/users/ann', { active: false }), 200)
    expect(await membersOf(stage, group)).toEqual([])
    refused(await logIn(stage, { id: 'ann' }, ['A', 'B']), 403, 'inactive')
    refused(
      await directory.ask('POST', `/v1/orgs/${stage.id}/sessions/refresh`, { user: 'ann' }),
      403,
      'inactive',
    )
    ok(await stage.boss('PATCH', '/users/ann', { active: true }), 200)
    expect(await membersOf(stage, group)).toEqual(['ann member sso'])
    // The group of the product goes: nothing is left of the mapping, and the provider's stays.
    ok(await stage.boss('DELETE', `/groups/${group}`), 204)
    expect(await mappings(stage)).toEqual([])
    expect(ok(await stage.boss('GET', '/sso/groups'), 200).body.groups[0]).toMatchObject({
      name: 'A',
      memberCount: 1,
      mappings: [],
    })
  })
})

test('T59: who may map gives no role that they may not give by hand, and takes none', async () => {
  const stage = await stageOf(directory, 'default')
  const other = await stage.user('other', 'admin')
  const group = await stage.group('G')
  ok(await stage.boss('PATCH', `/groups/${group}`, { visibility: 'public' }), 200)
  // Administrators do not look after this one.
  const steward = { user: `organization:${stage.id}#admin`, relation: 'steward', object: `group:${group}` }
  const body = { deletes: { tuple_keys: [steward] } }
  ok(await directory.ask('POST', `/stores/${stage.id}/write`, body), 200)
  for (const role of ['member', 'manager']) {
    refused(await other('POST', '/sso/mappings', { claim: 'A', group, role }), 403, 'forbidden')
  }
  const { idpGroup } = await mapped(stage, { claim: 'A', group, role: 'manager' })
  refused(await other('DELETE', `/sso/mappings/${idpGroup.id}/${group}`), 403, 'forbidden')
  refused(await other('PUT', '/sso/mappings', { mappings: [] }), 403, 'forbidden')
  refused(await other('DELETE', `/sso/groups/${idpGroup.id}`), 403, 'forbidden')
  expect(await mappings(stage)).toEqual(['A -> G manager'])
  // Hidden is not found, and stays as it is.
  ok(await stage.boss('PATCH', `/groups/${group}`, { visibility: 'private' }), 200)
  refused(await other('POST', '/sso/mappings', { claim: 'B', group }), 422, 'unknown_reference', 'group')
  refused(await other('DELETE', `/sso/mappings/${idpGroup.id}/${group}`), 404, 'not_found')
  expect(ok(await other('GET', '/sso/mappings'), 200).body.mappings).toEqual([])
  ok(await other('PUT', '/sso/mappings', { mappings: [] }), 200)
  expect(await mappings(stage)).toEqual(['A -> G manager'])
  refused(await other('DELETE', `/sso/groups/${idpGroup.id}`), 404, 'not_found')
})

test('T59: what is provisioned and what signs in are two, and neither touches the other’s', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const provider = providerOf(directory, stage.id)
  const ann = await provider.user('ann@x.com', { emails: [{ value: 'ann@x.com', primary: true }] })
  const sales = await provider.group('Sales', [ann])
  const group = await stage.group('G')
  await mapped(stage, { idpGroup: sales, group, role: 'manager' })
  expect(await membersOf(stage, group)).toEqual([`${ann} manager sso`])
  // Claims of a group that is provisioned say nothing, in it or out of it.
  const signedIn = ok(await logIn(stage, { email: 'ann@x.com' }, ['Sales', 'sales', 'Other']), 200).body
  expect(signedIn).toMatchObject({ user: { id: ann }, provisioned: ['Sales'], joined: ['sales', 'Other'] })
  ok(await logIn(stage, { id: ann }, ['Other']), 200)
  expect(await membersOf(stage, group)).toEqual([`${ann} manager sso`])
  ok(await logIn(stage, { id: 'bob' }, ['Sales']), 201)
  expect(await membersOf(stage, group)).toEqual([`${ann} manager sso`])
  // What came of sign-ins is nothing to the provider.
  const rows = ok(await stage.boss('GET', '/sso/groups'), 200).body.groups
  const shown = rows.map(({ name, provider: by }: { name: string; provider?: string }) => `${name} ${by}`)
  expect(shown.sort()).toEqual(['Other default', 'Sales undefined', 'sales default'])
  const other = rows.find(({ name }: { name: string }) => name === 'Other').id
  expect((await provider.ask('GET', '/Groups')).body).toMatchObject({
    totalResults: 1,
    Resources: [{ id: sales }],
  })
  expect((await provider.ask('GET', `/Users/${ann}`)).body.groups).toMatchObject([{ value: sales }])
  for (const method of ['GET', 'DELETE'])
    expect((await provider.ask(method, `/Groups/${other}`)).status).toBe(404)
  refused(await stage.boss('DELETE', `/sso/groups/${sales}`), 409, 'managed_elsewhere')
  expect(
    (await provider.ask('POST', '/Groups', { displayName: 'X', members: [{ value: other }] })).status,
  ).toBe(400)
  // It may be called as a claim is, and goes with its mapping alone.
  await provider.group('Other')
  expect((await provider.ask('DELETE', `/Groups/${sales}`)).status).toBe(204)
  expect(await mappings(stage)).toEqual([])
  expect(await membersOf(stage, group)).toEqual([])
  ok(await stage.boss('GET', `/groups/${group}`), 200)
  ok(await stage.boss('PATCH', '', { settings: { ssoCreatesGroups: true } }), 200)
  await provider.group('Design', [ann])
  expect(await mappings(stage)).toEqual(['Design -> Design member'])
  expect(
    await stage.may(
      ann,
      'member',
      `group:${(await stage.boss('GET', '/groups?q=Design')).body.groups[0].id}`,
    ),
  ).toBe(true)
})

test('T59, X3: rules know the groups that somebody signed in with, in the very commit', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const group = await stage.group('G')
  ok(await stage.boss('PUT', `/groups/${group}/rule`, { rule: "'A' in groups" }), 200)
  ok(await logIn(stage, { id: 'ann' }, ['A']), 201)
  expect(await membersOf(stage, group)).toEqual(['ann member rule'])
  ok(await logIn(stage, { id: 'ann' }, ['B']), 200)
  expect(await membersOf(stage, group)).toEqual([])
})

test('T59, T71: mapping is for plans that include it; who was mapped before goes out all the same', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const group = await stage.group('G')
  await mapped(stage, { claim: 'A', group })
  ok(await logIn(stage, { id: 'ann' }, ['A']), 201)
  ok(await directory.ask('PUT', `/v1/orgs/${stage.id}/plan`, { plan: 'pro' }), 200)
  refused(await stage.boss('POST', '/sso/mappings', { claim: 'B', group }), 403, 'plan_required:enterprise')
  refused(await stage.boss('GET', '/sso/mappings'), 403, 'plan_required:enterprise')
  refused(await stage.boss('PUT', '/sso/mappings', { mappings: [] }), 403, 'plan_required:enterprise')
  expect(await membersOf(stage, group)).toEqual(['ann member sso'])
  ok(await logIn(stage, { id: 'ann' }, []), 200)
  expect(await membersOf(stage, group)).toEqual([])
})

test.each(['sharing', 'training', 'group-only', 'client-portal'])(
  'X6: %s has no identity provider',
  async (preset) => {
    const stage = await stageOf(directory, preset)
    refused(await logIn(stage, { id: 'ann' }, ['A']), 403, 'not_in_preset')
    refused(await stage.boss('GET', '/sso/mappings'), 403, 'not_in_preset')
    refused(await stage.boss('POST', '/sso/mappings', { claim: 'A', group: 'g' }), 403, 'not_in_preset')
  },
)

describe('X1: signing people in is the right of those who were given it', () => {
  test('forged by whoever manages, and by the sign-in of another organization', async () => {
    const ring = await openRing()
    const closed = await openDirectory({ closed: await closedBy(ring) })
    const [mine, theirs] = [await closed.organization('default'), await closed.organization('default')]
    const bearer = async (...scopes: string[]) => ({ authorization: `Bearer ${await ring.key(...scopes)}` })
    const path = `/v1/orgs/${mine.id}/sso/logins`
    const body = { user: { id: 'eve' }, groups: ['admins'] }
    const manager = await bearer(`directory:${mine.id}`, `act:${mine.id}`, `scim:${mine.id}`)
    expect(await closed.ask('POST', path, body, manager)).toMatchObject({ status: 403 })
    expect(await closed.ask('POST', path, body, await bearer(`login:${theirs.id}`))).toMatchObject({
      status: 404,
    })
    const own = await bearer(`login:${mine.id}`)
    expect(await closed.ask('POST', path, body, own)).toMatchObject({ status: 201 })
    const refresh = `/v1/orgs/${mine.id}/sessions/refresh`
    expect(await closed.ask('POST', refresh, { user: 'eve' }, own)).toMatchObject({ status: 200 })
    expect(await closed.ask('POST', refresh, {}, own)).toMatchObject({ status: 403 })
    expect(await closed.ask('POST', refresh, { user: 'eve' }, manager)).toMatchObject({ status: 403 })
    // It manages nothing.
    const asked = await closed.ask('GET', `/v1/orgs/${mine.id}/users`, undefined, {
      ...own,
      'kith-actor': 'user:boss',
    })
    expect(asked).toMatchObject({ status: 403 })
  })
})
