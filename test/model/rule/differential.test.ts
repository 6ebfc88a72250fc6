/**
 * Rules against @bufbuild/cel: what is asked of people, answered by another implementation. Same answer, or an error in both.
 * What it does not know is given to it done: address and domain in small letters, as are the texts compared with them.
 * Replay with SEED=.
 */
import { run } from '@bufbuild/cel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../../src/lib/json.ts'
import { compileRule } from '../../../src/model/rule/rule.ts'
import { ruleUser } from '../../../src/model/rule/user.ts'

const runs = Number(process.env.RUNS ?? 500)
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_007)

const word = fc.constantFrom(
  '',
  'a',
  'Ab',
  'b',
  'ab',
  'é',
  '😀',
  'Sales',
  '@x.com',
  'x.com',
  'a.b',
  'ann@X.com',
)
const value = fc.oneof(word, fc.integer({ min: -3, max: 9 }), fc.boolean(), fc.array(word, { maxLength: 3 }))
const person = fc.record(
  {
    email: fc.constantFrom('ann@x.com', 'Ann@X.Com', 'bob@y.x.com', 'eve@notx.com', ''),
    name: word,
    attributes: fc.record({ department: word, title: word, level: value, tags: value }, { requiredKeys: [] }),
    groups: fc.array(word, { maxLength: 3 }),
  },
  { requiredKeys: ['attributes', 'groups'] },
)

const quote = (text: string) => JSON.stringify(text)
const join = (...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc
    .tuple(...parts.map((each) => (typeof each === 'string' ? fc.constant(each) : each)))
    .map((all) => all.join(''))

const subject = fc.constantFrom('email', 'domain', 'name', 'department', 'title', 'attrs.level', 'attrs.tags')
const typed = fc.constantFrom('email', 'domain', 'name', 'department', 'title')
const text = word.map(quote)
const pattern = fc.constantFrom('^a', 'x.com$', '[a-z]+@', '(a+)+$', '.', '^$', 'S.les').map(quote)
const list = fc.array(text, { minLength: 1, maxLength: 3 }).map((all) => `[${all.join(', ')}]`)

const leaf: fc.Arbitrary<string> = fc.oneof(
  join(typed, fc.constantFrom(' == ', ' != ', ' < ', ' >= '), text),
  join(typed, fc.constantFrom('.endsWith(', '.startsWith(', '.contains('), text, ')'),
  join(typed, '.matches(', pattern, ')'),
  join(typed, ' in ', list),
  join(text, ' in groups'),
  join('groups.', fc.constantFrom('exists', 'all', 'exists_one'), '(g, g.startsWith(', text, '))'),
  join('has(attrs.', fc.constantFrom('level', 'tags', 'none'), ')'),
  join('attrs.level', fc.constantFrom(' > ', ' <= ', ' == '), fc.integer({ min: -1, max: 5 }).map(String)),
  join(text, ' in attrs.tags'),
  join('attrs.tags.size() > 1'),
  join('size(', subject, ') > 1'),
  join(subject, ' == ', text),
)

const expression = (depth: number): fc.Arbitrary<string> =>
  depth === 0
    ? leaf
    : fc.oneof(
        leaf,
        join('(', expression(depth - 1), fc.constantFrom(' && ', ' || '), expression(depth - 1), ')'),
        join('!(', expression(depth - 1), ')'),
        join('(', expression(depth - 1), ' ? ', expression(depth - 1), ' : ', expression(depth - 1), ')'),
      )

test(`the same answers as another CEL (SEED=${seed})`, () => {
  const tally = { true: 0, false: 0, error: 0 }
  fc.assert(
    fc.property(person, expression(3), ({ groups, ...kept }, source) => {
      const theirs = other(source, kept, groups)
      tally[`${theirs}`]++
      expect(ours(source, kept, groups), source).toBe(theirs)
    }),
    { seed, numRuns: runs },
  )
  // The generator has to reach each answer, or the agreement says nothing.
  for (const count of Object.values(tally)) expect(count).toBeGreaterThan(runs / 30)
})

interface Kept extends JsonObject {
  readonly attributes: JsonObject
}

function ours(text: string, kept: Kept, groups: readonly string[]): boolean | 'error' {
  const rule = compileRule({ kind: 'expression', text })
  try {
    return rule.holds(ruleUser(kept, groups), 0)
  } catch {
    return 'error'
  }
}

function other(
  source: string,
  { email = '', name = '', attributes }: Kept,
  groups: readonly string[],
): boolean | 'error' {
  const { department = '', title = '' } = attributes
  const address = String(email).toLowerCase()
  try {
    const answer = run(folded(source), {
      ...{ name, department, title, groups: [...groups] },
      email: address,
      domain: address.slice(address.lastIndexOf('@') + 1),
      attrs: new Map(Object.entries(attributes)),
    })
    return typeof answer === 'boolean' ? answer : 'error'
  } catch {
    return 'error'
  }
}

/** Small letters in what stands beside `email` and `domain`; the rest of a rule keeps its case. */
function folded(source: string): string {
  return source.replaceAll(
    /\b(?:email|domain)(?: (?:[=!<>]=?|in) |\.\w+\()(?:\[[^\]]*\]|"(?:\\.|[^"\\])*")/g,
    (found) => found.replaceAll(/"(?:\\.|[^"\\])*"/g, (literal) => literal.toLowerCase()),
  )
}
