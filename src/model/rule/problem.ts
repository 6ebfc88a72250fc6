/** What is wrong with a rule, or doubtful: where, why, and what to write instead. */

export interface Problem {
  readonly code: ProblemCode
  readonly message: string
  /** What to do: `use endsWith not ends_with`. */
  readonly hint?: string
  /** Characters of the text, from 0; the last is not in it. */
  readonly range: Range
  /** Of the range's start, from 1. */
  readonly line: number
  readonly column: number
  /** The whole rule as it was probably meant; it is a rule. */
  readonly suggestion?: string
}

export interface Range {
  readonly start: number
  readonly end: number
}

type ProblemCode =
  | 'empty'
  | 'too_long'
  | 'too_complex'
  | 'syntax_error'
  | 'missing_quotes'
  | 'wrong_quotes'
  | 'wrong_operator'
  | 'unbalanced'
  | 'unknown_variable'
  | 'unknown_function'
  | 'wrong_type'
  | 'not_boolean'
  | 'invalid_pattern'
  // Warnings.
  | 'suffix_without_at'
  | 'part_of_address'
  | 'open_pattern'

/** A problem before it is known where its line begins; `fix` is what the text in `at` should be, where that is clear. */
export interface Slip extends Pick<Problem, 'code' | 'message' | 'range'> {
  readonly hint?: string
  readonly fix?: Fix
}

export interface Fix {
  readonly at: Range
  readonly text: string
}

export function problemOf({ fix: _, ...slip }: Slip, text: string, suggestion?: string): Problem {
  const before = text.slice(0, slip.range.start).split('\n')
  const column = (before.at(-1)?.length ?? 0) + 1
  return { ...slip, line: before.length, column, ...(suggestion === undefined ? {} : { suggestion }) }
}

/** The text with all fixes made; of two that overlap, the first. */
export function mended(text: string, fixes: readonly Fix[]): Mended {
  const made: Fix[] = []
  for (const fix of fixes.toSorted((a, b) => a.at.start - b.at.start)) {
    if (fix.at.start >= (made.at(-1)?.at.end ?? 0)) made.push(fix)
  }
  let result = ''
  let from = 0
  for (const { at, text: instead } of made) {
    result += text.slice(from, at.start) + instead
    from = at.end
  }
  return { text: result + text.slice(from), original: (place) => originalPlace(made, place) }
}

interface Mended {
  readonly text: string
  /** Where something of the mended text is in the one before. */
  original(place: number): number
}

function originalPlace(made: readonly Fix[], place: number): number {
  let shift = 0
  for (const { at, text } of made) {
    const start = at.start + shift
    if (place < start) break
    if (place < start + text.length) return at.start
    shift += text.length - (at.end - at.start)
  }
  return place - shift
}
