/** CEL: an expression compiles or is refused; asked, it says yes, no, or why it cannot, within its cost bound. */
import { Fault } from '../../../src/lib/fault.ts'
import { ask } from '../../model/condition/given.ts'
import type { Target } from '../campaign.ts'

const parameters = {
  i: 'int',
  u: 'uint',
  d: 'double',
  s: 'string',
  l: 'list<int>',
  m: 'map<string>',
  t: 'timestamp',
}
const given = {
  i: 3,
  u: 4,
  d: 0.5,
  s: 'a.b@c',
  l: [1, 2, 3],
  m: { a: 'x', b: 'y' },
  t: '2026-01-01T00:00:00Z',
}

const words = [
  ...[
    'i',
    'u',
    'd',
    's',
    'l',
    'm',
    't',
    'true',
    'false',
    'null',
    '0',
    '1',
    '2u',
    '1.5',
    '"a"',
    "'b'",
    'r"\\d"',
    'b"x"',
  ],
  ...[
    '==',
    '!=',
    '<',
    '<=',
    '&&',
    '||',
    '!',
    '?',
    ':',
    '+',
    '-',
    '*',
    '/',
    '%',
    'in',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '.',
  ],
  ...[
    '.all(x, x > 0)',
    '.exists(x, x == 1)',
    '.map(x, x * x)',
    '.filter(x, x > 1)',
    '.size()',
    'size(',
    'int(',
    'string(',
  ],
  ...[
    '.matches("(a+)+$")',
    '.startsWith("a")',
    '.contains(s)',
    'timestamp(',
    'duration("1h")',
    '.getHours()',
    'has(m.a)',
  ],
  ...[
    '9223372036854775807',
    '-9223372036854775808',
    '18446744073709551615u',
    '1e308',
    '__proto__',
    'constructor',
    'dyn(',
  ],
]

export const conditions: Target = {
  name: 'condition',
  seeds: [
    'i > 1 && s.startsWith("a")',
    'l.all(x, x > 0) || m["a"] == "x"',
    't < timestamp("2027-01-01T00:00:00Z") && d * 2.0 >= 1.0',
    's.matches("^[a-z.@]+$") ? size(l) == 3 : !(i in l)',
    'u + 1u == 5u && has(m.a)',
  ].map((text) => Buffer.from(text)),
  words,
  share: 12,
  attempt(input) {
    const answer = ask(input.toString('utf8'), parameters, given)
    if (typeof answer === 'boolean') return 'taken'
    if (answer.startsWith('internal_error')) throw new Fault('internal_error', answer)
    return 'refused'
  },
}
