/** Mistakes where conditions meet: operators with nothing on one side, two of them, none, and values that are compared with nothing. */
import type { Lexeme } from './lexemes.ts'
import { isOperand, subjectBefore } from './operand.ts'
import type { Slip } from './problem.ts'
import { type Found, operator, span } from './slip.ts'
import { isVariable } from './vocabulary.ts'

const joints: Readonly<Record<string, '&&' | '||'>> = {
  '&&': '&&',
  '&': '&&',
  and: '&&',
  '||': '||',
  '|': '||',
  or: '||',
}

/** What joins two conditions, however it is spelled. */
export function jointOf(lexeme: Lexeme | undefined): '&&' | '||' | undefined {
  if (lexeme === undefined || lexeme.kind === 'string') return undefined
  const word = lexeme.text.toLowerCase().replace(/^-/, '')
  return Object.hasOwn(joints, word) ? joints[word] : undefined
}

/** Undefined: there is no joint here. */
export function jointAt(text: string, lexemes: readonly Lexeme[], at: number): Found | undefined {
  const [before, lexeme, after] = [lexemes[at - 1], lexemes[at], lexemes[at + 1]]
  const joint = jointOf(lexeme)
  // `attrs.or` is an attribute.
  if (joint === undefined || lexeme === undefined || /^\??\.$/.test(before?.text ?? '')) return undefined
  const range = span(lexeme.start, lexeme.end)
  const isFirst = before === undefined || before.text === '('
  const isLast = after === undefined || after.text === ')'
  if (isFirst) {
    const fix = { at: span(range.start, after?.start ?? range.end), text: '' }
    return { slip: lonely(`nothing stands before ${lexeme.text}`, 'leave it out', range, fix), next: at }
  }
  if (isLast) {
    const hint = `leave ${lexeme.text} out, or write what else has to be true`
    const fix = { at: span(text.slice(0, range.start).trimEnd().length, range.end), text: '' }
    return { slip: lonely(`nothing stands behind ${lexeme.text}`, hint, range, fix), next: at }
  }
  const other = jointOf(after)
  if (other !== undefined) {
    const message = `nothing stands between ${lexeme.text} and ${after.text}`
    const fix = other === joint ? { at: span(range.start, after.start), text: '' } : undefined
    return {
      slip: lonely(message, 'leave one of them out', range, fix),
      next: fix === undefined ? at + 2 : at,
    }
  }
  return joint === lexeme.text ? { next: at } : { slip: operator(lexeme.text, joint, range), next: at }
}

function lonely(message: string, hint: string, range: Slip['range'], fix: Slip['fix']): Slip {
  return { code: 'syntax_error', message, hint, range, ...(fix === undefined ? {} : { fix }) }
}

/** `department == 'a' or 'b'`, at the text. */
export function alternativeAt(text: string, lexemes: readonly Lexeme[], at: number): Found | undefined {
  const value = lexemes[at]
  if (value === undefined || !isLone(lexemes, at)) return undefined
  const first = firstText(lexemes, at)
  const comparison = lexemes[first - 1]
  const subject = subjectBefore(text, lexemes, first - 1)
  if (lexemes[first]?.kind !== 'string' || !/^[=!]==?$|^=$|^<>$/.test(comparison?.text ?? ''))
    return undefined
  if (subject === undefined || comparison === undefined) return undefined
  const isNot = /^[!<]/.test(comparison.text)
  const meant = `${subject.text} ${isNot ? '!=' : '=='} `
  const slip = {
    code: 'wrong_type',
    message: `${value.text} alone is no condition`,
    range: span(value.start, value.end),
  } as const
  const chain = { from: lexemes.findIndex(({ start }) => start >= subject.start), first, at }
  if (!isPlain(lexemes, chain, isNot)) {
    const hint = `say of all of them ${subject.text} in ['…', '…'], or !(${subject.text} in ['…', '…'])`
    return { slip: { ...slip, hint }, next: at }
  }
  const fix = { at: span(value.start, value.start), text: meant }
  return { slip: { ...slip, hint: `use ${meant}${value.text}`, fix }, next: at }
}

/** Texts of one chain that are looked at. */
const chainMax = 50

/** A text with a joint before it, and nothing but a joint behind. */
function isLone(lexemes: readonly Lexeme[], at: number): boolean {
  const behind = lexemes[at + 1]
  const isAlone = behind === undefined || behind.text === ')' || jointOf(behind) !== undefined
  return lexemes[at]?.kind === 'string' && isAlone && jointOf(lexemes[at - 1]) !== undefined
}

/** The text that is compared, before those that stand alone. */
function firstText(lexemes: readonly Lexeme[], at: number): number {
  let first = at
  for (let count = 0; isLone(lexemes, first) && count < chainMax; count++) first -= 2
  return first
}

interface Chain {
  /** The subject, the text that it is compared with, and one that stands alone. */
  readonly from: number
  readonly first: number
  readonly at: number
}

/**
 * Whether there is only one thing that can be meant. `title != 'a' or 'b'` is none of them, `not title == 'a' or 'b'` says
 * something else than it means, and beside `and` it does not say what belongs together: a wrong guess lets people in.
 */
function isPlain(lexemes: readonly Lexeme[], { from, first, at }: Chain, isNot: boolean): boolean {
  const joint = isNot ? '&&' : '||'
  let last = at
  while (isLone(lexemes, last + 2) && last - at < 2 * chainMax) last += 2
  for (let each = first + 1; each < last; each += 2) if (jointOf(lexemes[each]) !== joint) return false
  const before = lexemes[from - 1]
  const behind = lexemes[last + 1]
  if (before !== undefined && before.text !== '(' && jointOf(before) === undefined) return false
  return isNot || ![before, behind].some((lexeme) => jointOf(lexeme) === '&&')
}

/** Two conditions with nothing between them, or a comma. */
export function neighbourAt(lexemes: readonly Lexeme[], at: number): Found | undefined {
  const [before, lexeme, after] = [lexemes[at - 1], lexemes[at], lexemes[at + 1]]
  if (lexeme === undefined || before === undefined) return undefined
  const range = span(lexeme.start, lexeme.end)
  if (lexeme.text === ',' && lexeme.kind === 'sign' && depth(lexemes, at) === 0) {
    if (after !== undefined) return { slip: operator(',', '&&', range), next: at }
    const fix = { at: range, text: '' }
    return { slip: lonely('nothing stands behind ,', 'leave it out', range, fix), next: at }
  }
  const isOver = before.kind === 'string' || before.kind === 'number' || /^[)\]]$/.test(before.text)
  if (!isOver || !isOperand(lexeme) || !isVariable(lexeme.text)) return undefined
  return {
    slip: {
      code: 'syntax_error',
      message: `nothing joins ${lexeme.text} to what stands before it`,
      hint: 'join two conditions with &&, where both have to be true, or with ||',
      range,
      fix: { at: span(lexeme.start, lexeme.start), text: '&& ' },
    },
    next: at,
  }
}

function depth(lexemes: readonly Lexeme[], at: number): number {
  const signs = lexemes.slice(0, at).filter(({ kind }) => kind === 'sign')
  const count = (pattern: RegExp) => signs.filter(({ text }) => pattern.test(text)).length
  return count(/^[([{]$/) - count(/^[)\]}]$/)
}
