import { expect, test } from 'vitest'
import { expand } from '../../src/engine/expand.ts'
import { tupleOf, worldOf } from './world.ts'

const model = `type user
type group
  relations
    define member: [user]
type folder
  relations
    define viewer: [user]
type doc
  relations
    define parent: [folder, group]
    define a: [user, user:*, group#member, user with c]
    define b: a
    define c: viewer from parent
    define union: [user] or b or c
    define both: a and b
    define only: a but not b
condition c(x: int) {
  x == 1
}`

const tuples = [
  'doc:1#a@user:zoe',
  'doc:1#a@user:ann with c',
  'doc:1#a@user:*',
  'doc:1#a@group:1#member',
  'doc:1#a@folder:1#viewer',
  'doc:1#a@user:old until 10',
  'doc:1#parent@folder:1',
  'doc:1#parent@group:1',
  'doc:1#parent@user:ann',
]

const leafA = {
  name: 'doc:1#a',
  leaf: { users: { users: ['group:1#member', 'user:*', 'user:ann', 'user:zoe'] } },
}
const computed = (relation: string, of: string) => ({
  name: `doc:1#${relation}`,
  leaf: { computed: { userset: `doc:1#${of}` } },
})
const from = (relation: string) => ({
  name: `doc:1#${relation}`,
  leaf: {
    tupleToUserset: {
      tupleset: 'doc:1#parent',
      computed: [{ userset: 'folder:1#viewer' }, { userset: 'group:1#viewer' }],
    },
  },
})

test.each([
  ['a', leafA],
  ['b', computed('b', 'a')],
  ['c', from('c')],
  [
    'union',
    {
      name: 'doc:1#union',
      union: {
        nodes: [
          { name: 'doc:1#union', leaf: { users: { users: [] } } },
          computed('union', 'b'),
          computed('union', 'c'),
        ],
      },
    },
  ],
  ['both', { name: 'doc:1#both', intersection: { nodes: [computed('both', 'a'), computed('both', 'b')] } }],
  [
    'only',
    { name: 'doc:1#only', difference: { base: computed('only', 'a'), subtract: computed('only', 'b') } },
  ],
])('one level of %s, stale and expired tuples dropped, conditions not asked', async (relation, root) => {
  const world = await worldOf(model, tuples)
  expect(await expand(world.scope(), { object: 'doc:1', relation })).toEqual({ root })
  world.store.spread.add('doc:1#a')
  world.store.spread.add('doc:1#parent')
  expect(await expand(world.scope(), { object: 'doc:1', relation })).toEqual({ root })
  expect(world.store.pins).toBe(0)
})

test('contextual tuples are seen, once', async () => {
  const world = await worldOf(model, tuples)
  const contextual = ['doc:1#a@user:bob', 'doc:1#a@user:zoe'].map(tupleOf)
  const found = await expand(world.scope({ contextual }), { object: 'doc:1', relation: 'a' })
  const users = ['group:1#member', 'user:*', 'user:ann', 'user:bob', 'user:zoe']
  expect(found).toEqual({ root: { name: 'doc:1#a', leaf: { users: { users } } } })
})
