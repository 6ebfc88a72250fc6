import { describe, expect, test } from 'vitest'
import { listObjects } from '../../src/engine/list-objects.ts'
import { listUsers } from '../../src/engine/list-users.ts'
import type { Scope } from '../../src/engine/scope.ts'
import { Fault } from '../../src/lib/fault.ts'
import { tupleOf, verdict, worldOf } from './world.ts'

const model = `type user
type group
  relations
    define member: [user, user:*, group#member]
type folder
  relations
    define parent: [folder]
    define viewer: [user, group#member] or viewer from parent
type doc
  relations
    define parent: [folder]
    define banned: [user, user:*]
    define limited: [user with c]
    define viewer: [user, group#member] or viewer from parent
    define open: viewer but not banned
condition c(x: int) {
  x == 1
}`

const tuples = [
  'group:eng#member@user:ann',
  'group:all#member@group:eng#member',
  'group:eng#member@group:all#member',
  'group:any#member@user:*',
  'folder:1#viewer@group:all#member',
  'folder:2#parent@folder:1',
  'doc:1#parent@folder:2',
  'doc:2#viewer@user:ann',
  'doc:2#banned@user:ann',
  'doc:3#viewer@group:any#member',
  'doc:4#viewer@user:bob until 10',
  'doc:5#limited@user:ann with c',
  'doc:6#limited@user:ann with c {"x":1}',
]

describe('list objects', () => {
  const asked: readonly (readonly [string, string, readonly string[]])[] = [
    ['doc#viewer', 'user:ann', ['doc:1', 'doc:2', 'doc:3']],
    ['doc#open', 'user:ann', ['doc:1', 'doc:3']],
    ['doc#open', 'user:*', ['doc:3']],
    ['doc#viewer', 'user:bob', ['doc:3']],
    ['doc#viewer', 'group:eng#member', ['doc:1']],
    ['doc#viewer', 'folder:9#viewer', []],
    ['doc#viewer', 'doc:9#viewer', ['doc:9']],
    ['group#member', 'user:ann', ['group:all', 'group:any', 'group:eng']],
    ['folder#viewer', 'user:ann', ['folder:1', 'folder:2']],
    ['doc#limited', 'user:bob', []],
  ]

  test.each(asked)('%s for %s', async (place, subject, expected) => {
    const world = await worldOf(model, tuples)
    const [type = '', relation = ''] = place.split('#')
    const question = { type, relation, subject }
    expect(await collect(listObjects(world.scope(), question))).toEqual(expected)
    for (const one of [subject, 'group:eng#member', 'folder:1', 'doc:1#parent']) world.store.spread.add(one)
    expect(await collect(listObjects(world.scope(), question))).toEqual(expected)
    expect(world.store.pins).toBe(0)
  })

  test('a candidate that cannot be evaluated fails the list; the context settles it', async () => {
    const world = await worldOf(model, tuples)
    const question = { type: 'doc', relation: 'limited', subject: 'user:ann' }
    expect(await code(() => collect(listObjects(world.scope(), question)))).toBe('validation_error')
    expect(await collect(listObjects(world.scope({ context: { x: 1 } }), question))).toEqual([
      'doc:5',
      'doc:6',
    ])
    expect(await collect(listObjects(world.scope({ context: { x: 2 } }), question))).toEqual(['doc:6'])
  })

  test('contextual tuples lead there too, and an early end releases the state', async () => {
    const world = await worldOf(model, tuples)
    const contextual = ['doc:8#parent@folder:8', 'folder:8#viewer@user:cat'].map(tupleOf)
    const question = { type: 'doc', relation: 'open', subject: 'user:cat' }
    expect(await collect(listObjects(world.scope({ contextual }), question))).toEqual(['doc:3', 'doc:8'])
    for await (const _ of listObjects(world.scope(), { ...question, subject: 'user:ann' })) break
    expect(world.store.pins).toBe(0)
  })

  test('fails by depth exactly where a check does', async () => {
    const model = `type user
type group
  relations
    define member: [user, group#member]
type doc
  relations
    define viewer: [group#member]`
    const chain = Array.from({ length: 8 }, (_, at) => `group:${at}#member@group:${at + 1}#member`)
    const world = await worldOf(model, [
      ...chain,
      'group:8#member@group:0#member',
      'group:8#member@user:ann',
      ...[
        'doc:far#viewer@group:2#member',
        'doc:both#viewer@group:2#member',
        'doc:both#viewer@group:7#member',
      ],
    ])
    const scope = () => world.scope({ depthMax: 4 })
    const deep = 'authorization_model_resolution_too_complex'
    expect(await verdict(scope(), 'doc:far#viewer@user:ann')).toBe(deep)
    expect(await verdict(scope(), 'doc:both#viewer@user:ann')).toBe('yes')
    expect(await verdict(scope(), 'doc:far#viewer@user:bob')).toBe('no')
    const list = (subject: string) =>
      collect(listObjects(scope(), { type: 'doc', relation: 'viewer', subject })).catch(
        (fault: Fault) => fault.code,
      )
    expect(await list('user:ann')).toBe(deep)
    expect(await list('user:bob')).toEqual([])
    world.store.delete(tupleOf('doc:far#viewer@group:2#member'))
    expect(await list('user:ann')).toEqual(['doc:both'])
  })

  test('sees one state while commits land', async () => {
    const world = await worldOf(model, tuples)
    const list = listObjects(world.scope(), { type: 'doc', relation: 'viewer', subject: 'user:ann' })
    const first = await list.next()
    world.store.delete(tupleOf('doc:2#viewer@user:ann'))
    world.store.write(tupleOf('doc:7#viewer@user:ann'))
    const rest = await collect({ [Symbol.asyncIterator]: () => list })
    expect([first.value, ...rest].sort()).toEqual(['doc:1', 'doc:2', 'doc:3'])
  })
})

describe('list users', () => {
  const asked: readonly (readonly [string, string, readonly string[]])[] = [
    ['doc:1#viewer', 'user', ['user:ann']],
    ['doc:1#viewer', 'group#member', ['group:all#member', 'group:eng#member']],
    ['doc:1#viewer', 'folder#viewer', ['folder:1#viewer', 'folder:2#viewer']],
    ['doc:1#viewer', 'doc#viewer', ['doc:1#viewer']],
    ['doc:2#open', 'user', []],
    ['doc:3#open', 'user', ['user:*']],
    ['doc:4#viewer', 'user', []],
    ['doc:6#limited', 'user', ['user:ann']],
  ]

  test.each(asked)('%s as %s', async (place, wanted, expected) => {
    const world = await worldOf(model, tuples)
    const [object = '', relation = ''] = place.split('#')
    const [type = '', through] = wanted.split('#')
    const filter = through === undefined ? { type } : { type, relation: through }
    expect(await collect(listUsers(world.scope(), { object, relation, filter }))).toEqual(expected)
    for (const one of ['group:eng#member', 'doc:1#parent', 'doc:2#viewer']) world.store.spread.add(one)
    expect(await collect(listUsers(world.scope(), { object, relation, filter }))).toEqual(expected)
    expect(world.store.pins).toBe(0)
  })

  test('a wildcard that is subtracted leaves only what is checked to be left', async () => {
    const world = await worldOf(model, ['doc:1#viewer@user:ann', 'doc:1#banned@user:*'])
    const question = { object: 'doc:1', relation: 'open', filter: { type: 'user' } }
    expect(await collect(listUsers(world.scope(), question))).toEqual([])
  })

  test('fails by condition, by depth and by deadline', async () => {
    const chain = Array.from({ length: 30 }, (_, at) => `group:${at}#member@group:${at + 1}#member`)
    const world = await worldOf(model, [...tuples, ...chain])
    const list = (scope: Scope, object: string, relation: string) =>
      code(() => collect(listUsers(scope, { object, relation, filter: { type: 'user' } })))
    expect(await list(world.scope(), 'doc:5', 'limited')).toBe('validation_error')
    expect(await list(world.scope({ depthMax: 25 }), 'group:0', 'member')).toBe('')
    const reached = await worldOf(model, [...chain, 'group:30#member@user:far', 'group:0#member@user:near'])
    expect(await list(reached.scope({ depthMax: 25 }), 'group:0', 'member')).toBe(
      'authorization_model_resolution_too_complex',
    )
    expect(await list(reached.scope({ depthMax: 25 }), 'group:6', 'member')).toBe('')
    expect(await list(world.scope({ deadline: 0 }), 'group:0', 'member')).toBe('deadline_exceeded')
  })
})

async function collect(list: AsyncIterable<string>): Promise<readonly string[]> {
  const found: string[] = []
  for await (const one of list) found.push(one)
  expect(new Set(found).size).toBe(found.length)
  return found.sort()
}

/** The code of the fault, empty when there is none. */
async function code(ask: () => Promise<unknown>): Promise<string> {
  try {
    await ask()
    return ''
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.code
    throw thrown
  }
}
