/** Mistakes in the names of a rule: words of other languages, names that are nearly right, texts without quotes. */
import { nearest } from '../../lib/nearest.ts'
import type { Slip } from './problem.ts'
import { type Found, operator, quoted, quotesMissing, span } from './slip.ts'
import type { Token } from './tokens.ts'
import { isVariable, macroNames, ruleWords, variableNames } from './vocabulary.ts'

/** @param bound - variables of macros */
const words: Readonly<Record<string, string>> = { and: '&&', or: '||', not: '!' }
const keywords: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in'])

export function nameAt(
  text: string,
  tokens: readonly Token[],
  at: number,
  bound: ReadonlySet<string>,
): Found {
  const token = tokens[at] as Token
  const [before, after] = [tokens[at - 1]?.text, tokens[at + 1]?.text]
  const range = span(token.start, token.end)
  if (before === '.') return after === '(' ? methodAt(token, at) : { next: at }
  const word = words[token.text.toLowerCase()]
  if (word === '!') return { slip: negation(token, after), next: at }
  if (word !== undefined) return { slip: operator(token.text, word, range), next: at }
  if (keywords.has(token.text) || bound.has(token.text)) return { next: at }
  const infix = infixAt(text, tokens, at)
  if (infix !== undefined) return infix
  if (after === '(') return functionAt(text, tokens, at)
  if (isVariable(token.text)) return { next: at }
  return variableAt(text, tokens, at)
}

/** A minus and a not bind to what stands right behind them: without brackets it would mean something else. */
function negation({ text, start, end }: Token, after: string | undefined): Slip {
  const range = span(start, end)
  const hint = `use !(…) instead of ${text} …`
  const fix = after === '(' ? { fix: { at: range, text: '!' } } : {}
  return { code: 'wrong_operator', message: `a rule has no ${text}`, hint, range, ...fix }
}

/** `email endsWith '@x.com'`. */
function infixAt(text: string, tokens: readonly Token[], at: number): Found | undefined {
  const [before, token, after] = [tokens[at - 1], tokens[at] as Token, tokens[at + 1]]
  const right = methodFor(token.text)
  if (right === undefined || before?.kind !== 'name' || after?.kind !== 'string') return undefined
  const call = `${before.text}.${right}(${after.text})`
  return {
    slip: {
      code: 'wrong_operator',
      message: `${token.text} is asked of a text, with a dot`,
      hint: `use ${call} not ${text.slice(before.start, after.end)}`,
      range: span(token.start, token.end),
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

function methodAt(token: Token, at: number): Found {
  if (methodNames.includes(token.text)) return { next: at }
  return { slip: methodSlip(token), next: at }
}

function methodSlip(token: Token): Slip {
  const range = span(token.start, token.end)
  const right = methodFor(token.text)
  if (right !== undefined) {
    return {
      code: 'wrong_operator',
      message: `there is no ${token.text}`,
      hint: `use ${right} not ${token.text}`,
      range,
      fix: { at: range, text: right },
    }
  }
  return unknown(
    'unknown_function',
    token,
    nearest(token.text, methodNames),
    'use == to compare, or endsWith, startsWith, contains, matches',
  )
}

/** `endsWith(email, '@x.com')`, or nothing that there is. */
function functionAt(text: string, tokens: readonly Token[], at: number): Found {
  const token = tokens[at] as Token
  if (ruleWords.functions.has(token.text)) return { next: at }
  const right = methodFor(token.text)
  const [, subject, comma, value, close] = tokens.slice(at + 1)
  if (
    right !== undefined &&
    subject?.kind === 'name' &&
    comma?.text === ',' &&
    value &&
    close?.text === ')'
  ) {
    const call = `${subject.text}.${right}(${value.text})`
    const range = span(token.start, close.end)
    return {
      slip: {
        code: 'wrong_operator',
        message: `${token.text} is asked of a text, with a dot`,
        hint: `use ${call} not ${text.slice(range.start, range.end)}`,
        range: span(token.start, token.end),
        fix: { at: range, text: call },
      },
      next: at + 6,
    }
  }
  const names = [...ruleWords.functions.keys()]
  const slip = unknown('unknown_function', token, nearest(token.text, names), `there is ${names.join(', ')}`)
  return { slip, next: at }
}

/** Texts that were typed without quotes stand behind these. */
const beforeValues: ReadonlySet<string> = new Set(['==', '!=', '=', '===', '!==', '<>', '(', ',', '['])

function variableAt(text: string, tokens: readonly Token[], at: number): Found {
  const token = tokens[at] as Token
  const host = beforeValues.has(tokens[at - 1]?.text ?? '') ? hostAt(text, tokens, at) : undefined
  if (host !== undefined) return host
  const prefixed = prefixAt(tokens, at)
  if (prefixed !== undefined) return prefixed
  const close = nearest(token.text, variableNames)
  const looksLikeValue =
    beforeValues.has(tokens[at - 1]?.text ?? '') && (close === undefined || /^[A-Z]/.test(token.text))
  if (looksLikeValue && tokens[at + 1]?.text !== '.') return bareText(tokens, at)
  const field = `attrs.${token.text}`
  const hint = `there is ${variableNames.join(', ')}; any other attribute is attrs.NAME: ${field}`
  return { slip: unknown('unknown_variable', token, close ?? field, hint, close !== undefined), next: at }
}

/** `user.email`. */
function prefixAt(tokens: readonly Token[], at: number): Found | undefined {
  const [token, dot, field] = tokens.slice(at, at + 3)
  if (token === undefined || dot?.text !== '.' || field?.kind !== 'name') return undefined
  const isPrefix = ['user', 'users', 'u', 'person', 'profile', 'account'].includes(token.text.toLowerCase())
  if (!isPrefix || tokens[at + 3]?.text === '(') return undefined
  const known = isVariable(field.text) ? field.text : `attrs.${field.text}`
  const range = span(token.start, field.end)
  return {
    slip: {
      code: 'unknown_variable',
      message: `there is no ${token.text}: a rule is about one person`,
      hint: `use ${known} not ${token.text}.${field.text}`,
      range,
      fix: { at: range, text: known },
    },
    next: at + 3,
  }
}

/** `company.com`, bare. */
function hostAt(text: string, tokens: readonly Token[], at: number): Found | undefined {
  const start = tokens[at]?.start ?? 0
  const bare = /^[\w-]+(?:\.[\w-]+)+(?![\w(])/.exec(text.slice(start))?.[0]
  if (bare === undefined || /^(?:users?|u|person|profile|account)\./i.test(bare)) return undefined
  const range = span(start, start + bare.length)
  const next = tokens.findIndex((token) => token.start >= range.end)
  return {
    slip: { ...quotesMissing(bare, range), fix: { at: range, text: quoted(bare) } },
    next: next === -1 ? tokens.length : next,
  }
}

/** `Sales`, `Customer Success`. */
function bareText(tokens: readonly Token[], at: number): Found {
  let next = at + 1
  const isWord = (token: Token | undefined) =>
    token?.kind === 'name' && words[token.text.toLowerCase()] === undefined && token.text !== 'in'
  while (isWord(tokens[next])) next++
  const part = tokens.slice(at, next)
  const range = span(part[0]?.start ?? 0, part.at(-1)?.end ?? 0)
  const bare = part.map(({ text }) => text).join(' ')
  return { slip: { ...quotesMissing(bare, range), fix: { at: range, text: quoted(bare) } }, next }
}

function unknown(
  code: 'unknown_variable' | 'unknown_function',
  token: Token,
  meant: string | undefined,
  otherHint: string,
  isNear = meant !== undefined,
): Slip {
  const range = span(token.start, token.end)
  return {
    code,
    message: `there is no ${token.text}`,
    hint: isNear ? `did you mean ${meant}?` : otherHint,
    range,
    ...(meant === undefined ? {} : { fix: { at: range, text: meant } }),
  }
}

/** Variables of macros: `groups.exists(g, ...)` makes `g`. */
export function boundNames(tokens: readonly Token[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [at, { text }] of tokens.entries()) {
    const [open, name, comma] = tokens.slice(at + 1, at + 4)
    const isMacro = tokens[at - 1]?.text === '.' && macroNames.includes(methodFor(text) ?? '')
    if (isMacro && open?.text === '(' && name?.kind === 'name' && comma?.text === ',') names.add(name.text)
  }
  return names
}
