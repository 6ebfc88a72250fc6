/** Tuples, instants, tables and trees as text: small things without a process. */
import { expect, test } from 'vitest'
import { drawExplanation } from '../../src/cli/explanation.ts'
import { table, tree } from '../../src/cli/terminal.ts'
import { parseExpiry, parsePlace, parseTupleText, parseTupleWords } from '../../src/cli/tuple-text.ts'

test.each([
  ['document:1#viewer@user:anne', 'document:1', 'viewer', 'user:anne'],
  ['document:1#viewer@group:eng#member', 'document:1', 'viewer', 'group:eng#member'],
  ['document:1#viewer@user:*', 'document:1', 'viewer', 'user:*'],
  ['mail:a@b.c#viewer@user:x@y.z', 'mail:a@b.c', 'viewer', 'user:x@y.z'],
])('%s is a tuple', (text, object, relation, user) => {
  expect(parseTupleText(text)).toEqual({ object, relation, user })
})

test.each([
  '',
  'document#viewer@user:a',
  'document:1#viewer',
  'document:1@user:a',
  'document:1#viewer@user a',
  'a:1##b@c:1',
])('`%s` is none', (text) => {
  expect(() => parseTupleText(text)).toThrow('is not a tuple')
})

test('three words are a tuple, two are not', () => {
  expect(parseTupleWords(['user:a', 'viewer', 'document:1'])).toEqual(
    parseTupleText('document:1#viewer@user:a'),
  )
  expect(() => parseTupleWords(['user:a', 'viewer'])).toThrow('three words')
  expect(() => parsePlace('document:1#viewer@user:a')).toThrow('is not object#relation')
})

test.each([
  ['30s', '2026-01-01T00:00:30.000Z'],
  ['12h', '2026-01-01T12:00:00.000Z'],
  ['7d', '2026-01-08T00:00:00.000Z'],
  ['2030-01-31T12:00:00+01:00', '2030-01-31T11:00:00.000Z'],
])('%s ends at %s', (text, instant) => {
  expect(parseExpiry(text, Date.UTC(2026, 0, 1))).toBe(instant)
})

test.each(['tomorrow', '7', '7w', '2030-13-01T00:00:00Z', '-1d'])('`%s` is no end', (text) => {
  expect(() => parseExpiry(text, 0)).toThrow('is no instant')
})

test('columns line up, and the last is not padded', () => {
  expect(
    table(
      ['ID', 'NAME'],
      [
        ['1', 'a'],
        ['22', 'long'],
      ],
    ),
  ).toBe('ID  NAME\n1   a\n22  long')
})

test('a name of several lines makes no row of its own', () => {
  expect(table(['ID', 'NAME'], [['1', 'a\r\n2   b\tc\u2028d']])).toBe('ID  NAME\n1   a 2   b c d')
})

test('branches are drawn', () => {
  const leaf = (label: string) => ({ label, children: [] })
  const drawn = tree({ label: 'a', children: [{ label: 'b', children: [leaf('c'), leaf('d')] }, leaf('e')] })
  expect(drawn).toBe('a\n├─ b\n│  ├─ c\n│  └─ d\n└─ e')
})

test('a deny is drawn: what was tried, and what would help', () => {
  const tuple = { object: 'document:1', relation: 'owner', user: 'user:eve' }
  const drawn = drawExplanation({
    resolution: 'user:eve is not viewer of document:1',
    tried: {
      object: 'document:1',
      relation: 'viewer',
      rewrite: '[user] or owner',
      outcome: 'absent',
      operands: [
        { object: 'document:1', relation: 'viewer', rewrite: '[user]', outcome: 'absent' },
        {
          object: 'document:1',
          relation: 'owner',
          rewrite: '[user]',
          outcome: 'absent',
          tuples: [{ tuple, outcome: 'expired' }],
          more: 3,
        },
      ],
    },
    missing: [{ add: [tuple] }, { remove: [tuple], context: ['day'] }],
    truncated: true,
  })
  expect(drawn).toBe(`user:eve is not viewer of document:1

document:1#viewer = [user] or owner  absent
├─ document:1#viewer = [user]  absent
└─ document:1#owner = [user]  absent
   ├─ document:1#owner@user:eve  expired
   └─ and 3 more

it would be allowed by any of:
  * + document:1#owner@user:eve
  * - document:1#owner@user:eve
      with --context for day

there is more than is shown here: a limit of the server cut it`)
})
