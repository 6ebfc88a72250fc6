/** Lists from the closure of what a subject reaches: what is certain, what is weighed, and what is left to a check. */
import { describe, expect, test } from 'vitest'
import { listObjectPages, listObjects } from '../../src/engine/list-objects.ts'
import type { Scope } from '../../src/engine/scope.ts'
import { Fault } from '../../src/lib/fault.ts'
import type { View } from '../../src/storage/storage.ts'
import { tupleOf, verdict, type World, worldOf } from './world.ts'

const model = `type user
type group
  relations
    define suspended: [user]
    define member: [user, user:*, user with c, group#member]
    define active: member but not suspended
type folder
  relations
    define parent: [folder]
    define viewer: [user, group#member] or viewer from parent
type doc
  relations
    define parent: [folder, folder with c]
    define banned: [user, group#member, group#member with c]
    define cleared: [user]
    define viewer: [user, group#member, group#active] or viewer from parent
    define open: viewer but not banned
    define secret: viewer and cleared
    define any: secret or cleared
    define odd: ([user] and cleared) or (viewer but not (banned and cleared))
    define late: [group#member]
    define either: secret or late
    define staff: [group#active]
    define deep: open but not secret
    define x: [user, doc#a]
    define a: [user] but not x
condition c(x: int) {
  x == 1
}`

const tuples = [
  'group:eng#member@user:ann',
  'group:all#member@group:eng#member',
  'group:eng#member@group:all#member',
  'group:any#member@user:*',
  'group:maybe#member@user:ann with c',
  'group:gone#member@user:ann until 10',
  'group:soon#member@user:ann until 5000',
  'group:out#member@user:ann',
  'group:out#suspended@user:ann',
  'folder:1#viewer@group:all#member',
  'folder:2#parent@folder:1',
  'folder:1#parent@folder:2',
  'folder:3#viewer@user:ann',
  'doc:1#parent@folder:2',
  'doc:2#viewer@user:ann',
  'doc:2#banned@group:eng#member',
  'doc:3#viewer@group:any#member',
  'doc:3#cleared@user:ann',
  'doc:4#viewer@group:maybe#member',
  'doc:5#viewer@group:gone#member',
  'doc:6#viewer@group:soon#member',
  'doc:6#cleared@user:bob',
  'doc:7#parent@folder:3 with c',
  'doc:8#viewer@group:out#active',
  'doc:8#staff@group:eng#active',
  'doc:9#odd@user:ann',
  'doc:9#cleared@user:ann',
  'doc:a#a@user:ann',
  'doc:a#x@doc:a#a',
  'doc:b#x@doc:c#a',
  'doc:3#a@user:ann',
  'doc:3#x@doc:b#a',
  'doc:b#a@user:ann',
  'doc:c#viewer@user:*',
]
const docs = [...'123456789abc'].map((id) => `doc:${id}`)
const relations = ['viewer', 'open', 'secret', 'any', 'odd', 'staff', 'deep', 'a', 'x', 'cleared']
const subjects = ['user:ann', 'user:bob', 'user:*', 'group:eng#member', 'group:out#active', 'doc:2#open']

const world = (): Promise<World> => worldOf(model, tuples)

describe.each(['inline', 'spread'])('%s', (layout) => {
  test.each(relations)('a list of doc#%s is what every check says, context or none', async (relation) => {
    const { store, scope } = await world()
    if (layout === 'spread') for (const { subject } of tuples.map(tupleOf)) store.spread.add(subject)
    if (layout === 'spread')
      for (const object of ['folder:1', 'folder:2', 'folder:3']) store.spread.add(object)
    const contextual = ['doc:a#viewer@group:eng#member', 'group:maybe#member@user:ann'].map(tupleOf)
    const hidden = ['doc:2#banned@group:eng#member', 'folder:2#parent@folder:1'].map(tupleOf)
    const changes: Partial<Scope>[] = [
      { context: { x: 1 } },
      { context: { x: 2 } },
      {},
      { context: { x: 1 }, contextual },
      { context: { x: 2 }, hidden },
    ]
    for (const change of changes) {
      for (const subject of subjects) {
        const verdicts = new Map<string, string>()
        for (const doc of docs) {
          verdicts.set(doc, await verdict(scope(change), `${doc}#${relation}@${subject}`))
        }
        const said = [...verdicts.values()]
        const right = docs.filter((doc) => verdicts.get(doc) === 'yes')
        const listed = await list(scope(change), relation, subject)
        // A check that fails need not be one of a candidate.
        if (listed === 'validation_error') expect(said).toContain('validation_error')
        else expect(listed).toEqual(right)
      }
    }
    expect(store.pins).toBe(0)
  })
})

test('a condition that cannot be evaluated fails the list where it could decide, and not elsewhere', async () => {
  const { scope } = await world()
  expect(await list(scope(), 'viewer', 'user:ann')).toBe('validation_error')
  expect(await list(scope(), 'cleared', 'user:ann')).toEqual(['doc:3', 'doc:9'])
  const granted = await worldOf(model, [
    'group:maybe#member@user:ann with c',
    'doc:4#viewer@group:maybe#member',
    'doc:4#viewer@user:ann',
  ])
  expect(await list(granted.scope(), 'viewer', 'user:ann')).toEqual(['doc:4'])
})

test('who is not reached may still be subtracted: a condition below that fails is no absence', async () => {
  // The first few are checked in any case.
  const docs = Array.from({ length: 9 }, (_, at) => `doc:${at}`)
  const { scope } = await worldOf(model, [
    ...docs.map((doc) => `${doc}#viewer@user:ann`),
    'doc:8#banned@group:others#member with c',
  ])
  expect(await verdict(scope(), 'doc:8#open@user:ann')).toBe('validation_error')
  expect(await list(scope(), 'open', 'user:ann')).toBe('validation_error')
  expect(await list(scope({ context: { x: 1 } }), 'open', 'user:ann')).toEqual(docs)
})

test('where something is subtracted a first few are there before everything is known', async () => {
  const { scope } = await worldOf(
    model,
    Array.from({ length: 20 }, (_, at) => `doc:${at}#viewer@user:ann`),
  )
  const pages: number[] = []
  const question = { type: 'doc', relation: 'open', subject: 'user:ann' }
  for await (const page of listObjectPages(scope(), question)) pages.push(page.length)
  expect(pages[0]).toBeLessThanOrEqual(4)
  expect(pages.reduce((sum, length) => sum + length)).toBe(20)
})

test('what was checked for a first line and is granted later is listed once', async () => {
  const { store, scope } = await worldOf(model, [
    'group:eng#member@user:ann',
    'doc:1#viewer@user:ann',
    'doc:1#cleared@user:ann',
    'doc:1#late@group:eng#member',
  ])
  for (const subject of ['user:ann', 'group:eng#member']) store.spread.add(subject)
  expect(await list(scope(), 'either', 'user:ann')).toEqual(['doc:1'])
})

test('a list that goes on is not only closure: checks take their share', async () => {
  const groups = Array.from({ length: 100 }, (_, at) => `group:${at}#member`)
  const { store, scope } = await worldOf(model, [
    ...groups.map((group) => `${group}@user:ann`),
    ...groups.map((group, at) => `doc:${at}#viewer@${group}`),
  ])
  for (const group of groups) store.spread.add(group)
  const pages: number[] = []
  const question = { type: 'doc', relation: 'open', subject: 'user:ann' }
  for await (const page of listObjectPages(scope(), question)) pages.push(page.length)
  expect(pages.reduce((sum, length) => sum + length)).toBe(100)
  expect(pages.slice(0, -1).filter((length) => length > 4).length).toBeGreaterThan(1)
})

test('a commit between two slices changes nothing', async () => {
  const many = Array.from({ length: 300 }, (_, at) => `doc:n${at}#viewer@user:ann`)
  for (const relation of ['viewer', 'open']) {
    const { store, scope } = await worldOf(model, [...many, 'doc:n0#banned@user:ann'])
    store.spread.add('user:ann')
    const pages = listObjectPages(scope(), { type: 'doc', relation, subject: 'user:ann' })
    const found: string[] = []
    for await (const page of pages) {
      if (found.length === 0) {
        store.write(tupleOf('doc:new#viewer@user:ann'))
        store.write(tupleOf('doc:n7#banned@user:ann'))
        store.delete(tupleOf('doc:n8#viewer@user:ann'))
        store.delete(tupleOf('doc:n0#banned@user:ann'))
      }
      found.push(...page)
    }
    expect(found.toSorted()).toEqual(
      many
        .map((one) => one.split('#')[0] ?? '')
        .filter((one) => relation === 'viewer' || one !== 'doc:n0')
        .toSorted(),
    )
    expect(store.pins).toBe(0)
  }
})

test('without conditions an object is decided without a read of the object', async () => {
  const many = Array.from({ length: 50 }, (_, at) => `doc:n${at}`)
  const plain = model.replaceAll(/, (?:user|folder|group#member) with c/g, '')
  const { scope } = await worldOf(plain, [
    ...many.map((doc) => `${doc}#viewer@user:ann`),
    ...many.slice(0, 40).map((doc) => `${doc}#cleared@user:ann`),
  ])
  // Where something is subtracted or met with another, a few are checked at once, for a first line.
  const asked = [
    ['viewer', 50, 0],
    ['open', 50, 20],
    ['secret', 40, 20],
    ['deep', 10, 30],
  ] as const
  for (const [relation, length, readsMax] of asked) {
    const { view, reads } = counted(scope().view)
    expect(await list(scope({ view }), relation, 'user:ann')).toHaveLength(length)
    expect(reads()).toBeLessThanOrEqual(readsMax)
  }
})

test.each(['viewer', 'open'])('hops are counted as a check counts them: %s', async (relation) => {
  const chain = Array.from({ length: 8 }, (_, at) => `group:${at + 1}#member@group:${at}#member`)
  const grants = Array.from({ length: 9 }, (_, at) => `doc:${at}#viewer@group:${at}#member`)
  const near = 'doc:8#viewer@user:ann'
  const { scope } = await worldOf(model, ['group:0#member@user:ann', ...chain, ...grants, near])
  for (let depthMax = 1; depthMax < 11; depthMax++) {
    const verdicts = await Promise.all(
      grants.map((_, at) => verdict(scope({ depthMax }), `doc:${at}#${relation}@user:ann`)),
    )
    const listed = await list(scope({ depthMax }), relation, 'user:ann')
    if (verdicts.every((said) => said === 'yes')) expect(listed).toHaveLength(9)
    else expect(listed).toBe('authorization_model_resolution_too_complex')
  }
})

test('is ended by the deadline', async () => {
  const { scope, store } = await world()
  expect(await list(scope({ deadline: 0 }), 'viewer', 'user:ann')).toBe('deadline_exceeded')
  expect(store.pins).toBe(0)
})

/** Counts the reads at objects; those by subject are not. */
function counted(view: View): { readonly view: View; reads(): number } {
  let reads = 0
  const watched = <V extends View>(one: V): V =>
    new Proxy(one, {
      get(target, name) {
        if (name === 'pin') return () => watched(target.pin())
        if (name === 'edges' || name === 'tuple') reads++
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  return { view: watched(view), reads: () => reads }
}

async function list(scope: Scope, relation: string, subject: string): Promise<readonly string[] | string> {
  const found: string[] = []
  try {
    for await (const one of listObjects(scope, { type: 'doc', relation, subject })) found.push(one)
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.code
    throw thrown
  }
  expect(new Set(found).size).toBe(found.length)
  return found.sort()
}
