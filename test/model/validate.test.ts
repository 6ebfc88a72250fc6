/** Every rule of a model: what is refused, in which words, and which of two faults is named. */
import { expect, test } from 'vitest'
import { faultOf } from '../../src/lib/fault.ts'
import type { ModelJson } from '../../src/model/json.ts'
import { validateModel } from '../../src/model/validate.ts'
import { computed, difference, from, intersection, modelOf, self, union } from './written.ts'

function refusal(json: ModelJson): string {
  try {
    validateModel(json)
    return 'accepted'
  } catch (thrown) {
    const fault = faultOf(thrown)
    return fault.code === 'invalid_authorization_model' ? fault.message : `${fault.code}: ${fault.message}`
  }
}

type Types = Parameters<typeof modelOf>[0]
const user: Types[number] = ['user', {}]
const invalid = (relation: string, type: string, cause: string): string =>
  `the definition of relation '${relation}' in object type '${type}' is invalid: ${cause}`

const judged: readonly (readonly [string, Types, string])[] = [
  // Rule 2 and 3.
  ['duplicate types', [user, user], 'an authorization model cannot contain duplicate types'],
  ['type self', [['self', {}]], "the definition of type 'self' is invalid"],
  ['type this', [['this', {}]], "the definition of type 'this' is invalid"],
  ['empty type', [['', {}]], "the definition of type '' is invalid"],
  [
    'relation self',
    [user, ['doc', { self: [self, 'user'] }]],
    invalid('self', 'doc', 'self and this are reserved keywords'),
  ],
  [
    'empty relation',
    [user, ['doc', { '': [self, 'user'] }]],
    invalid('', 'doc', 'self and this are reserved keywords'),
  ],
  [
    'names of prototypes are names',
    [
      ['constructor', {}],
      ['doc', Object.fromEntries([['toString', [self, 'constructor'] as const]])],
    ],
    'accepted',
  ],

  // Rule 4.
  [
    'computes itself',
    [['doc', { a: computed('a') }]],
    invalid('a', 'doc', 'invalid userset rewrite definition'),
  ],
  [
    'computes itself inside a union',
    [user, ['doc', { a: [union(self, computed('a')), 'user'] }]],
    invalid('a', 'doc', 'invalid userset rewrite definition'),
  ],
  ['computes what is not there', [['doc', { a: computed('b') }]], "'doc#b' relation is undefined"],
  [
    'computes what prototypes have',
    [['doc', { a: computed('toString') }]],
    "'doc#toString' relation is undefined",
  ],
  [
    'computes what only another type has',
    [user, ['group', { b: [self, 'user'] }], ['doc', { a: computed('b') }]],
    "'doc#b' relation is undefined",
  ],
  ['from what is not there', [['doc', { a: from('a', 'parent') }]], "'doc#parent' relation is undefined"],
  [
    'from a union',
    [user, ['doc', { a: from('p', 'p'), p: [union(self, computed('q')), 'doc'], q: [self, 'doc'] }]],
    "the 'doc#p' relation is referenced in at least one tupleset and thus must be a direct relation",
  ],
  [
    'from itself',
    [user, ['group', { group: from('group', 'group') }]],
    "the 'group#group' relation is referenced in at least one tupleset and thus must be a direct relation",
  ],
  [
    'from parents none of which has it',
    [user, ['org', {}], ['doc', { p: [self, 'org', 'user'], v: from('viewer', 'p') }]],
    'undefined relation: viewer does not appear as a relation in any of the directly related user types [type:"org" type:"user"]',
  ],
  [
    'from parents one of which has it',
    [
      user,
      ['org', { viewer: [self, 'user'] }],
      ['doc', { p: [self, 'org', 'user'], v: from('viewer', 'p') }],
    ],
    'accepted',
  ],
  [
    'a union of one',
    [user, ['doc', { a: union(computed('b')), b: [self, 'user'] }]],
    "invalid relation: 'doc#a' as union has less than 2 children",
  ],
  [
    'a union of none',
    [user, ['doc', { a: union() }]],
    "invalid relation: 'doc#a' as union has less than 2 children",
  ],
  [
    'an intersection of one, deep inside',
    [user, ['doc', { a: difference(computed('b'), intersection(computed('b'))), b: [self, 'user'] }]],
    "invalid relation: 'doc#a' as intersection has less than 2 children",
  ],
  [
    'the same operand twice',
    [user, ['doc', { a: union(computed('b'), computed('b')), b: [self, 'user'] }]],
    'accepted',
  ],

  // Rule 5.
  [
    'assignable without restrictions',
    [['doc', { a: self }]],
    "the assignable relation 'a' in object type 'doc' must contain at least one relation type",
  ],
  [
    'assignable deep inside without restrictions',
    [user, ['doc', { a: difference(computed('b'), union(self, computed('b'))), b: [self, 'user'] }]],
    "the assignable relation 'a' in object type 'doc' must contain at least one relation type",
  ],
  [
    'restrictions without being assignable',
    [user, ['doc', { a: [computed('b'), 'user'], b: [self, 'user'] }]],
    "the non-assignable relation 'a' in object type 'doc' should not contain a relation type",
  ],

  // Rule 6.
  [
    'a type that is not there',
    [['doc', { a: [self, 'user'] }]],
    "the relation type 'user' on 'a' in object type 'doc' is not valid",
  ],
  [
    'a wildcard of a type that is not there',
    [['doc', { a: [self, 'user:*'] }]],
    "the relation type 'user' on 'a' in object type 'doc' is not valid",
  ],
  [
    'a relation that is not there',
    [user, ['group', {}], ['doc', { a: [self, 'user', 'group#member'] }]],
    "the relation type 'group#member' on 'a' in object type 'doc' is not valid",
  ],
  [
    'a tupleset that takes usersets',
    [user, ['doc', { p: [self, 'doc', 'doc#v'], v: [union(self, from('v', 'p')), 'user'] }]],
    "the relation type 'doc#v' on 'p' in object type 'doc' is not valid",
  ],
  [
    'a tupleset that takes wildcards',
    [user, ['doc', { p: [self, 'doc', 'doc:*'], v: [union(self, from('v', 'p')), 'user'] }]],
    "the relation type 'doc' on 'p' in object type 'doc' is not valid",
  ],
  [
    'odd but accepted restrictions',
    [user, ['doc', { a: [self, 'user', 'user', 'user:*', 'user with c', 'user with d'] }]],
    'accepted',
  ],

  // Rule 7.
  [
    'a condition that is not there',
    [user, ['doc', { a: [self, 'user', 'user with nope'] }]],
    'condition nope is undefined for relation a',
  ],
  [
    'a condition that prototypes have',
    [user, ['doc', { a: [self, 'user with toString'] }]],
    'condition toString is undefined for relation a',
  ],

  // Rule 8.
  ['only from itself', [['doc', { a: [self, 'doc#a'] }]], invalid('a', 'doc', 'no entrypoints defined')],
  ['from itself and from somebody', [user, ['doc', { a: [self, 'doc#a', 'user'] }]], 'accepted'],
  ['from a wildcard alone', [user, ['doc', { a: [self, 'user:*'] }]], 'accepted'],
  ['from a type without any subject', [['doc', { a: [self, 'doc'] }]], 'accepted'],
  [
    'from parents only',
    [['doc', { p: [self, 'doc'], v: from('v', 'p') }]],
    invalid('v', 'doc', 'no entrypoints defined'),
  ],
  [
    'from one parent type of two',
    [user, ['org', { v: [self, 'user'] }], ['doc', { p: [self, 'doc', 'org'], v: from('v', 'p') }]],
    'accepted',
  ],
  [
    'an intersection with one operand without',
    [user, ['doc', { e: [self, 'user'], v: [intersection(self, computed('e')), 'doc#v'] }]],
    invalid('v', 'doc', 'no entrypoints defined'),
  ],
  [
    'an operand that enters twice stands for itself only',
    [
      user,
      [
        'doc',
        {
          e: [self, 'user'],
          f: [self, 'user'],
          p: [self, 'doc'],
          v: intersection(union(computed('e'), computed('f')), from('v', 'p')),
        },
      ],
    ],
    invalid('v', 'doc', 'no entrypoints defined'),
  ],
  [
    'an exclusion with a base without',
    [user, ['doc', { r: [self, 'user'], v: [difference(self, computed('r')), 'doc#v'] }]],
    invalid('v', 'doc', 'no entrypoints defined'),
  ],
  [
    'an exclusion with a subtract without',
    [user, ['doc', { r: [self, 'user'], v: [difference(computed('r'), self), 'doc#v'] }]],
    invalid('v', 'doc', 'no entrypoints defined'),
  ],
  [
    'a union with one operand without',
    [user, ['doc', { e: [self, 'user'], v: [union(self, computed('e')), 'doc#v'] }]],
    'accepted',
  ],
  [
    'two relations that compute each other',
    [['doc', { reader: computed('writer'), writer: computed('reader') }]],
    invalid('reader', 'doc', 'potential loop'),
  ],
  [
    'a loop of intersections',
    [
      user,
      [
        'doc',
        {
          admin: [self, 'user'],
          action1: intersection(computed('admin'), computed('action2'), computed('action3')),
          action2: intersection(computed('admin'), computed('action1'), computed('action3')),
          action3: intersection(computed('admin'), computed('action1'), computed('action2')),
        },
      ],
    ],
    invalid('action1', 'doc', 'potential loop'),
  ],
  [
    'a loop of exclusions',
    [
      user,
      [
        'doc',
        {
          admin: [self, 'user'],
          action1: difference(computed('admin'), computed('action2')),
          action2: difference(computed('admin'), computed('action3')),
          action3: difference(computed('admin'), computed('action1')),
        },
      ],
    ],
    invalid('action1', 'doc', 'potential loop'),
  ],
  [
    'usersets that only hold each other',
    [
      ['a', { m: [self, 'b#m'] }],
      ['b', { m: [self, 'a#m'] }],
    ],
    invalid('m', 'a', 'no entrypoints defined'),
  ],

  // Rule 9.
  [
    'a cycle with entry points',
    [
      user,
      [
        'other',
        {
          x: [difference(self, computed('y')), 'user'],
          y: [difference(self, computed('z')), 'user'],
          z: [union(self, computed('x')), 'user'],
        },
      ],
    ],
    invalid('x', 'other', 'an authorization model cannot contain a cycle'),
  ],
  [
    'a relation that leads to a cycle is named when it sorts first',
    [
      user,
      [
        'doc',
        {
          c: [union(self, computed('b')), 'user'],
          b: [union(self, computed('c')), 'user'],
          a: computed('b'),
        },
      ],
    ],
    invalid('a', 'doc', 'an authorization model cannot contain a cycle'),
  ],
  [
    'a diamond is no cycle',
    [
      user,
      [
        'doc',
        { a: union(computed('b'), computed('c')), b: computed('d'), c: computed('d'), d: [self, 'user'] },
      ],
    ],
    'accepted',
  ],
  [
    'a cycle through tuples, refusing on the way',
    [
      user,
      [
        'group',
        { blocked: [self, 'user'], member: [difference(self, computed('blocked')), 'user', 'group#member'] },
      ],
    ],
    'accepted',
  ],
  [
    'a cycle through parents, with an intersection',
    [
      user,
      [
        'doc',
        {
          p: [self, 'doc'],
          e: [self, 'user'],
          v: union(intersection(computed('e'), from('v', 'p')), computed('e')),
        },
      ],
    ],
    'accepted',
  ],
]

test.each(judged)('%s', (_, types, expected) => {
  expect(refusal(modelOf(types, { c: 'x > 1', d: 'x > 2' }))).toBe(expected)
})

test('one type is enough, with no relations at all', () => {
  expect(refusal(modelOf([user]))).toBe('accepted')
})

test.each([
  ['1.0', 'invalid schema version'],
  ['1.1', 'accepted'],
  ['1.2', 'accepted'],
  ['', 'invalid schema version'],
])('schema version %s', (schema_version, expected) => {
  expect(refusal({ ...modelOf([user]), schema_version })).toBe(expected)
})

const broken = { a: computed('nope') }
const order: readonly (readonly [string, ModelJson, string])[] = [
  [
    'the version comes before duplicates',
    { ...modelOf([user, user]), schema_version: '1.0' },
    'invalid schema version',
  ],
  [
    'duplicates before names',
    modelOf([
      ['self', {}],
      ['self', {}],
    ]),
    'an authorization model cannot contain duplicate types',
  ],
  [
    'names before rewrites',
    modelOf([
      ['a', broken],
      ['self', {}],
    ]),
    "the definition of type 'self' is invalid",
  ],
  [
    'types sort by name, not by place',
    modelOf([
      ['z', broken],
      ['b', broken],
      ['m', broken],
    ]),
    "'b#nope' relation is undefined",
  ],
  [
    'types sort by bytes',
    modelOf([
      ['\u{1f600}', broken],
      ['\uffee', broken],
    ]),
    "'\uffee#nope' relation is undefined",
  ],
  [
    'capital letters come first',
    modelOf([
      ['a', broken],
      ['B', broken],
    ]),
    "'B#nope' relation is undefined",
  ],
  [
    'relations sort by name',
    modelOf([['t', { z: computed('no-z'), a: computed('no-a') }]]),
    "'t#no-a' relation is undefined",
  ],
  [
    'one relation is judged to its end before the next one starts',
    modelOf([user, ['t', { a: [self, 't#a'], b: computed('missing') }]]),
    invalid('a', 't', 'no entrypoints defined'),
  ],
  [
    'rewrites before restrictions',
    modelOf([['t', { a: union(self, computed('missing')) }]]),
    "'t#missing' relation is undefined",
  ],
  [
    'restrictions before conditions',
    modelOf([user, ['t', { a: [self, 'user', 'nobody with nope'] }]]),
    "the relation type 'nobody' on 'a' in object type 't' is not valid",
  ],
  [
    'restrictions before the number of operands',
    modelOf([user, ['t', { a: union(self) }]]),
    "the assignable relation 'a' in object type 't' must contain at least one relation type",
  ],
  [
    'entry points before cycles',
    modelOf([['t', { a: computed('b'), b: computed('a') }]]),
    invalid('a', 't', 'potential loop'),
  ],
  [
    'conditions last',
    modelOf([['t', broken]], { c: 'not an expression ((' }),
    "'t#nope' relation is undefined",
  ],
]

test.each(order)('order: %s', (_, json, expected) => {
  expect(refusal(json)).toBe(expected)
})

test('a condition is filed under its name', () => {
  const { conditions = {}, ...model } = modelOf([user], { c: 'x > 1' })
  const moved = { ...model, conditions: Object.fromEntries(Object.values(conditions).map((c) => ['k', c])) }
  expect(refusal(moved)).toBe("condition key 'k' does not match condition name 'c'")
})

test.each([
  ['x >', 'failed to compile expression on condition'],
  ['x + 1', 'failed to compile expression on condition'],
  ['y > 1', 'failed to compile expression on condition'],
  ['x > 1', 'accepted'],
])('condition %s', (expression, expected) => {
  expect(refusal(modelOf([user], { c: expression }))).toContain(expected)
})

test.each([
  [99, 'accepted'],
  [100, 'accepted'],
  [
    101,
    'exceeded_entity_limit: The number of type definitions in an authorization model exceeds the allowed limit of 100',
  ],
])('%i types', (count, expected) => {
  expect(refusal(modelOf(Array.from({ length: count }, (_, index) => [`t${index}`, {}])))).toBe(expected)
})

test('the limit on size is on the last byte', () => {
  const padded = (bytes: number): ModelJson => {
    const model = modelOf([user, ['t', Object.fromEntries(names(5000))]])
    const [first, second] = model.type_definitions
    if (first === undefined || second === undefined) throw new Error('two types')
    const file = `${'f'.repeat(bytes)}.fga`
    return {
      ...model,
      type_definitions: [
        first,
        {
          ...second,
          metadata: { relations: second.metadata?.relations ?? {}, module: '', source_info: { file } },
        },
      ],
    }
  }
  // The length that fills the limit is found from the message itself, then moved by one.
  const over = /(\d+) bytes vs 262144 bytes$/.exec(refusal(padded(100_000)))?.[1]
  const fit = 100_000 - (Number(over) - 262_144)
  expect(refusal(padded(fit))).toBe('accepted')
  expect(refusal(padded(fit + 1))).toBe(
    'exceeded_entity_limit: model exceeds size limit: 262145 bytes vs 262144 bytes',
  )
})

function names(count: number): (readonly [string, readonly [typeof self, 'user']])[] {
  return Array.from({ length: count }, (_, index) => [`relation${index}`, [self, 'user']] as const)
}

test('the largest models are judged in time that grows with their size, and in little stack', () => {
  const count = 8000
  const chain = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`r${index}`, computed(`r${index + 1}`)]),
  )
  expect(refusal(modelOf([user, ['t', { ...chain, [`r${count}`]: [self, 'user'] }]]))).toBe('accepted')
  expect(refusal(modelOf([user, ['t', { ...chain, [`r${count}`]: computed('r0') }]]))).toBe(
    invalid('r0', 't', 'potential loop'),
  )
  const wide = union(...Array.from({ length: 10_000 }, () => computed('b')))
  expect(refusal(modelOf([user, ['t', { a: wide, b: [self, 'user'] }]]))).toBe('accepted')
})
