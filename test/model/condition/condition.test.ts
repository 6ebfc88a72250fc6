import { expect, test } from 'vitest'
import type { JsonObject } from '../../../src/lib/json.ts'
import { compileCondition } from '../../../src/model/condition/condition.ts'
import { ask, conditionJson, outcome, tuple, type } from './given.ts'

const evaluation = 'validation_error: failed to evaluate relationship condition:'

/** expression, parameters, the request's context, the tuple's, what comes of it. */
const answers: readonly (readonly [
  string,
  Record<string, string>,
  JsonObject,
  JsonObject,
  boolean | string,
])[] = [
  ['x < 100', { x: 'int' }, { x: 10 }, {}, true],
  ['x < 100', { x: 'int' }, { x: 101 }, {}, false],
  ['x < 100', { x: 'int' }, {}, { x: 10 }, true],
  // The tuple wins, also where its value is no good.
  ['x < 100', { x: 'int' }, { x: 10 }, { x: 101 }, false],
  ['x < 100', { x: 'int' }, { x: 101 }, { x: 10 }, true],
  [
    'x < 100',
    { x: 'int' },
    { x: 10 },
    { x: null },
    `${evaluation} parameter type error on condition 'c' - failed to convert context parameter 'x': expected a value of type 'int', but found 'null'`,
  ],
  // Missing: an error even where the expression would not look; all of them, in order; own properties only.
  [
    'x < 100',
    { x: 'int' },
    {},
    {},
    `${evaluation} 'c' - tuple '${tuple}' is missing context parameters '[x]'`,
  ],
  [
    'true || x',
    { x: 'bool' },
    {},
    {},
    `${evaluation} 'c' - tuple '${tuple}' is missing context parameters '[x]'`,
  ],
  [
    'z && x && y',
    { z: 'bool', x: 'bool', y: 'bool' },
    { y: true },
    {},
    `${evaluation} 'c' - tuple '${tuple}' is missing context parameters '[x z]'`,
  ],
  [
    'x == "a"',
    { constructor: 'string', x: 'string' },
    { x: 'a' },
    {},
    `${evaluation} 'c' - tuple '${tuple}' is missing context parameters '[constructor]'`,
  ],
  // What is not declared is not looked at.
  ['x < 100', { x: 'int' }, { x: 10, y: 'z' }, {}, true],
  ['true', {}, {}, {}, true],
  [
    'true',
    {},
    { x: 1 },
    {},
    `${evaluation} parameter type error on condition 'c' - no parameters defined for the condition`,
  ],
  [
    'true',
    {},
    {},
    { x: 1 },
    `${evaluation} parameter type error on condition 'c' - no parameters defined for the condition`,
  ],
  // The first parameter by name that does not convert.
  [
    'x && y',
    { y: 'bool', x: 'bool' },
    { x: 1, y: 1 },
    {},
    `${evaluation} parameter type error on condition 'c' - failed to convert context parameter 'x': expected a value of type 'bool', but found 'number'`,
  ],
  // Errors of the run.
  ['1 / x == 1', { x: 'int' }, { x: 0 }, {}, `${evaluation} 'c' - division by zero`],
  [
    'x + 1 > x',
    { x: 'int' },
    { x: '9223372036854775807' },
    {},
    `${evaluation} 'c' - integer overflow: 9223372036854775808`,
  ],
  ['-x < 0', { x: 'int' }, { x: '-9223372036854775808' }, {}, `${evaluation} 'c' - integer overflow`],
  ['m.a == 1', { m: 'map<int>' }, { m: {} }, {}, `${evaluation} 'c' - no such key: a`],
  ['l[1] == 1', { l: 'list<int>' }, { l: [1] }, {}, `${evaluation} 'c' - index out of bounds: 1`],
  ['l[-1] == 1', { l: 'list<int>' }, { l: [1] }, {}, `${evaluation} 'c' - index out of bounds: -1`],
  ['x < 1', { x: 'any' }, { x: 'a' }, {}, `${evaluation} 'c' - no such overload: the values have no order`],
  [
    'x || false',
    { x: 'any' },
    { x: 'true' },
    {},
    `${evaluation} 'c' - Logical operator requires bool operands, got 'string'`,
  ],
  [
    'x ? true : true',
    { x: 'any' },
    { x: 1 },
    {},
    `${evaluation} 'c' - Ternary condition must be bool, got 'double'`,
  ],
  [
    'x / y == 0',
    { x: 'int', y: 'int' },
    { x: '-9223372036854775808', y: -1 },
    {},
    `${evaluation} 'c' - integer overflow`,
  ],
  [
    'x % y == 0',
    { x: 'int', y: 'int' },
    { x: '-9223372036854775808', y: -1 },
    {},
    `${evaluation} 'c' - integer overflow`,
  ],
  ['x % y == -1', { x: 'int', y: 'int' }, { x: -7, y: 3 }, {}, true],
  ['x / y == 2u && x % y == 1u', { x: 'uint', y: 'uint' }, { x: 7, y: 3 }, {}, true],
  [
    'x - y < x',
    { x: 'uint', y: 'uint' },
    { x: 1, y: 3 },
    {},
    `${evaluation} 'c' - Unsigned integer overflow`,
  ],
  ['string(x) == "100000.5"', { x: 'double' }, { x: 100000.5 }, {}, true],
  ['string(x) == "1.2345675e+06"', { x: 'double' }, { x: 1234567.5 }, {}, true],
  ['string(x) == "-1e-05"', { x: 'double' }, { x: -0.00001 }, {}, true],
  ['string(x) == "0.0001" && string(0.0) == "0"', { x: 'double' }, { x: 0.0001 }, {}, true],
  [
    'ts < timestamp("2023-10-11T10:00:00.000Z")',
    { ts: 'timestamp' },
    { ts: '2023-10-11T09:00:00.000Z' },
    {},
    true,
  ],
  [
    'ts < timestamp("2023-10-11T10:00:00.000Z")',
    { ts: 'timestamp' },
    { ts: '2023-10-11T10:00:00.000Z' },
    {},
    false,
  ],
  [
    'user_ip.in_cidr(cidr)',
    { user_ip: 'ipaddress', cidr: 'string' },
    { user_ip: '192.168.0.1' },
    { cidr: '192.168.0.0/24' },
    true,
  ],
  [
    'user_ip.in_cidr(cidr)',
    { user_ip: 'ipaddress', cidr: 'string' },
    { user_ip: '192.168.1.0' },
    { cidr: '192.168.0.0/24' },
    false,
  ],
  ['x > 0.0', { x: 'double' }, { x: -1.7976931348623157 }, {}, false],
  [
    'bytes(x) == b"ab" && size(bytes("é")) == 2 && string(b"ab") == x',
    { x: 'string' },
    { x: 'ab' },
    {},
    true,
  ],
  // Literals are read when the model is compiled, but an unreadable one is an error of the run.
  ['x || timestamp("yesterday") < timestamp("2023-10-11T10:00:00Z")', { x: 'bool' }, { x: true }, {}, true],
  [
    'x || timestamp("yesterday") < timestamp("2023-10-11T10:00:00Z")',
    { x: 'bool' },
    { x: false },
    {},
    `${evaluation} 'c' - invalid timestamp 'yesterday'`,
  ],
  ['timestamp(1) - timestamp(0) == duration(1000000000) && x', { x: 'bool' }, { x: true }, {}, true],
  // An error beside a decision does not matter: CEL's logic is the same from both sides.
  ['1 / x == 1 || true', { x: 'int' }, { x: 0 }, {}, true],
  ['1 / x == 1 && false', { x: 'int' }, { x: 0 }, {}, false],
  ['[0, 1].exists(y, 1 / y == x)', { x: 'int' }, { x: 1 }, {}, true],
  ['[0, 1].all(y, 1 / y == x)', { x: 'int' }, { x: 1 }, {}, `${evaluation} 'c' - division by zero`],
  // Names of the library and of JavaScript are names.
  ['type == "a" && google == 1', { type: 'string', google: 'int' }, { type: 'a', google: 1 }, {}, true],
  ['[1, 2].exists(x, x == 2) && x == "a"', { x: 'string' }, { x: 'a' }, {}, true],
  ['toString == "a"', { toString: 'string' }, { toString: 'a' }, {}, true],
  // The language, where the library alone would answer otherwise (README, "Differences").
  ['{"__proto__": 1}["__proto__"] == x', { x: 'int' }, { x: 1 }, {}, true],
  ['{1: "a"}.exists(k, k == x)', { x: 'int' }, { x: 1 }, {}, true],
  ['{1: "a"}[x] == "a"', { x: 'double' }, { x: 1 }, {}, true],
  ['{"a": 1, x: 2} == {"a": 1}', { x: 'string' }, { x: 'a' }, {}, `${evaluation} 'c' - repeated key: a`],
  ['dyn(x) in [1.0, 2.0]', { x: 'uint' }, { x: 2 }, {}, true],
  ['dyn(x) == 2 && dyn(x) == 2.0', { x: 'uint' }, { x: 2 }, {}, true],
  ['x == [1, 2]', { x: 'any' }, { x: [1, 2] }, {}, true],
  ['x == {"a": 1}', { x: 'any' }, { x: { a: 1 } }, {}, true],
  ['x < "\uff00"', { x: 'string' }, { x: '😀' }, {}, false],
  ['int(x) == 1', { x: 'string' }, { x: '' }, {}, `${evaluation} 'c' - int conversion error`],
  ['int(x) == 1', { x: 'string' }, { x: '0b1' }, {}, `${evaluation} 'c' - int conversion error`],
  ['int(x) > 0', { x: 'double' }, { x: 1e300 }, {}, `${evaluation} 'c' - int conversion error`],
  ['0.0 / x < 1.0', { x: 'double' }, { x: 0 }, {}, `${evaluation} 'c' - NaN values cannot be ordered`],
  ['string(x) == "1e+21"', { x: 'double' }, { x: 1e21 }, {}, true],
  ['duration(x) == duration("1.5s")', { x: 'string' }, { x: '1500ms' }, {}, true],
  ['string(duration(x)) == "-0.5s"', { x: 'string' }, { x: '-500ms' }, {}, true],
  [
    'string(x) == "2023-10-11T08:00:00.5Z"',
    { x: 'timestamp' },
    { x: '2023-10-11T10:00:00.500+02:00' },
    {},
    true,
  ],
  [
    'x + d > x && x - x == duration("0")',
    { x: 'timestamp', d: 'duration' },
    { x: '2023-10-11T10:00:00Z', d: '1ns' },
    {},
    true,
  ],
  [
    'x + d > x',
    { x: 'timestamp', d: 'duration' },
    { x: '9999-12-31T23:59:59Z', d: '1s' },
    {},
    `${evaluation} 'c' - timestamp overflow`,
  ],
  ['x.getHours("Europe/Berlin") == 12', { x: 'timestamp' }, { x: '2023-10-11T10:00:00Z' }, {}, true],
  // Over a month's end, either way, and over the start of 1970: a wall clock, not a shifted instant.
  [
    'x.getDate("Europe/Berlin") == 1 && x.getDayOfMonth("Europe/Berlin") == 0 && x.getDayOfWeek("Europe/Berlin") == 4',
    { x: 'timestamp' },
    { x: '1969-12-31T23:59:59.5Z' },
    {},
    true,
  ],
  [
    'x.getDate("America/New_York") == 29 && x.getMonth("America/New_York") == 1 && x.getDayOfWeek("America/New_York") == 4',
    { x: 'timestamp' },
    { x: '2024-03-01T02:30:00Z' },
    {},
    true,
  ],
  [
    'x.getHours("Nowhere") == 12',
    { x: 'timestamp' },
    { x: '2023-10-11T10:00:00Z' },
    {},
    `${evaluation} 'c' - Invalid time zone specified: Nowhere`,
  ],
  [
    'x.getDayOfYear() == 283 && x.getDayOfWeek() == 3',
    { x: 'timestamp' },
    { x: '2023-10-11T10:00:00Z' },
    {},
    true,
  ],
]

test.each(answers)('%s with %j given %j stored %j', (expression, parameters, given, stored, expected) => {
  expect(ask(expression, parameters, given, stored)).toBe(expected)
})

/** expression, parameters, a piece of the reason. */
const refusals: readonly (readonly [string, Record<string, string>, string])[] = [
  ['', {}, 'Unexpected token'],
  ['x <', { x: 'int' }, 'Unexpected token'],
  ['y == 1', { x: 'int' }, "undeclared reference to 'y'"],
  ['x', { x: 'int' }, "expected a bool condition expression output, but got 'int'"],
  ['x', { x: 'any' }, "expected a bool condition expression output, but got 'dyn'"],
  ['x == 1', { x: 'string' }, 'no such overload: string == int'],
  ['x < 1.0', { x: 'string' }, 'no such overload'],
  ['x.in_cidr(1)', { x: 'ipaddress' }, 'found no matching overload'],
  ['x > timestamp("2023-10-11T10:00:00Z")', { x: 'duration' }, 'no such overload: duration > timestamp'],
  ['x == 1', { x: 'nothing' }, 'unknown condition parameter type `TYPE_NAME_NOTHING`'],
  ['x == 1', { x: 'unspecified' }, 'unknown condition parameter type `TYPE_NAME_UNSPECIFIED`'],
  ['true', { x: 'list' }, 'requires 1 generic types; found 0'],
  ['true', { x: 'map' }, 'requires 1 generic types; found 0'],
  ['true', { x: 'int<int>' }, 'requires 0 generic types; found 1'],
  ['true', { x: 'list<nothing>' }, 'unknown condition parameter type'],
  ['true', { x: 'toString' }, 'unknown condition parameter type'],
  ['true', { x: 'list<list<list<list<list<list<list<list<list<int>>>>>>>>>' }, 'nested too deeply'],
  // What cel-go's standard library has not.
  ...[
    'x.lowerAscii() == ""',
    'x.trim() == ""',
    'x.split("") == []',
    'x.indexOf("a") == 1',
    'x.substring(1) == ""',
    'bytes(x).json() == {}',
    '[x].join() == ""',
    'cel.bind(y, x, y == x)',
    'optional.of(x).hasValue()',
    'std_int(x) == 1',
  ].map((expression) => [expression, { x: 'string' }, 'undeclared reference'] as const),
  // What it has and we have not.
  ['type(x) == int', { x: 'int' }, "undeclared reference to 'type'"],
  ['size(x, x) == 1', { x: 'string' }, "'size' does not take 2 arguments"],
  ['[1].exists(1, true)', {}, 'invalid predicate iteration variable'],
  ['a == b < c', { a: 'bool', b: 'bool', c: 'bool' }, "'==' before '<' needs parentheses"],
  ['a != (b) in c', { a: 'bool', b: 'bool', c: 'list<bool>' }, "'!=' before 'in' needs parentheses"],
  ['b"é" == bytes(x)', { x: 'string' }, 'bytes literals are written in ASCII'],
  ['x == 9223372036854775808', { x: 'int' }, 'out of range'],
  ['x.matches("(")', { x: 'string' }, 'missing closing )'],
  ['x.matches("(?=a)")', { x: 'string' }, 'invalid'],
  ['x.matches("((a{100}){100})")', { x: 'string' }, 'too large'],
  [`x == "${'a'.repeat(512)}"`, { x: 'string' }, 'longer than 512 bytes'],
  [`${'('.repeat(256)}true${')'.repeat(252)}`, {}, 'Exceeded maxDepth'],
  [`${'!'.repeat(508)}x`, { x: 'int' }, 'no such overload'],
  [`${'['.repeat(250)}${']'.repeat(250)} == []`, {}, 'Exceeded maxDepth'],
]

test.each(refusals)('%s with %j does not compile', (expression, parameters, reason) => {
  const answer = outcome(() => compileCondition(conditionJson(expression, parameters)).holds({}, {}, tuple))
  expect(answer).toMatch(/^invalid_authorization_model: failed to compile expression on condition 'c' - /)
  expect(answer).toContain(reason)
})

test('parentheses and comparisons on the left are no chain', () => {
  expect(ask('a == (b < c)', { a: 'bool', b: 'int', c: 'int' }, { a: true, b: 1, c: 2 })).toBe(true)
  expect(ask('b < c == a', { a: 'bool', b: 'int', c: 'int' }, { a: true, b: 1, c: 2 })).toBe(true)
  expect(ask('a == ((b) < (c))', { a: 'bool', b: 'int', c: 'int' }, { a: true, b: 1, c: 2 })).toBe(true)
  expect(ask('a == ("(" in c)', { a: 'bool', c: 'list<string>' }, { a: true, c: ['('] })).toBe(true)
  expect(ask('a == "(" in c', { a: 'bool', c: 'list<string>' }, { a: true, c: ['('] })).toMatch(/parentheses/)
})

test('a context for a tuple holds declared parameters that convert, and not all of them', () => {
  const condition = compileCondition(conditionJson('x == 1 && y', { x: 'int', y: 'bool' }))
  expect(condition.parameters).toEqual(['x', 'y'])
  expect(condition.refuse({})).toBeUndefined()
  expect(condition.refuse({ x: 1 })).toBeUndefined()
  expect(condition.refuse({ y: true, z: 1 })).toBe('found invalid context parameter: z')
  expect(condition.refuse(JSON.parse('{"__proto__": 1}') as JsonObject)).toBe(
    'found invalid context parameter: __proto__',
  )
  expect(condition.refuse({ constructor: 1 } as unknown as JsonObject)).toBe(
    'found invalid context parameter: constructor',
  )
  expect(condition.refuse({ x: 'one' })).toMatch(
    /^parameter type error on condition 'c' - failed to convert context parameter 'x': /,
  )
  const unsigned = compileCondition(conditionJson('x == 1u', { x: 'uint' }))
  expect(unsigned.refuse({ x: -1 })).toMatch(/expected an unsigned integer, but found '-1'$/)
  expect(condition.refuse({ x: null })).toMatch(/but found 'null'$/)
})

test('one condition asked with many contexts does not mix them', () => {
  const condition = compileCondition(
    conditionJson('x < y && l.exists(e, e == x)', { x: 'int', y: 'int', l: 'list<int>' }),
  )
  const given = { x: 1, l: [1, 2] }
  expect(condition.holds(given, { y: 2 }, tuple)).toBe(true)
  expect(condition.holds(given, { y: 1 }, tuple)).toBe(false)
  expect(condition.holds(given, { x: 0, y: 5 }, tuple)).toBe(false)
  expect(outcome(() => condition.holds(given, { y: 'z' }, tuple))).toMatch(/'y'/)
  expect(condition.holds({ ...given, y: 9 }, {}, tuple)).toBe(true)
})

test('an unknown generic is told from the model, before any context', () => {
  expect(() =>
    compileCondition({
      ...conditionJson('true'),
      parameters: { x: { ...type('int'), type_name: '__proto__' } },
    }),
  ).toThrow(/unknown condition parameter type/)
})
