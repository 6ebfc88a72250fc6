/** Every membership knows its sources, all of them, wherever it is shown; and the end of one is the end of none else. */
import { describe, expect, test } from 'vitest'
import { sharedDirectory } from './http.ts'
import { type Provider, patch, providerOf } from './scim/provider.ts'
import { ok, refused, type Stage, stageOf } from './stage.ts'
import { uploadsTo } from './upload.ts'

const directory = await sharedDirectory()

/** Ways into one group, each with its end. */
interface Ways {
  readonly stage: Stage
  readonly group: string
  begin(source: Source): Promise<void>
  end(source: Source): Promise<void>
}

const sources = ['manual', 'rule', 'sso', 'scim'] as const
type Source = (typeof sources)[number]

async function ways(): Promise<Ways> {
  const stage = await stageOf(directory, 'enterprise')
  const { boss } = stage
  await stage.people('ann')
  const group = await stage.group('G')
  ok(await boss('PUT', `/groups/${group}/rule`, { rule: "department == 'Sales'" }), 200)
  ok(await boss('POST', '/sso/mappings', { claim: 'Crew', group }), 201)
  const provider = providerOf(directory, stage.id)
  const provided = await provider.group('Provided')
  ok(await boss('POST', '/sso/mappings', { idpGroup: provided, group }), 201)
  const member = `/groups/${group}/members/ann`
  const department = (name: string) => boss('PATCH', '/users/ann', { attributes: { department: name } })
  const logIn = (groups: readonly string[]) =>
    directory.ask('POST', `/v1/orgs/${stage.id}/sso/logins`, { user: { id: 'ann' }, groups })
  const begin: Readonly<Record<Source, () => Promise<unknown>>> = {
    manual: async () =>
      ok(await boss('POST', `/groups/${group}/members`, { user: 'ann', role: 'member' }), 201),
    rule: async () => ok(await department('Sales'), 200),
    sso: async () => ok(await logIn(['Crew']), 200),
    scim: () => put(provider, provided, 'add'),
  }
  const end: Readonly<Record<Source, () => Promise<unknown>>> = {
    manual: () => boss('DELETE', member),
    rule: async () => ok(await department('Legal'), 200),
    sso: async () => ok(await logIn([]), 200),
    scim: () => put(provider, provided, 'remove'),
  }
  return {
    stage,
    group,
    begin: async (source) => void (await begin[source]()),
    end: async (source) => void (await end[source]()),
  }
}

async function put(provider: Provider, group: string, op: 'add' | 'remove'): Promise<void> {
  const path = op === 'add' ? 'members' : 'members[value eq "ann"]'
  const step = op === 'add' ? { op, path, value: [{ value: 'ann' }] } : { op, path }
  const answer = await provider.ask('PATCH', `/Groups/${group}`, patch(step))
  expect([200, 204], JSON.stringify(answer.body)).toContain(answer.status)
}

function orders<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length === 0) return [[]]
  return items.flatMap((item) => orders(items.filter((each) => each !== item)).map((rest) => [item, ...rest]))
}

/** What the row calls them: `sources` is as coarse as the model. */
const coarse = (source: Source) => (source === 'scim' ? 'sso' : source)

describe('X3: who is in by hand, by a rule, by signing in and by provisioning', () => {
  test.each(orders(sources))(
    'loses %s, then %s, then %s, then %s, and each time no other',
    async (...order) => {
      const { stage, group, begin, end } = await ways()
      // In another order than that of their end.
      for (const source of order.toReversed()) await begin(source)
      const left = new Set<Source>(order)
      const row = `/groups/${group}/members/ann`
      for (const source of order) {
        const { body } = ok(await stage.boss('GET', row), 200)
        expect(new Set(body.via.map((via: { source: string }) => via.source))).toEqual(left)
        expect(body.via).toHaveLength(left.size)
        expect(body.sources).toEqual([...new Set(sources.filter((each) => left.has(each)).map(coarse))])
        expect(await stage.check('ann', 'member', `group:${group}`)).toBe(true)
        await end(source)
        left.delete(source)
      }
      refused(await stage.boss('GET', row), 404, 'not_found')
      expect(await stage.check('ann', 'member', `group:${group}`)).toBe(false)
    },
  )
})

test('X3: a reason says since when, by whom, as what, and through which group of the provider', async () => {
  const { stage, group, begin } = await ways()
  for (const source of sources) await begin(source)
  const idpGroup = (name: string) => ({ id: expect.any(String), name })
  const since = expect.stringMatching(/^\d{4}-\d\d-\d\dT/)
  const via = [
    { source: 'manual', since, by: 'user:boss', role: 'member' },
    { source: 'rule', since },
    { source: 'scim', since, idpGroup: idpGroup('Provided') },
    { source: 'sso', since, idpGroup: idpGroup('Crew') },
  ]
  const sorted = (rows: readonly { readonly source: string }[]) =>
    rows.toSorted((a, b) => (a.source < b.source ? -1 : 1))
  const list = await stage.boss('GET', `/groups/${group}/members`)
  expect(list.body.members).toHaveLength(1)
  expect(sorted(list.body.members[0].via)).toEqual(via)
  const user = (await stage.boss('GET', '/users/ann')).body.groups
  expect(user).toMatchObject([{ id: group, role: 'member', sources: ['manual', 'rule', 'sso'] }])
  expect(sorted(user[0].via)).toEqual(via)
})

test('X3: taking away what was given by hand says what is left, and refuses what is managed elsewhere', async () => {
  const { stage, group, begin } = await ways()
  const member = `/groups/${group}/members/ann`
  await begin('manual')
  await begin('sso')
  expect((await stage.boss('DELETE', `${member}?dryRun=true`)).body.result).toMatchObject({
    sources: ['sso'],
  })
  const left = ok(await stage.boss('DELETE', member), 200)
  expect(left.body).toMatchObject({ id: 'ann', sources: ['sso'], via: [{ source: 'sso' }] })
  refused(await stage.boss('DELETE', member), 409, 'managed_elsewhere')
  await begin('rule')
  const excluded = ok(await stage.boss('DELETE', `${member}?exclude=true`), 200)
  expect(excluded.body).toMatchObject({ sources: ['sso'] })
})

test('X3: lists of the provider that hold lists: who is in one of them is shown, with the one', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('ann')
  const group = await stage.group('G')
  const provider = providerOf(directory, stage.id)
  const inner = await provider.group('Inner', ['ann'])
  const middle = await provider.group('Middle', [inner])
  const outer = await provider.group('Outer', [middle])
  // A ring of theirs.
  const ring = patch({ op: 'add', path: 'members', value: [{ value: outer }] })
  expect((await provider.ask('PATCH', `/Groups/${inner}`, ring)).status).toBeLessThan(300)
  ok(await stage.boss('POST', '/sso/mappings', { idpGroup: outer, group, role: 'manager' }), 201)
  expect(await stage.check('ann', 'manager', `group:${group}`)).toBe(true)
  const { members } = (await stage.boss('GET', `/groups/${group}/members`)).body
  expect(members).toMatchObject([
    {
      id: 'ann',
      role: 'manager',
      sources: ['sso'],
      via: [{ source: 'scim', role: 'manager', idpGroup: { id: inner, name: 'Inner' } }],
    },
  ])
  expect((await stage.boss('GET', '/users/ann')).body.groups).toMatchObject([{ id: group, role: 'manager' }])
  expect((await stage.boss('GET', '/groups')).body.groups).toMatchObject([{ memberCount: 1 }])
  // What they use counts for it too.
  ok(await stage.boss('POST', '/analytics/events', { user: 'ann' }), 200)
  expect((await stage.boss('GET', '/analytics/groups')).body.groups).toMatchObject([{ group, queries: 1 }])
})

test('X3: by hand is told by which way: a request, a file, an invitation, a raw tuple, an import of tuples', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.people('hand', 'file', 'raw', 'line')
  const group = await stage.group('G')
  ok(await stage.boss('POST', `/groups/${group}/members`, { user: 'hand' }), 201)
  const { upload, confirm } = uploadsTo(directory, stage, group)
  const { importId } = ok(await upload('email,role\nfile@example.com,manager\n'), 201).body
  ok(await confirm(importId), 200)
  const letter = { email: 'guest@example.com', groups: [{ id: group, role: 'member' }], sendMail: false }
  const { token } = ok(await stage.boss('POST', '/invitations', letter), 201).body
  ok(await directory.ask('POST', '/v1/invitations/accept', { token, user: { id: 'guest' } }), 201)
  const tuple = (id: string) => ({ user: `user:${id}`, relation: 'direct_member', object: `group:${group}` })
  const write = { writes: { tuple_keys: [tuple('raw')] } }
  ok(await directory.ask('POST', `/stores/${stage.id}/write`, write), 200)
  ok(await directory.ask('POST', `/v1/stores/${stage.id}/import`, tuple('line')), 200)
  const { members } = (await stage.boss('GET', `/groups/${group}/members`)).body
  expect(members).toMatchObject([
    { id: 'file', sources: ['manual'], via: [{ source: 'csv', by: 'user:boss', role: 'manager' }] },
    { id: 'guest', sources: ['manual'], via: [{ source: 'invitation', by: 'user:guest', role: 'member' }] },
    { id: 'hand', sources: ['manual'], via: [{ source: 'manual', by: 'user:boss', role: 'member' }] },
    { id: 'line', sources: ['manual'], via: [{ source: 'import' }] },
    { id: 'raw', sources: ['manual'], via: [{ source: 'api' }] },
  ])
})

test.each(sources)('X3, X4: explanations and the permissions view name %s on the way', async (source) => {
  const { stage, group, begin } = await ways()
  ok(await stage.boss('POST', '/resources/agent', { id: 'a', name: 'A' }), 201)
  await stage.people('other')
  await stage.boss('POST', `/groups/${group}/members`, { user: 'other' })
  ok(await stage.boss('POST', `/groups/${group}/resources/agent`, { ids: ['a'] }), 201)
  await begin(source)
  const isProvided = coarse(source) === 'sso'
  const expected = isProvided ? [undefined, source, 'sso', undefined] : [undefined, source, undefined]
  const sourcesOn = (chain: readonly { readonly source?: string }[]) => chain.map((node) => node.source)
  const item = { user: 'ann', relation: 'can_query', object: 'agent:a' }
  const explained = ok(await stage.boss('POST', '/explain', item), 200)
  expect(sourcesOn(explained.body.chain)).toEqual(expected)
  const { rows } = (await stage.boss('GET', '/permissions?user=ann&relation=can_query')).body
  expect(sourcesOn(rows[0].via[0].chain)).toEqual(expected)
  const { edges } = (await stage.boss('GET', '/permissions?user=ann&relation=can_query&form=graph')).body
  expect(edges.map((edge: { source?: string }) => edge.source)).toEqual(expected.slice(1))
})

test('X3, X4: explanations and the permissions view name every source of a membership, and what is left when one ends', async () => {
  const { stage, group, begin, end } = await ways()
  ok(await stage.boss('POST', '/resources/agent', { id: 'a', name: 'A' }), 201)
  for (const source of sources) await begin(source)
  ok(await stage.boss('POST', `/groups/${group}/resources/agent`, { ids: ['a'] }), 201)
  const left = new Set<Source>(sources)
  const item = { user: 'ann', relation: 'can_query', object: 'agent:a' }
  for (const source of [...sources, undefined]) {
    const { via } = (await stage.boss('GET', `/groups/${group}/members/ann`)).body
    expect(via).toHaveLength(left.size)
    const explained = ok(await stage.boss('POST', '/explain', item), 200).body.chain
    const { rows } = (await stage.boss('GET', '/permissions?user=ann&relation=can_query')).body
    for (const chain of [explained, rows[0].via[0].chain]) {
      const node = chain.find((each: { object: string }) => each.object === `group:${group}`)
      expect(node.via).toEqual(via)
      // The one that the proof goes through is told apart.
      expect(via.map((each: { source: string }) => each.source)).toContain(
        coarse(node.source) === 'sso' ? chain[1].source : node.source,
      )
    }
    if (source === undefined || left.size === 1) break
    await end(source)
    left.delete(source)
  }
  // What is asked of a list, and of nobody in it, has no reasons of anybody.
  const { rows } = (await stage.boss('GET', `/permissions?group=${group}&relation=can_query`)).body
  expect(JSON.stringify(rows[0].via[0].chain)).not.toContain('"via"')
})
