/** Where servers of SCIM really fall: each a test of its own. */
import { describe, expect, test } from 'vitest'
import { filtered, openProvider, patch, urn } from './provider.ts'

const { directory, stage, provider } = await openProvider()
let made = 0

const name = (word: string) => `${word}${made++}@pit.local`
const user = (fields: object = {}) => provider.user(name('u'), fields)

async function membersOf(group: string): Promise<readonly string[]> {
  const { body } = await provider.ask('GET', `/Groups/${group}`)
  return body.members.map(({ value }: { value: string }) => value).sort()
}

test.each([
  { op: 'remove', path: 'active' },
  { op: 'Replace', path: 'active', value: null },
  { op: 'Replace', path: 'active', value: [null] },
  { op: 'replace', value: { active: null, title: 'Dr' } },
])('who is inactive stays so where nothing is said of it: %j', async (operation) => {
  const id = await user({ active: false })
  const answer = await provider.ask('PATCH', `/Users/${id}`, patch(operation))
  expect(answer).toMatchObject({ status: 200, body: { active: false } })
  const whole = await provider.ask('PUT', `/Users/${id}`, { userName: name('w'), active: null })
  expect(whole).toMatchObject({ status: 200, body: { active: false } })
})

describe('operations', () => {
  test.each(['add', 'Add', 'ADD'])('%s is a word in any case', async (op) => {
    const [group, ann] = [await provider.group(name('g')), await user()]
    const answer = await provider.ask('PATCH', `/Groups/${group}`, {
      operations: [{ OP: op, Path: 'MEMBERS', Value: [{ Value: ann }] }],
    })
    expect([answer.status, await membersOf(group)]).toEqual([204, [ann]])
  })

  test('to remove members that are named removes those and no others', async () => {
    const [ann, bob, cat] = [await user(), await user(), await user()]
    const group = await provider.group(name('g'), [ann, bob, cat])
    await provider.ask(
      'PATCH',
      `/Groups/${group}`,
      patch({ op: 'Remove', path: 'members', value: [{ value: ann }] }),
    )
    expect(await membersOf(group)).toEqual([bob, cat].sort())
    await provider.ask(
      'PATCH',
      `/Groups/${group}`,
      patch({ op: 'remove', path: 'members', value: { value: bob } }),
    )
    expect(await membersOf(group)).toEqual([cat])
    for (const [value, status] of [
      [null, 400],
      [[], 204],
    ]) {
      const answer = await provider.ask(
        'PATCH',
        `/Groups/${group}`,
        patch({ op: 'Remove', path: 'members', value }),
      )
      expect([value, answer.status, await membersOf(group)]).toEqual([value, status, [cat]])
    }
    await provider.ask('PATCH', `/Groups/${group}`, patch({ op: 'remove', path: 'members' }))
    expect(await membersOf(group)).toEqual([])
  })

  test('to add who is in it already changes nothing, and to remove who is not neither', async () => {
    const [ann, bob] = [await user(), await user()]
    const group = await provider.group(name('g'), [ann])
    const before = (await provider.ask('GET', `/Groups/${group}`)).body
    for (const operation of [
      { op: 'add', path: 'members', value: [{ value: ann, display: 'Ann' }, { value: ann }] },
      { op: 'remove', path: `members[value eq "${bob}"]` },
      { op: 'remove', path: 'members', value: [{ value: 'usr_gone' }] },
    ]) {
      expect((await provider.ask('PATCH', `/Groups/${group}`, patch(operation))).status).toBe(204)
    }
    expect((await provider.ask('GET', `/Groups/${group}`)).body).toEqual(before)
  })

  test('come one after the other: the last one counts', async () => {
    const [ann, bob] = [await user(), await user()]
    const group = await provider.group(name('g'), [ann])
    const operations = [
      { op: 'remove', path: `members[value eq "${ann}"]` },
      { op: 'add', path: 'members', value: [{ value: ann }, { value: bob }] },
      { op: 'remove', path: `members[value eq "${bob}" or value eq "usr_x"]` },
    ]
    await provider.ask('PATCH', `/Groups/${group}`, patch(...operations))
    expect(await membersOf(group)).toEqual([ann])
    await provider.ask(
      'PATCH',
      `/Groups/${group}`,
      patch(
        { op: 'add', path: 'members', value: [{ value: bob }] },
        { op: 'replace', path: 'members', value: [] },
      ),
    )
    expect(await membersOf(group)).toEqual([])
  })

  test.each([
    ['an operation that is none', { op: 'move', path: 'title' }, 'invalidSyntax'],
    ['an attribute that is none', { op: 'add', path: 'nonsense', value: 1 }, 'invalidPath'],
    ['a path that is none', { op: 'add', path: 'emails[type eq "work"', value: 'x' }, 'invalidPath'],
    [
      'a part that is none',
      { op: 'add', path: 'emails[type eq "work"].nonsense', value: 'x' },
      'invalidPath',
    ],
    ['a filter that is none', { op: 'add', path: 'emails[type xx "work"].value', value: 'x' }, 'invalidPath'],
    [
      'values that are not there',
      { op: 'replace', path: 'emails[type eq "home"].value', value: 'x@y.zz' },
      'noTarget',
    ],
    ['nothing to be removed', { op: 'remove' }, 'noTarget'],
    ['an id', { op: 'replace', path: 'id', value: 'x' }, 'mutability'],
    ['groups of a user', { op: 'add', path: 'groups', value: [{ value: 'x' }] }, 'mutability'],
    ['what has to be there', { op: 'remove', path: 'userName' }, 'mutability'],
    ['a truth that is none', { op: 'replace', path: 'active', value: 'maybe' }, 'invalidValue'],
    ['a text that is none', { op: 'replace', path: 'title', value: { a: 1 } }, 'invalidValue'],
    ['an address that is none', { op: 'replace', value: { emails: [{ value: 'nowhere' }] } }, 'invalidValue'],
    ['no value', { op: 'add', path: 'title' }, 'invalidValue'],
  ])('one with %s changes nothing, and neither do those beside it', async (_, operation, scimType) => {
    const id = await user({ title: 'Before' })
    const before = (await provider.ask('GET', `/Users/${id}`)).body
    const answer = await provider.ask(
      'PATCH',
      `/Users/${id}`,
      patch({ op: 'replace', path: 'title', value: 'After' }, operation, {
        op: 'replace',
        path: 'nickName',
        value: 'n',
      }),
    )
    expect(answer).toMatchObject({
      status: 400,
      body: { schemas: [urn.error], status: '400', scimType, detail: expect.any(String) },
    })
    expect((await provider.ask('GET', `/Users/${id}`)).body).toEqual(before)
  })

  test.each([
    ['Users', { op: 'replace', path: 'active', value: 'maybe' }, '`Operations[1].value` '],
    ['Users', { op: 'add', path: 'emails', value: [{ value: {} }] }, '`Operations[1].value[0].value` '],
    ['Users', { op: 'add', value: { 'emails[type eq "work"].value': {} } }, '`Operations[1].value` '],
    ['Users', { op: 'add', value: { title: {} } }, '`Operations[1].value.title` '],
    ['Groups', { op: 'Remove', path: 'members', value: [{}] }, '`Operations[1].value[0].value` '],
    ['Groups', { op: 'add', value: { members: [{}] } }, '`Operations[1].value.members[0].value` '],
  ])('what is wrong with a value of %s is said where it is: %j', async (kind, operation, where) => {
    const id = kind === 'Users' ? await user() : await provider.group(name('g'))
    const answer = await provider.ask('PATCH', `/${kind}/${id}`, patch({ op: 'add', value: {} }, operation))
    expect([answer.status, answer.body.detail]).toEqual([400, expect.stringContaining(where)])
  })

  test('of a group, one unknown member changes nothing', async () => {
    const [ann, group] = [await user(), await provider.group(name('g'))]
    const answer = await provider.ask(
      'PATCH',
      `/Groups/${group}`,
      patch(
        { op: 'replace', path: 'displayName', value: name('other') },
        { op: 'add', path: 'members', value: [{ value: ann }, { value: 'usr_nobody' }] },
      ),
    )
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } })
    expect(answer.body.detail).toContain('usr_nobody')
    expect(await membersOf(group)).toEqual([])
  })
})

describe('names and ids', () => {
  test('userName and displayName compare in any case, externalId and id to the letter', async () => {
    const id = await provider.user('Casey@pit.local', { externalId: 'Ext-A' })
    const group = await provider.group('Case Group')
    const total = async (kind: string, filter: string) =>
      (await provider.ask('GET', `/${kind}${filtered(filter)}`)).body.totalResults
    expect(await total('Users', 'userName eq "cASEY@PIT.local"')).toBe(1)
    expect(await total('Users', 'externalId eq "Ext-A"')).toBe(1)
    expect(await total('Users', 'externalId eq "ext-a"')).toBe(0)
    expect(await total('Users', `id eq "${id}"`)).toBe(1)
    expect(await total('Users', `id eq "${id.toUpperCase()}"`)).toBe(0)
    expect(await total('Groups', 'displayName eq "CASE GROUP"')).toBe(1)
    expect(await total('Groups', `id eq "${group.toUpperCase()}"`)).toBe(0)
  })

  test.each([
    ['in two code points', 'Jose\u0301@pit.local', 'jos\u00e9@pit.local'],
    ['in one', 'zo\u00eb@pit.local', 'zoe\u0308@pit.local'],
    ['in full width', '\uff21nn@pit.local', 'ann@pit.local'],
  ])('a name that is taken is found, however it was written: %s', async (_, written, asked) => {
    const id = await provider.user(written)
    expect((await provider.ask('POST', '/Users', { schemas: [urn.user], userName: asked })).status).toBe(409)
    const { body } = await provider.ask('GET', `/Users${filtered(`userName eq "${asked}"`)}`)
    expect(body.Resources).toMatchObject([{ id, userName: written }])
  })

  test('what is taken is 409, uniqueness: a userName, an address, the name of a group', async () => {
    const [one, other] = [name('taken'), name('other')]
    await provider.user(one, { emails: [{ value: one, primary: true }] })
    const id = await provider.user(other)
    const group = await provider.group('Taken Group')
    const second = await provider.group('Other Group')
    for (const [method, path, body] of [
      ['POST', '/Users', { userName: one.toUpperCase() }],
      ['POST', '/Users', { userName: name('new'), emails: [{ value: one }] }],
      ['PUT', `/Users/${id}`, { userName: one }],
      ['PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'userName', value: one })],
      ['PATCH', `/Users/${id}`, patch({ op: 'add', path: 'emails', value: [{ value: one.toUpperCase() }] })],
      ['POST', '/Groups', { displayName: 'taken  GROUP' }],
      ['PATCH', `/Groups/${second}`, patch({ op: 'replace', path: 'displayName', value: 'Taken group' })],
      // Somebody who was never provisioned has a userName too: the address.
      ['POST', '/Users', { userName: 'Boss@example.com' }],
    ] as const) {
      expect(await provider.ask(method, path, body)).toMatchObject({
        status: 409,
        body: { status: '409', scimType: 'uniqueness' },
      })
    }
    expect((await provider.ask('GET', `/Groups/${group}`)).body.displayName).toBe('Taken Group')
    const free = patch({ op: 'replace', path: 'userName', value: other.toUpperCase() })
    expect((await provider.ask('PATCH', `/Users/${id}`, free)).body.userName).toBe(other.toUpperCase())
  })

  test('a name that is given up is free at once', async () => {
    const [one, other] = [name('free'), name('free')]
    const id = await provider.user(one, { externalId: 'freed' })
    await provider.ask('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'userName', value: other }))
    const second = await provider.user(one)
    await provider.ask('DELETE', `/Users/${id}`)
    expect((await provider.ask('GET', `/Users${filtered('externalId eq "freed"')}`)).body.totalResults).toBe(
      0,
    )
    await provider.user(other)
    expect((await provider.ask('GET', `/Users${filtered(`userName eq "${one}"`)}`)).body).toMatchObject({
      Resources: [{ id: second }],
    })
  })

  test('what is read-only, unknown, or of another schema is ignored', async () => {
    const answer = await provider.ask('POST', '/Users', {
      schemas: [urn.user, 'urn:ietf:params:scim:schemas:extension:Custom:2.0:User'],
      id: 'mine',
      meta: { version: 'W/"x"', created: '1970-01-01T00:00:00Z' },
      groups: [{ value: 'x' }],
      userName: name('u'),
      nonsense: { a: [1] },
      'urn:ietf:params:scim:schemas:extension:Custom:2.0:User': { tag: 'x' },
    })
    expect(answer.status).toBe(201)
    expect(Object.keys(answer.body).sort()).toEqual(['active', 'id', 'meta', 'schemas', 'userName'])
    expect(answer.body.id).not.toBe('mine')
    expect(answer.body.meta.created).not.toMatch(/^1970/)
    const path = 'urn:ietf:params:scim:schemas:extension:Custom:2.0:User:tag'
    const patched = await provider.ask(
      'PATCH',
      `/Users/${answer.body.id}`,
      patch({ op: 'Add', path, value: 'x' }),
    )
    expect(patched).toMatchObject({ status: 200, body: answer.body })
  })
})

describe('pages', () => {
  test.each([
    ['startIndex=0', { startIndex: 1 }],
    ['startIndex=-5', { startIndex: 1 }],
    ['count=0', { itemsPerPage: 0, Resources: [] }],
    ['count=-1', { itemsPerPage: 0, Resources: [] }],
    ['startIndex=1000000', { itemsPerPage: 0, Resources: [], startIndex: 1_000_000 }],
  ])('%s', async (query, expected) => {
    await user()
    const all = (await provider.ask('GET', '/Users')).body.totalResults
    for (const filter of ['', '&filter=id%20pr']) {
      const { status, body } = await provider.ask('GET', `/Users?${query}${filter}`)
      expect([status, body.totalResults]).toEqual([200, all])
      expect(body).toMatchObject(expected)
    }
  })

  test.each(['startIndex=one', 'count=1.5', 'count=1e3'])('%s is refused', async (query) => {
    expect(await provider.ask('GET', `/Users?${query}`)).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue' },
    })
  })
})

describe('access', () => {
  test('a group of the provider gives what it is mapped to; a deactivated user has nothing at once, and all of it again', async () => {
    const [ann, agent] = [await user(), 'mapped']
    const group = await stage.group('Mapped', {})
    const idp = await provider.group(name('idp'), [ann])
    await directory.ask('POST', `/stores/${stage.id}/write`, {
      writes: {
        tuple_keys: [{ object: `group:${group}`, relation: 'sso_member', user: `idp_group:${idp}#member` }],
      },
    })
    await stage.boss('POST', '/resources/agent', { id: agent, name: 'Agent' })
    await stage.boss('POST', `/groups/${group}/resources/agent`, { ids: [agent], level: 'view_use' })
    const may = () => stage.check(ann, 'can_query', `agent:${agent}`)
    const activate = (active: boolean) =>
      provider.ask('PATCH', `/Users/${ann}`, patch({ op: 'replace', value: { active } }))
    expect(await may()).toBe(true)
    await activate(false)
    expect(await may()).toBe(false)
    expect(await membersOf(idp)).toEqual([ann])
    expect((await provider.ask('GET', `/Users/${ann}`)).body.groups).toMatchObject([{ value: idp }])
    await activate(true)
    expect(await may()).toBe(true)
    // Put in and taken out while inactive: it counts once they are back.
    const other = await provider.group(name('idp'))
    await activate(false)
    await provider.ask(
      'PATCH',
      `/Groups/${other}`,
      patch({ op: 'add', path: 'members', value: [{ value: ann }] }),
    )
    await provider.ask('PATCH', `/Groups/${idp}`, patch({ op: 'replace', path: 'members', value: [] }))
    expect([await may(), await membersOf(idp), await membersOf(other)]).toEqual([false, [], [ann]])
    await activate(true)
    expect([await may(), await membersOf(idp), await membersOf(other)]).toEqual([false, [], [ann]])
    expect(await stage.check(ann, 'member', `idp_group:${other}`)).toBe(true)
  })

  test('renamed, a group of the provider keeps its id and what it is mapped to; deleted, the mapping goes and the product group stays', async () => {
    const ann = await user()
    const group = await stage.group('Kept', {})
    const idp = await provider.group(name('idp'), [ann])
    await directory.ask('POST', `/stores/${stage.id}/write`, {
      writes: {
        tuple_keys: [{ object: `group:${group}`, relation: 'sso_member', user: `idp_group:${idp}#member` }],
      },
    })
    await provider.ask(
      'PATCH',
      `/Groups/${idp}`,
      patch({ op: 'Replace', path: 'displayName', value: name('renamed') }),
    )
    expect(await stage.check(ann, 'member', `group:${group}`)).toBe(true)
    await provider.ask('DELETE', `/Groups/${idp}`)
    expect(await stage.check(ann, 'member', `group:${group}`)).toBe(false)
    expect((await stage.boss('GET', `/groups/${group}`)).status).toBe(200)
    const left = await directory.ask('POST', `/stores/${stage.id}/read`, {
      tuple_key: { object: `group:${group}`, relation: 'sso_member' },
    })
    expect(left.body.tuples).toEqual([])
  })

  test('groups in groups give what they are in, however deep, and in a ring too', async () => {
    const [ann, bob] = [await user(), await user()]
    const inner = await provider.group(name('inner'), [ann])
    const middle = await provider.group(name('middle'))
    const outer = await provider.group(name('outer'), [bob])
    const put = (group: string, value: string, type?: string) =>
      provider.ask(
        'PATCH',
        `/Groups/${group}`,
        patch({ op: 'add', path: 'members', value: [{ value, type }] }),
      )
    expect((await put(middle, inner, 'Group')).status).toBe(204)
    expect((await put(outer, middle)).status).toBe(204)
    expect((await put(inner, outer, 'Group')).status).toBe(204)
    for (const [id, group] of [
      [ann, outer],
      [bob, inner],
      [ann, middle],
    ] as const) {
      expect(await stage.check(id, 'member', `idp_group:${group}`)).toBe(true)
    }
    expect((await provider.ask('GET', `/Groups/${outer}`)).body.members).toContainEqual({
      value: middle,
      $ref: expect.stringContaining(`/Groups/${middle}`),
      type: 'Group',
    })
    expect(
      (await provider.ask('GET', `/Groups${filtered(`members.value eq "${inner}"`)}`)).body,
    ).toMatchObject({
      totalResults: 1,
      Resources: [{ id: middle }],
    })
    // Also where the product shows them, once each.
    const group = await stage.group('Nested', {})
    const mapping = { object: `group:${group}`, relation: 'sso_member', user: `idp_group:${outer}#member` }
    await directory.ask('POST', `/stores/${stage.id}/write`, { writes: { tuple_keys: [mapping] } })
    const shown = (await stage.boss('GET', `/groups/${group}/members`)).body.members
    expect(shown).toMatchObject([ann, bob].sort().map((id) => ({ id, sources: ['sso'] })))
    expect((await stage.boss('GET', `/users/${ann}`)).body.groups).toMatchObject([{ id: group }])
    await provider.ask('DELETE', `/Groups/${middle}`)
    expect(await stage.check(ann, 'member', `idp_group:${outer}`)).toBe(false)
    expect((await stage.boss('GET', `/groups/${group}/members`)).body.members).toMatchObject([{ id: bob }])
    expect((await put(outer, ann, 'Group')).status).toBe(400)
    expect(await put(outer, outer)).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue', detail: expect.stringContaining('itself') },
    })
  })

  test('groups nest as deep as the provider nests them, for every way of asking', async () => {
    const user = await provider.user('deep@example.com')
    let inner = await provider.group('depth 0', [user])
    for (let at = 1; at <= 40; at++) inner = await provider.group(`depth ${at}`, [inner])
    const tuple_key = { user: `user:${user}`, relation: 'member', object: `idp_group:${inner}` }
    const store = `/stores/${stage.id}`
    // From memory and past it.
    for (const consistency of ['MINIMIZE_LATENCY', 'MINIMIZE_LATENCY', 'HIGHER_CONSISTENCY']) {
      expect(await directory.ask('POST', `${store}/check`, { tuple_key, consistency })).toMatchObject({
        status: 200,
        body: { allowed: true },
      })
    }
    const checks = [{ tuple_key, correlation_id: 'one' }]
    expect((await directory.ask('POST', `${store}/batch-check`, { checks })).body.result).toMatchObject({
      one: { allowed: true },
    })
    const { relation } = tuple_key
    const listed = await directory.ask('POST', `${store}/list-objects`, {
      user: tuple_key.user,
      relation,
      type: 'idp_group',
    })
    expect(listed.body.objects).toHaveLength(41)
    const [type, id] = ['idp_group', inner]
    const found = await directory.ask('POST', `${store}/list-users`, {
      object: { type, id },
      relation,
      user_filters: [{ type: 'user' }],
    })
    expect(found.body.users).toEqual([{ object: { type: 'user', id: user } }])
  })

  test('the last administrator is neither deactivated nor deleted', async () => {
    const off = await provider.ask(
      'PATCH',
      '/Users/boss',
      patch({ op: 'Replace', path: 'active', value: 'False' }),
    )
    const gone = await provider.ask('DELETE', '/Users/boss')
    for (const { status, body } of [off, gone]) {
      expect([status, body.status, body.detail]).toEqual([
        409,
        '409',
        expect.stringContaining('at least one'),
      ])
    }
    expect((await provider.ask('GET', '/Users/boss')).body).toMatchObject({
      active: true,
      userName: 'boss@example.com',
    })
  })

  test('title and department are attributes of rules, and others keep theirs', async () => {
    const id = await user({ title: 'Lead' })
    const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
    await stage.boss('PATCH', `/users/${id}`, { attributes: { title: 'Lead', floor: 3 } })
    await provider.ask(
      'PATCH',
      `/Users/${id}`,
      patch({ op: 'add', path: `${enterprise}:department`, value: 'Care' }),
    )
    const { body } = await stage.boss('GET', `/users/${id}`)
    expect(body.attributes).toEqual({ title: 'Lead', floor: 3, department: 'Care' })
    expect(Object.keys(body)).not.toContain('scim')
    await provider.ask('PATCH', `/Users/${id}`, patch({ op: 'remove', path: 'title' }))
    expect((await stage.boss('GET', `/users/${id}`)).body.attributes).toEqual({
      floor: 3,
      department: 'Care',
    })
  })

  test('the log says what came from where, once each', async () => {
    const [ann, group] = [await user(), await provider.group(name('g'))]
    await provider.ask(
      'PATCH',
      `/Groups/${group}`,
      patch({ op: 'add', path: 'members', value: [{ value: ann }] }),
    )
    const { body } = await stage.boss('GET', `/changes?subject=user:${ann}`)
    expect(body.changes).toMatchObject([
      { action: 'member.add', target: `idp_group:${group}`, subject: `user:${ann}`, source: 'scim' },
    ])
    expect((await stage.boss('GET', `/changes?target=user:${ann}`)).body.changes).toMatchObject([
      { action: 'user.create', source: 'scim' },
    ])
    expect(body.changes[0].actor).toBeUndefined()
  })
})

test('a group with a name alone, and members spelt as ids', async () => {
  const ann = await user()
  const answer = await provider.ask('POST', '/Groups', {
    schemas: [urn.group],
    displayName: name('g'),
    members: [ann],
  })
  expect(answer).toMatchObject({ status: 201, body: { members: [{ value: ann, type: 'User' }] } })
})
