/** Groups are made, found, changed and deleted as each preset says. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { openDirectory, sharedDirectory } from './http.ts'
import { stageOf, withGroups } from './stage.ts'

const directory = await sharedDirectory()

const idPattern = /^grp_[a-z0-9]{12}$/

describe.each(withGroups)('%s', (preset) => {
  test('Z12, Z31, Z35, P3, P6, T12, T13, T14, T15: made, listed, shown, deleted', async () => {
    const { boss, id: org, ...stage } = await stageOf(directory, preset)
    const other = await stageOf(directory, preset)
    await other.group('Elsewhere')
    const id = await stage.group('Sales Team')
    expect(id).toMatch(idPattern)
    const listed = await boss('GET', '/groups')
    expect(listed.body).toMatchObject({
      groups: [{ id, name: 'Sales Team', status: 'Active', resourceCounts: {} }],
      continuationToken: '',
    })
    // Whoever makes a group is in it where the product says so.
    const { group } = await directory.ground.presets.get(preset)
    const own = group?.creatorRole === undefined ? 0 : 1
    expect(listed.body.groups[0].memberCount).toBe(own)
    const shown = await boss('GET', `/groups/${id}`)
    expect(shown).toMatchObject({ status: 200, body: { id, name: 'Sales Team', resources: {} } })
    expect(shown.body.members).toHaveLength(own)
    const gone = await boss('DELETE', `/groups/${id}`)
    expect(gone.status).toBe(204)
    expect(gone.headers.get('kith-zookie')).not.toBeNull()
    expect((await boss('GET', `/groups/${id}`)).status).toBe(404)
    expect((await boss('DELETE', `/groups/${id}`)).status).toBe(404)
    const left = await directory.ask('POST', `/stores/${org}/read`, {})
    expect(JSON.stringify(left.body)).not.toContain(id)
    expect(await stage.group('Sales Team')).not.toBe(id)
  })

  test("Z31, T7, T9, T13, Z34, X6: fields that are missing, unknown or not the product's", async () => {
    const { boss, ...stage } = await stageOf(directory, preset)
    const { group } = await directory.ground.presets.get(preset)
    const field = (answer: { body: { error?: { field?: string } } }) => answer.body.error?.field
    expect(field(await boss('POST', '/groups', {}))).toBe('name')
    expect(field(await boss('POST', '/groups', { description: 'x' }))).toBe('name')
    expect(field(await boss('POST', '/groups', { name: 'x', id: 'grp_mine' }))).toBe('id')
    const alone = await boss('POST', '/groups', { name: 'Alone' })
    const required = group?.requiredFields[0]
    expect([alone.status, field(alone)]).toEqual(required === undefined ? [201, undefined] : [422, required])
    const id = await stage.group('Full')
    for (const [name, value] of Object.entries({
      description: 'Words',
      category: group?.categories[0] ?? 'role',
      tags: ['a', 'b'],
      visibility: 'public',
    })) {
      const has = group?.fields.some((each) => each === name)
      const changed = await boss('PATCH', `/groups/${id}`, { [name]: value })
      if (has) expect(changed).toMatchObject({ status: 200, body: { [name]: value } })
      else
        expect(changed).toMatchObject({
          status: 422,
          body: { error: { code: 'not_in_preset', field: name } },
        })
    }
    for (const name of ['members', 'resources', 'status', 'id']) {
      const refused = await boss('PATCH', `/groups/${id}`, { [name]: [] })
      expect(refused).toMatchObject({ status: 422, body: { error: { code: 'invalid_field', field: name } } })
    }
  })

  test("Z33, T8, 1.7: a name is one group's, in any case; renamed, all else stays", async () => {
    const { boss, ...stage } = await stageOf(directory, preset)
    await stage.people('ann')
    const id = await stage.group('Customer Support Team')
    const { group } = await directory.ground.presets.get(preset)
    const role = group?.memberRoles.length === 1 ? {} : { role: group?.memberRoles.at(-1)?.id }
    expect((await boss('POST', `/groups/${id}/members`, { user: 'ann', ...role })).status).toBe(201)
    const required = Object.fromEntries((group?.requiredFields ?? []).map((each) => [each, 'x']))
    const second = await boss('POST', '/groups', { name: ' customer  SUPPORT team ', ...required })
    expect(second).toMatchObject({ status: 409, body: { error: { code: 'name_taken', field: 'name' } } })
    const elsewhere = await stageOf(directory, preset)
    expect(await elsewhere.group('Customer Support Team')).toMatch(idPattern)
    const renamed = await boss('PATCH', `/groups/${id}`, { name: 'Helpers' })
    expect(renamed).toMatchObject({ status: 200, body: { id, name: 'Helpers' } })
    expect((await boss('GET', '/groups?q=HELP')).body.groups).toMatchObject([{ id, name: 'Helpers' }])
    expect((await boss('GET', '/groups?q=customer')).body.groups).toEqual([])
    expect((await boss('GET', `/groups/${id}/members/ann`)).status).toBe(200)
    expect(await stage.check('ann', group?.memberRelation ?? '', `group:${id}`)).toBe(true)
    expect(await stage.group('Customer Support Team')).not.toBe(id)
    const other = await stage.group('Third')
    const taken = await boss('PATCH', `/groups/${other}`, { name: 'HELPERS' })
    expect(taken).toMatchObject({ status: 409, body: { error: { code: 'name_taken' } } })
    // Its own name, spelt anew, is no conflict.
    expect((await boss('PATCH', `/groups/${id}`, { name: 'HELPERS' })).status).toBe(200)
  })

  test('X5, Z13: pages repeat nothing and skip nothing, whatever is made meanwhile', async () => {
    const { boss, ...stage } = await stageOf(directory, preset)
    const made = new Set<string>()
    for (let at = 0; at < 7; at++) made.add(await stage.group(`Group ${at}`))
    const seen: string[] = []
    let token = ''
    do {
      const page = await boss('GET', `/groups?pageSize=2&continuationToken=${encodeURIComponent(token)}`)
      seen.push(...page.body.groups.map(({ id }: { id: string }) => id))
      token = page.body.continuationToken
      if (seen.length < 7) await stage.group(`More ${seen.length}`)
    } while (token !== '')
    expect(new Set(seen).size).toBe(seen.length)
    expect([...made].filter((id) => !seen.includes(id))).toEqual([])
    const strange = await boss('GET', '/groups?continuationToken=zzz')
    expect(strange.body.error.code).toBe('invalid_continuation_token')
  })

  test('X1: a group of another organization is not there', async () => {
    const [one, two] = [await stageOf(directory, preset), await stageOf(directory, preset)]
    const id = await one.group('One')
    const role = (await directory.ground.presets.get(preset)).group?.memberRoles
    const body = { user: 'boss', ...(role?.length === 1 ? {} : { role: role?.at(-1)?.id }) }
    for (const [method, path, sent] of [
      ['GET', '', undefined],
      ['PATCH', '', { name: 'Two' }],
      ['DELETE', '', undefined],
      ['GET', '/members', undefined],
      ['POST', '/members', body],
      ['GET', '/candidates', undefined],
      ['POST', '/archive', undefined],
      ['POST', '/reviews', {}],
    ] as const) {
      const answer = await two.boss(method, `/groups/${id}${path}`, sent)
      expect([path, answer.status]).toEqual([path, 404])
    }
  })
})

test('P6, 1.7: a product without groups refuses them as a whole', async () => {
  const { boss } = await stageOf(directory, 'client-portal')
  for (const [method, path] of [
    ['GET', '/groups'],
    ['POST', '/groups'],
    ['GET', '/groups/x'],
  ] as const) {
    const body = method === 'POST' ? { name: 'x' } : undefined
    expect(await boss(method, path, body)).toMatchObject({
      status: 403,
      body: { error: { code: 'not_in_preset' } },
    })
  }
})

test('Z3, T2, Z38: by category, with description and tags', async () => {
  const { boss, ...stage } = await stageOf(directory, 'default')
  const skill = await stage.group('Closers', { category: 'skill', description: 'They close', tags: ['eu'] })
  await stage.group('Sales', { category: 'department' })
  const found = await boss('GET', '/groups?category=skill')
  expect(found.body.groups).toMatchObject([
    { id: skill, category: 'skill', description: 'They close', tags: ['eu'] },
  ])
  const wrong = await boss('POST', '/groups', { name: 'x', category: 'planet' })
  expect(wrong).toMatchObject({ status: 422, body: { error: { field: 'category' } } })
  const cleared = await boss('PATCH', `/groups/${skill}`, { category: null, tags: null, description: null })
  expect(cleared.status).toBe(200)
  expect(Object.keys(cleared.body)).not.toContain('category')
  expect((await boss('GET', '/groups?category=skill')).body.groups).toEqual([])
})

test('T9: a required description stays', async () => {
  const { boss, ...stage } = await stageOf(directory, 'enterprise')
  const id = await stage.group('Tier 1')
  const refused = await boss('PATCH', `/groups/${id}`, { description: null })
  expect(refused).toMatchObject({ status: 422, body: { error: { field: 'description' } } })
})

test('T6, Z31: who may not create groups is told what is missing', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('ann')
  const refused = await stage.as('ann')('POST', '/groups', { name: 'x', description: 'x' })
  expect(refused).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
  expect(refused.body.error.message).toContain('can_create_group')
})

describe('copies', () => {
  test('Z39: what a group has, and nobody of those in it', async () => {
    const { boss, ...stage } = await stageOf(directory, 'training')
    await stage.people('ann')
    const from = await stage.group('From')
    await boss('POST', '/resources/bot', { id: 'b1', name: 'Coach' })
    await boss('POST', '/resources/persona', { id: 'p1', name: 'Customer' })
    await boss('POST', `/groups/${from}/resources/bot`, { ids: ['b1'] })
    await boss('POST', `/groups/${from}/resources/persona`, { ids: ['p1'] })
    await boss('POST', `/groups/${from}/members`, { user: 'ann' })
    const copy = await stage.group('Copy', { copyFrom: from })
    const shown = await boss('GET', `/groups/${copy}`)
    expect(shown.body).toMatchObject({
      memberCount: 0,
      members: [],
      resourceCounts: { agent: 1, persona: 1 },
      resources: { agent: [{ id: 'b1', name: 'Coach' }], persona: [{ id: 'p1' }] },
    })
    await stage.people('bob')
    await boss('POST', `/groups/${copy}/members`, { user: 'bob' })
    expect(await stage.check('bob', 'can_access', 'bot:b1')).toBe(true)
    const unknown = await boss('POST', '/groups', { name: 'x', copyFrom: 'grp_nobody' })
    expect(unknown).toMatchObject({
      status: 422,
      body: { error: { code: 'unknown_reference', field: 'copyFrom' } },
    })
  })

  test('Z39, E24: nobody copies what they may not give', async () => {
    const stage = await stageOf(directory, 'sharing')
    await stage.people('ann', 'bob')
    const ann = stage.as('ann')
    const from = (await ann('POST', '/groups', { name: 'From', visibility: 'public' })).body.id
    await stage.boss('POST', '/resources/assistant', { id: 'a1', name: 'A' })
    await stage.boss('POST', '/resources/assistant/a1/shares', { group: from, level: 'viewer' })
    const copied = await ann('POST', '/groups', { name: 'Copy', copyFrom: from })
    expect(copied).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
  })
})

describe('plans', () => {
  test('T71, T73: without the plan nothing is made or changed; what there is stays, and can go', async () => {
    const { boss, ...stage } = await stageOf(directory, 'enterprise')
    const id = await stage.group('Tier 1')
    await stage.people('ann')
    await boss('POST', `/groups/${id}/members`, { user: 'ann' })
    await stage.plan('free')
    const refusal = { status: 403, body: { error: { code: 'plan_required:pro' } } }
    expect(await boss('POST', '/groups', { name: 'y', description: 'y' })).toMatchObject(refusal)
    expect(await boss('PATCH', `/groups/${id}`, { name: 'y' })).toMatchObject(refusal)
    expect(await boss('POST', `/groups/${id}/members`, { user: 'boss' })).toMatchObject(refusal)
    expect(await boss('DELETE', `/groups/${id}/members/ann`)).toMatchObject(refusal)
    expect(await boss('POST', `/groups/${id}/archive`)).toMatchObject(refusal)
    expect((await boss('GET', '/groups')).body.groups).toMatchObject([{ id, memberCount: 1 }])
    expect((await boss('GET', `/groups/${id}/members`)).status).toBe(200)
    expect(await stage.check('ann', 'member', `group:${id}`)).toBe(true)
    await stage.plan('pro')
    expect((await boss('PATCH', `/groups/${id}`, { name: 'y' })).status).toBe(200)
    expect((await boss('POST', '/groups', { name: 'z', description: 'z' })).status).toBe(201)
    await stage.plan('free')
    expect((await boss('DELETE', `/groups/${id}`)).status).toBe(204)
  })
})

describe('archive', () => {
  test('T66, T67, T63: suspended, and back as it was; twice is once', async () => {
    const { boss, ...stage } = await stageOf(directory, 'enterprise')
    await stage.people('ann')
    const id = await stage.group('Tier 1')
    await boss('POST', `/groups/${id}/members`, { user: 'ann' })
    await boss('POST', '/resources/agent', { id: 'a1', name: 'A' })
    expect((await boss('POST', `/groups/${id}/resources/agent`, { ids: ['a1'] })).status).toBe(201)
    expect(await stage.check('ann', 'can_query', 'agent:a1')).toBe(true)
    for (let twice = 0; twice < 2; twice++) {
      const archived = await boss('POST', `/groups/${id}/archive`)
      expect(archived).toMatchObject({ status: 200, body: { status: 'Archived' } })
      expect(await stage.check('ann', 'can_query', 'agent:a1')).toBe(false)
    }
    expect((await boss('GET', '/groups?status=Archived')).body.groups).toMatchObject([{ id }])
    expect((await boss('GET', '/groups?status=active')).body.groups).toEqual([])
    expect(await boss('PATCH', `/groups/${id}`, { name: 'x' })).toMatchObject({
      status: 409,
      body: { error: { code: 'archived' } },
    })
    for (let twice = 0; twice < 2; twice++) {
      const back = await boss('POST', `/groups/${id}/unarchive`)
      expect(back).toMatchObject({ status: 200, body: { status: 'Active' } })
    }
    expect(await stage.check('ann', 'can_query', 'agent:a1')).toBe(true)
    expect((await boss('GET', `/groups/${id}/members`)).body.members).toHaveLength(1)
    const wrong = await boss('GET', '/groups?status=gone')
    expect(wrong).toMatchObject({ status: 422, body: { error: { field: 'status' } } })
  })

  test.each(['enterprise', 'default'])(
    'T67: with `archivedGroupsGive` of %s, archived groups give what they gave, and are frozen all the same',
    async (preset) => {
      const { boss, ...stage } = await stageOf(directory, preset)
      await stage.people('ann', 'bob')
      const id = await stage.group('Tier 1')
      const relation = preset === 'enterprise' ? 'can_query' : 'can_use'
      await boss('POST', `/groups/${id}/members`, { user: 'ann', role: 'member' })
      await boss('POST', '/resources/agent', { id: 'a1', name: 'A' })
      await boss('POST', `/groups/${id}/resources/agent`, { ids: ['a1'] })
      await boss('POST', `/groups/${id}/archive`)
      const reaches = () => stage.check('ann', relation, 'agent:a1')
      for (const [on, gives] of [
        [false, false],
        [true, true],
        [false, false],
        [true, true],
      ]) {
        const settings = { archivedGroupsGive: on }
        expect(await boss('PATCH', '', { settings })).toMatchObject({ status: 200, body: { settings } })
        expect(await reaches()).toBe(gives)
      }
      for (const [path, body] of [
        ['members', { user: 'bob', role: 'member' }],
        ['resources/agent', { ids: ['a1'] }],
      ] as const) {
        expect(await boss('POST', `/groups/${id}/${path}`, body)).toMatchObject({
          status: 409,
          body: { error: { code: 'archived' } },
        })
      }
      await boss('POST', `/groups/${id}/unarchive`)
      expect(await reaches()).toBe(true)
    },
  )

  test.each(['enterprise', 'default'])(
    'T66: in %s, who may neither delete nor unarchive a group is not told that the archive is why',
    async (preset) => {
      const { boss, as, ...stage } = await stageOf(directory, preset)
      await stage.people('ann')
      const id = await stage.group('Tier 1')
      await boss('POST', `/groups/${id}/members`, { user: 'ann', role: 'manager' })
      await boss('PATCH', '', { settings: { archivedGroupsGive: true } })
      await boss('POST', `/groups/${id}/archive`)
      const refused = (code: string, status: number) => ({ status, body: { error: { code } } })
      const ann = as('ann')
      expect(await ann('DELETE', `/groups/${id}`)).toMatchObject(refused('forbidden', 403))
      expect(await ann('POST', `/groups/${id}/unarchive`)).toMatchObject(refused('forbidden', 403))
      // What does rest on it.
      expect(await ann('DELETE', `/groups/${id}/members/ann`)).toMatchObject(refused('archived', 409))
    },
  )

  test('X6: a product without an archive says so', async () => {
    const { boss, ...stage } = await stageOf(directory, 'training')
    const id = await stage.group('x')
    expect(await boss('POST', `/groups/${id}/archive`)).toMatchObject({
      status: 422,
      body: { error: { code: 'not_in_preset' } },
    })
  })
})

describe('reviews', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('Z37: due after its days, not after a review, which removes those who are to go', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const own = await openDirectory()
    const { boss, ...stage } = await stageOf(own, 'training')
    await stage.people('ann', 'bob')
    const id = await stage.group('Sales')
    for (const user of ['ann', 'bob']) await boss('POST', `/groups/${id}/members`, { user })
    const due = async () => (await boss('GET', '/groups?review=due')).body.groups.length
    const day = 24 * 60 * 60 * 1000
    vi.setSystemTime(Date.now() + 89 * day)
    expect(await due()).toBe(0)
    vi.setSystemTime(Date.now() + 2 * day)
    expect(await due()).toBe(1)
    for (const [body, code] of [
      [{ keep: ['ann'], remove: ['ann'] }, 'invalid_field'],
      [{ keep: ['eve'] }, 'unknown_reference'],
      [{ stay: [] }, 'invalid_field'],
    ] as const) {
      expect(await boss('POST', `/groups/${id}/reviews`, body)).toMatchObject({
        status: 422,
        body: { error: { code } },
      })
    }
    const reviewed = await boss('POST', `/groups/${id}/reviews`, { keep: ['ann'], remove: ['bob'] })
    expect(reviewed).toMatchObject({ status: 201, body: { kept: 1, removed: 1 } })
    expect(Date.parse(reviewed.body.reviewDueAt)).toBe(Date.now() + 90 * day)
    expect(await due()).toBe(0)
    expect(await stage.check('bob', 'member', `group:${id}`)).toBe(false)
    expect((await boss('GET', `/groups/${id}`)).body).toMatchObject({ memberCount: 1 })
    vi.setSystemTime(Date.now() + 91 * day)
    expect(await due()).toBe(1)
  })
})

describe('hierarchy', () => {
  test('T10, T16, T17, T19: a parent gives its children what it may do, until they leave', async () => {
    const { boss, ...stage } = await stageOf(directory, 'enterprise')
    await stage.people('top', 'low')
    const parent = await stage.group('Support')
    const child = await stage.group('Tier 1', { parentId: parent })
    const grandchild = await stage.group('Night', { parentId: child })
    await boss('POST', `/groups/${parent}/members`, { user: 'top' })
    await boss('POST', `/groups/${grandchild}/members`, { user: 'low' })
    for (const [group, agent] of [
      [parent, 'a1'],
      [grandchild, 'a2'],
    ] as const) {
      await boss('POST', '/resources/agent', { id: agent, name: agent })
      expect((await boss('POST', `/groups/${group}/resources/agent`, { ids: [agent] })).status).toBe(201)
    }
    expect((await boss('GET', `/groups/${child}`)).body).toMatchObject({
      parent: { id: parent, name: 'Support' },
      children: [{ id: grandchild, name: 'Night' }],
      memberCount: 0,
    })
    expect((await boss('GET', '/groups?q=night')).body.groups).toMatchObject([{ parentId: child }])
    expect(await stage.check('low', 'can_query', 'agent:a1')).toBe(true)
    expect(await stage.check('top', 'can_query', 'agent:a2')).toBe(false)
    expect((await boss('PATCH', `/groups/${child}`, { parentId: null })).body.parentId).toBeUndefined()
    expect(await stage.check('low', 'can_query', 'agent:a1')).toBe(false)
    expect((await boss('GET', `/groups/${parent}`)).body.children).toEqual([])
    expect((await boss('PATCH', `/groups/${grandchild}`, { parentId: parent })).body.parentId).toBe(parent)
    expect(await stage.check('low', 'can_query', 'agent:a1')).toBe(true)
    expect((await boss('DELETE', `/groups/${parent}`)).status).toBe(204)
    expect(await stage.check('low', 'can_query', 'agent:a1')).toBe(false)
    expect((await boss('GET', `/groups/${grandchild}`)).body.parent).toBeUndefined()
  })

  test('T18: no way back up, and no deeper than the preset says', async () => {
    const { boss, ...stage } = await stageOf(directory, 'enterprise')
    const chain = [await stage.group('g1')]
    for (let at = 2; at <= 10; at++) chain.push(await stage.group(`g${at}`, { parentId: chain.at(-1) }))
    const eleventh = await boss('POST', '/groups', { name: 'g11', description: 'x', parentId: chain[9] })
    expect(eleventh).toMatchObject({ status: 422, body: { error: { code: 'too_deep', field: 'parentId' } } })
    for (const parentId of [chain[0], chain[1], chain[9]]) {
      expect(await boss('PATCH', `/groups/${chain[0]}`, { parentId })).toMatchObject({
        status: 409,
        body: { error: { code: 'cycle' } },
      })
    }
    // A subtree counts as deep as it is.
    const other = await stage.group('other')
    expect(await boss('PATCH', `/groups/${chain[0]}`, { parentId: other })).toMatchObject({
      status: 422,
      body: { error: { code: 'too_deep' } },
    })
    expect((await boss('PATCH', `/groups/${chain[1]}`, { parentId: other })).status).toBe(200)
    expect(await boss('PATCH', `/groups/${chain[1]}`, { parentId: 'grp_none' })).toMatchObject({
      status: 422,
      body: { error: { code: 'unknown_reference', field: 'parentId' } },
    })
    expect((await boss('GET', `/groups/${chain[1]}`)).body.parent.id).toBe(other)
  })
})
