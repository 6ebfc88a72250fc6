/** Placements of spread subjects, kept for lists: read once, of the list's own state always, unloaded by what changes them. */
import { expect, test } from 'vitest'
import { listObjectPages } from '../../src/engine/list-objects.ts'
import type { Scope } from '../../src/engine/scope.ts'
import { type Remembering, remembering } from './memory.ts'

const types = `type user
type group
  relations
    define member: [user]
type doc
  relations
    define blocked: [user]
    define viewer: [user, group#member] but not blocked
type page
  relations
    define viewer: [user]`

const docs = (count: number) => Array.from({ length: count }, (_, at) => `doc:${at}`)

async function world(options = {}): Promise<Remembering> {
  const memory = await remembering(
    types,
    [
      'group:eng#member@user:ann',
      'page:1#viewer@user:ann',
      ...docs(400).map((doc) => `${doc}#viewer@user:ann`),
      ...docs(50).map((doc) => `${doc}#blocked@user:ann`),
    ],
    options,
  )
  memory.store.spread.add('user:ann')
  return memory
}

async function list(scope: Scope, type = 'doc'): Promise<readonly string[]> {
  const found: string[] = []
  for await (const page of listObjectPages(scope, { type, relation: 'viewer', subject: 'user:ann' }))
    found.push(...page)
  return found.sort()
}

/** How often placements were read while `work` ran. */
async function scans(memory: Remembering, work: () => Promise<unknown>): Promise<number> {
  const before = memory.store.placementScans
  await work()
  return memory.store.placementScans - before
}

const right = docs(400).slice(50).sort()

test('are read once, and again after a commit that changes one of them', async () => {
  const memory = await world()
  expect(await list(memory.scope())).toEqual(right)
  expect(await scans(memory, async () => expect(await list(memory.scope())).toEqual(right))).toBe(0)
  // Another subject, another type.
  memory.write('doc:0#viewer@user:bob')
  memory.write('page:2#viewer@user:ann')
  expect(await scans(memory, async () => expect(await list(memory.scope())).toEqual(right))).toBe(0)
  memory.write('doc:400#viewer@user:ann')
  expect(await list(memory.scope())).toEqual([...right, 'doc:400'].sort())
  memory.delete('doc:400#viewer@user:ann')
  memory.delete('doc:3#blocked@user:ann')
  expect(await list(memory.scope())).toEqual([...right, 'doc:3'].sort())
})

test('are of the state of the list, whenever they were read', async () => {
  const memory = await world()
  const old = memory.scope()
  const begun = listObjectPages(old, { type: 'doc', relation: 'viewer', subject: 'user:ann' })
  const first = await begun.next()
  memory.delete('doc:399#viewer@user:ann')
  // What was read before the commit is not kept for those that come after it.
  const rest: string[] = [...(first.value ?? [])]
  for await (const page of begun) rest.push(...page)
  expect(rest.sort()).toEqual(right)
  const now = right.filter((doc) => doc !== 'doc:399')
  const since = memory.scope()
  const pinned = { ...since, view: since.view.pin() }
  expect(await list(since)).toEqual(now)
  memory.delete('doc:398#viewer@user:ann')
  expect(await list(memory.scope())).toEqual(now.filter((doc) => doc !== 'doc:398'))
  // Nor is what was read after a commit taken for what was before it.
  expect(await list(pinned)).toEqual(now)
  pinned.view.release()
  expect(memory.store.pins).toBe(0)
})

test('what an older state had is not kept for the present one', async () => {
  const memory = await world()
  const old = memory.scope()
  const pinned = { ...old, view: old.view.pin() }
  memory.delete('doc:399#viewer@user:ann')
  expect(await list(pinned)).toEqual(right)
  pinned.view.release()
  expect(await list(memory.scope())).toEqual(right.filter((doc) => doc !== 'doc:399'))
})

test('a commit of something else while they are read does not hinder it', async () => {
  const memory = await world()
  const begun = listObjectPages(memory.scope(), { type: 'doc', relation: 'viewer', subject: 'user:ann' })
  await begun.next()
  memory.write('doc:0#viewer@user:bob')
  for await (const _ of begun);
  expect(await scans(memory, () => list(memory.scope()))).toBe(0)
})

test('a list that is ended early keeps nothing, and holds nothing open', async () => {
  const memory = await world()
  for await (const _ of listObjectPages(memory.scope(), {
    type: 'doc',
    relation: 'viewer',
    subject: 'user:ann',
  }))
    break
  expect(memory.store.pins).toBe(0)
  expect(await scans(memory, () => list(memory.scope()))).toBeGreaterThan(0)
})

test('are passed by where caches are, when memory is forgotten, and when they are too old', async () => {
  const memory = await world({ windowMs: 0 })
  expect(await list(memory.scope())).toEqual(right)
  expect(await scans(memory, () => list(memory.scope()))).toBeGreaterThan(0)
  const kept = await world()
  await list(kept.scope())
  const { resident: _, ...bare } = kept.scope()
  expect(await scans(kept, () => list(bare))).toBeGreaterThan(0)
  const before = kept.scope()
  kept.residency.flush()
  expect(await scans(kept, () => list(before))).toBeGreaterThan(0)
  expect(await scans(kept, () => list(kept.scope()))).toBeGreaterThan(0)
})

test('contextual and hidden tuples are seen over what is kept', async () => {
  const memory = await world()
  await list(memory.scope())
  const contextual = [{ object: 'doc:1000', relation: 'viewer', subject: 'user:ann' }]
  const hidden = [{ object: 'doc:0', relation: 'blocked', subject: 'user:ann' }]
  expect(await list(memory.scope({ contextual }))).toEqual([...right, 'doc:1000'].sort())
  expect(await list(memory.scope({ hidden }))).toEqual([...right, 'doc:0'].sort())
})

test('their memory is counted, given back, and none takes much of it', async () => {
  const memory = await world()
  await memory.ask('doc:1#viewer@user:ann')
  const without = memory.residency.bytes.graph
  await list(memory.scope())
  const kept = memory.residency.bytes.graph
  expect(kept - without).toBeGreaterThan(450 * 80)
  memory.delete('doc:0#viewer@user:ann')
  expect(memory.residency.bytes.graph - without).toBeLessThan(1_000)
  const begun = listObjectPages(memory.scope(), { type: 'doc', relation: 'viewer', subject: 'user:ann' })
  await begun.next()
  memory.delete('doc:1#viewer@user:ann')
  for await (const _ of begun);
  expect(memory.residency.bytes.graph - without).toBeLessThan(1_000)
  const little = await world({ bytesMax: 450 * 80 * 2 * 8 })
  await list(little.scope())
  expect(await scans(little, () => list(little.scope()))).toBeGreaterThan(0)
})
