/** The two slips that are made in many places, and what all of them are written with. */
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

export function quoted(bare: string): string {
  return `'${bare}'`
}

export function span(start: number, end: number): Range {
  return { start, end }
}
