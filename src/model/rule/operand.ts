/** What a comparison looks at, found in the words before or behind it. */
import type { Lexeme } from './lexemes.ts'
import { quoted, straight } from './slip.ts'
import { isVariable } from './vocabulary.ts'

/** Words that are no name of anything. */
const others: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in', 'and', 'or', 'not'])

export function isOperand(lexeme: Lexeme | undefined): lexeme is Lexeme {
  return lexeme?.kind === 'name' && !lexeme.text.startsWith('-') && !others.has(lexeme.text.toLowerCase())
}

/** Parts of a name that is looked at as one. */
const partsMax = 8

/** `email` or `attrs.level`, if that ends right before `at`. */
export function subjectBefore(text: string, lexemes: readonly Lexeme[], at: number): Lexeme | undefined {
  const last = lexemes[at - 1]
  let first = last
  if (!isOperand(last) || !isOperand(first)) return undefined
  for (let dot = at - 2; lexemes[dot]?.text === '.' && isOperand(lexemes[dot - 1]); dot -= 2) {
    if (dot < at - 2 * partsMax) return undefined
    first = lexemes[dot - 1] ?? first
  }
  return { kind: 'name', text: text.slice(first.start, last.end), start: first.start, end: last.end }
}

/** A text as a rule has it, whatever quotes it stands in. */
export function textOf(lexeme: Lexeme | undefined): string | undefined {
  if (lexeme?.kind === 'curly') return straight(lexeme.text)
  return lexeme?.kind === 'string' ? lexeme.text : undefined
}

export interface List {
  /** `['a', 'b']` */
  readonly text: string
  readonly end: number
  /** The first lexeme that is not in it. */
  readonly next: number
}

/** Values one after the other, in whatever brackets or none. */
export function listAt(lexemes: readonly Lexeme[], at: number): List | undefined {
  const close = { '[': ']', '(': ')', '{': '}' }[lexemes[at]?.text ?? '']
  const first = close === undefined ? at : at + 1
  const values: string[] = []
  let next = first
  for (; ; next += 2) {
    const lexeme = lexemes[next]
    const value = textOf(lexeme) ?? bareValue(lexeme)
    if (value === undefined) return undefined
    values.push(value)
    if (lexemes[next + 1]?.text !== ',') break
  }
  next++
  if (close !== undefined && lexemes[next++]?.text !== close) return undefined
  return { text: `[${values.join(', ')}]`, end: lexemes[next - 1]?.end ?? 0, next }
}

function bareValue(lexeme: Lexeme | undefined): string | undefined {
  if (lexeme?.kind === 'number') return lexeme.text
  if (!isOperand(lexeme)) return undefined
  return isVariable(lexeme.text) ? lexeme.text : quoted(lexeme.text)
}
