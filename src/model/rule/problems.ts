/**
 * What is wrong with a rule before it is saved: all that can be told at once, with what to write instead. Slips first; then the
 * rule is mended, and parser and type check look at that, so that one slip does not hide the next.
 */
import { callOf, childrenOf, type Node, nodeOf } from '../condition/node.ts'
import { pattern } from '../condition/pattern.ts'
import { lexemesOf } from './lexemes.ts'
import { mended, type Problem, problemOf, type Range, type Slip } from './problem.ts'
import { reasonOf } from './reason.ts'
import { compileRule, type Rule, type RuleText } from './rule.ts'
import { slipsOf } from './slips.ts'
import { environment, ruleLengthMax } from './vocabulary.ts'
import { warningsOf } from './warnings.ts'

export interface Examined {
  /** Undefined where there are problems. */
  readonly rule: Rule | undefined
  readonly problems: readonly Problem[]
  /** It is a rule, but perhaps not the one that was meant. */
  readonly warnings: readonly Problem[]
}

export function examine(rule: RuleText): Examined {
  const slips = rule.kind === 'regex' ? patternSlips(rule.text) : expressionSlips(rule.text)
  if (slips.length > 0) return { rule: undefined, problems: told(rule, slips), warnings: [] }
  return { rule: compileRule(rule), problems: [], warnings: told(rule, warningsOf(rule)) }
}

/** Each with the whole rule as it should be, where mending all of it makes a rule. */
function told(rule: RuleText, slips: readonly Slip[]): readonly Problem[] {
  const fixes = slips.flatMap(({ fix }) => (fix === undefined ? [] : [fix]))
  const { text } = mended(rule.text, fixes)
  const isRule = fixes.length > 0 && isCompiled({ ...rule, text })
  return slips.map((slip) => problemOf(slip, rule.text, isRule ? text : undefined))
}

function isCompiled(rule: RuleText): boolean {
  try {
    compileRule(rule)
    return true
  } catch {
    return false
  }
}

function expressionSlips(text: string): readonly Slip[] {
  const all = { start: 0, end: text.length }
  if (text.trim() === '') return [{ code: 'empty', message: 'the rule is empty', range: all }]
  if (text.length > ruleLengthMax) return [tooLong(all)]
  // What is a rule is none with slips, whatever its names look like.
  const slips = isCompiled({ kind: 'expression', text }) ? [] : slipsOf(text)
  if (slips.some(({ fix }) => fix === undefined)) return slips
  const better = mended(
    text,
    slips.flatMap(({ fix }) => (fix === undefined ? [] : [fix])),
  )
  const back = ({ start, end }: Range) => {
    const first = better.original(start)
    return { start: first, end: Math.max(better.original(end), first) }
  }
  const deeper = parsedSlips(better.text).map(({ fix, ...slip }) => ({
    ...slip,
    range: back(slip.range),
    ...(fix === undefined ? {} : { fix: { ...fix, at: back(fix.at) } }),
  }))
  return [...slips, ...deeper].toSorted((a, b) => a.range.start - b.range.start)
}

function tooLong(range: Range): Slip {
  return { code: 'too_long', message: `a rule has at most ${ruleLengthMax} characters`, range }
}

/** What parser and type check say: the patterns of a rule all, of the rest the first. */
function parsedSlips(text: string): readonly Slip[] {
  let root: Node
  try {
    root = nodeOf(environment.parse(text).ast)
  } catch (thrown) {
    return [parserSlip(thrown, text)]
  }
  const patterns = patternsIn(root)
  if (patterns.length > 0) return patterns
  try {
    compileRule({ kind: 'expression', text })
    return []
  } catch (thrown) {
    return [typeSlip(thrown, text, root)]
  }
}

function parserSlip(thrown: unknown, text: string): Slip {
  const range = rangeOf(thrown, text)
  if (codeOf(thrown) === 'limit_exceeded') {
    const message = 'the rule has too many parts, or brackets within brackets'
    return {
      code: 'too_complex',
      message,
      hint: "many alternatives are one part: department in ['a', 'b', …]",
      range,
    }
  }
  const message = reasonOf(thrown)
  if (!/^(?:Unexpected|Expected) /.test(message)) return { code: 'syntax_error', message, range }
  const found = lexemesOf(text).find(({ end }) => end > range.start)
  return found === undefined
    ? {
        code: 'syntax_error',
        message: 'the rule ends too early',
        hint: 'write what is missing at the end',
        range,
      }
    : { code: 'syntax_error', message: `${found.text.slice(0, 20)} does not belong here`, hint: shape, range }
}

const shape = "a rule looks like department == 'Sales' && email.endsWith('@company.com')"

function typeSlip(thrown: unknown, text: string, root: Node): Slip {
  const message = reasonOf(thrown)
  const range = rangeOf(thrown, text)
  const result = /^a rule says yes or no, but this is '(.*)'$/.exec(message)?.[1]
  if (result !== undefined) {
    const hint =
      result === 'string' ? `compare it: ${text.trim()} == '…'` : 'a rule is true for those who belong'
    return { code: 'not_boolean', message, hint, range: { start: root.start, end: root.end } }
  }
  const [, other] =
    /no such overload: (?:string [=!]= (int|double|null)|(?:int|double|null) [=!]= string)/.exec(message) ??
    []
  if (message.includes('list<string>') || message.includes("'list.")) return groupsSlip(message, range, text)
  const known = typeHints.find(([pattern]) => pattern.test(message))
  if (known !== undefined) return { code: 'wrong_type', message, hint: known[1], range }
  const wrong = lexemesOf(text).find(
    ({ kind, text: word, start }) =>
      start >= range.start && start < range.end && (kind === 'number' || word === 'null'),
  )
  if (wrong === undefined || !message.includes('string')) return { code: 'wrong_type', message, range }
  const instead = wrong.text === 'null' || other === 'null' ? "''" : `'${wrong.text}'`
  const hint = `use ${instead} not ${wrong.text}: it is text, and '' where there is none`
  return { code: 'wrong_type', message, hint, range, fix: { at: wrong, text: instead } }
}

/** `groups` as if it were a text. */
function groupsSlip(message: string, range: Range, text: string): Slip {
  const lexemes = lexemesOf(text).filter(({ start, end }) => start >= range.start && end <= range.end)
  const [groups, sign, value, ...more] = lexemes
  if (!lexemes.some(({ text: word }) => word === 'groups')) return { code: 'wrong_type', message, range }
  const isCompared = groups?.text === 'groups' && value?.kind === 'string' && more.length === 0
  const compared = isCompared ? value.text : "'…'"
  const instead = sign?.text === '!=' ? `!(${compared} in groups)` : `${compared} in groups`
  const fix = isCompared && /^[!=]=$/.test(sign?.text ?? '') ? { fix: { at: range, text: instead } } : {}
  return { code: 'wrong_type', message, hint: `groups is a list: use ${instead}`, range, ...fix }
}

/** By what the type check says. */
const typeHints: readonly (readonly [RegExp, string])[] = [
  [/^Logical operator/, "on both sides of && and || stands a comparison: department == 'Sales'"],
  [/no such overload: !/, "! stands before what is true or false, in brackets: !(department == 'Sales')"],
  [/timestamp/, "a time is written as timestamp('2026-12-31T00:00:00Z')"],
  [/string in string/, "use == for one text, or in ['…', '…'] for some"],
  [/does not take 0 arguments/, "write what it is asked for, in brackets: endsWith('…')"],
  [
    /does not take \d+ arguments/,
    "ask for one text at a time, and join with ||: title == 'a' || title == 'b'",
  ],
  [/Cannot index type 'string'/, 'it is text and has no parts'],
]

/** Patterns have to be written in the rule, and to be patterns. */
function patternsIn(node: Node): readonly Slip[] {
  const inside = childrenOf(node).flatMap(patternsIn)
  if (node.op !== 'rcall' && node.op !== 'call') return inside
  const { name, args } = callOf(node)
  const last = args.at(-1)
  if (name !== 'matches' || last === undefined) return inside
  const range = { start: last.start, end: last.end }
  if (last.op !== 'value' || typeof last.args !== 'string') {
    const message = 'a pattern is written in the rule, in quotes'
    return [...inside, { code: 'invalid_pattern', message, range }]
  }
  const problem = patternProblem(last.args)
  return problem === undefined ? inside : [...inside, { ...problem, range }]
}

function patternSlips(text: string): readonly Slip[] {
  const all = { start: 0, end: text.length }
  if (text === '') return [{ code: 'empty', message: 'the pattern is empty', range: all }]
  if (text.length > ruleLengthMax) return [tooLong(all)]
  const foreign = /\(\?(?:=|!|<=|<!)|\\[1-9]/.exec(text)
  const problem = patternProblem(text)
  if (problem === undefined) return []
  if (foreign === null) return [{ ...problem, range: all }]
  return [{ ...problem, range: { start: foreign.index, end: foreign.index + foreign[0].length } }]
}

const re2 = 'patterns are RE2: no look-ahead, no look-behind, no back-references'
const patternSize = 'a pattern has some 1,000 steps at most, and {n} counts n times what stands before it'

function patternProblem(source: string): Omit<Slip, 'range'> | undefined {
  try {
    pattern(source)
    return undefined
  } catch (thrown) {
    const message = reasonOf(thrown)
    return { code: 'invalid_pattern', message, hint: message.endsWith('too large') ? patternSize : re2 }
  }
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
}

/** Of the library's errors; the whole text where none is said. */
function rangeOf(thrown: unknown, text: string): Range {
  const all = { start: 0, end: text.length }
  if (!(thrown instanceof Error) || !('range' in thrown)) return all
  const range = thrown.range as Range | undefined
  if (range === undefined) return all
  return { start: Math.min(range.start, text.length), end: Math.min(range.end, text.length) }
}
