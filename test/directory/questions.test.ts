/** Questions in a product's words are those of the store: the same answers, by whatever word, for whoever may ask. */
import { beforeAll, describe, expect, test } from 'vitest'
import { type Client, type Organization, sharedGuarded } from './http.ts'
import { plant } from './plant.ts'

const { ring, directory } = await sharedGuarded()

/** By preset: a kind of resource by one of its words, and what its lowest level gives. */
const products = [
  ['training', 'bot', 'can_access'],
  ['training', 'persona', 'can_access'],
  ['sharing', 'assistant', 'can_use'],
  ['enterprise', 'agent', 'can_query'],
  ['group-only', 'agent', 'can_interact'],
  ['group-only', 'workspace', 'can_access'],
  ['default', 'agent', 'can_use'],
] as const

async function made(preset: string): Promise<{ organization: Organization; boss: Client }> {
  const organization = await directory.organization(preset)
  return { organization, boss: organization.as('boss') }
}

async function allowed(client: Client, user: string, relation: string, object: string): Promise<unknown> {
  const { status, body } = await client('POST', '/check', { user, relation, object, consistency: 'full' })
  return status === 200 ? body.allowed : body
}

describe.each(products)('%s, %s', (preset, kind, relation) => {
  let organization: Organization
  let boss: Client
  beforeAll(async () => {
    const one = await made(preset)
    organization = one.organization
    boss = one.boss
    await plant(directory, organization, (garden) => {
      garden.user('ann')
      garden.user('bob')
      garden.group('g')
      garden.group('other')
      garden.member('g', 'ann')
      garden.member('other', 'bob')
      garden.resource(kind, 'r')
      garden.resource(kind, 'alone')
      garden.give(kind, 'r', { group: 'g' })
    })
  })

  test('Z1, Z7, P11, P12, P13: the group gives it to its people, and nobody else has it', async () => {
    expect(await allowed(boss, 'ann', relation, `${kind}:r`)).toBe(true)
    expect(await allowed(boss, 'user:ann', relation, `${kind}:r`)).toBe(true)
    expect(await allowed(boss, 'bob', relation, `${kind}:r`)).toBe(false)
    expect(await allowed(boss, 'ann', relation, `${kind}:alone`)).toBe(false)
  })

  test('T68: the link that is missing is named, and is enough', async () => {
    const why = async (user: string, object: string) =>
      (await boss('POST', '/explain', { user, relation, object: `${kind}:${object}` })).body
    expect(await why('bob', 'r')).toMatchObject({ allowed: false, missing: 'membership' })
    expect(await why('ann', 'alone')).toMatchObject({ allowed: false, missing: 'assignment' })
    expect((await why('bob', 'r')).explanation.tried).toBeDefined()
    await plant(directory, organization, (garden) => {
      garden.member('g', 'bob')
      garden.give(kind, 'alone', { group: 'g' })
    })
    expect(await why('bob', 'r')).toMatchObject({ allowed: true })
    expect(await why('ann', 'alone')).toMatchObject({ allowed: true })
    await plant(directory, organization, (garden) => {
      garden.unmember('g', 'bob')
      garden.take(kind, 'alone', { group: 'g' })
    })
    expect(await why('bob', 'r')).toMatchObject({ allowed: false, missing: 'membership' })
    expect(await why('ann', 'alone')).toMatchObject({ allowed: false, missing: 'assignment' })
  })

  test('X4: each tuple of a path is stored, and each step grants what it says', async () => {
    const { body } = await boss('POST', '/explain', { user: 'ann', relation, object: `${kind}:r` })
    expect(body.chain.map(({ object }: { object: string }) => object.split(':')[1])).toEqual([
      'ann',
      'g',
      'r',
    ])
    const path: { tuple?: object; grants?: string }[] = body.explanation.path
    for (const { tuple, grants } of path) {
      if (tuple !== undefined) {
        const read = await directory.ask('POST', `/stores/${organization.id}/read`, { tuple_key: tuple })
        expect(read.body.tuples).toHaveLength(1)
      }
      if (grants === undefined) continue
      const [object = '', granted = ''] = grants.split('#')
      // What a step crosses on the way is a relation of objects, which users are not in.
      if (object.startsWith('group:')) expect(await allowed(boss, 'ann', granted, object)).toBe(true)
    }
    expect(path.filter(({ tuple }) => tuple !== undefined)).toHaveLength(2)
  })

  test('the store itself says the same', async () => {
    const type: string = (
      await boss('POST', '/explain', { user: 'ann', relation, object: `${kind}:r` })
    ).body.chain
      .at(-1)
      .object.split(':')[0]
    for (const user of ['ann', 'bob', 'boss']) {
      for (const id of ['r', 'alone', 'none']) {
        const tuple_key = { user: `user:${user}`, relation, object: `${type}:${id}` }
        const said = await directory.ask('POST', `/stores/${organization.id}/check`, { tuple_key })
        expect(await allowed(boss, user, relation, `${kind}:${id}`)).toBe(said.body.allowed)
      }
    }
  })

  test('lists name what the checks allow, in the word that was asked for', async () => {
    const objects = await boss('POST', '/list-objects', { user: 'ann', relation, type: kind })
    expect(objects).toMatchObject({ status: 200, body: { objects: [`${kind}:r`], continuationToken: '' } })
    const users = await boss('POST', '/list-users', { object: `${kind}:r`, relation })
    expect(users.body.users).toContain('user:ann')
    expect(users.body.users).not.toContain('user:bob')
    const leaves = await boss('POST', '/expand', { object: `${kind}:r`, relation })
    expect(leaves.status).toBe(200)
    expect(JSON.stringify(leaves.body.nodes)).toContain('user:ann')
  })

  test('Z4: one tuple reaches a hundred people, with warm caches, and its end reaches them at once', async () => {
    const people = Array.from({ length: 100 }, (_, index) => `p${index}`)
    await plant(directory, organization, (garden) => {
      garden.group('large')
      for (const id of people) {
        garden.user(id)
        garden.member('large', id)
      }
    })
    const all = async () => {
      const answers: boolean[] = []
      for (const some of [people.slice(0, 50), people.slice(50)]) {
        const checks = some.map((user) => ({ user, relation, object: `${kind}:alone` }))
        const { body } = await boss('POST', '/batch-check', { checks })
        answers.push(...body.results.map((each: { allowed: boolean }) => each.allowed))
      }
      return answers
    }
    const tuples = async (continuation_token = ''): Promise<number> => {
      const { body } = await directory.ask('POST', `/stores/${organization.id}/read`, {
        page_size: 100,
        continuation_token,
      })
      const rest = body.continuation_token === '' ? 0 : await tuples(body.continuation_token)
      return body.tuples.length + rest
    }
    expect(new Set(await all())).toEqual(new Set([false]))
    const before = await tuples()
    await plant(directory, organization, (garden) => garden.give(kind, 'alone', { group: 'large' }))
    expect(await tuples()).toBe(before + 1)
    expect(await all()).toEqual(people.map(() => true))
    await plant(directory, organization, (garden) => garden.take(kind, 'alone', { group: 'large' }))
    expect(await all()).toEqual(people.map(() => false))
  })
})

test.each(['assistant:a', 'agent:a', 'bot:a'])('%s: words of one kind are one object', async (object) => {
  for (const [preset, kind, relation] of [
    ['sharing', 'assistant', 'can_use'],
    ['default', 'agent', 'can_use'],
  ] as const) {
    const { organization, boss } = await made(preset)
    await plant(directory, organization, (garden) => {
      garden.user('ann')
      garden.resource(kind, 'a')
      garden.give(kind, 'a', { user: 'ann' }, 'viewer')
    })
    const said = await boss('POST', '/check', { user: 'ann', relation, object })
    const isWord = preset === 'default' || object !== 'bot:a'
    expect(said).toMatchObject(
      isWord
        ? { status: 200, body: { allowed: true } }
        : { status: 422, body: { error: { code: 'not_in_preset', field: 'object' } } },
    )
  }
})

test('E16: a share with a group allows what the same share with a person does', async () => {
  const { organization, boss } = await made('sharing')
  const kinds = ['assistant', 'flow', 'datasource', 'conversation']
  await plant(directory, organization, (garden) => {
    for (const id of ['one', 'many']) garden.user(id)
    garden.group('g')
    garden.member('g', 'many')
    for (const kind of kinds) {
      for (const level of ['viewer', 'editor']) {
        garden.resource(kind, level)
        garden.give(kind, level, { user: 'one' }, level)
        garden.give(kind, level, { group: 'g' }, level)
      }
    }
  })
  const actions = [
    'can_discover',
    'can_view',
    'can_use',
    'can_modify',
    'can_share',
    'can_view_shares',
    'can_delete',
  ]
  for (const object of kinds.flatMap((kind) => [`${kind}:viewer`, `${kind}:editor`])) {
    const of = async (user: string) => {
      const checks = actions.map((relation) => ({ user, relation, object }))
      return (await boss('POST', '/batch-check', { checks })).body.results
    }
    expect(await of('one')).toEqual(await of('many'))
    expect(await allowed(boss, 'many', 'can_modify', object)).toBe(object.endsWith('editor'))
  }
})

test('P14: who is in no group has nothing, whatever else is stored', async () => {
  const { organization, boss } = await made('group-only')
  await plant(directory, organization, (garden) => {
    garden.user('ann')
    garden.user('bob')
    garden.group('g')
    garden.member('g', 'bob')
    for (const kind of ['agent', 'workspace']) {
      garden.resource(kind, 'r')
      garden.give(kind, 'r', { group: 'g' })
    }
  })
  for (const [type, relation] of [
    ['agent', 'can_view'],
    ['agent', 'can_interact'],
    ['workspace', 'can_access'],
  ] as const) {
    const list = async (user: string) =>
      (await boss('POST', '/list-objects', { user, relation, type })).body.objects
    expect(await list('ann')).toEqual([])
    expect(await list('bob')).toEqual([`${type}:r`])
    // No tuple can give it to a person either.
    const tuple = { user: 'user:ann', relation: 'group', object: `${type}:r` }
    const raw = await directory.ask('POST', `/stores/${organization.id}/write`, {
      writes: { tuple_keys: [tuple] },
    })
    expect(raw.status).toBe(400)
    expect(await list('ann')).toEqual([])
  }
})

test('an archived group, a level and a role that are not enough are told apart', async () => {
  const { organization, boss } = await made('enterprise')
  await plant(directory, organization, (garden) => {
    garden.user('ann')
    garden.user('bob')
    garden.group('old')
    garden.group('g')
    garden.member('old', 'ann')
    garden.member('g', 'bob')
    garden.resource('agent', 'a')
    garden.give('agent', 'a', { group: 'g' })
    garden.resource('agent', 'b')
    garden.give('agent', 'b', { group: 'old' })
    garden.archive('old')
  })
  const why = async (user: string, relation: string, object: string) =>
    (await boss('POST', '/explain', { user, relation, object })).body.missing
  expect(await why('ann', 'can_query', 'agent:b')).toBe('archived')
  expect(await why('bob', 'can_query', 'agent:b')).toBe('membership')
  expect(await why('bob', 'can_edit', 'agent:a')).toBe('level')
  expect(await why('bob', 'can_add_member', 'group:g')).toBe('role')
  expect(await why('ann', 'can_view', 'group:g')).toBe('membership')
})

test('no parent is too far: chains longer than the store’s own limit', async () => {
  const { organization, boss } = await made('default')
  const ids = Array.from({ length: 40 }, (_, index) => `g${index}`)
  await plant(directory, organization, (garden) => {
    garden.user('ann')
    for (const id of ids) garden.group(id)
    garden.member('g39', 'ann')
    garden.resource('agent', 'a')
    garden.give('agent', 'a', { group: 'g0' })
  })
  // Past the guards, which keep a hierarchy from growing so deep.
  const chain = ids.slice(1).map((id, above) => ({
    object: `group:${ids[above]}`,
    relation: 'child',
    subject: `group:${id}`,
  }))
  await directory.ground.service.storage.commit(organization.id, { writes: chain })
  const item = { user: 'ann', relation: 'can_use', object: 'agent:a' }
  expect(await allowed(boss, 'ann', 'can_use', 'agent:a')).toBe(true)
  expect((await boss('POST', '/batch-check', { checks: [item] })).body).toEqual({
    results: [{ allowed: true }],
  })
  expect((await boss('POST', '/batch-check', { checks: [item] })).body).toEqual({
    results: [{ allowed: true }],
  })
  expect((await boss('POST', '/explain', item)).body.chain).toHaveLength(42)
})

test.each([
  ['/check', { relation: 'can_use', object: 'agent:a' }, 422, { code: 'invalid_field', field: 'user' }],
  [
    '/check',
    { user: 'ann', relation: 'can_use', object: 'a' },
    422,
    { code: 'invalid_field', field: 'object' },
  ],
  [
    '/check',
    { user: 'a b', relation: 'can_use', object: 'agent:a' },
    422,
    { code: 'invalid_field', field: 'user' },
  ],
  [
    '/check',
    { user: 'ann', relation: 'can_use', object: 'robot:a' },
    422,
    { code: 'not_in_preset', field: 'object' },
  ],
  [
    '/check',
    { user: 'ann', relation: 'can_us', object: 'agent:a' },
    422,
    { code: 'not_in_preset', field: 'relation' },
  ],
  [
    '/check',
    { user: 'ann', relation: 'r', object: 'agent:a', tuple: 1 },
    422,
    { code: 'invalid_field', field: 'tuple' },
  ],
  [
    '/list-objects',
    { user: 'ann', relation: 'can_use', type: 'robot' },
    422,
    { code: 'not_in_preset', field: 'type' },
  ],
  [
    '/list-users',
    { object: 'agent:a', relation: 'can_use', filter: 'robot' },
    422,
    { code: 'not_in_preset', field: 'filter' },
  ],
  [
    '/expand',
    { object: 'persona:p', relation: 'nothing' },
    422,
    { code: 'not_in_preset', field: 'relation' },
  ],
])('X6: POST %s %j is %i', async (path, body, status, error) => {
  const { boss } = await made('default')
  expect(await boss('POST', path, body)).toMatchObject({ status, body: { error } })
})

describe('who may ask', () => {
  let organization: Organization
  beforeAll(async () => {
    const one = await made('sharing')
    organization = one.organization
    await plant(directory, organization, (garden) => {
      garden.user('ann')
      garden.user('bob')
      garden.resource('assistant', 'a')
      garden.give('assistant', 'a', { user: 'ann' })
    })
  })
  const question = { user: 'ann', relation: 'can_use', object: 'assistant:a' }
  const asking = async (scopes: readonly string[], path: string, body: object, actor?: string) => {
    const headers = { authorization: `Bearer ${await ring.key(...scopes)}` }
    const acting = actor === undefined ? {} : { 'kith-actor': `user:${actor}` }
    return directory.ask('POST', `/v1/orgs/${organization.id}${path}`, body, { ...headers, ...acting })
  }

  test.each<[string[], string, object, string | undefined, number]>([
    [['check'], '/check', question, undefined, 200],
    [['check'], '/batch-check', { checks: [question] }, undefined, 200],
    [['list'], '/list-objects', { user: 'ann', relation: 'can_use', type: 'assistant' }, undefined, 200],
    [['list'], '/list-users', { object: 'assistant:a', relation: 'can_use' }, undefined, 200],
    [['read'], '/expand', { object: 'assistant:a', relation: 'can_use' }, undefined, 200],
    [['read'], '/explain', question, undefined, 200],
    [['read'], '/check', question, undefined, 403],
    [['check'], '/explain', question, undefined, 403],
    [['check'], '/list-users', { object: 'assistant:a', relation: 'can_use' }, undefined, 403],
    [['check:*:flow'], '/check', question, undefined, 403],
    [['check:*:assistant'], '/check', { ...question, object: 'agent:a' }, undefined, 200],
    [['directory'], '/check', question, undefined, 403],
    [['directory', 'act'], '/check', question, 'ann', 200],
    [['directory', 'act'], '/check', question, 'bob', 403],
    [['directory', 'act'], '/batch-check', { checks: [question, { ...question, user: 'bob' }] }, 'ann', 403],
    [
      ['directory', 'act'],
      '/list-objects',
      { user: 'ann', relation: 'can_use', type: 'assistant' },
      'ann',
      200,
    ],
    [['directory', 'act'], '/explain', question, 'ann', 200],
    [['keys'], '/check', question, undefined, 404],
  ])('%j %s %j as %s: %i', async (scopes, path, body, actor, status) => {
    expect((await asking(scopes, path, body, actor)).status).toBe(status)
  })

  test('who asks about itself is told of no tuples, and of nothing that is hidden', async () => {
    const own = await asking(['directory', 'act'], '/explain', question, 'ann')
    expect(own.body).toEqual({ allowed: true, chain: expect.any(Array) })
    const hidden = await asking(['directory', 'act'], '/explain', { ...question, user: 'bob' }, 'bob')
    expect(hidden.body).toEqual({ allowed: false })
  })

  test('a store that is no organization has no such questions', async () => {
    const { body } = await directory.ask('POST', '/stores', { name: 'plain' })
    const path = `/v1/orgs/${body.id}/check`
    expect(await directory.ask('POST', path, question)).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    })
  })

  test('an answer says the state it is of, and is never of an older one', async () => {
    const said = await asking(['check'], '/check', question)
    expect(said.headers.get('kith-zookie')).toMatch(/./)
    const bad = await directory.ask('POST', `/v1/orgs/${organization.id}/check`, question, {
      'kith-at-least-as-fresh': 'nonsense',
    })
    expect(bad.status).toBe(400)
  })
})
