/** Mistakes in the names of a rule: words of other languages, names that are nearly right, texts without quotes. */
import { nearest } from '../../lib/nearest.ts'
import { jointOf } from './joints.ts'
import type { Lexeme } from './lexemes.ts'
import { fieldAt, functionAt, methodAt, methodFor } from './methods.ts'
import { textOf } from './operand.ts'
import { phraseAt } from './phrases.ts'
import type { Slip } from './problem.ts'
import { type Found, quoted, quotesMissing, span, unknown } from './slip.ts'
import { isVariable, macroNames, variableNames } from './vocabulary.ts'

const keywords: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in'])
/** What other languages call them. */
const constants: Readonly<Record<string, string>> = {
  true: 'true',
  false: 'false',
  null: 'null',
  undefined: 'null',
  nil: 'null',
}
/** Words before a rule that say nothing in one. */
const openers: ReadonlySet<string> = new Set(['if', 'when', 'where'])

/** @param bound - variables of macros */
export function nameAt(
  text: string,
  lexemes: readonly Lexeme[],
  at: number,
  bound: ReadonlySet<string>,
): Found {
  const lexeme = lexemes[at] as Lexeme
  const [before, after] = [lexemes[at - 1]?.text, lexemes[at + 1]?.text]
  if (before === '.' || before === '?.')
    return after === '(' ? methodAt(text, lexemes, at) : fieldAt(text, lexemes, at)
  const phrase = bound.has(lexeme.text) ? undefined : phraseAt(text, lexemes, at)
  if (phrase !== undefined) return phrase
  if (/^-?not$/i.test(lexeme.text)) return negation(lexemes, at)
  if (keywords.has(lexeme.text) || bound.has(lexeme.text)) return { next: at }
  const constant = constants[lexeme.text.toLowerCase()]
  if (constant !== undefined && after !== '(' && after !== '.')
    return { slip: constantSlip(lexemes, at, constant), next: at }
  if (at === 0 && openers.has(lexeme.text.toLowerCase()) && lexemes[1]?.kind === 'name')
    return { slip: opener(lexemes), next: at }
  if (after === '(') return functionAt(text, lexemes, at)
  if (isVariable(lexeme.text)) return { next: at }
  return variableAt(text, lexemes, at)
}

/** A minus and a not bind to what stands right behind them: without brackets it would mean something else. */
function negation(lexemes: readonly Lexeme[], at: number): Found {
  const [not, subject, sign, value] = lexemes.slice(at, at + 4)
  if (not === undefined) return { next: at }
  const range = span(not.start, not.end)
  const message = `a rule has no ${not.text}`
  const equality = { '=': '==', '==': '==', '!=': '!=', '<>': '!=' }[sign?.text ?? '']
  const compared = textOf(value)
  if (equality !== undefined && subject !== undefined && isVariable(subject.text) && compared !== undefined) {
    const text = `!(${subject.text} ${equality} ${compared})`
    const fix = { at: span(not.start, value?.end ?? not.end), text }
    return { slip: { code: 'wrong_operator', message, hint: `use ${text}`, range, fix }, next: at + 4 }
  }
  const hint = `use !(…) instead of ${not.text} …`
  const fix = subject?.text === '(' ? { fix: { at: range, text: '!' } } : {}
  return { slip: { code: 'wrong_operator', message, hint, range, ...fix }, next: at }
}

/** `NULL`, `True`. */
function constantSlip(lexemes: readonly Lexeme[], at: number, constant: string): Slip {
  const { text, start, end } = lexemes[at] as Lexeme
  const asked = lexemes[at - 2]?.text ?? ''
  const isOfText = constant === 'null' && isVariable(asked) && lexemes[at - 3]?.text !== '.'
  const right = isOfText ? "''" : constant
  const range = span(start, end)
  const hint = `use ${right} not ${text}${isOfText ? ": it is text, and '' where there is none" : ''}`
  return { code: 'wrong_type', message: `there is no ${text}`, hint, range, fix: { at: range, text: right } }
}

function opener([first, second]: readonly Lexeme[]): Slip {
  const range = span(first?.start ?? 0, first?.end ?? 0)
  const fix = { at: span(range.start, second?.start ?? range.end), text: '' }
  return { code: 'syntax_error', message: `a rule has no ${first?.text}`, hint: 'leave it out', range, fix }
}

/** Texts that were typed without quotes stand behind these. */
const beforeValues: ReadonlySet<string> = new Set([
  ...['==', '!=', '=', '===', '!==', '<>', '(', ',', '['],
  ...['is', 'equals', 'eq', '-eq', '-ne'],
])

function variableAt(text: string, lexemes: readonly Lexeme[], at: number): Found {
  const lexeme = lexemes[at] as Lexeme
  const isValue = beforeValues.has(lexemes[at - 1]?.text.toLowerCase() ?? '')
  const host = isValue ? hostAt(text, lexemes, at) : undefined
  if (host !== undefined) return host
  const prefixed = prefixAt(lexemes, at)
  if (prefixed !== undefined) return prefixed
  const close = nearest(lexeme.text, variableNames)
  const looksLikeValue = isValue && (close === undefined || /^[A-Z]/.test(lexeme.text))
  if (looksLikeValue && lexemes[at + 1]?.text !== '.') return bareText(lexemes, at)
  const field = `attrs.${lexeme.text}`
  const hint = `there is ${variableNames.join(', ')}; any other attribute is attrs.NAME: ${field}`
  return { slip: unknown('unknown_variable', lexeme, close ?? field, hint, close !== undefined), next: at }
}

/** `user.email`. */
function prefixAt(lexemes: readonly Lexeme[], at: number): Found | undefined {
  const [lexeme, dot, field] = lexemes.slice(at, at + 3)
  if (lexeme === undefined || dot?.text !== '.' || field?.kind !== 'name') return undefined
  const isPrefix = ['user', 'users', 'u', 'person', 'profile', 'account'].includes(lexeme.text.toLowerCase())
  if (!isPrefix || lexemes[at + 3]?.text === '(') return undefined
  const known = isVariable(field.text) ? field.text : `attrs.${field.text}`
  const range = span(lexeme.start, field.end)
  return {
    slip: {
      code: 'unknown_variable',
      message: `there is no ${lexeme.text}: a rule is about one person`,
      hint: `use ${known} not ${lexeme.text}.${field.text}`,
      range,
      fix: { at: range, text: known },
    },
    next: at + 3,
  }
}

/** `company.com`, bare. */
function hostAt(text: string, lexemes: readonly Lexeme[], at: number): Found | undefined {
  const start = lexemes[at]?.start ?? 0
  const bare = /^[\w-]+(?:\.[\w-]+)+(?![\w(])/.exec(text.slice(start))?.[0]
  if (bare === undefined || /^(?:users?|u|person|profile|account)\./i.test(bare)) return undefined
  const range = span(start, start + bare.length)
  const next = lexemes.findIndex((lexeme) => lexeme.start >= range.end)
  return {
    slip: { ...quotesMissing(bare, range), fix: { at: range, text: quoted(bare) } },
    next: next === -1 ? lexemes.length : next,
  }
}

/** `Sales`, `Customer Success`. */
function bareText(lexemes: readonly Lexeme[], at: number): Found {
  let next = at + 1
  const isWord = (lexeme: Lexeme | undefined) =>
    lexeme?.kind === 'name' && jointOf(lexeme) === undefined && !/^(?:-?not|in)$/i.test(lexeme.text)
  while (isWord(lexemes[next])) next++
  const part = lexemes.slice(at, next)
  const range = span(part[0]?.start ?? 0, part.at(-1)?.end ?? 0)
  const bare = part.map(({ text }) => text).join(' ')
  return { slip: { ...quotesMissing(bare, range), fix: { at: range, text: quoted(bare) } }, next }
}

/** Variables of macros: `groups.exists(g, ...)` makes `g`. */
export function boundNames(lexemes: readonly Lexeme[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [at, { text }] of lexemes.entries()) {
    const [open, name, comma] = lexemes.slice(at + 1, at + 4)
    const isMacro = lexemes[at - 1]?.text === '.' && macroNames.includes(methodFor(text) ?? '')
    if (isMacro && open?.text === '(' && name?.kind === 'name' && comma?.text === ',') names.add(name.text)
  }
  return names
}
