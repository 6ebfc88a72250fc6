/** People of an organization: made, changed and gone, by those who may, and never by more than one's own right. */
import { describe, expect, test } from 'vitest'
import { sharedDirectory } from './http.ts'
import { idsOf, ok, refused, type Stage, stageOf } from './stage.ts'

const directory = await sharedDirectory()

async function rolesOf(stage: Stage, user: string): Promise<readonly string[]> {
  const { body } = await directory.ask('POST', `/stores/${stage.id}/read`, { page_size: 100 })
  return body.tuples
    .filter(({ key }: Tuple) => key.user === `user:${user}` && key.object.endsWith(`:${stage.id}`))
    .map(({ key }: Tuple) => key.relation)
}

interface Tuple {
  readonly key: { readonly user: string; readonly relation: string; readonly object: string }
}

const roles = [
  ['client-portal', ['admin', 'client']],
  ['sharing', ['admin', 'creator', 'member', 'consumer']],
  ['enterprise', ['admin', 'configure', 'train', 'readonly']],
  ['training', ['admin', 'member']],
  ['group-only', ['admin', 'member']],
] as const

test.each(roles)('D1, T37, X6: %s has exactly one of its roles for each: %j', async (preset, all) => {
  const stage = await stageOf(directory, preset)
  await stage.user('ann')
  for (const role of [...all, ...all.toReversed()]) {
    expect(ok(await stage.boss('PATCH', '/users/ann', { role }), 200).body.role).toBe(role)
    expect(await rolesOf(stage, 'ann')).toEqual([role])
  }
  refused(await stage.boss('POST', '/users', { name: 'x', role: 'Emperor' }), 422, 'invalid_field', 'role')
  refused(await stage.boss('PATCH', '/users/ann', { role: 'Emperor' }), 422, 'invalid_field', 'role')
})

test.each(['client-portal', 'sharing', 'enterprise', 'training', 'group-only', 'default'])(
  'D8, D9, D10, D11, X1 in %s: made, read, changed, and gone with all that named them',
  async (preset) => {
    const stage = await stageOf(directory, preset)
    ok(await stage.boss('POST', '/users', { id: 'ann', name: 'Ann', email: 'ann@x.com' }), 201)
    expect(ok(await stage.boss('GET', '/users/ann'), 200).body).toMatchObject({
      id: 'ann',
      groups: [],
      grants: {},
    })
    const changed = await stage.boss('PATCH', '/users/ann', { name: 'Ann Lee', email: 'lee@x.com' })
    expect(ok(changed, 200).body).toMatchObject({ name: 'Ann Lee', email: 'lee@x.com' })
    expect(idsOf(await stage.boss('GET', '/users?q=lee'))).toEqual(['ann'])
    // The address before is free, and this one is not.
    ok(await stage.boss('POST', '/users', { id: 'bob', email: 'ann@x.com' }), 201)
    refused(await stage.boss('PATCH', '/users/bob', { email: 'LEE@x.com' }), 409, 'name_taken', 'email')
    // Whom the organization began with has an address too.
    const { email } = (await stage.boss('GET', '/users/boss')).body
    refused(await stage.boss('PATCH', '/users/bob', { email }), 409, 'name_taken', 'email')
    expect(ok(await stage.boss('PATCH', '/users/bob', { email: null }), 200).body.email).toBeUndefined()

    ok(await stage.boss('DELETE', '/users/ann'), 204)
    refused(await stage.boss('GET', '/users/ann'), 404, 'not_found')
    refused(await stage.boss('DELETE', '/users/ann'), 404, 'not_found')
    expect(await rolesOf(stage, 'ann')).toEqual([])
    ok(await stage.boss('POST', '/users', { id: 'new', email: 'lee@x.com' }), 201)

    const stranger = await stageOf(directory, preset)
    await stranger.user('them')
    for (const [method, body] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const) {
      refused(await stage.boss(method, '/users/them', body), 404, 'not_found')
    }
  },
)

test('D11: who is gone reaches nothing at once, by group or alone', async () => {
  const stage = await stageOf(directory, 'sharing')
  const ann = await stage.user('ann')
  const group = await stage.group('G', { members: ['ann'] })
  for (const id of ['a', 'b']) await stage.resource('assistant', id)
  ok(await stage.share('assistant', 'a', { group, level: 'editor' }), 201)
  ok(await stage.share('assistant', 'b', { user: 'ann', level: 'viewer' }), 201)
  expect(await stage.may('ann', 'can_modify', 'assistant:a')).toBe(true)
  expect(await stage.may('ann', 'can_use', 'assistant:b')).toBe(true)
  const page = ok(await ann('GET', '/users/ann'), 200).body
  expect(page).toMatchObject({ groups: [{ id: group, name: 'G', role: 'viewer' }], grants: { agent: 1 } })
  ok(await stage.boss('DELETE', '/users/ann'), 204)
  for (const id of ['a', 'b']) {
    const checked = await directory.ask('POST', `/stores/${stage.id}/check`, {
      tuple_key: { user: 'user:ann', relation: 'can_use', object: `assistant:${id}` },
    })
    expect(checked.body.allowed).toBe(false)
  }
  refused(await ann('GET', '/resources/assistant'), 404, 'not_found')
  expect(idsOf(await stage.boss('GET', `/groups/${group}/members`))).not.toContain('ann')
  expect(idsOf(await stage.boss('GET', '/resources/assistant/b/shares'))).toEqual([])
})

describe('D26: nobody gives more than they may', () => {
  test.each([
    ['client-portal', 'client'],
    ['sharing', 'consumer'],
    ['sharing', 'creator'],
    ['enterprise', 'configure'],
    ['training', 'member'],
    ['group-only', 'member'],
  ])('%s, %s', async (preset, role) => {
    const stage = await stageOf(directory, preset)
    const low = await stage.user('low', role)
    for (const [method, path, body] of [
      ['PATCH', '/users/low', { role: 'admin' }],
      ['PATCH', '/users/boss', { role }],
      ['PATCH', '/users/boss', { email: 'mine@x.com' }],
      ['POST', '/users', { id: 'twin', role: 'admin' }],
      ['DELETE', '/users/boss', undefined],
      ['PATCH', '', { name: 'Mine' }],
    ] as const) {
      refused(await low(method, path, body), 403, 'forbidden')
    }
    expect(await rolesOf(stage, 'low')).toEqual([role])
    expect(await rolesOf(stage, 'boss')).toEqual(['admin'])
  })

  test('an admin is the most that there is, and manages other admins', async () => {
    const stage = await stageOf(directory, 'client-portal')
    const other = await stage.user('other', 'admin')
    ok(await other('PATCH', '/users/boss', { name: 'Chief' }), 200)
    for (const role of ['operator', 'owner', 'superadmin']) {
      refused(await other('POST', '/users', { role }), 422, 'invalid_field', 'role')
      refused(await other('PATCH', '/users/other', { role }), 422, 'invalid_field', 'role')
    }
  })
})

test('T37: a role in a group and a role in the organization are two things', async () => {
  const stage = await stageOf(directory, 'enterprise')
  await stage.user('ann', 'train')
  const group = await stage.group('G', { members: ['ann'] })
  ok(await stage.boss('PATCH', `/groups/${group}/members/ann`, { role: 'manager' }), 200)
  expect(await rolesOf(stage, 'ann')).toEqual(['train'])
  ok(await stage.boss('PATCH', '/users/ann', { role: 'configure' }), 200)
  expect((await stage.boss('GET', '/users/ann')).body).toMatchObject({
    role: 'configure',
    groups: [{ id: group, role: 'manager' }],
  })
})

test('T38: each role passes what those below it pass', async () => {
  const stage = await stageOf(directory, 'enterprise')
  const ladder = ['readonly', 'train', 'configure', 'admin']
  for (const role of ladder) await stage.user(role, role)
  const object = `organization:${stage.id}`
  for (const [index, role] of ladder.entries()) {
    for (const [other, relation] of ladder.entries()) {
      expect(await stage.may(role, relation, object)).toBe(index >= other)
    }
  }
})
