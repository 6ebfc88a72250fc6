/**
 * `matches`: RE2 syntax and partial match, in time linear in the text. JavaScript's RegExp is never reached: its
 * backtracking would let one pattern of a model, or of a context, hold the event loop for minutes.
 */
import { RE2JS, RE2JSException } from 're2js'

/** Characters of a pattern that comes from a context; patterns written in the model are bounded by the expression. */
const patternLengthMax = 256

/** Instructions a pattern may compile to; RE2's work is this times the text's length, in the worst case. */
const programSizeMax = 1000

/** The same for a pattern that comes from a context: it is compiled while a check waits. */
export const dynamicProgramMax = 256

class PatternError extends Error {}

export interface Pattern {
  readonly programSize: number
  /** Whether some part of `text` matches. */
  test(text: string): boolean
}

/** Patterns compile in milliseconds and recur; the oldest goes first. Process-wide: a pattern is no secret. */
const cache = new Map<string, Pattern>()
const cacheMax = 256

/** @throws PatternError for a pattern that RE2 refuses, or that is too large. */
export function pattern(source: string): Pattern {
  const known = cache.get(source)
  if (known !== undefined) return known
  const compiled = compile(source)
  const [oldest] = cache.keys()
  if (cache.size >= cacheMax && oldest !== undefined) cache.delete(oldest)
  cache.set(source, compiled)
  return compiled
}

/** A pattern out of a context. @throws PatternError as `pattern`, at tighter bounds. */
export function dynamicPattern(source: string): Pattern {
  if (source.length > patternLengthMax || programBound(source) > dynamicProgramMax) throw tooLarge()
  return pattern(source)
}

/** How many instructions `source` may compile to, without compiling it. */
export function programBound(source: string): number {
  return source.length > patternLengthMax ? dynamicProgramMax + 1 : 2 * weigh(source) + 8
}

function compile(source: string): Pattern {
  if (weigh(source) > programSizeMax) throw tooLarge()
  try {
    const compiled = RE2JS.compile(source)
    const programSize = compiled.programSize()
    if (programSize > programSizeMax) throw tooLarge()
    return { programSize, test: (text) => compiled.test(text) }
  } catch (thrown) {
    if (thrown instanceof RE2JSException) throw new PatternError(thrown.message)
    throw thrown
  }
}

function tooLarge(): PatternError {
  return new PatternError('the regular expression is too large')
}

/**
 * What counted repetition expands the pattern to, at least about: an atom weighs 1 (a `\p` class 8), a group 2 more, `{n,m}` multiplies what
 * it repeats. Judged before compiling, since compiling `((x{100}){100}){100}` is the attack. Errs on the heavy side:
 * a brace inside a class counts too.
 */
export function weigh(source: string): number {
  const open: number[] = []
  let total = 0
  let last = 0
  for (let at = 0; at < source.length; at++) {
    const char = source[at]
    const counted = char === '{' ? /^\{(\d{1,6})(?:,(\d{0,6}))?\}/.exec(source.slice(at, at + 16)) : null
    if (counted !== null) {
      const times = Math.max(Number(counted[1]), Number(counted[2] ?? 0), 1)
      total += last * (times - 1)
      last *= times
      at += counted[0].length - 1
    } else if (char === '(') {
      open.push(total)
      last = 1
    } else if (char === ')') {
      total += 2
      last = total - (open.pop() ?? 0)
    } else {
      last = char === '\\' && /[pP]/.test(source[at + 1] ?? '') ? 8 : 1
      if (char === '[') {
        const close = classEnd(source, at)
        last += (source.slice(at, close).match(/\\[pP]|\[:/g)?.length ?? 0) * 8
        at = close
      } else if (char === '\\') at += 1
      total += last
    }
  }
  return total
}

/** Where the character class that starts at `at` ends. */
function classEnd(source: string, at: number): number {
  let end = at + (source[at + 1] === '^' ? 2 : 1)
  if (source[end] === ']') end += 1
  for (; end < source.length && source[end] !== ']'; end++) {
    if (source[end] === '\\') end += 1
    else if (source.startsWith('[:', end)) end = Math.max(end, source.indexOf(':]', end) + 1)
  }
  return end
}
