/** What a compiled model says of its relations: operators, restrictions, reach, decides. */
import { expect, test } from 'vitest'
import { compileModel } from '../../src/model/compile.ts'
import type { Model, Rewrite } from '../../src/model/model.ts'
import { computed, difference, from, intersection, modelOf, self, throughDoor, union } from './written.ts'

const model = compileModel(
  'm1',
  throughDoor(
    modelOf(
      [
        ['user', {}],
        ['bot', {}],
        ['org', { admin: [self, 'user'], member: [union(self, computed('admin')), 'user', 'bot:*'] }],
        [
          'group',
          {
            org: [self, 'org', 'user'],
            member: [self, 'user', 'group#member', 'org#admin with c'],
            banned: [self, 'user:*'],
            active: difference(computed('member'), computed('banned')),
          },
        ],
        [
          'doc',
          {
            parent: [self, 'doc', 'group'],
            viewer: [union(self, from('viewer', 'parent')), 'group#active', 'bot'],
            both: intersection(computed('viewer'), from('member', 'parent')),
            owner: [self, 'user'],
            pair: intersection(computed('owner'), computed('owner')),
          },
        ],
      ],
      { c: 'x > 1' },
    ),
  ),
)

const reach: readonly (readonly [string, string, readonly string[], boolean])[] = [
  ['org', 'admin', ['org#admin', 'user'], false],
  ['org', 'member', ['bot:*', 'org#admin', 'org#member', 'user'], false],
  ['group', 'org', ['group#org', 'org', 'user'], false],
  ['group', 'member', ['group#member', 'org#admin', 'user'], false],
  ['group', 'banned', ['group#banned', 'user:*'], false],
  ['group', 'active', ['group#active', 'group#banned', 'group#member', 'org#admin', 'user', 'user:*'], true],
  ['doc', 'parent', ['doc', 'doc#parent', 'group'], false],
  // `viewer from parent` goes to documents only: groups have no viewer.
  [
    'doc',
    'viewer',
    ['bot', 'doc#viewer', 'group#active', 'group#banned', 'group#member', 'org#admin', 'user', 'user:*'],
    true,
  ],
  [
    'doc',
    'both',
    [
      'bot',
      'doc#both',
      'doc#viewer',
      'group#active',
      'group#banned',
      'group#member',
      'org#admin',
      'user',
      'user:*',
    ],
    true,
  ],
  ['doc', 'owner', ['doc#owner', 'user'], false],
  ['doc', 'pair', ['doc#owner', 'doc#pair', 'user'], true],
]

test.each(reach)('%s#%s: reach and decides', (type, name, shapes, decides) => {
  const relation = model.relation(type, name)
  expect([...(relation?.reach ?? [])].sort()).toEqual(shapes)
  expect(relation?.reach.size).toBe(shapes.length)
  expect(relation?.decides).toBe(decides)
  for (const shape of shapes) expect(relation?.reach.has(shape)).toBe(true)
  expect(relation?.reach.has('nobody')).toBe(false)
})

test('the right of `from` is a tupleset of its own type only', () => {
  expect(model.relation('doc', 'parent')?.isTupleset).toBe(true)
  expect(model.relation('group', 'org')?.isTupleset).toBe(false)
  expect(model.relation('doc', 'viewer')?.isTupleset).toBe(false)
})

test('restrictions carry shape and condition', () => {
  expect(model.relation('group', 'member')?.restrictions).toEqual([
    { shape: 'user', type: 'user', wildcard: false },
    { shape: 'group#member', type: 'group', relation: 'member', wildcard: false },
    { shape: 'org#admin', type: 'org', relation: 'admin', wildcard: false, condition: 'c' },
  ])
  expect(model.relation('group', 'banned')?.restrictions).toEqual([
    { shape: 'user:*', type: 'user', wildcard: true },
  ])
})

test('rewrites keep their operands in order', () => {
  expect(model.relation('doc', 'viewer')?.rewrite).toMatchObject({
    kind: 'union',
    children: [{ kind: 'direct' }, { kind: 'tuple-to-userset', tupleset: 'parent', computed: 'viewer' }],
  })
  expect(model.relation('group', 'active')?.rewrite).toMatchObject({
    kind: 'exclusion',
    base: { kind: 'computed', relation: 'member' },
    subtract: { kind: 'computed', relation: 'banned' },
  })
})

test('operator ids are dense and each is used once', () => {
  const ids = model.types.flatMap((type) => model.relations(type)).flatMap(({ rewrite }) => idsOf(rewrite))
  expect(ids.sort((one, other) => one - other)).toEqual(
    Array.from({ length: model.operatorCount }, (_, id) => id),
  )
})

function idsOf(rewrite: Rewrite): number[] {
  if (rewrite.kind === 'exclusion') return [rewrite.id, ...idsOf(rewrite.base), ...idsOf(rewrite.subtract)]
  return 'children' in rewrite ? [rewrite.id, ...rewrite.children.flatMap(idsOf)] : [rewrite.id]
}

test('types come in the order of the text', () => {
  expect(model.types).toEqual(['user', 'bot', 'org', 'group', 'doc'])
  expect(model.relations('doc').map(({ name }) => name)).toEqual([
    'parent',
    'viewer',
    'both',
    'owner',
    'pair',
  ])
  expect(model.relations('nope')).toEqual([])
  expect([...model.conditions.keys()]).toEqual(['c'])
})

test('names that every object has are no names of the model', () => {
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    expect(model.hasType(name)).toBe(false)
    expect(model.relation('doc', name)).toBeUndefined()
    expect(model.relation(name, name)).toBeUndefined()
    expect(model.conditions.has(name)).toBe(false)
  }
})

test('and can be, when the model has them', () => {
  const hostile = JSON.parse(
    '{"schema_version":"1.1","type_definitions":[{"type":"__proto__"},{"type":"constructor","relations":{"__proto__":{"this":{}},"toString":{"computedUserset":{"relation":"__proto__"}}},"metadata":{"relations":{"__proto__":{"directly_related_user_types":[{"type":"__proto__"}]}}}}]}',
  )
  const compiled: Model = compileModel('m2', throughDoor(hostile))
  expect(compiled.types).toEqual(['__proto__', 'constructor'])
  const relation = compiled.relation('constructor', 'toString')
  expect([...(relation?.reach ?? [])].sort()).toEqual([
    '__proto__',
    'constructor#__proto__',
    'constructor#toString',
  ])
  expect(compiled.relation('constructor', '__proto__')?.restrictions).toHaveLength(1)
})

test('a chain of ten thousand relations compiles, and each set is made when it is asked for', () => {
  const count = 10_000
  const chain = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`r${index}`, computed(`r${index + 1}`)]),
  )
  const long = compileModel(
    'm3',
    modelOf([
      ['user', {}],
      ['t', { ...chain, [`r${count}`]: [self, 'user'] }],
    ]),
  )
  expect(long.relation('t', 'r0')?.reach.size).toBe(count + 2)
  expect(long.relation('t', 'r9999')?.reach.size).toBe(3)
  expect(long.relation('t', 'r9999')?.reach.has('t#r9998')).toBe(false)
})
