/** People come into groups, change their role and go, and what they may follows at once. */
import { describe, expect, test } from 'vitest'
import { sharedDirectory } from './http.ts'
import { plant } from './plant.ts'
import { type Stage, stageOf, withGroups } from './stage.ts'

const directory = await sharedDirectory()

/** The lowest role, where there are several. */
async function lowest(preset: string): Promise<{ readonly role?: string }> {
  const roles = (await directory.ground.presets.get(preset)).group?.memberRoles ?? []
  const role = roles.at(-1)?.id
  return roles.length < 2 || role === undefined ? {} : { role }
}

const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id)

/** A resource that a group can be given, and what its members may do with it then. */
const resources = {
  training: ['agent', 'bot', 'can_access'],
  sharing: ['agent', 'assistant', 'can_use'],
  enterprise: ['agent', 'agent', 'can_query'],
  'group-only': ['workspace', 'workspace', 'can_access'],
  default: ['agent', 'agent', 'can_use'],
} as const

describe.each(withGroups)('%s', (preset) => {
  async function withMember(user: string): Promise<{ stage: Stage; id: string; path: string }> {
    const stage = await stageOf(directory, preset)
    await stage.people('ann', 'bob', 'cyd')
    const id = await stage.group('Sales')
    const path = `/groups/${id}/members`
    const added = await stage.boss('POST', path, { user, ...(await lowest(preset)) })
    expect(added.status).toBe(201)
    return { stage, id, path }
  }

  test('Z1, Z14, Z27, Z30, Z40, T3, T5, T22, T31, T70, P8: in and out, effective on the next check, caches warm', async () => {
    const { stage, id, path } = await withMember('ann')
    const [kind, type, relation] = resources[preset]
    const { boss } = stage
    expect((await boss('POST', `/resources/${kind}`, { id: 'r', name: 'R' })).status).toBe(201)
    const level = preset === 'sharing' ? { level: 'viewer' } : {}
    expect((await boss('POST', `/groups/${id}/resources/${kind}`, { ids: ['r'], ...level })).status).toBe(201)
    for (let round = 0; round < 3; round++) {
      for (let warm = 0; warm < 2; warm++) expect(await stage.check('ann', relation, `${type}:r`)).toBe(true)
      expect((await boss('DELETE', `${path}/ann`)).status).toBe(204)
      expect(await stage.check('ann', relation, `${type}:r`)).toBe(false)
      expect(
        (await boss('GET', path)).body.members.filter((each: { id: string }) => each.id === 'ann'),
      ).toEqual([])
      expect((await boss('DELETE', `${path}/ann`)).status).toBe(404)
      expect((await boss('POST', path, { user: 'ann', ...(await lowest(preset)) })).status).toBe(201)
    }
    const listed = await boss('GET', `${path}?q=ann`)
    expect(listed.body.members).toMatchObject([
      {
        id: 'ann',
        name: 'Ann Lee',
        email: 'ann@example.com',
        sources: ['manual'],
        ...(await lowest(preset)),
      },
    ])
    expect(Date.parse(listed.body.members[0].addedAt)).toBeGreaterThan(0)
    expect((await boss('GET', `${path}/ann`)).body).toEqual(listed.body.members[0])
  })

  test('Z19, Z20, T20, Z26: candidates are those not yet in, found by name or address in any case', async () => {
    const { stage, id, path } = await withMember('ann')
    const ask = async (query: string) =>
      idsOf((await stage.boss('GET', `/groups/${id}/candidates${query}`)).body.candidates)
    expect(await ask('?kind=user&q=LEE')).toEqual(['bob', 'cyd'])
    expect(await ask('?q=BOB@example')).toEqual(['bob'])
    expect(await ask('?q=Cyd')).toEqual(['cyd'])
    const { body } = await stage.boss('GET', `/groups/${id}/candidates?q=bob`)
    expect(body.candidates).toEqual([{ id: 'bob', name: 'Bob Lee', email: 'bob@example.com' }])
    await stage.boss('DELETE', `${path}/ann`)
    expect(await ask('?q=lee')).toEqual(['ann', 'bob', 'cyd'])
    const first = await stage.boss('GET', `/groups/${id}/candidates?q=lee&pageSize=2`)
    const token = encodeURIComponent(first.body.continuationToken)
    expect(idsOf(first.body.candidates)).toEqual(['ann', 'bob'])
    expect(await ask(`?q=lee&pageSize=2&continuationToken=${token}`)).toEqual(['cyd'])
    expect((await stage.boss('GET', `/groups/${id}/candidates?kind=planet`)).status).toBe(422)
  })

  test('Z21, Z22, Z23, Z24, Z25: resources that may be given and are not yet, with their badges', async () => {
    const { stage, id } = await withMember('ann')
    const [kind] = resources[preset]
    for (const each of ['r1', 'r2']) {
      await stage.boss('POST', `/resources/${kind}`, {
        id: each,
        name: `The ${each}`,
        features: ['voice', 'roleplay'],
      })
    }
    const ask = async () => (await stage.boss('GET', `/groups/${id}/candidates?kind=${kind}`)).body.candidates
    expect(await ask()).toEqual([
      { id: 'r1', name: 'The r1', features: ['voice', 'roleplay'] },
      { id: 'r2', name: 'The r2', features: ['voice', 'roleplay'] },
    ])
    const level = preset === 'sharing' ? { level: 'viewer' } : {}
    await stage.boss('POST', `/groups/${id}/resources/${kind}`, { ids: ['r1'], ...level })
    expect(idsOf(await ask())).toEqual(['r2'])
    expect((await stage.boss('GET', `/groups/${id}`)).body).toMatchObject({
      resourceCounts: { [kind]: 1 },
      resources: { [kind]: [{ id: 'r1', name: 'The r1' }] },
    })
    await stage.boss('DELETE', `/groups/${id}/resources/${kind}/r1`)
    expect(idsOf(await ask())).toEqual(['r1', 'r2'])
  })

  test('T21, E6, P9, X6: roles that the product has, and no others', async () => {
    const { stage, path } = await withMember('ann')
    const { boss } = stage
    const { group } = await directory.ground.presets.get(preset)
    const roles = group?.memberRoles ?? []
    const field = { error: { field: 'role' } }
    expect(await boss('POST', path, { user: 'bob', role: 'chief' })).toMatchObject({
      status: 422,
      body: field,
    })
    expect((await boss('GET', `${path}/bob`)).status).toBe(404)
    if (roles.length === 1) {
      expect((await boss('GET', `${path}/ann`)).body.role).toBeUndefined()
      expect(await boss('PATCH', `${path}/ann`, { role: roles[0]?.id })).toMatchObject({
        status: 422,
        body: field,
      })
      return
    }
    const without = await boss('POST', path, { user: 'bob' })
    if (group?.defaultRole === undefined) expect(without).toMatchObject({ status: 422, body: field })
    else expect(without).toMatchObject({ status: 201, body: { role: group.defaultRole } })
    for (const { id, label } of roles) {
      const changed = await boss('PATCH', `${path}/ann`, { role: label.toUpperCase() })
      expect(changed).toMatchObject({ status: 200, body: { id: 'ann', role: id } })
      expect((await boss('GET', `${path}/ann`)).body.role).toBe(id)
      expect(await boss('POST', path, { user: 'ann' })).toMatchObject({ status: 200, body: { role: id } })
    }
    const other = await boss('POST', path, { user: 'ann', role: roles[0]?.id })
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'already_exists', field: 'role' } } })
    expect((await boss('PATCH', `${path}/cyd`, { role: roles[0]?.id })).status).toBe(404)
    expect((await boss('PATCH', `${path}/ann`, {})).status).toBe(422)
  })

  test('T22, X7: many at once, or none of them', async () => {
    const { stage, path } = await withMember('ann')
    const role = await lowest(preset)
    const own = idsOf((await stage.boss('GET', path)).body.members).length
    const wrong = await stage.boss('POST', path, { users: ['bob', 'eve', 'cyd'], ...role })
    expect(wrong).toMatchObject({
      status: 422,
      body: { error: { code: 'unknown_reference', field: 'users[1]' } },
    })
    expect((await stage.boss('GET', path)).body.members).toHaveLength(own)
    const added = await stage.boss('POST', path, { users: ['user:bob', 'cyd', 'bob', 'ann'], ...role })
    expect(added.status).toBe(201)
    expect(idsOf(added.body.members)).toEqual(['bob', 'cyd', 'bob', 'ann'])
    expect((await stage.boss('GET', path)).body.members).toHaveLength(own + 2)
    expect((await stage.boss('POST', path, { users: ['bob', 'cyd'], ...role })).status).toBe(200)
    for (const body of [{}, { user: 'bob', users: ['cyd'] }, { users: 'bob' }]) {
      expect((await stage.boss('POST', path, body)).status).toBe(422)
    }
  })

  test('X1: nobody of another organization is added, shown or offered', async () => {
    const { stage, id, path } = await withMember('ann')
    const other = await stageOf(directory, preset)
    await other.people('zed')
    const added = await stage.boss('POST', path, { user: 'zed', ...(await lowest(preset)) })
    expect(added).toMatchObject({
      status: 422,
      body: { error: { code: 'unknown_reference', field: 'user' } },
    })
    expect((await stage.boss('GET', `/groups/${id}/candidates?q=zed`)).body.candidates).toEqual([])
    const { group } = await directory.ground.presets.get(preset)
    const relation = group?.memberRoles.at(-1)?.relation
    const raw = await directory.ask('POST', `/stores/${stage.id}/write`, {
      writes: { tuple_keys: [{ user: 'user:zed', relation, object: `group:${id}` }] },
    })
    expect(raw).toMatchObject({ status: 422, body: { code: 'unknown_reference' } })
    const across = await directory.ask('POST', `/stores/${other.id}/write`, {
      writes: { tuple_keys: [{ user: 'user:zed', relation, object: `group:${id}` }] },
    })
    expect(across.status).toBe(422)
    expect(await stage.check('zed', relation ?? '', `group:${id}`)).toBe(false)
  })

  test('X5: members page in order, and none twice, whoever comes meanwhile', async () => {
    const { stage, path } = await withMember('ann')
    const users = Array.from({ length: 12 }, (_, at) => `m${String(at).padStart(2, '0')}`)
    await stage.people(...users)
    await stage.boss('POST', path, { users, ...(await lowest(preset)) })
    const seen: string[] = []
    let token = ''
    do {
      const page = await stage.boss(
        'GET',
        `${path}?pageSize=5&continuationToken=${encodeURIComponent(token)}`,
      )
      seen.push(...idsOf(page.body.members))
      token = page.body.continuationToken
      await stage.boss('POST', path, { user: 'bob', ...(await lowest(preset)) })
    } while (token !== '')
    expect(seen).toEqual(seen.toSorted())
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(expect.arrayContaining([...users, 'ann']))
  })
})

describe('sharing', () => {
  async function team(): Promise<{ stage: Stage; id: string; path: string }> {
    const stage = await stageOf(directory, 'sharing')
    await stage.people('olga', 'ed', 'vic', 'new', ['con', 'consumer'])
    const made = await stage.as('olga')('POST', '/groups', { name: 'Marketing' })
    expect(made).toMatchObject({ status: 201, body: { visibility: 'private' } })
    const { id } = made.body
    const path = `/groups/${id}/members`
    for (const [user, role] of [
      ['ed', 'editor'],
      ['vic', 'viewer'],
    ] as const) {
      expect((await stage.as('olga')('POST', path, { user, role })).status).toBe(201)
    }
    return { stage, id, path }
  }

  test('E26, E27, E29, E30: whoever makes a group owns it; consumers make none', async () => {
    const stage = await stageOf(directory, 'sharing')
    const roles = ['admin', 'creator', 'member'] as const
    await stage.people(...roles.map((role) => [`x${role}`, role] as const), ['con', 'consumer'])
    for (const role of roles) {
      const own = stage.as(`x${role}`)
      const made = await own('POST', '/groups', { name: `By ${role}` })
      expect(made.status).toBe(201)
      const members = await own('GET', `/groups/${made.body.id}/members`)
      expect(members.body.members).toMatchObject([{ id: `x${role}`, role: 'owner' }])
      expect((await own('PATCH', `/groups/${made.body.id}`, { name: `Of ${role}` })).status).toBe(200)
    }
    const refused = await stage.as('con')('POST', '/groups', { name: 'x' })
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
  })

  test('E7, E8, E9, E10, E11, E12: what each role may', async () => {
    const { stage, id, path } = await team()
    const statuses = async (user: string) => {
      const as = stage.as(user)
      const asked = {
        view: await as('GET', `/groups/${id}`),
        members: await as('GET', path),
        rename: await as('PATCH', `/groups/${id}`, { name: `By ${user}` }),
        add: await as('POST', path, { user: 'new', role: 'viewer' }),
        addOwner: await as('POST', path, { user: 'con', role: 'owner' }),
        promote: await as('PATCH', `${path}/vic`, { role: 'editor' }),
        demote: await as('PATCH', `${path}/vic`, { role: 'viewer' }),
        raise: await as('PATCH', `${path}/ed`, { role: 'owner' }),
        lower: await as('PATCH', `${path}/ed`, { role: 'editor' }),
        removeOwner: await as('DELETE', `${path}/olga`),
        remove: await as('DELETE', `${path}/new`),
      }
      return Object.fromEntries(Object.entries(asked).map(([name, { status }]) => [name, status]))
    }
    const none = { rename: 403, add: 403, addOwner: 403, promote: 403, demote: 403, raise: 403, lower: 403 }
    const viewer = { view: 200, members: 200, ...none, removeOwner: 403, remove: 403 }
    expect(await statuses('vic')).toEqual(viewer)
    expect(await statuses('ed')).toEqual({ ...viewer, add: 201, remove: 204 })
    expect(await statuses('olga')).toEqual({
      view: 200,
      members: 200,
      rename: 200,
      add: 201,
      addOwner: 201,
      promote: 200,
      demote: 200,
      raise: 200,
      lower: 200,
      removeOwner: 204,
      remove: 404,
    })
    for (const user of ['vic', 'ed'])
      expect((await stage.as(user)('DELETE', `/groups/${id}`)).status).toBe(403)
    expect((await stage.as('ed')('DELETE', `${path}/con`)).status).toBe(403)
  })

  test('E9: an owner deletes', async () => {
    const { stage, id } = await team()
    expect((await stage.as('olga')('DELETE', `/groups/${id}`)).status).toBe(204)
  })

  test('E20, E21, E22, E23, E24, E25: who may know of a group, and no more than that', async () => {
    const { stage, id, path } = await team()
    const [con, fresh] = [stage.as('con'), stage.as('new')]
    const seen = async (as: typeof con) => idsOf((await as('GET', '/groups?q=mark')).body.groups)
    for (const as of [con, fresh]) {
      expect(await seen(as)).toEqual([])
      expect((await as('GET', `/groups/${id}`)).status).toBe(404)
      expect((await as('GET', path)).status).toBe(404)
      expect((await as('POST', path, { user: 'new', role: 'viewer' })).status).toBe(404)
      expect((await as('DELETE', `${path}/vic`)).status).toBe(404)
    }
    expect((await stage.as('ed')('PATCH', `/groups/${id}`, { visibility: 'public' })).status).toBe(403)
    expect((await stage.as('olga')('PATCH', `/groups/${id}`, { visibility: 'public' })).status).toBe(200)
    for (const [user, as] of [
      ['con', con],
      ['new', fresh],
    ] as const) {
      expect(await seen(as)).toEqual([id])
      const shown = await as('GET', `/groups/${id}`)
      expect(shown).toMatchObject({ status: 200, body: { name: 'Marketing', visibility: 'public' } })
      for (const hidden of ['members', 'memberCount', 'resources', 'resourceCounts']) {
        expect(Object.keys(shown.body)).not.toContain(hidden)
      }
      expect((await as('GET', path)).status).toBe(403)
      expect((await as('GET', `${path}/vic`)).status).toBe(403)
      expect((await as('GET', `/groups/${id}/candidates`)).status).toBe(403)
      // Whether somebody is in it is nothing that a refusal tells.
      for (const other of ['vic', 'nobody']) {
        expect((await as('DELETE', `${path}/${other}`)).status).toBe(403)
        expect((await as('PATCH', `${path}/${other}`, { role: 'viewer' })).status).toBe(403)
      }
      const joined = await as('POST', path, { user, role: 'viewer' })
      expect(joined).toMatchObject({ status: 403, body: { error: { code: 'self_join' } } })
      expect(await stage.check(user, 'member', `group:${id}`)).toBe(false)
    }
    expect((await stage.as('vic')('POST', path, { user: 'new', role: 'viewer' })).status).toBe(403)
    expect((await stage.as('ed')('POST', path, { user: 'new', role: 'viewer' })).status).toBe(201)
    expect((await stage.as('olga')('PATCH', `/groups/${id}`, { visibility: 'private' })).status).toBe(200)
    expect(await seen(con)).toEqual([])
    expect((await con('GET', `/groups/${id}`)).status).toBe(404)
    expect(await seen(fresh)).toEqual([id])
  })

  test('E28, E29: a consumer is put into a group, has what it has, and never manages it', async () => {
    const { stage, id, path } = await team()
    const con = stage.as('con')
    await stage.boss('POST', '/resources/assistant', { id: 'a', name: 'A' })
    expect((await stage.as('olga')('POST', path, { user: 'con', role: 'owner' })).status).toBe(201)
    await stage.as('olga')('PATCH', `/groups/${id}`, { visibility: 'public' })
    expect(
      (await stage.boss('POST', '/resources/assistant/a/shares', { group: id, level: 'viewer' })).status,
    ).toBe(201)
    expect(await stage.check('con', 'can_use', 'assistant:a')).toBe(true)
    for (const [method, at, body] of [
      ['PATCH', '', { name: 'x' }],
      ['DELETE', '', undefined],
      ['POST', '/members', { user: 'new', role: 'viewer' }],
      ['DELETE', '/members/vic', undefined],
      ['PATCH', '/members/vic', { role: 'owner' }],
      ['POST', '/reviews', { keep: ['vic'] }],
    ] as const) {
      expect(await con(method, `/groups/${id}${at}`, body)).toMatchObject({
        status: 403,
        body: { error: { code: 'forbidden' } },
      })
    }
  })

  test('E31, T18: an owner is left, however the last one goes', async () => {
    const { stage, id, path } = await team()
    const olga = stage.as('olga')
    const refusal = { status: 409, body: { error: { code: 'last_owner' } } }
    expect(await olga('DELETE', `${path}/olga`)).toMatchObject(refusal)
    expect(await olga('PATCH', `${path}/olga`, { role: 'viewer' })).toMatchObject(refusal)
    expect(await olga('POST', `/groups/${id}/reviews`, { remove: ['olga'] })).toMatchObject(refusal)
    expect(await stage.boss('DELETE', '/users/olga')).toMatchObject({ status: 409 })
    const write = (body: object) => directory.ask('POST', `/stores/${stage.id}/write`, body)
    const owner = { user: 'user:olga', relation: 'owner', object: `group:${id}` }
    expect(await write({ deletes: { tuple_keys: [owner] } })).toMatchObject({
      status: 409,
      body: { code: 'last_holder' },
    })
    expect((await olga('GET', `${path}/olga`)).body).toMatchObject({ role: 'owner' })
    // In one commit with another owner it may.
    const swapped = await write({
      deletes: { tuple_keys: [owner] },
      writes: { tuple_keys: [{ ...owner, user: 'user:new' }] },
    })
    expect(swapped.status).toBe(200)
    const fresh = stage.as('new')
    expect((await fresh('PATCH', `${path}/ed`, { role: 'owner' })).status).toBe(200)
    expect((await fresh('DELETE', `${path}/new`)).status).toBe(204)
    expect((await stage.as('ed')('DELETE', `/groups/${id}`)).status).toBe(204)
  })
})

describe('enterprise', () => {
  test('T33, T34, T35, T36, T37: members and managers, apart from roles in the organization', async () => {
    const stage = await stageOf(directory, 'enterprise')
    await stage.people('man', 'mem', 'new')
    const id = await stage.group('Tier 1')
    const path = `/groups/${id}/members`
    for (const [user, role] of [
      ['man', 'manager'],
      ['mem', 'member'],
    ] as const) {
      expect((await stage.boss('POST', path, { user, role })).status).toBe(201)
      expect(await stage.check(user, 'can_use_resources', `group:${id}`)).toBe(true)
    }
    expect((await stage.boss('GET', path)).body.members).toMatchObject([
      { id: 'man', role: 'manager' },
      { id: 'mem', role: 'member' },
    ])
    const [man, mem] = [stage.as('man'), stage.as('mem')]
    expect((await mem('POST', path, { user: 'new' })).status).toBe(403)
    expect((await man('POST', path, { user: 'new' })).status).toBe(201)
    expect((await mem('DELETE', `${path}/new`)).status).toBe(403)
    expect((await man('DELETE', `${path}/new`)).status).toBe(204)
    expect((await man('POST', path, { user: 'new', role: 'manager' })).status).toBe(403)
    expect((await man('PATCH', `${path}/mem`, { role: 'manager' })).status).toBe(403)
    for (const [as, status] of [
      [mem, 403],
      [man, 403],
      [stage.boss, 200],
    ] as const) {
      expect((await as('PATCH', `/groups/${id}`, { name: 'Tier One' })).status).toBe(status)
    }
    const role = async (user: string) =>
      (await stage.boss('GET', `/users?q=${user}`)).body.users.map((each: { role: string }) => each.role)
    expect(await role('man')).toEqual(['readonly'])
    const { group } = await directory.ground.presets.get('enterprise')
    expect(group?.hierarchy?.depthMax).toBe(10)
  })

  test('T38: a higher role passes what a lower one passes', async () => {
    const stage = await stageOf(directory, 'enterprise')
    const roles = ['readonly', 'train', 'configure', 'admin']
    await stage.people(...roles.map((role) => [`x${role}`, role] as const))
    for (const [rank, role] of roles.entries()) {
      for (const [other, relation] of roles.entries()) {
        expect(await stage.check(`x${role}`, relation, `organization:${stage.id}`)).toBe(rank >= other)
      }
    }
  })

  test('X3: a membership by a rule is told apart, and stays when the one by hand goes', async () => {
    const stage = await stageOf(directory, 'enterprise')
    await stage.people('ann', 'bob', 'cyd')
    const id = await stage.group('Tier 1')
    const path = `/groups/${id}/members`
    await stage.boss('POST', path, { user: 'ann' })
    await plant(directory, stage, (garden) => {
      for (const user of ['ann', 'bob']) garden.byRule(id, user)
    })
    const staff = { displayName: 'Staff', members: [{ value: 'cyd' }] }
    const made = await directory.ask('POST', `/scim/v2/${stage.id}/Groups`, staff)
    const written = await directory.ask('POST', `/stores/${stage.id}/write`, {
      writes: {
        tuple_keys: [
          {
            user: `idp_group:${JSON.parse(made.body).id}#member`,
            relation: 'sso_member',
            object: `group:${id}`,
          },
        ],
      },
    })
    expect(written.status).toBe(200)
    expect((await stage.boss('GET', path)).body.members).toMatchObject([
      { id: 'ann', role: 'member', sources: ['manual', 'rule'] },
      { id: 'bob', role: 'member', sources: ['rule'] },
      { id: 'cyd', role: 'member', sources: ['sso'] },
    ])
    expect((await stage.boss('GET', '/groups')).body.groups).toMatchObject([{ memberCount: 3 }])
    expect((await stage.boss('GET', `/groups/${id}/candidates?q=lee`)).body.candidates).toEqual([])
    expect(await stage.boss('DELETE', `${path}/ann`)).toMatchObject({
      status: 200,
      body: { id: 'ann', sources: ['rule'] },
    })
    expect((await stage.boss('GET', `${path}/ann`)).body).toMatchObject({ sources: ['rule'] })
    expect(await stage.check('ann', 'member', `group:${id}`)).toBe(true)
    expect(await stage.boss('DELETE', `${path}/bob`)).toMatchObject({
      status: 409,
      body: { error: { code: 'managed_elsewhere' } },
    })
  })
})

test('Z4, Z9, P9: one tuple for a whole group; who is in two has what both have', async () => {
  const stage = await stageOf(directory, 'training')
  const users = Array.from({ length: 100 }, (_, at) => `u${at}`)
  await stage.people(...users)
  const [one, two] = [await stage.group('One'), await stage.group('Two')]
  for (const group of [one, two]) await stage.boss('POST', `/groups/${group}/members`, { users })
  for (const [group, bot] of [
    [one, 'b1'],
    [two, 'b2'],
  ] as const) {
    await stage.boss('POST', '/resources/bot', { id: bot, name: bot })
    expect((await stage.boss('POST', `/groups/${group}/resources/bot`, { ids: [bot] })).status).toBe(201)
    const tuples = await directory.ask('POST', `/stores/${stage.id}/read`, {
      tuple_key: { object: `bot:${bot}`, relation: 'in_group' },
    })
    expect(tuples.body.tuples).toHaveLength(1)
  }
  const answers = await Promise.all(
    users.flatMap((user) => ['b1', 'b2'].map((bot) => stage.check(user, 'can_access', `bot:${bot}`))),
  )
  expect(new Set(answers)).toEqual(new Set([true]))
  await stage.boss('DELETE', `/groups/${one}/resources/bot/b1`)
  expect(await stage.check('u7', 'can_access', 'bot:b1')).toBe(false)
  expect(await stage.check('u7', 'can_access', 'bot:b2')).toBe(true)
})
