/** The slips that are made in many places, and what all of them are written with. */
import type { Lexeme } from './lexemes.ts'
import type { Range, Slip } from './problem.ts'

/** What begins at a lexeme. */
export interface Found {
  readonly slip?: Slip
  /** The first lexeme that is not in it. */
  readonly next: number
}

export function quotesMissing(bare: string, range: Range): Slip {
  return {
    code: 'missing_quotes',
    message: `${bare} is text, and text stands in quotes`,
    hint: `use ${quoted(bare)} not ${bare}`,
    range,
  }
}

export function operator(wrong: string, right: string, range: Range): Slip {
  return {
    code: 'wrong_operator',
    message: `a rule has no ${wrong}`,
    hint: `use ${right} instead of ${wrong}`,
    range,
    fix: { at: range, text: right },
  }
}

/** @param meant - what it probably was; `isNear`: for sure enough to ask so */
export function unknown(
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

export function quoted(bare: string): string {
  return `'${bare}'`
}

export function span(start: number, end: number): Range {
  return { start, end }
}

/** A text in a typesetter's quotes, in a rule's. */
export function straight(curly: string): string {
  return quoted(curly.slice(1, -1).replaceAll("'", "\\'"))
}
