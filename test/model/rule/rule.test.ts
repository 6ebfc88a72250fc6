/** What a rule says of one person: without case where that is meant, bounded in cost, and an error where it cannot be said. */
import { expect, test } from 'vitest'
import type { JsonObject } from '../../../src/lib/json.ts'
import { compileRule, type RuleKind } from '../../../src/model/rule/rule.ts'
import { ruleUser } from '../../../src/model/rule/user.ts'

const ask = (text: string, kept: JsonObject, groups: readonly string[] = [], kind: RuleKind = 'expression') =>
  compileRule({ kind, text }).holds(ruleUser(kept, groups), 0)

const ann = { email: 'Ann@Support.Company.COM', name: 'Ann', attributes: { department: 'Sales', level: 3 } }

test.each([
  ["email.endsWith('@SUPPORT.company.com')", true],
  ["'@Support' in [email] || email.contains('@Support')", true],
  ["email == 'ANN@support.company.com'", true],
  ["'Ann@Support.Company.Com' == email", true],
  ["email != 'ANN@SUPPORT.COMPANY.COM'", false],
  ["domain in ['Company.com', 'Support.Company.com']", true],
  ["email.matches('^ANN@')", true],
  ["domain == 'support.company.com'", true],
  // Everything else has its case.
  ["department == 'sales'", false],
  ["department == 'SALES'.lowerAscii() || department.lowerAscii() == 'sales'", true],
  ["name.upperAscii() == 'ANN' && ' x '.trim() == 'x'", true],
  ["department.matches('^s')", false],
])('%s', (text, holds) => {
  expect(ask(text, ann)).toBe(holds)
})

test('a pattern matches either case, in a part of the address', () => {
  expect(ask('^ann@', ann, [], 'regex')).toBe(true)
  expect(ask(String.raw`"\d`, ann, [], 'regex')).toBe(false)
})

test('whoever has nothing has empty texts and lists', () => {
  const nobody = "email == '' && domain == '' && name == '' && department == '' && title == ''"
  expect(ask(`${nobody} && groups.size() == 0 && !has(attrs.x)`, {})).toBe(true)
  // What is no text is none.
  expect(ask("department == '' && attrs.department == 5", { attributes: { department: 5 } })).toBe(true)
})

test.each([
  ['attrs.none > 1', 'no such key: none'],
  ['attrs.constructor == 1', 'no such key: constructor'],
  ['attrs.__proto__ == 1', 'no such key: __proto__'],
  ["attrs.level == 1 || attrs.level < 'x'", 'no such overload: the values have no order'],
  ['timestamp(department) < now', "invalid timestamp 'Sales'"],
])('%s cannot be said', (text, reason) => {
  expect(() => ask(text, ann)).toThrow(new Error(reason))
})

test('what a rule may cost is told from what the person has, and most people are not measured', () => {
  const text = 'attrs.list.exists(a, attrs.list.exists(b, a + b == -1.0))'
  const list = (length: number) => ({ attributes: { list: Array.from({ length }, () => 1) } })
  expect(ask(text, list(5))).toBe(false)
  expect(() => ask(text, list(2000))).toThrow('cost limit exceeded')
  expect(ask('1.0 in attrs.list', list(2000))).toBe(true)
  const long = { email: `${'a'.repeat(20_000)}!` }
  expect(ask('(a+)+$', long, [], 'regex')).toBe(false)
})

test('the parts of a rule say what they are, each once', () => {
  const rule = compileRule({
    kind: 'expression',
    text: "!(department == 'X') && (attrs.none == 1 || now > timestamp('1960-01-01T00:00:00Z'))",
  })
  const part = rule.explain(ruleUser(ann, []), 0)
  const lines: string[] = []
  const walk = ({ text, value, error, parts = [] }: typeof part, depth: number): void => {
    lines.push(`${' '.repeat(depth)}${text} = ${error ?? JSON.stringify(value)}`)
    for (const each of parts) walk(each, depth + 1)
  }
  walk(part, 0)
  expect(lines).toEqual([
    "!(department == 'X') && (attrs.none == 1 || now > timestamp('1960-01-01T00:00:00Z')) = true",
    " !(department == 'X') = true",
    "  department == 'X' = false",
    '   department = "Sales"',
    " attrs.none == 1 || now > timestamp('1960-01-01T00:00:00Z') = true",
    '  attrs.none == 1 = no such key: none',
    '   attrs.none = no such key: none',
    "  now > timestamp('1960-01-01T00:00:00Z') = true",
    '   now = "1970-01-01T00:00:00Z"',
    '   timestamp(\'1960-01-01T00:00:00Z\') = "1960-01-01T00:00:00Z"',
  ])
  const bracketed = compileRule({ kind: 'expression', text: "(name) == ')' || ((title == '('))" })
  const { parts } = bracketed.explain(ruleUser(ann, []), 0)
  expect(parts?.map(({ text }) => text)).toEqual(["(name) == ')'", "title == '('"])
  // It is the same rule afterwards.
  expect(rule.holds(ruleUser(ann, []), 0)).toBe(true)
})
