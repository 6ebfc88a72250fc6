/** The judge of the freshness bench sees an answer that is old, and one that is wrong. */
import { expect, test } from 'vitest'
import { type Asked, type Change, judge } from '../../bench/lib/judge.ts'
import { keyOf } from '../service/world.ts'

const change = (operation: Change['operation'], key: string, revision: number): Change => ({
  operation,
  tuple: keyOf(key),
  zookie: String(revision),
})
const answer = (key: string, allowed: boolean, revision: number, acknowledged: number): Asked => ({
  tuple: keyOf(key),
  allowed,
  zookie: String(revision),
  acknowledged,
})

const changes = [
  change('write', 'group:1#member@user:a', 2),
  change('write', 'agent:1#editor@group:2#member', 3),
  change('write', 'group:2#member@group:1#member', 4),
  change('write', 'agent:1#blocked@user:a', 6),
  // Acknowledged after the one before it, though older.
  change('write', 'group:1#member@group:2#member', 5),
  change('delete', 'group:1#member@user:a', 7),
]
const key = 'agent:1#can_use@user:a'

test.each([
  ['through two groups', answer(key, true, 4, 3), { stale: 0, wrong: 0 }],
  ['before the second', answer(key, false, 3, 2), { stale: 0, wrong: 0 }],
  ['blocked', answer(key, false, 6, 4), { stale: 0, wrong: 0 }],
  ['a grant that was forgotten', answer(key, false, 4, 3), { stale: 0, wrong: 1 }],
  ['a block that was forgotten', answer(key, true, 6, 4), { stale: 0, wrong: 1 }],
  ['true, but older than what was acknowledged', answer(key, true, 4, 4), { stale: 1, wrong: 0 }],
  ['newer than what was acknowledged', answer(key, false, 6, 0), { stale: 0, wrong: 0 }],
  ['older than an earlier acknowledgement', answer(key, true, 5, 5), { stale: 1, wrong: 0 }],
  ['a member of groups in a ring', answer('group:2#member@user:a', true, 6, 5), { stale: 0, wrong: 0 }],
  ['no longer', answer('group:2#member@user:a', false, 7, 6), { stale: 0, wrong: 0 }],
  ['still', answer('group:2#member@user:a', true, 7, 6), { stale: 0, wrong: 1 }],
])('%s', (_, asked, expected) => {
  expect(judge(changes, [asked], Number)).toMatchObject(expected)
})

test('an answer that the last change decided is told apart', () => {
  const telling = (asked: Asked) => judge(changes, [asked], Number).telling
  expect(telling(answer(key, true, 4, 0))).toBe(1)
  expect(telling(answer('group:1#member@user:a', true, 4, 0))).toBe(0)
})
