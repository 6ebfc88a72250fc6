import { expect, test } from 'vitest'
import type { ListUsersRequest } from '../../src/service/requests.ts'
import { keyOf, refusal, world } from './world.ts'

const question = { object: 'document:1', relation: 'viewer', filter: { type: 'user' } }

test.each<[Partial<ListUsersRequest>, string[]]>([
  [{}, ['user:*', 'user:anne', 'user:bob']],
  [{ filter: { type: 'user', relation: '' } }, ['user:*', 'user:anne', 'user:bob']],
  [{ filter: { type: 'group', relation: 'member' } }, ['group:eng#member']],
  [{ object: 'document:2' }, []],
  [{ contextual: [keyOf('document:2#viewer@user:z')], object: 'document:2' }, ['user:z']],
])('%j', async (asked, expected) => {
  const { kith, store, model } = await world([
    'document:1#viewer@user:anne',
    'document:1#viewer@group:eng#member',
    'group:eng#member@user:bob',
    'document:1#parent@folder:x',
    'folder:x#viewer@user:*',
  ])
  expect(await kith.listUsers({ store, ...question, ...asked })).toMatchObject({
    model,
    users: expected,
    truncated: false,
  })
})

test.each<[Partial<ListUsersRequest>, string]>([
  [{ filter: { type: 'nix' } }, "type_not_found: type 'nix' not found"],
  [{ filter: { type: 'group', relation: 'nix' } }, "relation_not_found: relation 'group#nix' not found"],
  [{ object: 'nix:1' }, "type_not_found: type 'nix' not found"],
  [{ relation: 'nix' }, "relation_not_found: relation 'document#nix' not found"],
  [{ object: 'document' }, "validation_error: invalid 'object' field format: 'document'"],
])('%j is refused', async (asked, expected) => {
  const { kith, store } = await world()
  expect(await refusal(kith.listUsers({ store, ...question, ...asked }))).toBe(expected)
})

test('cut at the limit, or paged', async () => {
  const tuples = Array.from({ length: 5 }, (_, i) => `document:1#viewer@user:${i}`)
  const { kith, store } = await world(tuples, { listMax: 3 })
  const cut = await kith.listUsers({ store, ...question })
  expect(cut.users).toHaveLength(3)
  expect(cut.truncated).toBe(true)
  const first = await kith.listUsers({ store, ...question, pageSize: 3 })
  expect(first).toMatchObject({ users: ['user:0', 'user:1', 'user:2'], truncated: false })
  const { continuationToken } = first
  const second = await kith.listUsers({ store, ...question, pageSize: 3, continuationToken })
  expect(second).toMatchObject({ users: ['user:3', 'user:4'], continuationToken: '' })
})
