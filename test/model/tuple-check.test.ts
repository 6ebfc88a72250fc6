/** Which tuples may be written, in which words the others are refused, and which stored ones are seen. */
import { expect, test } from 'vitest'
import { compileModel } from '../../src/model/compile.ts'
import { checkQuestion, checkTuple, visible } from '../../src/model/tuple-check.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { from, modelOf, self, throughDoor, union } from './written.ts'

const model = compileModel(
  'm1',
  throughDoor(
    modelOf(
      [
        ['user', {}],
        ['bot', {}],
        ['group', { member: [self, 'user', 'group#member'], guest: [self, 'user'] }],
        [
          'doc',
          {
            parent: [self, 'doc', 'group'],
            viewer: [union(self, from('viewer', 'parent')), 'user', 'user:*', 'group#member'],
            editor: { computedUserset: { object: '', relation: 'viewer' } },
            timed: [self, 'user with c'],
            mixed: [self, 'user:* with c', 'user', 'group#member with d'],
            either: [self, 'user', 'user with c'],
          },
        ],
      ],
      { c: 'x > 1', d: 'x > 2' },
    ),
  ),
)

function tupleOf(text: string): Tuple {
  const [key = '', name, context] = text.split(' with ')
  const [, object = '', relation = '', subject = ''] = /^(.*?)#([^#]*?)@(.*)$/su.exec(key) ?? []
  const condition =
    name === undefined
      ? {}
      : { condition: { name, ...(context === undefined ? {} : { context: JSON.parse(context) }) } }
  return { object, relation, subject, ...condition }
}

const malformed = "the 'user' field is malformed"
const written: readonly (readonly [string, string | undefined])[] = [
  ['doc:1#viewer@user:ann', undefined],
  ['doc:1#viewer@user:*', undefined],
  ['doc:1#viewer@group:eng#member', undefined],
  // 1. The subject.
  ['doc:1#viewer@ann', malformed],
  ['doc:1#viewer@*', malformed],
  ['doc:1#viewer@', malformed],
  ['doc:1#viewer@:ann', malformed],
  ['doc:1#viewer@user:', malformed],
  ['doc:1#viewer@user:a b', malformed],
  ['doc:1#viewer@user:a\u0000b', malformed],
  ['doc:1#viewer@user:a:b', malformed],
  ['doc:1#viewer@group:*#member', malformed],
  ['doc:1#viewer@group:eng#', malformed],
  ['doc:1#viewer@group:eng#a#b', malformed],
  ['doc:1#viewer@user:\ud800', malformed],
  [`doc:1#viewer@user:${'é'.repeat(254)}`, malformed],
  ['doc:1#viewer@nobody:ann', "type 'nobody' not found"],
  ['doc:1#viewer@constructor:ann', "type 'constructor' not found"],
  ['doc:1#viewer@nobody:*', "type 'nobody' not found"],
  ['doc:1#viewer@group:eng#nope', "relation 'group#nope' not found"],
  ['doc:1#viewer@group:eng#toString', "relation 'group#toString' not found"],
  // 2. The object.
  ['doc:*#viewer@user:ann', "the 'object' field cannot reference a typed wildcard"],
  ['doc#viewer@user:ann', "invalid 'object' field format"],
  ['doc:#viewer@user:ann', "invalid 'object' field format"],
  [':1#viewer@user:ann', "invalid 'object' field format"],
  ['doc:a b#viewer@user:ann', "invalid 'object' field format"],
  [`doc:${'a'.repeat(253)}#viewer@user:ann`, "invalid 'object' field format"],
  ['nope:1#viewer@user:ann', "type 'nope' not found"],
  // 3. The relation.
  ['doc:1#@user:ann', "the 'relation' field is malformed"],
  ['doc:1#a b@user:ann', "the 'relation' field is malformed"],
  [`doc:1#${'r'.repeat(51)}@user:ann`, "the 'relation' field is malformed"],
  ['doc:1#nope@user:ann', "relation 'doc#nope' not found"],
  ['doc:1#__proto__@user:ann', "relation 'doc#__proto__' not found"],
  // 4. Tuplesets.
  ['doc:1#parent@doc:2', undefined],
  ['doc:1#parent@doc:*', "unexpected wildcard relationship with tupleset relation 'doc#parent'"],
  ['doc:1#parent@group:eng#member', "unexpected user 'group:eng#member' with tupleset relation 'doc#parent'"],
  ['doc:1#parent@user:ann', "type 'user' is not an allowed type restriction for 'doc#parent'"],
  // 5. Type restrictions.
  ['doc:1#viewer@bot:b', "type 'bot' is not an allowed type restriction for 'doc#viewer'"],
  ['doc:1#viewer@group:eng', "type 'group' is not an allowed type restriction for 'doc#viewer'"],
  ['doc:1#viewer@group:eng#guest', "'group#guest' is not an allowed type restriction for 'doc#viewer'"],
  ['doc:1#viewer@bot:*', "the typed wildcard 'bot:*' is not an allowed type restriction for 'doc#viewer'"],
  [
    'group:1#member@user:*',
    "the typed wildcard 'user:*' is not an allowed type restriction for 'group#member'",
  ],
  ['doc:1#editor@user:ann', "type 'user' is not an allowed type restriction for 'doc#editor'"],
  // 6. Conditions.
  ['doc:1#timed@user:ann', 'condition is missing'],
  ['doc:1#timed@user:ann with c', undefined],
  ['doc:1#timed@user:ann with c with {"x":2}', undefined],
  ['doc:1#timed@user:ann with nope', 'undefined condition'],
  ['doc:1#timed@user:ann with toString', 'undefined condition'],
  ['doc:1#timed@user:ann with d', 'invalid condition for type restriction'],
  ['doc:1#viewer@user:ann with c', 'invalid condition for type restriction'],
  ['doc:1#timed@user:ann with c with {"y":2}', 'found invalid context parameter: y'],
  ['doc:1#either@user:ann', undefined],
  ['doc:1#either@user:ann with c', undefined],
  ['doc:1#either@user:ann with d', 'invalid condition for type restriction'],
  // The quirk: the type alone is compared, so a plain user takes the condition of the wildcard beside it.
  ['doc:1#mixed@user:ann with c', undefined],
  ['doc:1#mixed@user:*', 'condition is missing'],
  ['doc:1#mixed@group:eng#member', 'condition is missing'],
  ['doc:1#mixed@group:eng#member with c', 'invalid condition for type restriction'],
  // The first rule that fails decides.
  ['nope:*#a b@ann', malformed],
  ['nope:*#a b@user:ann', "the 'object' field cannot reference a typed wildcard"],
  ['nope:1#a b@user:ann', "type 'nope' not found"],
  ['doc:1#parent@group:eng#nope', "relation 'group#nope' not found"],
  ['doc:1#viewer@bot:b with nope', "type 'bot' is not an allowed type restriction for 'doc#viewer'"],
]

test.each(written)('%s', (text, reason) => {
  expect(checkTuple(model, tupleOf(text))).toBe(reason)
})

test.each([
  ['doc:1#editor@user:ann', undefined],
  ['doc:1#editor@user:*', undefined],
  ['doc:1#editor@bot:b', undefined],
  ['doc:1#parent@group:eng#member', undefined],
  ['doc:1#timed@user:ann', undefined],
  ['doc:1#viewer@ann', malformed],
  ['doc:*#viewer@user:ann', "the 'object' field cannot reference a typed wildcard"],
  ['doc:1#nope@user:ann', "relation 'doc#nope' not found"],
])('question %s', (text, reason) => {
  expect(checkQuestion(model, tupleOf(text))).toBe(reason)
})

const seen: readonly (readonly [string, boolean])[] = [
  ['doc:1#viewer@user:ann', true],
  ['doc:1#viewer@user:*', true],
  ['doc:1#viewer@group:eng#member', true],
  ['doc:1#viewer@group:eng#guest', false],
  ['doc:1#viewer@group:eng', false],
  ['doc:1#viewer@bot:b', false],
  ['doc:1#viewer@bot:*', false],
  // A type whose name begins like another one.
  ['doc:1#viewer@users:ann', false],
  ['doc:1#viewer@use:r', false],
  ['doc:1#viewer@user:ann with c', false],
  ['doc:1#editor@user:ann', false],
  ['doc:1#parent@doc:2', true],
  ['doc:1#parent@doc:*', false],
  ['doc:1#timed@user:ann', false],
  ['doc:1#timed@user:ann with c', true],
  ['doc:1#timed@user:ann with d', false],
  ['doc:1#timed@user:*', false],
  ['doc:1#timed@user:* with c', false],
  // The wildcard is under a condition, the plain user is not: neither lends to the other.
  ['doc:1#mixed@user:ann', true],
  ['doc:1#mixed@user:ann with c', false],
  ['doc:1#mixed@user:*', false],
  ['doc:1#mixed@user:* with c', true],
  ['doc:1#mixed@user:* with d', false],
  ['doc:1#mixed@group:eng#member', false],
  ['doc:1#mixed@group:eng#member with d', true],
  ['doc:1#mixed@group:eng#member with c', false],
  ['doc:1#either@user:ann', true],
  ['doc:1#either@user:ann with c', true],
  ['doc:1#either@user:ann with d', false],
]

test.each(seen)('visible %s: %s', (text, expected) => {
  const tuple = tupleOf(text)
  const relation = model.relation('doc', tuple.relation)
  if (relation === undefined) throw new Error(`no relation ${tuple.relation}`)
  expect(visible(model, relation, tuple)).toBe(expected)
})

test('what is visible could be written', () => {
  for (const [text, expected] of seen) {
    if (expected) expect(checkTuple(model, tupleOf(text))).toBeUndefined()
  }
})
