/** What groups are given: attached in one go, reached by every member, and gone for all of them with the next question. */
import { describe, expect, test } from 'vitest'
import { sharedDirectory } from './http.ts'
import { idsOf, ok, refused, stageOf } from './stage.ts'

const directory = await sharedDirectory()

/** By preset: a kind, what its lowest level gives, and that level. */
const products = [
  ['training', 'bot', 'can_access', 'access'],
  ['training', 'persona', 'can_access', 'access'],
  ['sharing', 'assistant', 'can_use', 'viewer'],
  ['sharing', 'flow', 'can_use', 'viewer'],
  ['enterprise', 'agent', 'can_query', 'view_use'],
  ['enterprise', 'data_source', 'can_view', 'view'],
  ['group-only', 'agent', 'can_interact', 'access'],
  ['group-only', 'workspace', 'can_access', 'access'],
  ['default', 'agent', 'can_use', 'viewer'],
] as const

describe.each(products)('%s, %s', (preset, kind, relation, level) => {
  test('Z1, Z2, Z5, Z7, Z9, Z10, Z11, Z15, Z16, Z27, Z30, T39, T42, T43, P10, P12, P13, P14: given to groups, and taken back', async () => {
    const stage = await stageOf(directory, preset)
    for (const user of ['ann', 'bob', 'eve']) await stage.user(user)
    const ids = ['r1', 'r2', 'r3', 'r4', 'r5']
    for (const id of ids) await stage.resource(kind, id)
    const [g1, g2] = [
      await stage.group('One', { members: ['ann', 'bob'] }),
      await stage.group('Two', { members: ['ann'] }),
    ]
    const reaches = (user: string, id: string) => stage.may(user, relation, `${kind}:${id}`)

    // Nothing is given by being there: neither to members of groups nor to anybody else.
    for (const user of ['ann', 'eve']) expect(await reaches(user, 'r1')).toBe(false)

    const attached = ok(await stage.attach(g1, kind, ids, level), 201)
    expect(attached.body.resources).toMatchObject(ids.map((id) => ({ id, name: id, level })))
    const items = await stage.boss('GET', `/groups/${g1}/resources/${kind}`)
    expect(idsOf(items).toSorted()).toEqual(ids)
    for (const id of ids) {
      expect([await reaches('ann', id), await reaches('bob', id), await reaches('eve', id)]).toEqual([
        true,
        true,
        false,
      ])
    }
    // Given once more is one row still.
    ok(await stage.attach(g1, kind, ['r1'], level), 201)
    expect(idsOf(await stage.boss('GET', `/groups/${g1}/resources/${kind}`)).length).toBe(5)

    // Z30: every answer above is in memory, and none outlives what it stood on; Z10: another group still gives it.
    ok(await stage.attach(g2, kind, ['r1'], level), 201)
    ok(await stage.boss('DELETE', `/groups/${g1}/resources/${kind}/r1`), 204)
    expect([await reaches('ann', 'r1'), await reaches('bob', 'r1')]).toEqual([true, false])
    ok(await stage.boss('DELETE', `/groups/${g2}/resources/${kind}/r1`), 204)
    expect(await reaches('ann', 'r1')).toBe(false)
    refused(await stage.boss('DELETE', `/groups/${g2}/resources/${kind}/r1`), 404, 'not_found')

    await stage.leave(g1, 'bob')
    expect([await reaches('bob', 'r2'), await reaches('ann', 'r2')]).toEqual([false, true])
  })

  test('Z4, T39, X1: one row for a group of many, all or nothing, and nobody else’s', async () => {
    const stage = await stageOf(directory, preset)
    const members = Array.from({ length: 8 }, (_, index) => `u${index}`)
    for (const member of members) await stage.user(member)
    const group = await stage.group('Many', { members })
    for (const id of ['r1', 'r2']) await stage.resource(kind, id)
    const stranger = await stageOf(directory, preset)
    await stranger.resource(kind, 'theirs')
    for (const bad of ['nobody', 'theirs']) {
      refused(await stage.attach(group, kind, ['r1', bad], level), 422, 'unknown_reference', 'ids[1]')
    }
    refused(await stage.attach(group, kind, ['r1'], 'boss of it'), 422, 'not_in_preset', 'level')
    expect(idsOf(await stage.boss('GET', `/groups/${group}/resources/${kind}`))).toEqual([])
    const before = await tupleCount(stage.id)
    ok(await stage.attach(group, kind, ['r1'], level), 201)
    expect(await tupleCount(stage.id)).toBe(before + 1)
    for (const member of members) expect(await stage.may(member, relation, `${kind}:r1`)).toBe(true)
  })

  test('Z21, Z24, T37: who may not give is told so, as far as they know of it, and nothing is given', async () => {
    const stage = await stageOf(directory, preset)
    const lowest = await stage.user('low')
    await stage.user('ann')
    const [group, theirs] = [
      await stage.group('G', { members: ['ann'] }),
      await stage.group('Theirs', { members: ['low'] }),
    ]
    await stage.resource(kind, 'r1')
    const give = () => lowest('POST', `/groups/${theirs}/resources/${kind}`, { ids: ['r1'], level })
    const seesGroups = !['training', 'group-only'].includes(preset)
    if (seesGroups) refused(await give(), 422, 'unknown_reference', 'ids[0]')
    else refused(await give(), 404, 'not_found')
    refused(
      await lowest('POST', `/groups/${group}/resources/${kind}`, { ids: ['r1'], level }),
      404,
      'not_found',
    )
    expect(await stage.may('low', relation, `${kind}:r1`)).toBe(false)

    // Who was given it knows of it, and gives it to nobody all the same.
    ok(await stage.attach(theirs, kind, ['r1'], level), 201)
    const take = () => lowest('DELETE', `/groups/${theirs}/resources/${kind}/r1`)
    for (const ask of [give, take]) {
      if (seesGroups) refused(await ask(), 403, 'forbidden')
      else refused(await ask(), 404, 'not_found')
    }
    expect(await stage.may('low', relation, `${kind}:r1`)).toBe(true)
    expect(await stage.may('ann', relation, `${kind}:r1`)).toBe(false)
  })
})

describe('levels', () => {
  test('T4, T40, T41, T48: given again is another level, one row, and the higher of two groups counts', async () => {
    const stage = await stageOf(directory, 'enterprise')
    await stage.user('ann')
    const [g1, g2] = [
      await stage.group('One', { members: ['ann'] }),
      await stage.group('Two', { members: ['ann'] }),
    ]
    await stage.resource('agent', 'a')
    const can = async () => [
      await stage.may('ann', 'can_query', 'agent:a'),
      await stage.may('ann', 'can_edit', 'agent:a'),
    ]
    ok(await stage.attach(g1, 'agent', ['a'], 'View'), 201)
    expect(await can()).toEqual([true, false])
    ok(await stage.attach(g1, 'agent', ['a'], 'edit'), 201)
    expect(await can()).toEqual([true, true])
    const items = await stage.boss('GET', `/groups/${g1}/resources/agent`)
    expect(items.body.resources).toMatchObject([{ id: 'a', level: 'edit' }])
    expect(items.body.resources.length).toBe(1)
    ok(await stage.boss('PATCH', `/groups/${g1}/resources/agent/a`, { level: 'view_use' }), 200)
    expect(await can()).toEqual([true, false])
    ok(await stage.attach(g2, 'agent', ['a'], 'edit'), 201)
    expect(await can()).toEqual([true, true])
    refused(await stage.boss('PATCH', `/groups/${g2}/resources/agent/b`, { level: 'edit' }), 404, 'not_found')
  })

  test.each([
    ['view', [true, false, false]],
    ['use', [true, true, false]],
    ['edit', [true, true, true]],
  ])('T44-T47: a data source at %s', async (level, allowed) => {
    const stage = await stageOf(directory, 'enterprise')
    await stage.user('ann')
    const group = await stage.group('G', { members: ['ann'] })
    await stage.resource('data_source', 'd')
    ok(await stage.attach(group, 'data-source', ['d'], level), 201)
    const can = async (relation: string) => await stage.may('ann', relation, 'data_source:d')
    expect([await can('can_view'), await can('can_use'), await can('can_edit')]).toEqual(allowed)
  })

  test('T32: leaving a group keeps what a role and a share of one’s own give', async () => {
    const stage = await stageOf(directory, 'enterprise')
    await stage.user('carl', 'configure')
    await stage.user('ann')
    const group = await stage.group('G', { members: ['carl', 'ann'] })
    for (const id of ['a', 'b']) await stage.resource('agent', id)
    ok(await stage.attach(group, 'agent', ['a', 'b'], 'edit'), 201)
    ok(await stage.share('agent', 'a', { user: 'ann', level: 'view' }), 201)
    for (const user of ['carl', 'ann']) await stage.leave(group, user)
    const can = (user: string, relation: string, id: string) => stage.may(user, relation, `agent:${id}`)
    expect([await can('carl', 'can_edit', 'a'), await can('ann', 'can_query', 'a')]).toEqual([true, true])
    expect([await can('ann', 'can_edit', 'a'), await can('ann', 'can_query', 'b')]).toEqual([false, false])
  })
})

describe('groups that something can be given to', () => {
  test('T63, T64: neither archived nor empty; and why', async () => {
    const stage = await stageOf(directory, 'enterprise')
    await stage.user('ann')
    const [full, empty, old] = [
      await stage.group('Full', { members: ['ann'] }),
      await stage.group('Empty'),
      await stage.group('Old', { members: ['ann'] }),
    ]
    ok(await stage.boss('POST', `/groups/${old}/archive`), 200)
    await stage.resource('agent', 'a1')
    const listed = async (more = '') =>
      ok(await stage.boss('GET', `/groups/assignable?for=agent:a1${more}`), 200).body.groups
    expect(await listed()).toEqual([{ id: full, name: 'Full' }])
    expect(new Map((await listed('&explain=1')).map((row: Row) => [row.id, row.reason]))).toEqual(
      new Map([
        [full, undefined],
        [empty, 'no_members'],
        [old, 'archived'],
      ]),
    )
    refused(await stage.attach(empty, 'agent', ['a1']), 409, 'no_members')
    refused(await stage.attach(old, 'agent', ['a1']), 409, 'archived')
    await stage.join(empty, 'ann')
    ok(await stage.boss('POST', `/groups/${old}/unarchive`), 200)
    expect((await listed()).map(({ id }: Row) => id).toSorted()).toEqual([full, empty, old].toSorted())
    ok(await stage.attach(empty, 'agent', ['a1'], 'edit'), 201)
    expect(await listed('&q=emp')).toEqual([{ id: empty, name: 'Empty', level: 'edit' }])
  })

  test.each([
    ['admin', 200],
    ['configure', 200],
    ['train', 403],
    ['readonly', 403],
  ])('T65: asked by %s: %i', async (role, status) => {
    const stage = await stageOf(directory, 'enterprise')
    await stage.user('ann')
    const somebody = await stage.user('somebody', role)
    await stage.group('G', { members: ['ann'] })
    await stage.resource('agent', 'a1')
    ok(await somebody('GET', '/groups/assignable?for=agent:a1'), status)
  })

  test('a resource has to be named, and to be there', async () => {
    const { boss } = await stageOf(directory, 'enterprise')
    refused(await boss('GET', '/groups/assignable'), 422, 'invalid_field', 'for')
    refused(await boss('GET', '/groups/assignable?for=agent:nothing'), 404, 'not_found')
    refused(await boss('GET', '/groups/assignable?for=ship:s'), 422, 'not_in_preset', 'type')
  })
})

test('P14: who is in no group reaches nothing, whatever role they have', async () => {
  const stage = await stageOf(directory, 'group-only')
  for (const kind of ['agent', 'workspace']) await stage.resource(kind, 'x')
  await stage.user('admin', 'admin')
  for (const [relation, object] of [
    ['can_view', 'agent:x'],
    ['can_interact', 'agent:x'],
    ['can_access', 'workspace:x'],
  ] as const) {
    for (const user of ['boss', 'admin']) expect(await stage.may(user, relation, object)).toBe(false)
  }
})

interface Row {
  readonly id: string
  readonly reason?: string
}

async function tupleCount(store: string): Promise<number> {
  const read = await directory.ask('POST', `/stores/${store}/read`, { page_size: 100 })
  const { tuples, continuation_token: token } = read.body
  if (token === '') return tuples.length
  const more = await directory.ask('POST', `/stores/${store}/read`, {
    page_size: 100,
    continuation_token: token,
  })
  return tuples.length + more.body.tuples.length
}
