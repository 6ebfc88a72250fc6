/** Mistakes in the names of a rule: words of other languages, names that are nearly right, texts without quotes. */
import { nearest } from '../../lib/nearest.ts'
import type { Lexeme } from './lexemes.ts'
import type { Slip } from './problem.ts'
import { type Found, operator, quoted, quotesMissing, span } from './slip.ts'
import { isVariable, macroNames, ruleWords, variableNames } from './vocabulary.ts'

/** @param bound - variables of macros */
const words: Readonly<Record<string, string>> = { and: '&&', or: '||', not: '!' }
const keywords: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in'])

export function nameAt(
  text: string,
  lexemes: readonly Lexeme[],
  at: number,
  bound: ReadonlySet<string>,
): Found {
  const lexeme = lexemes[at] as Lexeme
  const [before, after] = [lexemes[at - 1]?.text, lexemes[at + 1]?.text]
  const range = span(lexeme.start, lexeme.end)
  if (before === '.') return after === '(' ? methodAt(lexeme, at) : { next: at }
  const word = words[lexeme.text.toLowerCase()]
  if (word === '!') return { slip: negation(lexeme, after), next: at }
  if (word !== undefined) return { slip: operator(lexeme.text, word, range), next: at }
  if (keywords.has(lexeme.text) || bound.has(lexeme.text)) return { next: at }
  const infix = infixAt(text, lexemes, at)
  if (infix !== undefined) return infix
  if (after === '(') return functionAt(text, lexemes, at)
  if (isVariable(lexeme.text)) return { next: at }
  return variableAt(text, lexemes, at)
}

/** A minus and a not bind to what stands right behind them: without brackets it would mean something else. */
function negation({ text, start, end }: Lexeme, after: string | undefined): Slip {
  const range = span(start, end)
  const hint = `use !(…) instead of ${text} …`
  const fix = after === '(' ? { fix: { at: range, text: '!' } } : {}
  return { code: 'wrong_operator', message: `a rule has no ${text}`, hint, range, ...fix }
}

/** `email endsWith '@x.com'`. */
function infixAt(text: string, lexemes: readonly Lexeme[], at: number): Found | undefined {
  const [before, lexeme, after] = [lexemes[at - 1], lexemes[at] as Lexeme, lexemes[at + 1]]
  const right = methodFor(lexeme.text)
  if (right === undefined || before?.kind !== 'name' || after?.kind !== 'string') return undefined
  const call = `${before.text}.${right}(${after.text})`
  return {
    slip: {
      code: 'wrong_operator',
      message: `${lexeme.text} is asked of a text, with a dot`,
      hint: `use ${call} not ${text.slice(before.start, after.end)}`,
      range: span(lexeme.start, lexeme.end),
      fix: { at: span(before.end, after.end), text: `.${right}(${after.text})` },
    },
    next: at + 2,
  }
}

/** What other languages call it, without case and underscores. */
const otherwise: Readonly<Record<string, string>> = {
  includes: 'contains',
  match: 'matches',
  regex: 'matches',
  test: 'matches',
  like: 'contains',
  lower: 'lowerAscii',
  tolower: 'lowerAscii',
  tolowercase: 'lowerAscii',
  lowercase: 'lowerAscii',
  upper: 'upperAscii',
  toupper: 'upperAscii',
  touppercase: 'upperAscii',
  uppercase: 'upperAscii',
  strip: 'trim',
  length: 'size',
  len: 'size',
  some: 'exists',
  any: 'exists',
  every: 'all',
}

const methodNames: readonly string[] = [...ruleWords.methods.keys(), ...macroNames]

/** The method that a word means; undefined: none for sure. */
function methodFor(word: string): string | undefined {
  const plain = word.toLowerCase().replaceAll('_', '')
  return methodNames.find((name) => name.toLowerCase() === plain) ?? otherwise[plain]
}

function methodAt(lexeme: Lexeme, at: number): Found {
  if (methodNames.includes(lexeme.text)) return { next: at }
  return { slip: methodSlip(lexeme), next: at }
}

function methodSlip(lexeme: Lexeme): Slip {
  const range = span(lexeme.start, lexeme.end)
  const right = methodFor(lexeme.text)
  if (right !== undefined) {
    return {
      code: 'wrong_operator',
      message: `there is no ${lexeme.text}`,
      hint: `use ${right} not ${lexeme.text}`,
      range,
      fix: { at: range, text: right },
    }
  }
  return unknown(
    'unknown_function',
    lexeme,
    nearest(lexeme.text, methodNames),
    'use == to compare, or endsWith, startsWith, contains, matches',
  )
}

/** `endsWith(email, '@x.com')`, or nothing that there is. */
function functionAt(text: string, lexemes: readonly Lexeme[], at: number): Found {
  const lexeme = lexemes[at] as Lexeme
  if (ruleWords.functions.has(lexeme.text)) return { next: at }
  const right = methodFor(lexeme.text)
  const [, subject, comma, value, close] = lexemes.slice(at + 1)
  if (
    right !== undefined &&
    subject?.kind === 'name' &&
    comma?.text === ',' &&
    value &&
    close?.text === ')'
  ) {
    const call = `${subject.text}.${right}(${value.text})`
    const range = span(lexeme.start, close.end)
    return {
      slip: {
        code: 'wrong_operator',
        message: `${lexeme.text} is asked of a text, with a dot`,
        hint: `use ${call} not ${text.slice(range.start, range.end)}`,
        range: span(lexeme.start, lexeme.end),
        fix: { at: range, text: call },
      },
      next: at + 6,
    }
  }
  const names = [...ruleWords.functions.keys()]
  const slip = unknown(
    'unknown_function',
    lexeme,
    nearest(lexeme.text, names),
    `there is ${names.join(', ')}`,
  )
  return { slip, next: at }
}

/** Texts that were typed without quotes stand behind these. */
const beforeValues: ReadonlySet<string> = new Set(['==', '!=', '=', '===', '!==', '<>', '(', ',', '['])

function variableAt(text: string, lexemes: readonly Lexeme[], at: number): Found {
  const lexeme = lexemes[at] as Lexeme
  const host = beforeValues.has(lexemes[at - 1]?.text ?? '') ? hostAt(text, lexemes, at) : undefined
  if (host !== undefined) return host
  const prefixed = prefixAt(lexemes, at)
  if (prefixed !== undefined) return prefixed
  const close = nearest(lexeme.text, variableNames)
  const looksLikeValue =
    beforeValues.has(lexemes[at - 1]?.text ?? '') && (close === undefined || /^[A-Z]/.test(lexeme.text))
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
    lexeme?.kind === 'name' && words[lexeme.text.toLowerCase()] === undefined && lexeme.text !== 'in'
  while (isWord(lexemes[next])) next++
  const part = lexemes.slice(at, next)
  const range = span(part[0]?.start ?? 0, part.at(-1)?.end ?? 0)
  const bare = part.map(({ text }) => text).join(' ')
  return { slip: { ...quotesMissing(bare, range), fix: { at: range, text: quoted(bare) } }, next }
}

function unknown(
  code: 'unknown_variable' | 'unknown_function',
  lexeme: Lexeme,
  meant: string | undefined,
  otherHint: string,
  isNear = meant !== undefined,
): Slip {
  const range = span(lexeme.start, lexeme.end)
  return {
    code,
    message: `there is no ${lexeme.text}`,
    hint: isNear ? `did you mean ${meant}?` : otherHint,
    range,
    ...(meant === undefined ? {} : { fix: { at: range, text: meant } }),
  }
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
