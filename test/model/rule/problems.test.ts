/** What people get wrong in rules: the code, the place, what to do, and the rule as it should be. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { examine } from '../../../src/model/rule/problems.ts'

type Row = readonly [
  text: string,
  code: string,
  part: string,
  hint: string | undefined,
  suggestion: string | undefined,
]

/** `part` is the text of the range. */
const rows: readonly Row[] = [
  [
    'email.endsWith(@company.com)',
    'missing_quotes',
    '@',
    "use '@company.com' not @company.com",
    "email.endsWith('@company.com')",
  ],
  ['email == ann@x.com', 'missing_quotes', '@', "use 'ann@x.com' not ann@x.com", "email == 'ann@x.com'"],
  ["email.endsWith(@x.com')", 'missing_quotes', '@', "use '@x.com' not @x.com", "email.endsWith('@x.com')"],
  ["email.endsWith('@x.com", 'missing_quotes', "'", "use '@x.com' not '@x.com", "email.endsWith('@x.com')"],
  ['department == Sales', 'missing_quotes', 'Sales', "use 'Sales' not Sales", "department == 'Sales'"],
  [
    'title != Area Manager',
    'missing_quotes',
    'Area Manager',
    "use 'Area Manager' not Area Manager",
    "title != 'Area Manager'",
  ],
  [
    'domain == company.com',
    'missing_quotes',
    'company.com',
    "use 'company.com' not company.com",
    "domain == 'company.com'",
  ],
  ['department in [Sales]', 'missing_quotes', 'Sales', "use 'Sales' not Sales", "department in ['Sales']"],
  [
    'email.endsWith(‘@x.com’)',
    'wrong_quotes',
    '‘@x.com’',
    "use '@x.com' not ‘@x.com’",
    "email.endsWith('@x.com')",
  ],
  ['department == “Sales”', 'wrong_quotes', '“Sales”', "use 'Sales' not “Sales”", "department == 'Sales'"],
  ['department == `Sales`', 'wrong_quotes', '`Sales`', "use 'Sales' not `Sales`", "department == 'Sales'"],
  [
    "email.ends_with('@x')",
    'wrong_operator',
    'ends_with',
    'use endsWith not ends_with',
    "email.endsWith('@x')",
  ],
  ["email.EndsWith('@x')", 'wrong_operator', 'EndsWith', 'use endsWith not EndsWith', "email.endsWith('@x')"],
  ["title.includes('x')", 'wrong_operator', 'includes', 'use contains not includes', "title.contains('x')"],
  [
    "title.toLowerCase() == 'x'",
    'wrong_operator',
    'toLowerCase',
    'use lowerAscii not toLowerCase',
    "title.lowerAscii() == 'x'",
  ],
  [
    "email endsWith '@x'",
    'wrong_operator',
    'endsWith',
    "use email.endsWith('@x') not email endsWith '@x'",
    "email.endsWith('@x')",
  ],
  [
    "endsWith(email, '@x')",
    'wrong_operator',
    'endsWith',
    "use email.endsWith('@x') not endsWith(email, '@x')",
    "email.endsWith('@x')",
  ],
  ["title = 'x'", 'wrong_operator', '=', 'use == instead of =', "title == 'x'"],
  ["title === 'x'", 'wrong_operator', '===', 'use == instead of ===', "title == 'x'"],
  ["title <> 'x'", 'wrong_operator', '<>', 'use != instead of <>', "title != 'x'"],
  ["title == 'x' & name == 'y'", 'wrong_operator', '&', 'use && instead of &', "title == 'x' && name == 'y'"],
  [
    "title == 'x' OR name == 'y'",
    'wrong_operator',
    'OR',
    'use || instead of OR',
    "title == 'x' || name == 'y'",
  ],
  [
    "title == 'x' and name == 'y'",
    'wrong_operator',
    'and',
    'use && instead of and',
    "title == 'x' && name == 'y'",
  ],
  ["not (title == 'x')", 'wrong_operator', 'not', 'use !(…) instead of not …', "! (title == 'x')"],
  [
    "department in ('a', 'b')",
    'wrong_operator',
    'in',
    "use department in ['a', 'b'] not department in ('a', 'b')",
    "department in ['a', 'b']",
  ],
  [
    "email =~ 'x$'",
    'wrong_operator',
    '=~',
    "use email.matches('x$') not email =~ 'x$'",
    "email.matches('x$')",
  ],
  ["departmnt == 'x'", 'unknown_variable', 'departmnt', 'did you mean department?', "department == 'x'"],
  ["'x' in group", 'unknown_variable', 'group', 'did you mean groups?', "'x' in groups"],
  ["user.email == 'x'", 'unknown_variable', 'user.email', 'use email not user.email', "email == 'x'"],
  ["user.site == 'x'", 'unknown_variable', 'user.site', 'use attrs.site not user.site', "attrs.site == 'x'"],
  [
    'level >= 3',
    'unknown_variable',
    'level',
    'there is email, domain, name, department, title, groups, attrs, now; any other attribute is attrs.NAME: attrs.level',
    'attrs.level >= 3',
  ],
  ["email.endWith('@x')", 'unknown_function', 'endWith', 'did you mean endsWith?', "email.endsWith('@x')"],
  [
    "email.foo('x')",
    'unknown_function',
    'foo',
    'use == to compare, or endsWith, startsWith, contains, matches',
    undefined,
  ],
  ["ipaddress(email) == 'x'", 'unknown_function', 'ipaddress', undefined, undefined],
  [
    'email == 5',
    'wrong_type',
    'email == 5',
    "use '5' not 5: it is text, and '' where there is none",
    "email == '5'",
  ],
  [
    'title == null',
    'wrong_type',
    'title == null',
    "use '' not null: it is text, and '' where there is none",
    "title == ''",
  ],
  ["groups == 'x'", 'wrong_type', "groups == 'x'", "groups is a list: use 'x' in groups", "'x' in groups"],
  [
    "groups.contains('x')",
    'wrong_type',
    "groups.contains('x')",
    "groups is a list: use 'x' in groups",
    "'x' in groups",
  ],
  ["email.domain == 'x'", 'wrong_type', 'email.domain', 'use domain not email.domain', "domain == 'x'"],
  ['email.endsWith()', 'wrong_type', 'email.endsWith()', undefined, undefined],
  [
    "groups.exists(email, email == 'X')",
    'wrong_type',
    "groups.exists(email, email == 'X')",
    undefined,
    undefined,
  ],
  ['department', 'not_boolean', 'department', "compare it: department == '…'", undefined],
  ['1 + 1', 'not_boolean', '1 + 1', 'a rule is true for those who belong', undefined],
  ["(title == 'x'", 'unbalanced', '(', undefined, "(title == 'x')"],
  ["title == 'x')", 'unbalanced', ')', 'leave it out, or open it before', "title == 'x'"],
  ["title == 'x';", 'syntax_error', ';', 'leave it out', "title == 'x'"],
  ["title == 'x' 🙂", 'syntax_error', '🙂', undefined, undefined],
  [
    "title == 'x' ||",
    'syntax_error',
    '||',
    'leave || out, or write what else has to be true',
    "title == 'x'",
  ],
  [
    "title.matches('(a')",
    'invalid_pattern',
    "'(a'",
    'patterns are RE2: no look-ahead, no look-behind, no back-references',
    undefined,
  ],
  ['title.matches(department)', 'invalid_pattern', 'department', undefined, undefined],
  ['', 'empty', '', undefined, undefined],
  [`${'!'.repeat(1000)}true`, 'too_complex', '', undefined, undefined],
  [`title == '${'x'.repeat(3072)}'`, 'too_long', `title == '${'x'.repeat(3072)}'`, undefined, undefined],
]

test.each(rows)('%s', (text, code, part, hint, suggestion) => {
  const { rule, problems } = examine({ kind: 'expression', text })
  expect(rule).toBeUndefined()
  expect(problems).toHaveLength(1)
  const [problem] = problems
  expect(text.slice(problem?.range.start, problem?.range.end)).toBe(part)
  if (hint !== undefined) expect(problem?.hint).toBe(hint)
  expect(problem).toMatchObject({ code, ...(suggestion === undefined ? {} : { suggestion }) })
  if (suggestion === undefined) expect(problem).not.toHaveProperty('suggestion')
  else expect(examine({ kind: 'expression', text: suggestion }).problems).toEqual([])
})

test.each([
  ['(?=x)a', '(?='],
  [String.raw`(a)\1`, String.raw`\1`],
  ['[a', '[a'],
  ['((a{100}){100}){100}', '((a{100}){100}){100}'],
])('the pattern %s is none', (text, part) => {
  const [problem, ...more] = examine({ kind: 'regex', text }).problems
  expect([problem?.code, text.slice(problem?.range.start, problem?.range.end), more]).toEqual([
    'invalid_pattern',
    part,
    [],
  ])
})

test('of a pattern that is too large it is said what makes it so', () => {
  const text = 'a{1001}'
  for (const rule of [
    { kind: 'regex', text },
    { kind: 'expression', text: `title.matches('${text}')` },
  ] as const) {
    expect(examine(rule).problems).toMatchObject([
      { code: 'invalid_pattern', hint: expect.stringContaining('{n} counts n times') },
    ])
  }
})

describe('what is saved with a warning', () => {
  const rows = [
    ['expression', "email.endsWith('company.com')", 'suffix_without_at', "domain == 'company.com'"],
    ['expression', "domain.endsWith('company.com')", 'suffix_without_at', "domain == 'company.com'"],
    [
      'expression',
      "title == 'x' && email.contains('@company.com')",
      'part_of_address',
      "title == 'x' && email.endsWith('@company.com')",
    ],
    ['expression', String.raw`email.matches('@company\\.com')`, 'open_pattern', undefined],
    ['regex', String.raw`@company\.com`, 'open_pattern', undefined],
  ] as const
  test.each(rows)('%s %s', (kind, text, code, suggestion) => {
    const { rule, problems, warnings } = examine({ kind, text })
    expect([problems, rule === undefined]).toEqual([[], false])
    expect(warnings.map((each) => [each.code, each.suggestion])).toEqual([[code, suggestion]])
  })

  const sound = [
    "email.endsWith('@company.com')",
    "domain.endsWith('.company.com')",
    "email.matches('x$')",
    "title.endsWith('a.b')",
  ]
  test.each(sound)('and %s without', (text) => {
    expect(examine({ kind: 'expression', text }).warnings).toEqual([])
  })
})

test('places are right across lines, and after what is mended', () => {
  const { problems } = examine({
    kind: 'expression',
    text: "title = 'x'\n  // said so\n  and department == 5",
  })
  expect(problems.map(({ code, line, column }) => [code, line, column])).toEqual([
    ['wrong_operator', 1, 7],
    ['wrong_operator', 3, 3],
    ['wrong_type', 3, 7],
  ])
  expect(problems[0]?.suggestion).toBe("title == 'x'\n  // said so\n  && department == '5'")
})

test('whatever is typed is a rule or told why not, in the text, and no suggestion is wrong', () => {
  const word = fc.constantFrom(
    ...[
      'email',
      'department',
      'attrs',
      'groups',
      'Sales',
      "'x'",
      '"y',
      '@a.b',
      '(',
      ')',
      '[',
      ']',
      '.',
      ',',
      '==',
      '=',
      '&&',
    ],
    ...[
      'and',
      'or',
      'not',
      'in',
      '!',
      'endsWith',
      'ends_with',
      'exists',
      'g',
      '1',
      '2.5',
      '\n',
      '//',
      '‘z’',
      '{',
      ':',
      '?',
      'null',
      'like',
      "'%x'",
      'is',
      '||',
      '-eq',
      'between',
      '?.',
      '${',
      "'",
      '\\',
      '💥',
    ],
  )
  const texts = fc
    .array(fc.tuple(word, fc.constantFrom('', ' ')), { maxLength: 24 })
    .map((words) => words.flat().join(''))
  fc.assert(
    fc.property(texts, fc.constantFrom('expression', 'regex'), (text, kind) => {
      const { rule, problems, warnings } = examine({ kind, text })
      expect(rule === undefined).toBe(problems.length > 0)
      for (const { range, suggestion } of [...problems, ...warnings]) {
        expect(range.start).toBeGreaterThanOrEqual(0)
        expect(range.end).toBeGreaterThanOrEqual(range.start)
        expect(range.end).toBeLessThanOrEqual(text.length)
        if (suggestion !== undefined) expect(examine({ kind, text: suggestion }).problems).toEqual([])
      }
    }),
    { numRuns: 1500 },
  )
})
