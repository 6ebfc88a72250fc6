/** Comparisons as other languages say them, in words: `email ends with 'x'`, SQL's `like` and `is null`, `-eq`. */
import type { Lexeme } from './lexemes.ts'
import { likeness } from './like.ts'
import { methodFor } from './methods.ts'
import { listAt, subjectBefore, textOf } from './operand.ts'
import type { Range } from './problem.ts'
import { type Found, operator, span } from './slip.ts'

const wordsMax = 6

/** Without case, spaces, signs, and `is` and `not` before them. */
const meanings: Readonly<Record<string, string>> = {
  equal: '==',
  equals: '==',
  equalto: '==',
  eq: '==',
  ne: '!=',
  neq: '!=',
  gt: '>',
  greaterthan: '>',
  greaterthanorequal: '>=',
  greaterthanorequalto: '>=',
  atleast: '>=',
  ge: '>=',
  gte: '>=',
  lt: '<',
  lessthan: '<',
  lessthanorequal: '<=',
  lessthanorequalto: '<=',
  atmost: '<=',
  le: '<=',
  lte: '<=',
  contain: 'contains',
  has: 'contains',
  have: 'contains',
  include: 'contains',
  endwith: 'endsWith',
  startwith: 'startsWith',
  beginwith: 'startsWith',
  beginswith: 'startsWith',
  '~': 'matches',
  '=~': 'matches',
  like: 'like',
  ilike: 'ilike',
  in: 'in',
  oneof: 'in',
  anyof: 'in',
  null: 'null',
  empty: 'null',
  between: 'between',
}

const opposites: Readonly<Record<string, string>> = {
  '==': '!=',
  '!=': '==',
  '>': '<=',
  '>=': '<',
  '<': '>=',
  '<=': '>',
}

/** Methods of one text. */
const comparisons: ReadonlySet<string> = new Set(['contains', 'startsWith', 'endsWith', 'matches'])

interface Meaning {
  readonly word: string
  readonly isNegated: boolean
}

interface Phrase extends Meaning {
  readonly subject: Lexeme
  /** Of its words. */
  readonly range: Range
  /** The first lexeme behind its words. */
  readonly next: number
}

/** Undefined: no such words begin here. The longest that make sense. */
export function phraseAt(text: string, lexemes: readonly Lexeme[], at: number): Found | undefined {
  const subject = subjectBefore(text, lexemes, at)
  if (subject === undefined) return undefined
  for (let count = wordsMax; count > 0; count--) {
    const words = lexemes.slice(at, at + count)
    const meaning = words.length === count ? meaningOf(words) : undefined
    if (meaning === undefined) continue
    const range = span(lexemes[at]?.start ?? 0, words.at(-1)?.end ?? 0)
    const found = said(text, lexemes, { ...meaning, subject, range, next: at + count })
    if (found !== undefined) return found
  }
  return undefined
}

function meaningOf(words: readonly Lexeme[]): Meaning | undefined {
  if (words.some(({ kind, text }) => kind !== 'name' && text !== '~' && text !== '=~')) return undefined
  const plain = words
    .map(({ text }) => text)
    .join('')
    .toLowerCase()
    .replaceAll(/[-_]/g, '')
  const [, is, not, rest = ''] = /^(is|are|does|do)?(not)?(.*)$/.exec(plain) ?? []
  const isNegated = not !== undefined
  if (rest === '') return is === 'is' || is === 'are' || isNegated ? { word: '==', isNegated } : undefined
  if (Object.hasOwn(meanings, rest)) return { word: meanings[rest] ?? '', isNegated }
  const method = methodFor(rest)
  return method !== undefined && comparisons.has(method) ? { word: method, isNegated } : undefined
}

function said(text: string, lexemes: readonly Lexeme[], phrase: Phrase): Found | undefined {
  const { word, isNegated, subject, range, next } = phrase
  const opposite = opposites[word]
  if (opposite !== undefined) {
    const slip = operator(text.slice(range.start, range.end), isNegated ? opposite : word, range)
    return { slip, next }
  }
  if (word === 'null')
    return instead(text, phrase, { text: presence(subject.text, isNegated), end: range.end, next })
  if (word === 'in') return listed(text, lexemes, phrase)
  if (word === 'between') return between(text, lexemes, phrase)
  const isCalled = lexemes[next]?.text === '('
  const value = lexemes[isCalled ? next + 1 : next]
  const last = isCalled ? lexemes[next + 2] : value
  const compared = textOf(value)
  if (compared === undefined || last === undefined || (isCalled && last.text !== ')')) return undefined
  const said =
    word === 'like' || word === 'ilike'
      ? likeness(subject.text, compared, word)
      : call(subject.text, word, compared)
  if (said === undefined) return undefined
  return instead(text, phrase, {
    text: isNegated ? `!${said}` : said,
    isMethod: comparisons.has(word),
    end: last.end,
    next: isCalled ? next + 3 : next + 1,
  })
}

function call(subject: string, method: string, value: string): string {
  return subject === 'groups' && method === 'contains'
    ? `${value} in groups`
    : `${subject}.${method}(${value})`
}

/** `is null`, `is not null`. */
function presence(subject: string, isNegated: boolean): string {
  if (subject === 'groups') return isNegated ? 'size(groups) > 0' : 'size(groups) == 0'
  if (subject.startsWith('attrs.')) return isNegated ? `has(${subject})` : `!has(${subject})`
  return isNegated ? `${subject} != ''` : `${subject} == ''`
}

function listed(text: string, lexemes: readonly Lexeme[], phrase: Phrase): Found | undefined {
  const { isNegated, subject, range, next } = phrase
  const list = listAt(lexemes, next)
  if (list === undefined) return undefined
  const isSaidSo = text.slice(range.start, range.end) === 'in'
  // `'x' in groups` is what a rule says, and so is `department in attrs.departments`.
  if (isSaidSo && (lexemes[next]?.text === '[' || lexemes[next]?.kind === 'name')) return undefined
  const said = `${subject.text} in ${list.text}`
  return instead(text, phrase, { ...list, text: isNegated ? `!(${said})` : said })
}

function between(text: string, lexemes: readonly Lexeme[], phrase: Phrase): Found | undefined {
  const { isNegated, subject, next } = phrase
  const [from, and, to] = lexemes.slice(next, next + 3)
  if (from === undefined || and?.text.toLowerCase() !== 'and' || to === undefined) return undefined
  const both = `${subject.text} >= ${from.text} && ${subject.text} <= ${to.text}`
  return instead(text, phrase, { text: isNegated ? `!(${both})` : both, end: to.end, next: next + 3 })
}

interface Said {
  readonly text: string
  readonly isMethod?: boolean
  readonly end: number
  readonly next: number
}

function instead(text: string, { subject, range }: Phrase, said: Said): Found {
  // What is wrong with the subject is told by itself.
  const words = text.slice(range.start, range.end)
  const isBehind = said.text.startsWith(subject.text)
  const at = span(isBehind ? subject.end : subject.start, said.end)
  return {
    slip: {
      code: 'wrong_operator',
      message: said.isMethod ? `${words} is asked of a text, with a dot` : `a rule has no ${words}`,
      hint: `use ${said.text} not ${text.slice(subject.start, said.end)}`,
      range,
      fix: { at, text: isBehind ? said.text.slice(subject.text.length) : said.text },
    },
    next: said.next,
  }
}
