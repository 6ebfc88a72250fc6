/** Rules as people write them who think in SQL, JavaScript, a directory's language or plain words: where, what to write, and a rule that is one. */
import { describe, expect, test } from 'vitest'
import { examine } from '../../../src/model/rule/problems.ts'

/** `place` is `line:column` of the first problem; `hint` is in its hint. */
type Row = readonly [text: string, place: string, hint: string, suggestion: string | undefined]

const sql: readonly Row[] = [
  ["email like '%@a.de'", '1:7', "use email.endsWith('@a.de') not", "email.endsWith('@a.de')"],
  ["email LIKE 'ann%'", '1:7', "use email.startsWith('ann') not", "email.startsWith('ann')"],
  ["title like '%x%'", '1:7', "use title.contains('x') not", "title.contains('x')"],
  ["title like 'x'", '1:7', "use title == 'x' not", "title == 'x'"],
  ["title like 'a.b_c%'", '1:7', 'use title.matches', String.raw`title.matches('^a\\.b.c.*$')`],
  ["email not like '%@a'", '1:7', "use !email.endsWith('@a') not", "!email.endsWith('@a')"],
  ["email ilike '%@A'", '1:7', "use email.endsWith('@A') not", "email.endsWith('@A')"],
  ["title ilike '%X%'", '1:7', 'use title.lowerAscii()', "title.lowerAscii().contains('x')"],
  ["attrs.site like 'B%'", '1:12', "use attrs.site.startsWith('B')", "attrs.site.startsWith('B')"],
  ["title like '%x' and name = 'y'", '1:7', 'endsWith', "title.endsWith('x') && name == 'y'"],
  ['title is null', '1:7', "use title == ''", "title == ''"],
  ['title IS NOT NULL', '1:7', "use title != ''", "title != ''"],
  ['attrs.site is null', '1:12', 'use !has(attrs.site)', '!has(attrs.site)'],
  ['attrs.site is not null', '1:12', 'use has(attrs.site)', 'has(attrs.site)'],
  ['groups is empty', '1:8', 'use size(groups) == 0', 'size(groups) == 0'],
  ['title !=null', '1:1', "use '' not null", "title !=''"],
  ['title == NULL', '1:10', "use '' not NULL", "title == ''"],
  ['attrs.site != NULL', '1:15', 'use null not NULL', 'attrs.site != null'],
  ["department not in ('a', 'b')", '1:12', "use !(department in ['a', 'b'])", "!(department in ['a', 'b'])"],
  ["department NOT IN ['a']", '1:12', "use !(department in ['a'])", "!(department in ['a'])"],
  ['department IN (Sales, Support)', '1:12', 'in [', "department in ['Sales', 'Support']"],
  ["department in 'a', 'b'", '1:12', "use department in ['a', 'b']", "department in ['a', 'b']"],
  ["department in {'a', 'b'}", '1:12', "use department in ['a', 'b']", "department in ['a', 'b']"],
  ['attrs.level between 1 and 3', '1:13', 'use attrs.level >= 1', 'attrs.level >= 1 && attrs.level <= 3'],
  ["not department = 'a'", '1:1', "use !(department == 'a')", "!(department == 'a')"],
  ["title = 'x' AND NOT name = 'y'", '1:7', 'use == instead of =', "title == 'x' && !(name == 'y')"],
  ["where title = 'x'", '1:1', 'leave it out', "title == 'x'"],
  ["lower(email) = 'x'", '1:1', 'use email.lowerAscii() not lower(email)', "email.lowerAscii() == 'x'"],
  ['LENGTH(title) > 3', '1:1', 'use size(title) not LENGTH(title)', 'size(title) > 3'],
  ["department == 'O'Brien'", '1:15', `use "O'Brien" not 'O'Brien'`, `department == "O'Brien"`],
]

const script: readonly Row[] = [
  ["email.endsWith '@a'", '1:7', "use email.endsWith('@a') not email.endsWith '@a'", "email.endsWith('@a')"],
  ["email.ends_with '@a'", '1:7', "use email.endsWith('@a') not", "email.endsWith('@a')"],
  ["email.endsWith == '@a'", '1:7', "use email.endsWith('@a') not", "email.endsWith('@a')"],
  ["email.endsWith: '@a'", '1:7', "use email.endsWith('@a') not", "email.endsWith('@a')"],
  ['email.endsWith “@a”', '1:7', "use email.endsWith('@a') not", "email.endsWith('@a')"],
  ["email endsWith('@a')", '1:7', "use email.endsWith('@a') not", "email.endsWith('@a')"],
  ['email.endsWith', '1:1', "use email.endsWith('…')", undefined],
  ["email?.endsWith('@a')", '1:6', 'use . instead of ?.', "email.endsWith('@a')"],
  ["email?.ends_with('@a')", '1:6', 'use . instead of ?.', "email.endsWith('@a')"],
  ["email.endsWith('@a') &&", '1:22', 'leave && out, or write what else', "email.endsWith('@a')"],
  ["email.endsWith('@a') and", '1:22', 'leave and out, or write what else', "email.endsWith('@a')"],
  ["email.endsWith('@a')\n  ||", '2:3', 'leave || out, or write what else', "email.endsWith('@a')"],
  ["(title == 'x' && )", '1:15', 'leave && out', "(title == 'x' )"],
  ["&& title == 'x'", '1:1', 'leave it out', "title == 'x'"],
  ["title == 'x' && && name == 'y'", '1:14', 'leave one of them out', "title == 'x' && name == 'y'"],
  ["title == 'x' and or name == 'y'", '1:14', 'leave one of them out', undefined],
  ['&&', '1:1', 'leave it out', undefined],
  ["title == 'x' name == 'y'", '1:14', 'join two conditions', "title == 'x' && name == 'y'"],
  ["title == 'x', name == 'y'", '1:13', 'use && instead of ,', "title == 'x'&& name == 'y'"],
  ["title == 'x',", '1:13', 'leave it out', "title == 'x'"],
  ["title == 'a' || 'b'", '1:17', "use title == 'b'", "title == 'a' || title == 'b'"],
  ["title = 'a' or 'b' or 'c'", '1:7', 'use == instead of =', "title == 'a' || title == 'b' || title == 'c'"],
  ["title != 'a' && 'b'", '1:17', "use title != 'b'", "title != 'a' && title != 'b'"],
  ["!department in ['a']", '1:1', "use !(department in ['a'])", "!(department in ['a'])"],
  ['!department', '1:1', 'in brackets', undefined],
  ['title && name', '1:1', 'a comparison', undefined],
  ["title === 'x'", '1:7', 'use == instead of ===', "title == 'x'"],
  ['title !== null', '1:1', "use '' not null", "title != ''"],
  ['title == undefined', '1:10', "use '' not undefined", "title == ''"],
  ['attrs.vip == True', '1:14', 'use true not True', 'attrs.vip == true'],
  ['attrs.level => 3', '1:13', 'use >= instead of =>', 'attrs.level >= 3'],
  ['attrs.level =< 3', '1:13', 'use <= instead of =<', 'attrs.level <= 3'],
  ['title.length > 3', '1:1', 'use size(title) not title.length', 'size(title) > 3'],
  ["title.equals('x')", '1:7', "use == 'x' not equals", "title == 'x'"],
  ["groups.includes('x')", '1:1', "use 'x' in groups", "'x' in groups"],
  ["groups != 'x'", '1:1', "use !('x' in groups)", "!('x' in groups)"],
  ["email ~ 'x$'", '1:7', "use email.matches('x$')", "email.matches('x$')"],
  ["if title == 'x'", '1:1', 'leave it out', "title == 'x'"],
  [`title == "x'`, '1:10', `use "x" not "x'`, 'title == "x"'],
  ["email.endsWith('@a’)", '1:16', "use '@a' not '@a’", "email.endsWith('@a')"],
  ['title == «x»', '1:10', "use 'x' not «x»", "title == 'x'"],
  ['title == „x“', '1:10', "use 'x' not „x“", "title == 'x'"],
  ["$title == 'x'", '1:1', 'use title not $title', "title == 'x'"],
  [`\${title} == 'x'`, '1:1', `use title not \${title}`, "title == 'x'"],
  ["{{title}} == 'x'", '1:1', 'use title not {{title}}', "title == 'x'"],
  ["title == 'x'\n  && (name == 'y'", '2:6', 'write ) at the end', "title == 'x'\n  && (name == 'y')"],
  ['title ==', '1:9', 'what is missing at the end', undefined],
  ["now > '2026-01-01'", '1:1', 'timestamp(', undefined],
  ["email.endsWith('@a', '@b')", '1:1', 'join with ||', undefined],
]

const words: readonly Row[] = [
  ['email ends with "x"', '1:7', 'use email.endsWith("x") not email ends with "x"', 'email.endsWith("x")'],
  ["email starts with 'x'", '1:7', "use email.startsWith('x')", "email.startsWith('x')"],
  ["email begins with 'x'", '1:7', "use email.startsWith('x')", "email.startsWith('x')"],
  ["title does not contain 'x'", '1:7', "use !title.contains('x')", "!title.contains('x')"],
  ["title is 'x'", '1:7', 'use == instead of is', "title == 'x'"],
  ['title is Sales', '1:7', 'use == instead of is', "title == 'Sales'"],
  ["title is not equal to 'x'", '1:7', 'use != instead of is not equal to', "title != 'x'"],
  ["title equals 'x'", '1:7', 'use == instead of equals', "title == 'x'"],
  ["title is one of 'x', 'y'", '1:7', "use title in ['x', 'y']", "title in ['x', 'y']"],
  ['attrs.level is greater than 3', '1:13', 'use > instead of', 'attrs.level > 3'],
  ["groups contains 'x'", '1:8', "use 'x' in groups", "'x' in groups"],
  ["title -eq 'x' -and name -ne 'y'", '1:7', 'use == instead of -eq', "title == 'x' && name != 'y'"],
  [`user.title -startsWith "x"`, '1:1', 'use title not user.title', 'title.startsWith("x")'],
  ["title -notContains 'x'", '1:7', "use !title.contains('x')", "!title.contains('x')"],
  ["departmnt is 'x'", '1:1', 'did you mean department?', "department == 'x'"],
]

describe.each([
  ['SQL', sql],
  ['a script', script],
  ['words', words],
])('who thinks in %s', (_, rows) => {
  test.each(rows)('%s', (text, place, hint, suggestion) => {
    const { rule, problems } = examine({ kind: 'expression', text })
    expect(rule).toBeUndefined()
    const [first] = problems
    expect(`${first?.line}:${first?.column}`).toBe(place)
    expect(first?.hint).toContain(hint)
    expect(first?.suggestion).toBe(suggestion)
    if (suggestion !== undefined)
      expect(examine({ kind: 'expression', text: suggestion }).problems).toEqual([])
  })
})

/** What would let in whom the author keeps out, were it guessed. */
test.each([
  ["title != 'a' or 'b'", '1:17', "!(title in ['…', '…'])"],
  ["title <> 'a' OR 'b' OR 'c'", '1:7', 'use != instead of <>'],
  ["title == 'a' and 'b'", '1:14', 'use && instead of and'],
  ["not title == 'a' or 'b'", '1:1', ''],
  ["NOT department = 'Sales' OR 'Support'", '1:1', ''],
  ["title == 'x' and not name == 'y' or 'z'", '1:14', 'use && instead of and'],
  ["title == 'x' && name == 'y' || 'z'", '1:32', "name in ['…', '…']"],
  ["title == 'x' || 'y' && name == 'z'", '1:17', "title in ['…', '…']"],
  ["title == 'a' || title == 'b') && department == 'c'", '1:29', 'leave it out, or open it before'],
])('%s has no suggestion', (text, place, hint) => {
  const { problems } = examine({ kind: 'expression', text })
  expect(problems.some(({ line, column }) => `${line}:${column}` === place)).toBe(true)
  expect(problems.map((problem) => problem.hint).join()).toContain(hint)
  expect(problems.map(({ suggestion }) => suggestion)).toEqual(problems.map(() => undefined))
})

test.each([
  ["title == 'a' or 'b' or 'c'", "title == 'a' || title == 'b' || title == 'c'"],
  ["title != 'a' and 'b'", "title != 'a' && title != 'b'"],
  ["!(title == 'a' or 'b')", "!(title == 'a' || title == 'b')"],
  ["title == 'a'or title == 'b'", "title == 'a'|| title == 'b'"],
  ["department == 'Sales'AND title == 'x'", "department == 'Sales'&& title == 'x'"],
  ['attrs.level is less than or equal to 3', 'attrs.level <= 3'],
  ['attrs.level greater than or equal to 3', 'attrs.level >= 3'],
])('%s is meant as %s', (text, meant) => {
  const [first] = examine({ kind: 'expression', text }).problems
  expect(first?.suggestion).toBe(meant)
})

test.each([
  "attrs.or == 'x'",
  "attrs.and == 'x'",
  "attrs.OR == 'x' && has(attrs.or)",
  'attrs.a.and == true',
  "{'or': 1}.or == 1",
  'department in (groups)',
  "'Sales'in groups && 'x'in groups",
  "attrs.contains == 'x'",
  "attrs.size == '3'",
  "attrs.like == 'x' && attrs.is in ['a']",
  "department in attrs.departments || 'x' in groups",
  "groups.exists(is, is == 'x')",
  "title == 'like' && name == 'is null'",
  "department == 'a' ? title == 'x' : name == 'y'",
  'attrs.level - 1 > 2 && -attrs.level < 3',
  "title.matches('^a|b$')",
  'size(groups) > 0 && has(attrs.size)',
  "attrs['ends with'] == 'x' || {'a': 'x'}['a'] == title",
])('and %s is a rule', (text) => {
  expect(examine({ kind: 'expression', text }).problems).toEqual([])
})
