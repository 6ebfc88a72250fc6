/**
 * Mistakes that people make in rules, found in the words as they were typed, all of them at once: quotes left out, operators
 * of other languages, names that are nearly right. Each says what to write. What only a parser sees is problems.ts's.
 */
import { boundNames, nameAt } from './names.ts'
import type { Slip } from './problem.ts'
import { type Found, operator, quoted, quotesMissing, span } from './slip.ts'
import { type Token, tokensOf } from './tokens.ts'

/** A text with more is no rule with mistakes. */
const slipsMax = 50

/** In order, the first 50. */
export function slipsOf(text: string): readonly Slip[] {
  const tokens = tokensOf(text)
  const found: Slip[] = [...unbalanced(tokens)]
  const bound = boundNames(tokens)
  for (let at = 0; at < tokens.length && found.length < slipsMax; ) {
    const { slip, next } = slipAt(text, tokens, at, bound)
    if (slip !== undefined) found.push(slip)
    at = Math.max(next, at + 1)
  }
  return found.toSorted((a, b) => a.range.start - b.range.start)
}

function slipAt(text: string, tokens: readonly Token[], at: number, bound: ReadonlySet<string>): Found {
  const token = tokens[at]
  if (token === undefined) return { next: at }
  const address = addressAt(text, tokens, at)
  if (address !== undefined) return address
  switch (token.kind) {
    case 'stray':
      return { slip: stray(text, token), next: at }
    case 'curly':
      return { slip: curly(token), next: at }
    case 'open':
      return { slip: unclosed(tokens, at), next: at }
    case 'sign':
      return { ...listInParentheses(tokens, at), ...signAt(token), next: at }
    case 'name':
      return nameAt(text, tokens, at, bound)
    default:
      return { next: at }
  }
}

/** `@company.com`, `ann@company.com`, bare. */
function addressAt(text: string, tokens: readonly Token[], at: number): Found | undefined {
  const first = tokens[at]
  if (first === undefined || first.kind === 'string' || first.kind === 'open') return undefined
  const bare = /^[\w.+-]*@[\w.+-]*/.exec(text.slice(first.start))?.[0]
  if (bare === undefined) return undefined
  // An opening quote was forgotten, and the closing one is there.
  const closing = /^['"]/.exec(text.slice(first.start + bare.length))?.[0] ?? ''
  const range = span(first.start, first.start + bare.length + closing.length)
  const sign = first.start + bare.indexOf('@')
  const next = tokens.findIndex(({ start }) => start >= range.end)
  return {
    slip: {
      ...quotesMissing(bare, span(sign, sign + 1)),
      fix: { at: range, text: quoted(bare) },
    },
    next: next === -1 ? tokens.length : next,
  }
}

function curly({ text, start, end }: Token): Slip {
  const straight = quoted(text.slice(1, -1).replaceAll("'", "\\'"))
  return {
    code: 'wrong_quotes',
    message: `${text.charAt(0)} is no quote that a rule knows`,
    hint: `use ${straight} not ${text}`,
    range: span(start, end),
    fix: { at: span(start, end), text: straight },
  }
}

function stray(text: string, { text: char, start, end }: Token): Slip {
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
function unclosed(tokens: readonly Token[], at: number): Slip {
  const { text: open, start, end } = tokens[at] as Token
  const quote = open.charAt(0)
  const rest = /[)\]\s]*$/.exec(open)?.[0] ?? ''
  const text = open.slice(0, open.length - rest.length)
  const count = (sign: string) => tokens.slice(0, at).filter((token) => token.text === sign).length
  const unclosedBefore = count('(') - count(')') - rest.replaceAll(/[^)]/g, '').length
  const place = end - rest.length
  return {
    code: 'missing_quotes',
    message: `the text that begins with ${open.slice(0, 20)} has no closing quote`,
    hint: `use ${text}${quote} not ${text}`,
    range: span(start, start + 1),
    fix: { at: span(place, place), text: quote + ')'.repeat(Math.max(0, unclosedBefore)) },
  }
}

const signs: Readonly<Record<string, string>> = {
  '=': '==',
  '===': '==',
  '!==': '!=',
  '<>': '!=',
  '&': '&&',
  '|': '||',
}

function signAt({ text, start, end }: Token): { readonly slip?: Slip } {
  const range = span(start, end)
  if (text === '=~') {
    const hint = "use email.matches('…')"
    return { slip: { code: 'wrong_operator', message: 'a rule has no =~', hint, range } }
  }
  const right = signs[text]
  return right === undefined ? {} : { slip: operator(text, right, range) }
}

/** `in ('a', 'b')`. */
function listInParentheses(tokens: readonly Token[], at: number): { readonly slip?: Slip } {
  if (tokens[at]?.text !== '(' || tokens[at - 1]?.text !== 'in') return {}
  const close = tokens.findIndex(({ text }, index) => index > at && text === ')')
  const inside = tokens.slice(at + 1, close)
  const [open, end] = [tokens[at], tokens[close]]
  if (
    open === undefined ||
    end === undefined ||
    !inside.every(({ kind, text }) => kind === 'string' || text === ',')
  )
    return {}
  const list = `[${inside.map(({ text }) => (text === ',' ? ', ' : text)).join('')}]`
  const range = span(open.start, end.end)
  return {
    slip: {
      code: 'wrong_operator',
      message: 'a list stands in square brackets',
      hint: `use in ${list}`,
      range,
      fix: { at: range, text: list },
    },
  }
}

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

function unbalanced(tokens: readonly Token[]): readonly Slip[] {
  // What an unclosed text swallowed cannot be counted.
  if (tokens.some(({ kind }) => kind === 'open')) return []
  const open: Token[] = []
  for (const token of tokens) {
    if (token.kind !== 'sign') continue
    if (closers[token.text] !== undefined) open.push(token)
    else if (!Object.values(closers).includes(token.text)) continue
    else if (closers[open.at(-1)?.text ?? ''] === token.text) open.pop()
    else return [unpaired(token, `${token.text} closes nothing`)]
  }
  const [last] = open.slice(-1)
  const end = tokens.at(-1)?.end ?? 0
  const text = open
    .map((each) => closers[each.text])
    .reverse()
    .join('')
  return last === undefined
    ? []
    : [unpaired(last, `${last.text} is not closed`, { at: span(end, end), text })]
}

/** @param fix - where it is clear */
function unpaired({ start, end }: Token, message: string, fix?: Slip['fix']): Slip {
  return { code: 'unbalanced', message, range: span(start, end), ...(fix === undefined ? {} : { fix }) }
}
