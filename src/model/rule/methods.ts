/** Mistakes in what is asked of a text: methods of other languages, functions that are methods, fields that no text has. */
import { nearest } from '../../lib/nearest.ts'
import type { Lexeme } from './lexemes.ts'
import { type List, subjectBefore, textOf } from './operand.ts'
import type { Slip } from './problem.ts'
import { type Found, span, unknown } from './slip.ts'
import { isVariable, macroNames, ruleWords } from './vocabulary.ts'

/** What other languages call it, without case and underscores. */
const otherwise: Readonly<Record<string, string>> = {
  includes: 'contains',
  match: 'matches',
  regex: 'matches',
  regexp: 'matches',
  rlike: 'matches',
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
export function methodFor(word: string): string | undefined {
  const plain = word.toLowerCase().replaceAll('_', '')
  const method = methodNames.find((name) => name.toLowerCase().replaceAll('_', '') === plain)
  return method ?? (Object.hasOwn(otherwise, plain) ? otherwise[plain] : undefined)
}

/** What stands behind a dot and is called. */
export function methodAt(text: string, lexemes: readonly Lexeme[], at: number): Found {
  const lexeme = lexemes[at] as Lexeme
  const other = listAsText(text, lexemes, at) ?? equalityAt(lexemes, at)
  if (other !== undefined) return other
  if (methodNames.includes(lexeme.text)) return { next: at }
  return { slip: methodSlip(lexeme), next: at }
}

/** `groups.contains('x')`. */
function listAsText(text: string, lexemes: readonly Lexeme[], at: number): Found | undefined {
  const [value, close] = lexemes.slice(at + 2, at + 4)
  const subject = subjectBefore(text, lexemes, at - 1)
  const isAsked = subject?.text === 'groups' && methodFor(lexemes[at]?.text ?? '') === 'contains'
  if (!isAsked || value?.kind !== 'string' || close?.text !== ')') return undefined
  const range = span(subject.start, close.end)
  const instead = `${value.text} in groups`
  const hint = `groups is a list: use ${instead}`
  const message = 'groups is no text'
  return {
    slip: { code: 'wrong_type', message, hint, range, fix: { at: range, text: instead } },
    next: at + 4,
  }
}

/** `department.equals('Sales')`. */
function equalityAt(lexemes: readonly Lexeme[], at: number): Found | undefined {
  const [dot, lexeme, , value, close] = lexemes.slice(at - 1, at + 4)
  const compared = textOf(value)
  if (dot === undefined || lexeme === undefined || compared === undefined || close?.text !== ')')
    return undefined
  if (!/^(?:equals?|equalTo|eq|is)$/i.test(lexeme.text)) return undefined
  const range = span(lexeme.start, lexeme.end)
  const fix = { at: span(dot.start, close.end), text: ` == ${compared}` }
  const message = `there is no ${lexeme.text}`
  const hint = `use == ${compared} not ${lexeme.text}`
  return { slip: { code: 'wrong_operator', message, hint, range, fix }, next: at + 4 }
}

/** What stands behind a dot and is not called. */
export function fieldAt(text: string, lexemes: readonly Lexeme[], at: number): Found {
  const lexeme = lexemes[at] as Lexeme
  const subject = subjectBefore(text, lexemes, at - 1)
  const called = subject === undefined ? undefined : uncalled(text, lexemes, at, subject)
  if (called !== undefined) return called
  if (subject === undefined || !isVariable(subject.text) || subject.text === 'attrs') return { next: at }
  const method = methodFor(lexeme.text)
  const isSize = method === 'size'
  const instead = isSize ? `size(${subject.text})` : isVariable(lexeme.text) ? lexeme.text : undefined
  const range = span(subject.start, lexeme.end)
  const message = `${subject.text} has no ${lexeme.text}`
  const otherwise = method === undefined ? '' : `: use ${subject.text}.${method}('…')`
  if (instead === undefined && method === undefined) return { next: at }
  const hint =
    instead === undefined
      ? `${method} is asked with brackets${otherwise}`
      : `use ${instead} not ${subject.text}.${lexeme.text}`
  const fix = instead === undefined ? {} : { fix: { at: range, text: instead } }
  return { slip: { code: 'wrong_type', message, hint, range, ...fix }, next: at }
}

/** `email.endsWith 'x'`, `email.endsWith == 'x'`. */
function uncalled(text: string, lexemes: readonly Lexeme[], at: number, subject: Lexeme): Found | undefined {
  const lexeme = lexemes[at] as Lexeme
  const right = methodFor(lexeme.text)
  const isSigned = /^(?:={1,3}|:)$/.test(lexemes[at + 1]?.text ?? '')
  const last = isSigned ? at + 2 : at + 1
  const value = lexemes[last]
  // `attrs.size == '3'` may be just that.
  const isAttribute = isSigned && subject.text.startsWith('attrs')
  if (right === undefined || isAttribute || value === undefined || textOf(value) === undefined)
    return undefined
  const call = `${right}(${textOf(value)})`
  const range = span(lexeme.start, value.end)
  return {
    slip: {
      code: 'wrong_operator',
      message: `what ${right} is asked for stands in brackets`,
      hint: `use ${subject.text}.${call} not ${text.slice(subject.start, value.end)}`,
      range,
      fix: { at: range, text: call },
    },
    next: last + 1,
  }
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
export function functionAt(text: string, lexemes: readonly Lexeme[], at: number): Found {
  const lexeme = lexemes[at] as Lexeme
  if (ruleWords.functions.has(lexeme.text)) return { next: at }
  const call = asked(text, lexemes, at)
  if (call !== undefined) {
    const range = span(lexeme.start, call.end)
    const hint = `use ${call.text} not ${text.slice(range.start, range.end)}`
    const message = `there is no function ${lexeme.text}`
    const fix = { at: range, text: call.text }
    const slip: Slip = { code: 'wrong_operator', message, hint, range: span(lexeme.start, lexeme.end), fix }
    return { slip, next: call.next }
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

/** As it is said of a text: `endsWith(email, '@x.com')`, `lower(email)`. */
function asked(text: string, lexemes: readonly Lexeme[], at: number): List | undefined {
  const right = methodFor(lexemes[at]?.text ?? '')
  const inside = at + 2
  const next = lexemes.findIndex(({ text: sign }, index) => index >= inside && (sign === ',' || sign === ')'))
  const subject = right === undefined ? undefined : subjectBefore(text, lexemes, next)
  if (right === undefined || subject?.start !== lexemes[inside]?.start) return undefined
  const [comma, value, close] = lexemes.slice(next)
  if (comma?.text === ')') {
    const call = ruleWords.functions.has(right) ? `${right}(${subject?.text})` : `${subject?.text}.${right}()`
    return ruleWords.methods.get(right)?.includes(0)
      ? { text: call, end: comma.end, next: next + 1 }
      : undefined
  }
  if (!ruleWords.methods.has(right) || value?.kind !== 'string' || close?.text !== ')') return undefined
  return { text: `${subject?.text}.${right}(${value.text})`, end: close.end, next: next + 3 }
}
