import { expect, test } from 'vitest'
import { expandAll, rowsMax } from '../../src/engine/expand-all.ts'
import type { JsonObject } from '../../src/lib/json.ts'
import { type World, worldOf } from './world.ts'

const model = `type user
type group
  relations
    define member: [user, user:*, user with c, group#member]
type folder
  relations
    define parent: [folder]
    define viewer: [group#member] or viewer from parent
type doc
  relations
    define parent: [folder, group]
    define editor: [user]
    define banned: [user]
    define viewer: ([group#member] or editor or viewer from parent) but not banned
condition c(x: int) {
  x == 1
}`

const tuples = [
  'doc:1#viewer@group:a#member',
  'doc:1#editor@user:ed until 5000',
  'doc:1#banned@user:eve',
  'doc:1#parent@folder:1',
  'doc:1#parent@group:a',
  'folder:1#viewer@group:b#member',
  'folder:1#parent@folder:2',
  'folder:2#parent@folder:1',
  'group:a#member@group:b#member',
  'group:b#member@group:a#member',
  'group:a#member@user:*',
  'group:b#member@user:ann with c {"x":2}',
  'group:b#member@user:old until 10',
]
const question = { object: 'doc:1', relation: 'viewer' }

test('follows usersets, parents and circles down to the leaves, each userset once', async () => {
  const world = await worldOf(model, tuples)
  const { nodes, next, truncated } = await expandAll(world.scope(), question, { size: 100 })
  expect({ next, truncated }).toEqual({ next: undefined, truncated: false })
  const members = { direct: true }
  const folder = { union: [members, { from: 'viewer', tupleset: 'folder:1#parent' }] }
  expect(nodes).toEqual([
    {
      userset: 'doc:1#viewer',
      depth: 0,
      rewrite: {
        exclusion: {
          base: {
            union: [members, { computed: 'doc:1#editor' }, { from: 'viewer', tupleset: 'doc:1#parent' }],
          },
          subtract: { computed: 'doc:1#banned' },
        },
      },
      users: [{ user: 'group:a#member' }],
      parents: [{ tupleset: 'doc:1#parent', parent: 'folder:1', userset: 'folder:1#viewer' }],
    },
    {
      userset: 'doc:1#editor',
      depth: 1,
      rewrite: members,
      users: [{ user: 'user:ed', expires_at: '1970-01-01T00:00:05.000Z' }],
    },
    { userset: 'doc:1#banned', depth: 1, rewrite: members, users: [{ user: 'user:eve' }] },
    {
      userset: 'group:a#member',
      depth: 1,
      rewrite: members,
      users: [{ user: 'group:b#member' }, { user: 'user:*' }],
    },
    {
      userset: 'folder:1#viewer',
      depth: 1,
      rewrite: folder,
      users: [{ user: 'group:b#member', seen: true }],
      parents: [{ tupleset: 'folder:1#parent', parent: 'folder:2', userset: 'folder:2#viewer' }],
    },
    {
      userset: 'group:b#member',
      depth: 2,
      rewrite: members,
      users: [
        { user: 'group:a#member', seen: true },
        { user: 'user:ann', condition: { name: 'c', context: { x: 2 } } },
      ],
    },
    {
      userset: 'folder:2#viewer',
      depth: 2,
      rewrite: { union: [members, { from: 'viewer', tupleset: 'folder:2#parent' }] },
      parents: [{ tupleset: 'folder:2#parent', parent: 'folder:1', userset: 'folder:1#viewer', seen: true }],
    },
  ])
})

test('pages of any size are the same rows, spread or not', async () => {
  const world = await worldOf(model, tuples)
  const whole = await pages(world, 100)
  for (const size of [1, 2, 3, 6, 7, 8]) expect(await pages(world, size)).toEqual(whole)
  for (const place of ['doc:1#parent', 'folder:1#parent', 'group:b#member']) world.store.spread.add(place)
  expect(await pages(world, 3)).toEqual(whole)
  expect(world.store.pins).toBe(0)
})

test('a large relation goes on in further rows', async () => {
  const members = Array.from(
    { length: 1_234 },
    (_, at) => `group:big#member@user:${String(at).padStart(4, '0')}`,
  )
  const world = await worldOf(model, [...members, 'group:big#member@group:a#member', 'group:a#member@user:x'])
  world.store.spread.add('group:big#member')
  const found = await expandAll(world.scope(), { object: 'group:big', relation: 'member' }, { size: 10 })
  const rows = found.nodes.map(({ userset, part, more, users, rewrite }) => {
    const count = (users as readonly JsonObject[]).length
    return [userset, part ?? 1, more ?? false, count, rewrite !== undefined]
  })
  expect(rows).toEqual([
    ['group:big#member', 1, true, 500, true],
    ['group:big#member', 2, true, 500, false],
    ['group:big#member', 3, false, 235, false],
    ['group:a#member', 1, false, 1, true],
  ])
  const users = found.nodes.flatMap((node) => node.users as readonly JsonObject[]).map(({ user }) => user)
  expect(new Set(users).size).toBe(1_236)
  expect(users[0]).toBe('group:a#member')
})

test('an object without tuples is one row', async () => {
  const world = await worldOf(model, [])
  const found = await expandAll(world.scope(), { object: 'group:x', relation: 'member' }, { size: 1 })
  expect(found).toEqual({
    nodes: [{ userset: 'group:x#member', depth: 0, rewrite: { direct: true } }],
    next: undefined,
    truncated: false,
  })
})

test('the budget of rows ends it and says so; a row less does not', async () => {
  const chain = Array.from({ length: rowsMax }, (_, at) => `group:${at}#member@group:${at + 1}#member`)
  const world = await worldOf(model, chain)
  const last = { size: 10, after: rowsMax - 5 }
  const over = await expandAll(world.scope(), { object: 'group:0', relation: 'member' }, last)
  expect(over).toMatchObject({ next: undefined, truncated: true })
  expect(over.nodes).toHaveLength(5)
  const fits = await expandAll(world.scope(), { object: 'group:1', relation: 'member' }, last)
  expect(fits).toMatchObject({ next: undefined, truncated: false })
  expect(fits.nodes).toHaveLength(5)
})

test('past the deadline it fails aloud', async () => {
  const world = await worldOf(model, tuples)
  const late = expandAll(world.scope({ deadline: 0 }), question, { size: 1 })
  await expect(late).rejects.toMatchObject({ code: 'deadline_exceeded' })
  expect(world.store.pins).toBe(0)
})

async function pages(world: World, size: number): Promise<readonly JsonObject[]> {
  const rows: JsonObject[] = []
  for (let after: number | undefined = 0; after !== undefined; ) {
    const { nodes, next } = await expandAll(world.scope(), question, { size, after })
    rows.push(...nodes)
    after = next
  }
  return rows
}
