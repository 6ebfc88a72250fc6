/** Users who are inactive: nothing is allowed to them on the next check, nothing names them, and what they had comes back. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Directory, openDirectory } from './http.ts'
import { idsOf, ok, refused, settle, type Town } from './town.ts'

let directory: Directory
beforeAll(async () => {
  directory = await openDirectory()
})
afterAll(() => directory.close())

const activate = (town: Town, user: string, active: boolean) =>
  town.boss('PATCH', `/users/${user}`, { active })

/** `object#relation` of each stored tuple of a user, in order. */
async function tuplesOf(town: Town, user: string): Promise<readonly string[]> {
  const found: string[] = []
  let token = ''
  do {
    const { body } = await directory.ask('POST', `/stores/${town.id}/read`, {
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

async function raw(town: Town, writes: readonly object[], deletes: readonly object[] = []) {
  return await directory.ask('POST', `/stores/${town.id}/write`, {
    ...(writes.length > 0 && { writes: { tuple_keys: writes } }),
    ...(deletes.length > 0 && { deletes: { tuple_keys: deletes } }),
  })
}

describe('X2, X7: a user who is inactive', () => {
  test('has lost all of it on the next check, warm as caches are, and is back as they were', async () => {
    const town = await settle(directory, 'sharing')
    const ann = await town.user('ann', 'creator')
    const group = await town.group('G')
    await town.join(group, 'ann', 'editor')
    for (const id of ['a', 'b']) await town.resource('assistant', id)
    ok(await town.share('assistant', 'a', { group, level: 'editor' }), 201)
    ok(await town.share('assistant', 'b', { user: 'ann', level: 'viewer' }), 201)
    const before = await tuplesOf(town, 'ann')
    expect(before.length).toBe(3)
    const rights = [
      ['can_modify', 'assistant:a'],
      ['can_use', 'assistant:b'],
      ['can_create_assistant', `company:${town.id}`],
    ] as const
    for (let round = 0; round < 2; round++) {
      for (const [relation, object] of rights) expect(await town.may('ann', relation, object)).toBe(true)
      const shown = ok(await activate(town, 'ann', false), 200).body
      expect(shown).toMatchObject({ id: 'ann', role: 'creator', active: false })
      for (const [relation, object] of rights) expect(await town.may('ann', relation, object)).toBe(false)
      refused(await ann('GET', '/resources/assistant'), 404, 'not_found')
      expect(await tuplesOf(town, 'ann')).toEqual([])
      expect(idsOf(await town.boss('GET', `/groups/${group}/members`))).toEqual(['boss'])
      expect(idsOf(await town.boss('GET', '/resources/assistant/b/shares'))).toEqual([])
      expect((await town.boss('GET', '/users/ann')).body).toMatchObject({
        active: false,
        groups: [],
        grants: {},
      })
      expect(idsOf(await town.boss('GET', '/users?active=false'))).toEqual(['ann'])
      expect(idsOf(await town.boss('GET', '/users?active=true'))).toEqual(['boss'])
      expect(idsOf(await town.boss('GET', '/users'))).toEqual(['ann', 'boss'])
      expect(ok(await activate(town, 'ann', true), 200).body.active).toBeUndefined()
      expect(await tuplesOf(town, 'ann')).toEqual(before)
    }
  })

  test('is neither offered nor given anything, by whatever way', async () => {
    const town = await settle(directory, 'sharing')
    await town.user('ann')
    const group = await town.group('G')
    await town.resource('assistant', 'a')
    expect(idsOf(await town.boss('GET', `/groups/${group}/candidates?kind=user`))).toEqual(['ann'])
    ok(await activate(town, 'ann', false), 200)
    expect(idsOf(await town.boss('GET', `/groups/${group}/candidates?kind=user`))).toEqual([])
    refused(
      await town.boss('POST', `/groups/${group}/members`, { user: 'ann' }),
      422,
      'inactive_user',
      'user',
    )
    refused(
      await town.share('assistant', 'a', { user: 'ann', level: 'viewer' }),
      422,
      'inactive_user',
      'user',
    )
    refused(
      await town.boss('POST', '/users/ann/assistant', { ids: ['a'], level: 'viewer' }),
      422,
      'inactive_user',
    )
    const tuple = { user: 'user:ann', relation: 'viewer', object: `group:${group}` }
    expect(await raw(town, [tuple])).toMatchObject({ status: 422, body: { code: 'inactive_user' } })
    const imported = await directory.ask('POST', `/v1/stores/${town.id}/import`, tuple)
    expect(JSON.stringify(imported.body)).toContain('inactive')
    expect(await tuplesOf(town, 'ann')).toEqual([])
    ok(await activate(town, 'ann', true), 200)
    expect((await raw(town, [tuple])).status).toBe(200)
  })

  test('is not somebody on whom a role rests', async () => {
    const town = await settle(directory, 'sharing')
    refused(await activate(town, 'boss', false), 409, 'last_admin')
    await town.user('ann', 'creator')
    const group = await town.group('G')
    await town.join(group, 'ann', 'owner')
    ok(await town.boss('DELETE', `/groups/${group}/members/boss`), 204)
    refused(await activate(town, 'ann', false), 409, 'last_owner')
    expect(await town.may('ann', 'can_delete', `group:${group}`)).toBe(true)
    // With another beside them they may go, and then that one may not.
    await town.user('bob', 'admin')
    ok(await activate(town, 'bob', false), 200)
    refused(await activate(town, 'boss', false), 409, 'last_admin')
  })

  test('is made so by those who may take their role, and back by those who may give it', async () => {
    const town = await settle(directory, 'enterprise')
    const low = await town.user('low', 'configure')
    await town.user('ann')
    refused(await low('PATCH', '/users/ann', { active: false }), 403, 'forbidden')
    refused(await low('PATCH', '/users/low', { active: false }), 403, 'forbidden')
    refused(await activate(town, 'nobody', false), 404, 'not_found')
    refused(await town.boss('PATCH', '/users/ann', { active: 'no' }), 422, 'invalid_field', 'active')
    refused(await town.boss('GET', '/users?active=maybe'), 422, 'invalid_field', 'active')
    const other = await settle(directory, 'enterprise')
    refused(await activate(other, 'ann', false), 404, 'not_found')
    ok(await activate(town, 'ann', false), 200)
    refused(await low('PATCH', '/users/ann', { active: true }), 403, 'forbidden')
    // Twice is once.
    expect(ok(await activate(town, 'ann', false), 200).body).toMatchObject({
      active: false,
      role: 'readonly',
    })
    // Their role can be changed meanwhile.
    ok(await town.boss('PATCH', '/users/ann', { role: 'train' }), 200)
    expect(await tuplesOf(town, 'ann')).toEqual([])
    expect(ok(await activate(town, 'ann', true), 200).body.role).toBe('train')
    expect(await tuplesOf(town, 'ann')).toEqual([`organization:${town.id}#train`])
    // In one request with the other fields.
    const all = { active: false, name: 'Ann B', role: 'configure' }
    expect(ok(await town.boss('PATCH', '/users/ann', all), 200).body).toMatchObject({ id: 'ann', ...all })
    ok(await town.boss('PATCH', '/users/ann', { active: true, role: 'readonly' }), 200)
    expect(await tuplesOf(town, 'ann')).toEqual([`organization:${town.id}#readonly`])
    const log = ok(await town.boss('GET', '/changes?subject=&action=user&pageSize=4'), 200).body
    expect(log.changes.map(({ action }: { action: string }) => action)).toEqual([
      'user.reactivate',
      'user.deactivate',
      'user.reactivate',
      'user.update',
    ])
    expect(log.changes[0]).toMatchObject({ actor: 'user:boss', new: { restored: 1, lost: 0 } })
  })

  test('is gone with what waits for them, and so is what waits at something that is gone', async () => {
    const town = await settle(directory, 'sharing')
    await town.user('ann')
    await town.resource('assistant', 'a')
    const group = await town.group('G', ['ann'])
    ok(await town.share('assistant', 'a', { user: 'ann', level: 'viewer' }), 201)
    ok(await activate(town, 'ann', false), 200)
    ok(await town.boss('DELETE', '/resources/assistant/a'), 204)
    ok(await town.boss('DELETE', `/groups/${group}`), 204)
    // Another of the same id.
    await town.resource('assistant', 'a')
    const back = ok(await activate(town, 'ann', true), 200)
    expect(back.body).toMatchObject({ id: 'ann' })
    expect(await tuplesOf(town, 'ann')).toEqual([`company:${town.id}#member`])

    ok(await town.share('assistant', 'a', { user: 'ann', level: 'viewer' }), 201)
    ok(await activate(town, 'ann', false), 200)
    ok(await town.boss('DELETE', '/users/ann'), 204)
    await town.user('ann')
    ok(await activate(town, 'ann', false), 200)
    ok(await activate(town, 'ann', true), 200)
    expect(await tuplesOf(town, 'ann')).toEqual([`company:${town.id}#member`])
  })

  test.each(['sharing', 'enterprise'])(
    'has not again what is taken away meanwhile, in %s',
    async (preset) => {
      const town = await settle(directory, preset)
      const [kind, level] = preset === 'sharing' ? ['assistant', 'viewer'] : ['agent', 'view_use']
      await town.user('ann')
      const before = await tuplesOf(town, 'ann')
      const group = await town.group('G', ['ann'])
      for (const id of ['a', 'b']) {
        await town.resource(kind, id)
        ok(await town.share(kind, id, { user: 'ann', level }), 201)
      }
      ok(await activate(town, 'ann', false), 200)
      await town.leave(group, 'ann')
      ok(await town.boss('DELETE', `/resources/${kind}/a/shares?user=ann`), 204)
      ok(await town.boss('DELETE', `/users/ann/${kind}/b`), 204)
      refused(await town.boss('DELETE', `/groups/${group}/members/ann`), 404, 'not_found')
      refused(await town.boss('DELETE', `/users/ann/${kind}/b`), 404, 'not_found')
      ok(await activate(town, 'ann', true), 200)
      expect(await tuplesOf(town, 'ann')).toEqual(before)
    },
  )

  test('is given no role in a group, that included which they will have again', async () => {
    const town = await settle(directory, 'enterprise')
    await town.user('ann')
    const group = await town.group('G', ['ann'])
    ok(await activate(town, 'ann', false), 200)
    for (const role of ['member', 'manager'])
      refused(await town.boss('PATCH', `/groups/${group}/members/ann`, { role }), 404, 'not_found')
    ok(await activate(town, 'ann', true), 200)
    const { members } = (await town.boss('GET', `/groups/${group}/members`)).body
    expect(members).toMatchObject([{ id: 'ann', role: 'member' }])
  })

  test('T56: is left out by the rule when they are taken out for good meanwhile', async () => {
    const town = await settle(directory, 'enterprise')
    await town.user('ann')
    const group = await town.group('G', ['ann'])
    ok(await town.boss('PUT', `/groups/${group}/rule`, { rule: 'true' }), 200)
    ok(await activate(town, 'ann', false), 200)
    ok(await town.boss('DELETE', `/groups/${group}/members/ann?exclude=true`), 204)
    // Whom nobody had put in either.
    await town.user('bob')
    ok(await activate(town, 'bob', false), 200)
    refused(await town.boss('DELETE', `/groups/${group}/members/bob`), 404, 'not_found')
    ok(await town.boss('DELETE', `/groups/${group}/members/bob?exclude=true`), 204)
    for (const id of ['ann', 'bob']) ok(await activate(town, id, true), 200)
    const { members } = (await town.boss('GET', `/groups/${group}/members`)).body
    expect(members.map(({ id }: { id: string }) => id)).toEqual(['boss'])
  })

  test('X3: is in by rules anew when they are back, and only by rules that are there by then', async () => {
    const town = await settle(directory, 'enterprise')
    ok(await town.boss('POST', '/users', { id: 'ann', email: 'ann@x.com' }), 201)
    const [one, two] = [await town.group('One'), await town.group('Two', ['ann'])]
    const rule = { rule: "email.endsWith('@x.com')" }
    for (const group of [one, two]) ok(await town.boss('PUT', `/groups/${group}/rule`, rule), 200)
    const groups = [`group:${one}#rule_member`, `group:${two}#direct_member`, `group:${two}#rule_member`]
    const all = [...groups, `organization:${town.id}#readonly`].sort()
    expect(await tuplesOf(town, 'ann')).toEqual(all)
    ok(await activate(town, 'ann', false), 200)
    expect(await tuplesOf(town, 'ann')).toEqual([])
    ok(await activate(town, 'ann', true), 200)
    expect(await tuplesOf(town, 'ann')).toEqual(all)
    ok(await activate(town, 'ann', false), 200)
    ok(await town.boss('DELETE', `/groups/${one}/rule`), 204)
    ok(await town.boss('PATCH', '/users/ann', { active: true, email: 'ann@y.com' }), 200)
    expect(await tuplesOf(town, 'ann')).toEqual(
      [`group:${two}#direct_member`, `organization:${town.id}#readonly`].sort(),
    )
  })

  test('keeps terms and conditions; what has expired, and what the model refuses by then, stays away', async () => {
    const town = await settle(directory, 'sharing')
    await town.user('ann')
    await town.resource('assistant', 'a')
    await town.resource('assistant', 'b')
    const path = `/stores/${town.id}/authorization-models`
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
    ok(await raw(town, [bound]), 200)
    ok(await raw(town, [{ ...viewer('b'), expires_at: new Date(soon).toISOString() }]), 200)
    ok(await activate(town, 'ann', false), 200)
    while (Date.now() <= soon) await new Promise(setImmediate)
    ok(await activate(town, 'ann', true), 200)
    const read = await directory.ask('POST', `/stores/${town.id}/read`, { tuple_key: viewer('a') })
    expect(read.body.tuples[0].key.condition).toEqual({ name: 'small', context: { x: 1 } })
    expect(Date.parse(read.body.tuples[0].key.expires_at)).toBe(Date.parse(later))
    expect(await tuplesOf(town, 'ann')).toEqual(['assistant:a#viewer', `company:${town.id}#member`])

    ok(await activate(town, 'ann', false), 200)
    ok(await directory.ask('POST', path, plain), 201)
    ok(await activate(town, 'ann', true), 200)
    expect(await tuplesOf(town, 'ann')).toEqual([`company:${town.id}#member`])
  })

  test('X2: a dry run says what it takes, and takes nothing; operators stay the platform’s', async () => {
    const town = await settle(directory, 'enterprise')
    await town.user('ann', 'configure')
    ok(await directory.ask('PUT', `/v1/orgs/${town.id}/operators/ann`), 204)
    const before = await tuplesOf(town, 'ann')
    const would = ok(await town.boss('PATCH', '/users/ann?dryRun=true', { active: false }), 200).body
    expect(would.result).toMatchObject({ id: 'ann', active: false })
    const lost = would.rows.filter(({ subject }: { subject: string }) => subject === 'user:ann')
    expect(lost.length).toBeGreaterThan(0)
    expect(await tuplesOf(town, 'ann')).toEqual(before)
    ok(await activate(town, 'ann', false), 200)
    expect(await tuplesOf(town, 'ann')).toEqual([`organization:${town.id}#operator`])
    ok(await directory.ask('DELETE', `/v1/orgs/${town.id}/operators/ann`), 204)
    ok(await directory.ask('PUT', `/v1/orgs/${town.id}/operators/ann`), 204)
    ok(await activate(town, 'ann', true), 200)
    expect(await tuplesOf(town, 'ann')).toEqual(before)
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
      const town = await settle(directory, 'sharing')
      const role = `company:${town.id}#member`
      const table: Table = { given: new Map(), parked: new Map() }
      for (const user of people) {
        await town.user(user)
        table.given.set(user, new Set([role]))
      }
      for (const thing of things) await town.resource('assistant', thing)
      for (const { verb, user, thing, level } of steps) {
        const place = `assistant:${thing}#${level}`
        const key = { user: `user:${user}`, relation: level, object: `assistant:${thing}` }
        const given = table.given.get(user)
        const parked = table.parked.get(user)
        if (verb === 'give' && given?.has(place) !== true) {
          const { status } = await raw(town, [key])
          expect([verb, status]).toEqual([verb, parked === undefined ? 200 : 422])
          if (parked === undefined) given?.add(place)
        } else if (verb === 'take' && given?.delete(place)) {
          ok(await raw(town, [], [key]), 200)
        } else if (verb === 'off') {
          ok(await activate(town, user, false), 200)
          if (parked === undefined) table.parked.set(user, new Set(given)).get(user)
          if (parked === undefined) given?.clear()
        } else if (verb === 'on') {
          ok(await activate(town, user, true), 200)
          for (const each of parked ?? []) given?.add(each)
          table.parked.delete(user)
        } else if (verb === 'drop') {
          ok(await town.boss('DELETE', `/resources/assistant/${thing}`), 204)
          await town.resource('assistant', thing)
          for (const set of [...table.given.values(), ...table.parked.values()]) {
            for (const each of levels) set.delete(`assistant:${thing}#${each}`)
          }
        } else if (verb === 'dropUser') {
          ok(await town.boss('DELETE', `/users/${user}`), 204)
          await town.user(user)
          table.given.set(user, new Set([role]))
          table.parked.delete(user)
        }
        for (const one of people)
          expect(await tuplesOf(town, one)).toEqual([...(table.given.get(one) ?? [])].sort())
      }
    }),
    { numRuns: 12 },
  )
})
