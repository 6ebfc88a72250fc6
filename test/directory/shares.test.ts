/** Shares with people and groups: the same for both, listed together, and the highest wins whatever the combination. */
import { describe, expect, test } from 'vitest'
import { type Answer, sharedDirectory } from './http.ts'
import { idsOf, ok, refused, type Stage, stageOf } from './stage.ts'

const directory = await sharedDirectory()

const abilities = ['can_use', 'can_view', 'can_modify', 'can_share', 'can_delete']

async function abilitiesOf(stage: Stage, user: string, object: string): Promise<readonly string[]> {
  const held: string[] = []
  for (const each of abilities) if (await stage.may(user, each, object)) held.push(each)
  return held
}

async function effective(stage: Stage, kind: string, id: string, user: string): Promise<string | null> {
  const answer = await stage.boss('GET', `/resources/${kind}/${id}/effective-role?user=${user}`)
  return ok(answer, 200).body.effectiveRole
}

test.each(['assistant', 'flow', 'datasource', 'conversation'])(
  'E1, E2, E5, E13, E14, E16: a %s is shared with a group as with a person',
  async (kind) => {
    const stage = await stageOf(directory, 'sharing')
    for (const user of ['ann', 'owner', 'editor', 'viewer', 'eve']) await stage.user(user)
    const group = await stage.group('G')
    for (const role of ['owner', 'editor', 'viewer']) await stage.join(group, role, role)
    for (const level of ['viewer', 'editor']) {
      const id = `r-${level}`
      await stage.resource(kind, id)
      ok(await stage.share(kind, id, { user: 'ann', level }), 201)
      ok(await stage.share(kind, id, { group, level }), 201)
      const own = await abilitiesOf(stage, 'ann', `${kind}:${id}`)
      expect(own).toEqual(
        level === 'viewer' ? ['can_use', 'can_view'] : ['can_use', 'can_view', 'can_modify', 'can_share'],
      )
      // Whatever the role in the group.
      for (const member of ['owner', 'editor', 'viewer']) {
        expect(await abilitiesOf(stage, member, `${kind}:${id}`)).toEqual(own)
      }
      expect(await abilitiesOf(stage, 'eve', `${kind}:${id}`)).toEqual([])
    }
  },
)

test('E3, E4, E28: one who is added reaches all that the group has, a consumer too', async () => {
  const stage = await stageOf(directory, 'sharing')
  await stage.user('ann', 'consumer')
  const group = await stage.group('G')
  const ids = Array.from({ length: 10 }, (_, index) => `r${index}`)
  for (const id of ids) {
    await stage.resource('assistant', id)
    ok(await stage.share('assistant', id, { group, level: 'viewer' }), 201)
  }
  expect(await stage.may('ann', 'can_use', 'assistant:r3')).toBe(false)
  await stage.join(group, 'ann')
  for (const id of ids) expect(await stage.may('ann', 'can_use', `assistant:${id}`)).toBe(true)
})

test('E15, E17, E18: Sarah views by herself, edits by Marketing, and views again', async () => {
  const stage = await stageOf(directory, 'sharing')
  const sarah = await stage.user('sarah')
  const marketing = await stage.group('Marketing', { members: ['sarah'] })
  await stage.resource('assistant', 'brand')
  ok(await stage.share('assistant', 'brand', { user: 'sarah', level: 'viewer' }), 201)
  expect(await effective(stage, 'assistant', 'brand', 'sarah')).toBe('viewer')
  refused(await sarah('PATCH', '/resources/assistant/brand', { description: 'Mine' }), 403, 'forbidden')

  ok(await stage.share('assistant', 'brand', { group: marketing, level: 'editor' }), 201)
  expect(await effective(stage, 'assistant', 'brand', 'sarah')).toBe('editor')
  expect(await stage.may('sarah', 'can_modify', 'assistant:brand')).toBe(true)
  ok(await sarah('PATCH', '/resources/assistant/brand', { description: 'Ours' }), 200)
  const own = await sarah('GET', '/resources/assistant/brand/effective-role?user=sarah')
  expect(own.body).toEqual({ user: 'sarah', effectiveRole: 'editor', label: 'Editor' })

  ok(await stage.boss('DELETE', `/resources/assistant/brand/shares?group=${marketing}`), 204)
  expect(await effective(stage, 'assistant', 'brand', 'sarah')).toBe('viewer')
  expect(await stage.may('sarah', 'can_modify', 'assistant:brand')).toBe(false)
})

test('E19: of every combination of one’s own and two groups, the highest', async () => {
  const stage = await stageOf(directory, 'sharing')
  await stage.user('ann')
  const groups = [
    await stage.group('One', { members: ['ann'] }),
    await stage.group('Two', { members: ['ann'] }),
  ]
  await stage.resource('assistant', 'a')
  const holders = [{ user: 'ann' }, { group: groups[0] }, { group: groups[1] }]
  const levels = ['none', 'viewer', 'editor'] as const
  const set = async (holder: object, level: string): Promise<Answer> => {
    if (level !== 'none') return await stage.share('assistant', 'a', { ...holder, level })
    const [[kind, id] = []] = Object.entries(holder)
    return await stage.boss('DELETE', `/resources/assistant/a/shares?${kind}=${id}`)
  }
  for (let each = 0; each < 27; each++) {
    const combination = [each % 3, Math.floor(each / 3) % 3, Math.floor(each / 9)]
    for (const [index, holder] of holders.entries()) {
      const { status } = await set(holder, levels[combination[index] ?? 0] ?? 'none')
      expect([200, 201, 204, 404]).toContain(status)
    }
    const highest = levels[Math.max(...combination)]
    expect(await effective(stage, 'assistant', 'a', 'ann')).toBe(highest === 'none' ? null : highest)
    expect(await stage.may('ann', 'can_modify', 'assistant:a')).toBe(highest === 'editor')
    expect(await stage.may('ann', 'can_use', 'assistant:a')).toBe(highest !== 'none')
  }
})

test('E32: people and groups beside each other, each once, with the level; hidden groups are hidden', async () => {
  const stage = await stageOf(directory, 'sharing')
  const ann = await stage.user('ann')
  const group = await stage.group('Marketing')
  await stage.resource('assistant', 'a')
  ok(await stage.share('assistant', 'a', { user: 'ann', level: 'viewer' }), 201)
  ok(await stage.share('assistant', 'a', { group, level: 'viewer' }), 201)
  expect(
    ok(await stage.share('assistant', 'a', { group: `group:${group}`, level: 'edit' }), 200).body,
  ).toEqual({
    kind: 'group',
    id: group,
    name: 'Marketing',
    level: 'editor',
  })
  const shares = await stage.boss('GET', '/resources/assistant/a/shares')
  expect(shares.body).toEqual({
    shares: [
      { kind: 'group', id: group, name: 'Marketing', level: 'editor' },
      { kind: 'user', id: 'ann', name: 'Ann Lee', level: 'viewer' },
    ],
    continuationToken: '',
  })
  expect(idsOf(await ann('GET', '/resources/assistant/a/shares'))).toEqual(['ann'])
  const first = await stage.boss('GET', '/resources/assistant/a/shares?pageSize=1')
  const token = encodeURIComponent(first.body.continuationToken)
  const second = await stage.boss(
    'GET',
    `/resources/assistant/a/shares?pageSize=1&continuationToken=${token}`,
  )
  expect([idsOf(first), idsOf(second)]).toEqual([[group], ['ann']])
})

describe('refusals', () => {
  test('X1, X6, E2: nobody, nothing and no such level', async () => {
    const stage = await stageOf(directory, 'sharing')
    const stranger = await stageOf(directory, 'sharing')
    await stranger.user('them')
    const theirs = await stranger.group('Theirs')
    await stage.resource('assistant', 'a')
    const share = (body: object) => stage.share('assistant', 'a', body)
    refused(await share({ user: 'them', level: 'viewer' }), 422, 'unknown_reference', 'user')
    refused(await share({ group: theirs, level: 'viewer' }), 422, 'unknown_reference', 'group')
    refused(await share({ user: 'boss' }), 422, 'invalid_field', 'level')
    refused(await share({ user: 'boss', level: 'client' }), 422, 'not_in_preset', 'level')
    refused(await share({ level: 'viewer' }), 422, 'invalid_field', 'user')
    refused(await share({ user: 'boss', group: theirs, level: 'viewer' }), 422, 'invalid_field', 'user')
    refused(await stage.boss('DELETE', '/resources/assistant/a/shares?user=boss'), 404, 'not_found')
    refused(
      await stage.share('spaceship', 'a', { user: 'boss', level: 'viewer' }),
      422,
      'not_in_preset',
      'type',
    )
    expect(idsOf(await stage.boss('GET', '/resources/assistant/a/shares'))).toEqual([])
  })

  test.each([
    ['group-only', 'agent'],
    ['group-only', 'workspace'],
    ['training', 'bot'],
  ])('P2: in %s nobody is given a %s alone', async (preset, kind) => {
    const stage = await stageOf(directory, preset)
    await stage.user('ann')
    await stage.resource(kind, 'r')
    refused(await stage.share(kind, 'r', { user: 'ann' }), 403, 'not_in_preset')
    refused(await stage.boss('POST', `/users/ann/${kind}`, { ids: ['r'] }), 403, 'not_in_preset')
  })

  test('E22: a hidden resource is not there, for whoever asks anything of it', async () => {
    const stage = await stageOf(directory, 'sharing')
    const eve = await stage.user('eve')
    await stage.resource('assistant', 'a')
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', '/shares', undefined],
      ['GET', '/effective-role?user=eve', undefined],
      ['POST', '/shares', { user: 'eve', level: 'editor' }],
      ['PATCH', '', { name: 'x' }],
      ['DELETE', '', undefined],
    ] as const) {
      refused(await eve(method, `/resources/assistant/a${path}`, body), 404, 'not_found')
    }
    expect(idsOf(await eve('GET', '/resources/assistant'))).toEqual([])
  })
})
