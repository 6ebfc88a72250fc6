/**
 * Mistakes that people make in rules, found in the words as they were typed, all of them at once: quotes left out, operators
 * of other languages, names that are nearly right. Each says what to write. What only a parser sees is problems.ts's.
 */

import { alternativeAt, jointAt, neighbourAt } from './joints.ts'
import { type Lexeme, lexemesOf } from './lexemes.ts'
import { boundNames, nameAt } from './names.ts'
import { isOperand, listAt } from './operand.ts'
import { phraseAt } from './phrases.ts'
import type { Fix, Slip } from './problem.ts'
import { type Found, operator, quoted, quotesMissing, span, straight } from './slip.ts'

/** A text with more is no rule with mistakes. */
const slipsMax = 50

/** In order, the first 50. */
export function slipsOf(text: string): readonly Slip[] {
  const lexemes = lexemesOf(text)
  const found: Slip[] = [...unbalanced(lexemes)]
  const bound = boundNames(lexemes)
  for (let at = 0; at < lexemes.length && found.length < slipsMax; ) {
    const { slip, next } = slipAt(text, lexemes, at, bound)
    if (slip !== undefined) found.push(slip)
    at = Math.max(next, at + 1)
  }
  return found.toSorted((a, b) => a.range.start - b.range.start)
}

function slipAt(text: string, lexemes: readonly Lexeme[], at: number, bound: ReadonlySet<string>): Found {
  const lexeme = lexemes[at]
  if (lexeme === undefined) return { next: at }
  const address = addressAt(text, lexemes, at)
  if (address !== undefined) return address
  const met = jointAt(text, lexemes, at) ?? neighbourAt(lexemes, at)
  if (met !== undefined) return met
  switch (lexeme.kind) {
    case 'string':
      return quoteWithin(text, lexemes, at) ?? alternativeAt(text, lexemes, at) ?? { next: at }
    case 'stray':
      return templateAt(text, lexemes, at) ?? { slip: stray(text, lexeme), next: at }
    case 'curly':
      return { slip: curly(lexeme), next: at }
    case 'open':
      return { slip: unclosed(lexemes, at), next: at }
    case 'sign':
      return (
        templateAt(text, lexemes, at) ??
        phraseAt(text, lexemes, at) ??
        negatedAt(lexemes, at) ?? { ...signAt(lexeme), next: at }
      )
    case 'name':
      return nameAt(text, lexemes, at, bound)
    default:
      return { next: at }
  }
}

/** `@company.com`, `ann@company.com`, bare. */
function addressAt(text: string, lexemes: readonly Lexeme[], at: number): Found | undefined {
  const first = lexemes[at]
  if (first === undefined || first.kind === 'string' || first.kind === 'open') return undefined
  const bare = /^[\w.+-]*@[\w.+-]*/.exec(text.slice(first.start))?.[0]
  if (bare === undefined) return undefined
  // An opening quote was forgotten, and the closing one is there.
  const closing = /^['"]/.exec(text.slice(first.start + bare.length))?.[0] ?? ''
  const range = span(first.start, first.start + bare.length + closing.length)
  const sign = first.start + bare.indexOf('@')
  const next = lexemes.findIndex(({ start }) => start >= range.end)
  return {
    slip: {
      ...quotesMissing(bare, span(sign, sign + 1)),
      fix: { at: range, text: quoted(bare) },
    },
    next: next === -1 ? lexemes.length : next,
  }
}

function curly({ text, start, end }: Lexeme): Slip {
  return {
    code: 'wrong_quotes',
    message: `${text.charAt(0)} is no quote that a rule knows`,
    hint: `use ${straight(text)} not ${text}`,
    range: span(start, end),
    fix: { at: span(start, end), text: straight(text) },
  }
}

function stray(text: string, { text: char, start, end }: Lexeme): Slip {
  const isLast = char === ';' && text.slice(end).trim() === ''
  const range = span(start, end)
  return {
    code: 'syntax_error',
    message: `a rule has no ${char}`,
    range,
    ...(isLast ? { hint: 'leave it out', fix: { at: range, text: '' } } : {}),
  }
}

/** The text probably ends before the brackets that close behind it. */
function unclosed(lexemes: readonly Lexeme[], at: number): Slip {
  const { text: open, start, end } = lexemes[at] as Lexeme
  const quote = open.charAt(0)
  const rest = /[)\]\s]*$/.exec(open)?.[0] ?? ''
  const typed = open.slice(0, open.length - rest.length)
  // Closed with another quote than it was opened with.
  const text = typed.length > 1 ? typed.replace(/["'‘’“”`´]$/, '') : typed
  const count = (sign: string) => lexemes.slice(0, at).filter((lexeme) => lexeme.text === sign).length
  const unclosedBefore = count('(') - count(')') - rest.replaceAll(/[^)]/g, '').length
  const place = end - rest.length
  return {
    code: 'missing_quotes',
    message: `the text that begins with ${open.slice(0, 20)} has no closing quote`,
    hint: `use ${text}${quote} not ${typed}`,
    range: span(start, start + 1),
    fix: {
      at: span(place - typed.length + text.length, place),
      text: quote + ')'.repeat(Math.max(0, unclosedBefore)),
    },
  }
}

const signs: Readonly<Record<string, string>> = {
  '=': '==',
  '===': '==',
  '!==': '!=',
  '<>': '!=',
  '=>': '>=',
  '=<': '<=',
  '?.': '.',
}

function signAt({ text, start, end }: Lexeme): { readonly slip?: Slip } {
  const range = span(start, end)
  if (text === '=~') {
    const hint = "use email.matches('…')"
    return { slip: { code: 'wrong_operator', message: 'a rule has no =~', hint, range } }
  }
  const right = signs[text]
  return right === undefined ? {} : { slip: operator(text, right, range) }
}

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

function unbalanced(lexemes: readonly Lexeme[]): readonly Slip[] {
  // What an unclosed text swallowed cannot be counted.
  if (lexemes.some(({ kind }) => kind === 'open')) return []
  const open: Lexeme[] = []
  for (const lexeme of lexemes) {
    if (lexeme.kind !== 'sign') continue
    if (closers[lexeme.text] !== undefined) open.push(lexeme)
    else if (!Object.values(closers).includes(lexeme.text)) continue
    else if (closers[open.at(-1)?.text ?? ''] === lexeme.text) open.pop()
    else {
      // In the middle it may have been meant to hold together what stands before it.
      const fix = lexeme === lexemes.at(-1) ? { at: span(lexeme.start, lexeme.end), text: '' } : undefined
      return [unpaired(lexeme, `${lexeme.text} closes nothing`, 'leave it out, or open it before', fix)]
    }
  }
  const [last] = open.slice(-1)
  const end = lexemes.at(-1)?.end ?? 0
  const text = open
    .map((each) => closers[each.text])
    .reverse()
    .join('')
  return last === undefined
    ? []
    : [unpaired(last, `${last.text} is not closed`, `write ${text} at the end`, { at: span(end, end), text })]
}

function unpaired({ start, end }: Lexeme, message: string, hint: string, fix: Fix | undefined): Slip {
  return { code: 'unbalanced', message, hint, range: span(start, end), ...(fix === undefined ? {} : { fix }) }
}

/** What may stand right behind a text: it is no part of it. */
const behindTexts = /^(?:and|or|not|in|is|like|between)$/i

/** `'O'Brien'`. */
function quoteWithin(text: string, lexemes: readonly Lexeme[], at: number): Found | undefined {
  const start = lexemes[at]?.start ?? 0
  const [typed, inside, word = ''] = /^'([^'"\n]+'(\w+)[^'"\n]*)'/.exec(text.slice(start)) ?? []
  if (typed === undefined || behindTexts.test(word) || lexemes[at + 1]?.start !== lexemes[at]?.end)
    return undefined
  const range = span(start, start + typed.length)
  const right = `"${inside}"`
  const next = lexemes.findIndex((lexeme) => lexeme.start >= range.end)
  return {
    slip: {
      code: 'wrong_quotes',
      message: 'the text ends at the quote within it',
      hint: `use ${right} not ${typed}`,
      range,
      fix: { at: range, text: right },
    },
    next: next === -1 ? lexemes.length : next,
  }
}

/** `${email}`, `{{email}}`, `$email`. */
function templateAt(text: string, lexemes: readonly Lexeme[], at: number): Found | undefined {
  const start = lexemes[at]?.start ?? 0
  const [typed, name] = /^(?:\$\{\s*|\{\{\s*|\$)([A-Za-z_][\w.]*)(?:\s*\}\}?)?/.exec(text.slice(start)) ?? []
  if (typed === undefined) return undefined
  const range = span(start, start + typed.length)
  const next = lexemes.findIndex((lexeme) => lexeme.start >= range.end)
  return {
    slip: {
      code: 'syntax_error',
      message: `${typed} is no name`,
      hint: `use ${name} not ${typed}`,
      range,
      fix: { at: range, text: name ?? '' },
    },
    next: next === -1 ? lexemes.length : next,
  }
}

/** `!department in ['a']`: a not binds to what stands right behind it. */
function negatedAt(lexemes: readonly Lexeme[], at: number): Found | undefined {
  const [not, subject, word] = lexemes.slice(at, at + 3)
  const list = not?.text === '!' && word?.text === 'in' ? listAt(lexemes, at + 3) : undefined
  if (not === undefined || !isOperand(subject) || list === undefined) return undefined
  const instead = `!(${subject.text} in ${list.text})`
  const all = span(not.start, list.end)
  const hint = `use ${instead}`
  const message = `! is said of ${subject.text}, and not of the comparison`
  const range = span(not.start, not.end)
  return {
    slip: { code: 'wrong_operator', message, hint, range, fix: { at: all, text: instead } },
    next: list.next,
  }
}
