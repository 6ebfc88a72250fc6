/**
 * Filters and the paths of PATCH as trees: RFC 7644, sections 3.4.2.2 and 3.5.2. Not what they are about: match.ts asks the
 * attributes. Costs one walk over the text; length, depth and terms are bounded, so that no filter is a burden.
 */
import { cited, refused } from './refusal.ts'

export type Filter =
  | { readonly op: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly op: 'not'; readonly filter: Filter }
  /** One value of a list for which the whole filter is true. */
  | { readonly op: 'one'; readonly path: string; readonly filter: Filter }
  | { readonly op: 'pr'; readonly path: string }
  | { readonly op: Comparison; readonly path: string; readonly value: Literal }

export type Comparison = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'
export type Literal = string | number | boolean | null

/** `emails[type eq "work"].value`. */
export interface Path {
  readonly path: string
  readonly filter?: Filter
  readonly sub?: string
}

const comparisons: readonly Comparison[] = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']
const lengthMax = 4096
const depthMax = 16
const termsMax = 100

/** @throws Fault invalidFilter */
export function parseFilter(text: string): Filter {
  const reader = new Reader(text, 'invalidFilter')
  const filter = reader.alternatives()
  reader.demandEnd()
  return filter
}

/** @throws Fault invalidPath; invalidFilter for what is in brackets */
export function parsePath(text: string): Path {
  const reader = new Reader(text, 'invalidPath')
  const path = reader.path()
  reader.demandEnd()
  return path
}

const space = /\s*/y
const word = /[A-Za-z$_][\w$.:/%-]*/y
const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
/** A JSON string: every character begins one way alone, so that it is read once. */
const quoted = /"(?:[^"\\]|\\.)*"/y

class Reader {
  readonly #text: string
  readonly #refusal: 'invalidFilter' | 'invalidPath'
  #at = 0
  #depth = 0
  #terms = 0

  constructor(text: string, refusal: 'invalidFilter' | 'invalidPath') {
    this.#text = text
    this.#refusal = refusal
    if (text.length > lengthMax) throw refused(refusal, `it is longer than ${lengthMax} characters`)
  }

  demandEnd(): void {
    this.#take(space)
    if (this.#at < this.#text.length) throw this.#unexpected('its end')
  }

  path(): Path {
    const path = this.#word('an attribute')
    if (!this.#takes('[')) return { path }
    const filter = this.#inBrackets()
    return this.#takes('.') ? { path, filter, sub: this.#word('a part of the attribute') } : { path, filter }
  }

  alternatives(): Filter {
    return this.#joined('or', () => this.#joined('and', () => this.#term()))
  }

  #joined(op: 'and' | 'or', next: () => Filter): Filter {
    const first = next()
    const filters = [first]
    while (this.#takesWord(op)) filters.push(next())
    return filters.length === 1 ? first : { op, filters }
  }

  #term(): Filter {
    if (++this.#terms > termsMax) throw this.#refused(`it has more than ${termsMax} terms`)
    if (this.#takesWord('not')) {
      if (!this.#takes('(')) throw this.#unexpected('`(`')
      return { op: 'not', filter: this.#inParentheses() }
    }
    if (this.#takes('(')) return this.#inParentheses()
    const path = this.#word('an attribute')
    return this.#takes('[') ? this.#one(path) : this.#comparison(path)
  }

  #inParentheses(): Filter {
    return this.#deeper(')')
  }

  #inBrackets(): Filter {
    return this.#deeper(']')
  }

  #deeper(end: ')' | ']'): Filter {
    if (++this.#depth > depthMax) throw this.#refused(`it is nested deeper than ${depthMax}`)
    const filter = this.alternatives()
    if (!this.#takes(end)) throw this.#unexpected(`\`${end}\``)
    this.#depth--
    return filter
  }

  /** `emails[type eq "work"].value eq "x"` is about one e-mail address. */
  #one(path: string): Filter {
    const filter = this.#inBrackets()
    if (!this.#takes('.')) return { op: 'one', path, filter }
    const sub = this.#comparison(this.#word('a part of the attribute'))
    return { op: 'one', path, filter: { op: 'and', filters: [filter, sub] } }
  }

  #comparison(path: string): Filter {
    const operator = this.#word('an operator').toLowerCase()
    if (operator === 'pr') return { op: 'pr', path }
    const op = comparisons.find((each) => each === operator)
    if (op === undefined) {
      throw this.#refused(
        `there is no operator ${cited(operator)}: it is pr or one of ${comparisons.join(', ')}`,
      )
    }
    return { op, path, value: this.#literal() }
  }

  #literal(): Literal {
    this.#take(space)
    const text = this.#take(quoted) ?? this.#take(number) ?? this.#take(word)?.toLowerCase()
    if (text === undefined) throw this.#unexpected('a value')
    try {
      // A string, a number, true, false or null: nothing else was read.
      return JSON.parse(text) as Literal
    } catch {
      throw this.#refused(`${cited(text)} is no value: write text in double quotes`)
    }
  }

  #word(wanted: string): string {
    this.#take(space)
    const found = this.#take(word)
    if (found === undefined) throw this.#unexpected(wanted)
    return found
  }

  #takesWord(wanted: string): boolean {
    const before = this.#at
    this.#take(space)
    if (this.#take(word)?.toLowerCase() === wanted) return true
    this.#at = before
    return false
  }

  #takes(character: string): boolean {
    this.#take(space)
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #unexpected(wanted: string): Error {
    const rest = this.#text.slice(this.#at)
    return this.#refused(`${wanted} is expected ${rest === '' ? 'at its end' : `before ${cited(rest)}`}`)
  }

  #refused(problem: string): Error {
    const what = this.#refusal === 'invalidFilter' ? 'filter' : 'path'
    return refused(this.#refusal, `the ${what} ${cited(this.#text)} cannot be read: ${problem}`)
  }
}
