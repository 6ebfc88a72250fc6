/** Users who are inactive: nothing is allowed to them on the next check, nothing names them, and what they had comes back. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sharedDirectory } from './http.ts'
import { idsOf, ok, refused, type Stage, stageOf } from './stage.ts'

const directory = await sharedDirectory()

const activate = (stage: Stage, user: string, active: boolean) =>
  stage.boss('PATCH', `/users/${user}`, { active })

/** `object#relation` of each stored tuple of a user, in order. */
async function tuplesOf(stage: Stage, user: string): Promise<readonly string[]> {
  const found: string[] = []
  let token = ''
  do {
    const { body } = await directory.ask('POST', `/stores/${stage.id}/read`, {
      page_size: 100,
      ...(token && { continuation_token: token }),
    })
    for (const { key } of body.tuples) {
      if (key.user === `user:${user}`) found.push(`${key.object}#${key.relation}`)
    }
    token = body.continuation_token
  } while (token !== '')
  return found.sort()
}

async function raw(stage: Stage, writes: readonly object[], deletes: readonly object[] = []) {
  return await directory.ask('POST', `/stores/${stage.id}/write`, {
    ...(writes.length > 0 && { writes: { tuple_keys: writes } }),
    ...(deletes.length > 0 && { deletes: { tuple_keys: deletes } }),
  })
}

describe('X2, X7: a user who is inactive', () => {
  test('has lost all of it on the next check, warm as caches are, and is back as they were', async () => {
    const stage = await stageOf(directory, 'sharing')
    const ann = await stage.user('ann', 'creator')
    const group = await stage.group('G')
    await stage.join(group, 'ann', 'editor')
    for (const id of ['a', 'b']) await stage.resource('assistant', id)
    ok(await stage.share('assistant', 'a', { group, level: 'editor' }), 201)
    ok(await stage.share('assistant', 'b', { user: 'ann', level: 'viewer' }), 201)
    const before = await tuplesOf(stage, 'ann')
    expect(before.length).toBe(3)
    const rights = [
      ['can_modify', 'assistant:a'],
      ['can_use', 'assistant:b'],
      ['can_create_assistant', `company:${stage.id}`],
    ] as const
    for (let round = 0; round < 2; round++) {
      for (const [relation, object] of rights) expect(await stage.may('ann', relation, object)).toBe(true)
      const shown = ok(await activate(stage, 'ann', false), 200).body
      expect(shown).toMatchObject({ id: 'ann', role: 'creator', active: false })
      for (const [relation, object] of rights) expect(await stage.may('ann', relation, object)).toBe(false)
      refused(await ann('GET', '/resources/assistant'), 404, 'not_found')
      expect(await tuplesOf(stage, 'ann')).toEqual([])
      expect(idsOf(await stage.boss('GET', `/groups/${group}/members`))).toEqual(['boss'])
      expect(idsOf(await stage.boss('GET', '/resources/assistant/b/shares'))).toEqual([])
      expect((await stage.boss('GET', '/users/ann')).body).toMatchObject({
        active: false,
        groups: [],
        grants: {},
      })
      expect(idsOf(await stage.boss('GET', '/users?active=false'))).toEqual(['ann'])
      expect(idsOf(await stage.boss('GET', '/users?active=true'))).toEqual(['boss'])
      expect(idsOf(await stage.boss('GET', '/users'))).toEqual(['ann', 'boss'])
      expect(ok(await activate(stage, 'ann', true), 200).body.active).toBeUndefined()
      expect(await tuplesOf(stage, 'ann')).toEqual(before)
    }
  })

  test('is neither offered nor given anything, by whatever way', async () => {
    const stage = await stageOf(directory, 'sharing')
    await stage.user('ann')
    const group = await stage.group('G')
    await stage.resource('assistant', 'a')
    expect(idsOf(await stage.boss('GET', `/groups/${group}/candidates?kind=user`))).toEqual(['ann'])
    ok(await activate(stage, 'ann', false), 200)
    expect(idsOf(await stage.boss('GET', `/groups/${group}/candidates?kind=user`))).toEqual([])
    refused(
      await stage.boss('POST', `/groups/${group}/members`, { user: 'ann' }),
      422,
      'inactive_user',
      'user',
    )
    refused(
      await stage.share('assistant', 'a', { user: 'ann', level: 'viewer' }),
      422,
      'inactive_user',
      'user',
    )
    refused(
      await stage.boss('POST', '/users/ann/assistant', { ids: ['a'], level: 'viewer' }),
      422,
      'inactive_user',
    )
    const tuple = { user: 'user:ann', relation: 'viewer', object: `group:${group}` }
    expect(await raw(stage, [tuple])).toMatchObject({ status: 422, body: { code: 'inactive_user' } })
    const imported = await directory.ask('POST', `/v1/stores/${stage.id}/import`, tuple)
    expect(JSON.stringify(imported.body)).toContain('inactive')
    expect(await tuplesOf(stage, 'ann')).toEqual([])
    ok(await activate(stage, 'ann', true), 200)
    expect((await raw(stage, [tuple])).status).toBe(200)
  })

  test('is not somebody on whom a role rests', async () => {
    const stage = await stageOf(directory, 'sharing')
    refused(await activate(stage, 'boss', false), 409, 'last_admin')
    await stage.user('ann', 'creator')
    const group = await stage.group('G')
    await stage.join(group, 'ann', 'owner')
    ok(await stage.boss('DELETE', `/groups/${group}/members/boss`), 204)
    refused(await activate(stage, 'ann', false), 409, 'last_owner')
    expect(await stage.may('ann', 'can_delete', `group:${group}`)).toBe(true)
    // With another beside them they may go, and then that one may not.
    await stage.user('bob', 'admin')
    ok(await activate(stage, 'bob', false), 200)
    refused(await activate(stage, 'boss', false), 409, 'last_admin')
  })

  test('is made so by those who may take their role, and back by those who may give it', async () => {
    const stage = await stageOf(directory, 'enterprise')
    const low = await stage.user('low', 'configure')
    await stage.user('ann')
    refused(await low('PATCH', '/users/ann', { active: false }), 403, 'forbidden')
    refused(await low('PATCH', '/users/low', { active: false }), 403, 'forbidden')
    refused(await activate(stage, 'nobody', false), 404, 'not_found')
    refused(await stage.boss('PATCH', '/users/ann', { active: 'no' }), 422, 'invalid_field', 'active')
    refused(await stage.boss('GET', '/users?active=maybe'), 422, 'invalid_field', 'active')
    const other = await stageOf(directory, 'enterprise')
    refused(await activate(other, 'ann', false), 404, 'not_found')
    ok(await activate(stage, 'ann', false), 200)
    refused(await low('PATCH', '/users/ann', { active: true }), 403, 'forbidden')
    // Twice is once.
    expect(ok(await activate(stage, 'ann', false), 200).body).toMatchObject({
      active: false,
      role: 'readonly',
    })
    // Their role can be changed meanwhile.
    ok(await stage.boss('PATCH', '/users/ann', { role: 'train' }), 200)
    expect(await tuplesOf(stage, 'ann')).toEqual([])
    expect(ok(await activate(stage, 'ann', true), 200).body.role).toBe('train')
    expect(await tuplesOf(stage, 'ann')).toEqual([`organization:${stage.id}#train`])
    // In one request with the other fields.
    const all = { active: false, name: 'Ann B', role: 'configure' }
    expect(ok(await stage.boss('PATCH', '/users/ann', all), 200).body).toMatchObject({ id: 'ann', ...all })
    ok(await stage.boss('PATCH', '/users/ann', { active: true, role: 'readonly' }), 200)
    expect(await tuplesOf(stage, 'ann')).toEqual([`organization:${stage.id}#readonly`])
    const log = ok(await stage.boss('GET', '/changes?subject=&action=user&pageSize=4'), 200).body
    expect(log.changes.map(({ action }: { action: string }) => action)).toEqual([
      'user.reactivate',
      'user.deactivate',
      'user.reactivate',
      'user.update',
    ])
    expect(log.changes[0]).toMatchObject({ actor: 'user:boss', new: { restored: 1, lost: 0 } })
  })

  test('is gone with what waits for them, and so is what waits at something that is gone', async () => {
    const stage = await stageOf(directory, 'sharing')
    await stage.user('ann')
    await stage.resource('assistant', 'a')
    const group = await stage.group('G', { members: ['ann'] })
    ok(await stage.share('assistant', 'a', { user: 'ann', level: 'viewer' }), 201)
    ok(await activate(stage, 'ann', false), 200)
    ok(await stage.boss('DELETE', '/resources/assistant/a'), 204)
    ok(await stage.boss('DELETE', `/groups/${group}`), 204)
    // Another of the same id.
    await stage.resource('assistant', 'a')
    const back = ok(await activate(stage, 'ann', true), 200)
    expect(back.body).toMatchObject({ id: 'ann' })
    expect(await tuplesOf(stage, 'ann')).toEqual([`company:${stage.id}#member`])

    ok(await stage.share('assistant', 'a', { user: 'ann', level: 'viewer' }), 201)
    ok(await activate(stage, 'ann', false), 200)
    ok(await stage.boss('DELETE', '/users/ann'), 204)
    await stage.user('ann')
    ok(await activate(stage, 'ann', false), 200)
    ok(await activate(stage, 'ann', true), 200)
    expect(await tuplesOf(stage, 'ann')).toEqual([`company:${stage.id}#member`])
  })

  test.each(['sharing', 'enterprise'])(
    'has not again what is taken away meanwhile, in %s',
    async (preset) => {
      const stage = await stageOf(directory, preset)
      const [kind, level] = preset === 'sharing' ? ['assistant', 'viewer'] : ['agent', 'view_use']
      await stage.user('ann')
      const before = await tuplesOf(stage, 'ann')
      const group = await stage.group('G', { members: ['ann'] })
      for (const id of ['a', 'b']) {
        await stage.resource(kind, id)
        ok(await stage.share(kind, id, { user: 'ann', level }), 201)
      }
      ok(await activate(stage, 'ann', false), 200)
      await stage.leave(group, 'ann')
      ok(await stage.boss('DELETE', `/resources/${kind}/a/shares?user=ann`), 204)
      ok(await stage.boss('DELETE', `/users/ann/${kind}/b`), 204)
      refused(await stage.boss('DELETE', `/groups/${group}/members/ann`), 404, 'not_found')
      refused(await stage.boss('DELETE', `/users/ann/${kind}/b`), 404, 'not_found')
      ok(await activate(stage, 'ann', true), 200)
      expect(await tuplesOf(stage, 'ann')).toEqual(before)
    },
  )

  test('is given no role in a group, that included which they will have again', async () => {
    const stage = await stageOf(directory, 'enterprise')
    await stage.user('ann')
    const group = await stage.group('G', { members: ['ann'] })
    ok(await activate(stage, 'ann', false), 200)
    for (const role of ['member', 'manager'])
      refused(await stage.boss('PATCH', `/groups/${group}/members/ann`, { role }), 404, 'not_found')
    ok(await activate(stage, 'ann', true), 200)
    const { members } = (await stage.boss('GET', `/groups/${group}/members`)).body
    expect(members).toMatchObject([{ id: 'ann', role: 'member' }])
  })

  test('T56: is left out by the rule when they are taken out for good meanwhile', async () => {
    const stage = await stageOf(directory, 'enterprise')
    await stage.user('ann')
    const group = await stage.group('G', { members: ['ann'] })
    ok(await stage.boss('PUT', `/groups/${group}/rule`, { rule: 'true' }), 200)
    ok(await activate(stage, 'ann', false), 200)
    ok(await stage.boss('DELETE', `/groups/${group}/members/ann?exclude=true`), 204)
    // Whom nobody had put in either.
    await stage.user('bob')
    ok(await activate(stage, 'bob', false), 200)
    refused(await stage.boss('DELETE', `/groups/${group}/members/bob`), 404, 'not_found')
    ok(await stage.boss('DELETE', `/groups/${group}/members/bob?exclude=true`), 204)
    for (const id of ['ann', 'bob']) ok(await activate(stage, id, true), 200)
    const { members } = (await stage.boss('GET', `/groups/${group}/members`)).body
    expect(members.map(({ id }: { id: string }) => id)).toEqual(['boss'])
  })

  test('X3: is in by rules anew when they are back, and only by rules that are there by then', async () => {
    const stage = await stageOf(directory, 'enterprise')
    ok(await stage.boss('POST', '/users', { id: 'ann', email: 'ann@x.com' }), 201)
    const [one, two] = [await stage.group('One'), await stage.group('Two', { members: ['ann'] })]
    const rule = { rule: "email.endsWith('@x.com')" }
    for (const group of [one, two]) ok(await stage.boss('PUT', `/groups/${group}/rule`, rule), 200)
    const groups = [`group:${one}#rule_member`, `group:${two}#direct_member`, `group:${two}#rule_member`]
    const all = [...groups, `organization:${stage.id}#readonly`].sort()
    expect(await tuplesOf(stage, 'ann')).toEqual(all)
    ok(await activate(stage, 'ann', false), 200)
    expect(await tuplesOf(stage, 'ann')).toEqual([])
    ok(await activate(stage, 'ann', true), 200)
    expect(await tuplesOf(stage, 'ann')).toEqual(all)
    ok(await activate(stage, 'ann', false), 200)
    ok(await stage.boss('DELETE', `/groups/${one}/rule`), 204)
    ok(await stage.boss('PATCH', '/users/ann', { active: true, email: 'ann@y.com' }), 200)
    expect(await tuplesOf(stage, 'ann')).toEqual(
      [`group:${two}#direct_member`, `organization:${stage.id}#readonly`].sort(),
    )
  })

  test('keeps terms and conditions; what has expired, and what the model refuses by then, stays away', async () => {
    const stage = await stageOf(directory, 'sharing')
    await stage.user('ann')
    await stage.resource('assistant', 'a')
    await stage.resource('assistant', 'b')
    const path = `/stores/${stage.id}/authorization-models`
    const { id: _, ...plain } = (await directory.ask('GET', path)).body.authorization_models[0]
    const conditional = structuredClone(plain)
    const type = conditional.type_definitions.find((each: { type: string }) => each.type === 'assistant')
    type.metadata.relations.viewer.directly_related_user_types.push({ type: 'user', condition: 'small' })
    conditional.conditions = {
      small: { name: 'small', expression: 'x < 3', parameters: { x: { type_name: 'TYPE_NAME_INT' } } },
    }
    ok(await directory.ask('POST', path, conditional), 201)
    const viewer = (id: string) => ({ user: 'user:ann', relation: 'viewer', object: `assistant:${id}` })
    const later = new Date(Date.now() + 3_600_000).toISOString()
    const soon = Date.now() + 200
    const bound = { ...viewer('a'), condition: { name: 'small', context: { x: 1 } }, expires_at: later }
    ok(await raw(stage, [bound]), 200)
    ok(await raw(stage, [{ ...viewer('b'), expires_at: new Date(soon).toISOString() }]), 200)
    ok(await activate(stage, 'ann', false), 200)
    while (Date.now() <= soon) await new Promise(setImmediate)
    ok(await activate(stage, 'ann', true), 200)
    const read = await directory.ask('POST', `/stores/${stage.id}/read`, { tuple_key: viewer('a') })
    expect(read.body.tuples[0].key.condition).toEqual({ name: 'small', context: { x: 1 } })
    expect(Date.parse(read.body.tuples[0].key.expires_at)).toBe(Date.parse(later))
    expect(await tuplesOf(stage, 'ann')).toEqual(['assistant:a#viewer', `company:${stage.id}#member`])

    ok(await activate(stage, 'ann', false), 200)
    ok(await directory.ask('POST', path, plain), 201)
    ok(await activate(stage, 'ann', true), 200)
    expect(await tuplesOf(stage, 'ann')).toEqual([`company:${stage.id}#member`])
  })

  test('X2: a dry run says what it takes, and takes nothing; operators stay the platform’s', async () => {
    const stage = await stageOf(directory, 'enterprise')
    await stage.user('ann', 'configure')
    ok(await directory.ask('PUT', `/v1/orgs/${stage.id}/operators/ann`), 204)
    const before = await tuplesOf(stage, 'ann')
    const would = ok(await stage.boss('PATCH', '/users/ann?dryRun=true', { active: false }), 200).body
    expect(would.result).toMatchObject({ id: 'ann', active: false })
    const lost = would.rows.filter(({ subject }: { subject: string }) => subject === 'user:ann')
    expect(lost.length).toBeGreaterThan(0)
    expect(await tuplesOf(stage, 'ann')).toEqual(before)
    ok(await activate(stage, 'ann', false), 200)
    expect(await tuplesOf(stage, 'ann')).toEqual([`organization:${stage.id}#operator`])
    ok(await directory.ask('DELETE', `/v1/orgs/${stage.id}/operators/ann`), 204)
    ok(await directory.ask('PUT', `/v1/orgs/${stage.id}/operators/ann`), 204)
    ok(await activate(stage, 'ann', true), 200)
    expect(await tuplesOf(stage, 'ann')).toEqual(before)
  })
})

/** What a plain table says of people, and of what they were given. */
interface Table {
  readonly given: Map<string, Set<string>>
  readonly parked: Map<string, Set<string>>
}

const people = ['u0', 'u1', 'u2']
const things = ['r0', 'r1', 'r2', 'r3']
const levels = ['viewer', 'editor', 'owner']

test('X7: whatever happens between, the tuples are those of a plain table', async () => {
  const step = fc.record({
    verb: fc.constantFrom('give', 'give', 'give', 'take', 'off', 'on', 'on', 'drop', 'dropUser'),
    user: fc.constantFrom(...people),
    thing: fc.constantFrom(...things),
    level: fc.constantFrom(...levels),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 50 }), async (steps) => {
      const stage = await stageOf(directory, 'sharing')
      const role = `company:${stage.id}#member`
      const table: Table = { given: new Map(), parked: new Map() }
      for (const user of people) {
        await stage.user(user)
        table.given.set(user, new Set([role]))
      }
      for (const thing of things) await stage.resource('assistant', thing)
      for (const { verb, user, thing, level } of steps) {
        const place = `assistant:${thing}#${level}`
        const key = { user: `user:${user}`, relation: level, object: `assistant:${thing}` }
        const given = table.given.get(user)
        const parked = table.parked.get(user)
        if (verb === 'give' && given?.has(place) !== true) {
          const { status } = await raw(stage, [key])
          expect([verb, status]).toEqual([verb, parked === undefined ? 200 : 422])
          if (parked === undefined) given?.add(place)
        } else if (verb === 'take' && given?.delete(place)) {
          ok(await raw(stage, [], [key]), 200)
        } else if (verb === 'off') {
          ok(await activate(stage, user, false), 200)
          if (parked === undefined) table.parked.set(user, new Set(given)).get(user)
          if (parked === undefined) given?.clear()
        } else if (verb === 'on') {
          ok(await activate(stage, user, true), 200)
          for (const each of parked ?? []) given?.add(each)
          table.parked.delete(user)
        } else if (verb === 'drop') {
          ok(await stage.boss('DELETE', `/resources/assistant/${thing}`), 204)
          await stage.resource('assistant', thing)
          for (const set of [...table.given.values(), ...table.parked.values()]) {
            for (const each of levels) set.delete(`assistant:${thing}#${each}`)
          }
        } else if (verb === 'dropUser') {
          ok(await stage.boss('DELETE', `/users/${user}`), 204)
          await stage.user(user)
          table.given.set(user, new Set([role]))
          table.parked.delete(user)
        }
        for (const one of people)
          expect(await tuplesOf(stage, one)).toEqual([...(table.given.get(one) ?? [])].sort())
      }
    }),
    { numRuns: 12 },
  )
})
