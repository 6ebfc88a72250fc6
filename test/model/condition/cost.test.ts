/** What hostile models and contexts may cost. No clock: whether something is refused before it runs is what is tested. */
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../../src/lib/json.ts'
import { compileCondition } from '../../../src/model/condition/condition.ts'
import { programBound, weigh } from '../../../src/model/condition/pattern.ts'
import { ask, conditionJson } from './given.ts'

const refused =
  /^validation_error: failed to evaluate relationship condition: 'c' - (operation cancelled: actual cost limit exceeded|the regular expression is too large)/
const numbers = (size: number) => Array.from({ length: size }, (_, at) => at)
const words = (size: number) => numbers(size).map((at) => `word-${at}`)

/** expression, parameters, context, the answer or `refused`. */
const rows: readonly (readonly [string, Record<string, string>, JsonObject, boolean | 'refused'])[] = [
  ['999 in l', { l: 'list<int>' }, { l: numbers(1000) }, true],
  ['x in l', { l: 'list<string>', x: 'string' }, { l: words(1000), x: 'word-999' }, true],
  ['l.exists(e, e == x)', { l: 'list<string>', x: 'string' }, { l: words(1000), x: 'word-999' }, true],
  ['l.filter(e, e.startsWith("word-1")).size() == 111', { l: 'list<string>' }, { l: words(1000) }, true],
  [
    'x in m',
    { m: 'map<int>', x: 'string' },
    { m: Object.fromEntries(words(1000).map((word) => [word, 1])), x: 'word-999' },
    true,
  ],
  ['l.all(e, l.exists(f, e == f))', { l: 'list<int>' }, { l: numbers(20) }, true],
  ['l.all(e, l.exists(f, e == f))', { l: 'list<int>' }, { l: numbers(200) }, 'refused'],
  ['l.all(e, e in l)', { l: 'list<int>' }, { l: numbers(1000) }, 'refused'],
  ['l.map(e, l).size() == 1000', { l: 'list<int>' }, { l: numbers(1000) }, true],
  ['l.map(e, l) == l.map(e, l)', { l: 'list<int>' }, { l: numbers(1000) }, 'refused'],
  [
    '[l, l, l].all(a, a.all(b, l.all(c, b >= c - 99999)))',
    { l: 'list<int>' },
    { l: numbers(100) },
    'refused',
  ],
  [
    '[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [1,2,3,4,5,6,7,8,9].all(c, [1,2,3,4,5,6,7,8,9].all(d, [1,2,3,4,5,6,7,8,9].all(e, true)))))',
    {},
    {},
    'refused',
  ],
  ['x.exists(a, x.exists(b, x.exists(c, a == b)))', { x: 'any' }, { x: numbers(50) }, 'refused'],
  ['x.a.exists(a, x.a.exists(b, a == b))', { x: 'any' }, { x: { a: numbers(500) } }, 'refused'],
  [
    'm.exists(k, m.exists(j, m[k] == m[j]))',
    { m: 'map<int>' },
    { m: Object.fromEntries(words(300).map((word) => [word, 1])) },
    'refused',
  ],
  ['(l + l + l + l).exists(a, (l + l).exists(b, a < b))', { l: 'list<int>' }, { l: numbers(60) }, 'refused'],
  ['x == x', { x: 'any' }, { x: numbers(100_000) }, 'refused'],
  ['b', { b: 'bool', x: 'any' }, { b: true, x: numbers(100_000) }, 'refused'],
  ['s.contains(t)', { s: 'string', t: 'string' }, { s: 'a'.repeat(20), t: 'a' }, true],
  [
    's.contains(t)',
    { s: 'string', t: 'string' },
    { s: 'a'.repeat(50_000), t: `${'a'.repeat(10_000)}b` },
    'refused',
  ],
  [
    '(s + s + s + s + s + s + s + s).contains(s + s + "b")',
    { s: 'string' },
    { s: 'a'.repeat(8000) },
    'refused',
  ],
  [
    'l.all(e, s.contains(e))',
    { l: 'list<string>', s: 'string' },
    { l: words(1000).map(() => 'ab'), s: 'a'.repeat(5000) },
    'refused',
  ],
  ['s.size() == 100000', { s: 'string' }, { s: 'a'.repeat(100_000) }, true],
  // Converting costs too, whatever the expression does; all parameters together.
  [
    'true || x.size() == 0',
    { x: 'list<ipaddress>' },
    { x: numbers(500).map((at) => `2001:db8::${at}`) },
    true,
  ],
  ['x.size() > 0', { x: 'list<ipaddress>' }, { x: numbers(5000).map((at) => `2001:db8::${at}`) }, 'refused'],
  ['x.size() > 0', { x: 'list<duration>' }, { x: numbers(5000).map((at) => `${at}h1m1s`) }, 'refused'],
  [
    'x.size() > 0',
    { x: 'list<timestamp>' },
    { x: numbers(5000).map(() => '2023-10-11T10:00:00Z') },
    'refused',
  ],
  ['x.size() > 0', { x: 'list<int>' }, { x: numbers(15_000).map(() => '1e799') }, 'refused'],
  ['x.size() > 0', { x: 'list<int>' }, { x: numbers(15_000) }, true],
  [
    'a[0] + b[0] < 9',
    { a: 'list<int>', b: 'list<int>' },
    { a: numbers(15_000), b: numbers(15_000) },
    'refused',
  ],
  // Patterns: those of the model, those of a context.
  ['s.matches("^[a-z0-9.]+@example[.]com$")', { s: 'string' }, { s: 'bob@example.com' }, true],
  ['s.matches("b")', { s: 'string' }, { s: 'abc' }, true],
  ['s.matches("^b")', { s: 'string' }, { s: 'abc' }, false],
  ['matches(s, "(?i)B")', { s: 'string' }, { s: 'abc' }, true],
  ['s.matches("(a+)+$")', { s: 'string' }, { s: `${'a'.repeat(5000)}b` }, false],
  ['s.matches("(a+)+$")', { s: 'string' }, { s: `${'a'.repeat(100_000)}b` }, 'refused'],
  ['s.matches("(a|aa)+$")', { s: 'string' }, { s: `${'a'.repeat(5000)}b` }, false],
  [
    's.matches(p)',
    { s: 'string', p: 'string' },
    { s: '/api/v1/users/7', p: '^/api/v[0-9]+/users/[0-9]+$' },
    true,
  ],
  ['s.matches(p)', { s: 'string', p: 'string' }, { s: `${'a'.repeat(3000)}b`, p: '(a+)+$' }, false],
  ['s.matches(p)', { s: 'string', p: 'string' }, { s: `${'a'.repeat(100_000)}b`, p: '(a+)+$' }, 'refused'],
  ['s.matches(p)', { s: 'string', p: 'string' }, { s: 'a', p: '((a{1000}){1000}){1000}' }, 'refused'],
  ['s.matches(p)', { s: 'string', p: 'string' }, { s: 'a', p: '(a?){50}'.repeat(5) }, 'refused'],
  ['s.matches(p)', { s: 'string', p: 'string' }, { s: 'a', p: 'a'.repeat(300) }, 'refused'],
  ['s.matches("(a?){" + s + "}")', { s: 'string' }, { s: '900' }, 'refused'],
  [
    'l.exists(p, s.matches(p))',
    { l: 'list<string>', s: 'string' },
    { l: ['^/a', '^/b', '^/api/.*$'], s: '/api/x' },
    true,
  ],
  [
    'l.exists(p, s.matches(p))',
    { l: 'list<string>', s: 'string' },
    { l: words(1000), s: '/api/x' },
    'refused',
  ],
]

test.each(rows)('%s with %j: %#', (expression, parameters, given, expected) => {
  const answer = ask(expression, parameters, given)
  if (expected === 'refused') expect(answer).toMatch(refused)
  else expect(answer).toBe(expected)
})

test('what could never be evaluated is not stored either', () => {
  const condition = compileCondition(conditionJson('x.size() > 0', { x: 'list<ipaddress>' }))
  expect(condition.refuse({ x: numbers(500).map((at) => `2001:db8::${at}`) })).toBeUndefined()
  expect(condition.refuse({ x: numbers(5000).map((at) => `2001:db8::${at}`) })).toMatch(
    /^condition 'c', parameter 'x': operation cancelled: actual cost limit exceeded/,
  )
})

test('the weight of a pattern is never less than what RE2 makes of it', () => {
  const atom = fc.constantFrom(
    'a',
    '.',
    '[a-z]',
    '\\d',
    '\\pL',
    '(?:b)',
    '^',
    '[^a{3}]',
    '\\{',
    'é',
    '[]a]',
    '[[:alpha:]]',
    '(?i)k',
  )
  const times = fc.constantFrom(
    '',
    '',
    '*',
    '+?',
    '?',
    '{2}',
    '{0,3}',
    '{1,4}',
    '{3,}',
    '{0}',
    '{,2}',
    '{2}{2}',
  )
  const piece = fc.tuple(atom, times).map((parts) => parts.join(''))
  const source = fc.letrec<{ sequence: string; group: string }>((tie) => ({
    sequence: fc.array(fc.oneof(piece, piece, tie('group')), { maxLength: 4 }).map((parts) => parts.join('')),
    group: fc
      .tuple(tie('sequence'), tie('sequence'), times)
      .map(([left, right, each]) => `(${left}|${right})${each}`),
  })).sequence
  let compiled = 0
  fc.assert(
    fc.property(source, (text) => {
      if (weigh(text) > 1000) return
      const size = sizeOf(text)
      if (size === undefined) return
      compiled++
      expect(programBound(text), text).toBeGreaterThanOrEqual(Math.min(size, 257))
    }),
    { numRuns: 1000 },
  )
  expect(compiled).toBeGreaterThan(300)
})

function sizeOf(source: string): number | undefined {
  try {
    return RE2JS.compile(source).programSize()
  } catch {
    return undefined
  }
}
