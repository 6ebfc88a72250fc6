/** What is counted of queries, and what it comes to: shares and averages are worked out from whole numbers, when shown. */
import type { JsonObject } from '../../lib/json.ts'

/** Whole numbers that are added up. */
export interface Figures {
  readonly queries: number
  /** Of which it is known whether the answer was right; and those that were. */
  readonly judged: number
  readonly correct: number
  /** Ratings from 1 to 5; and their sum. */
  readonly ratings: number
  readonly ratingSum: number
}

export const nothing: Figures = Object.freeze({ queries: 0, judged: 0, correct: 0, ratings: 0, ratingSum: 0 })

export function plus(one: Figures, other: Figures): Figures {
  return {
    queries: one.queries + other.queries,
    judged: one.judged + other.judged,
    correct: one.correct + other.correct,
    ratings: one.ratings + other.ratings,
    ratingSum: one.ratingSum + other.ratingSum,
  }
}

/** In the order in which they are kept. */
export type Cells = readonly [queries: number, judged: number, correct: number, ratings: number, sum: number]

export function cellsOf({ queries, judged, correct, ratings, ratingSum }: Figures): Cells {
  return [queries, judged, correct, ratings, ratingSum]
}

export function figuresOf([queries, judged, correct, ratings, ratingSum]: Cells): Figures {
  return { queries, judged, correct, ratings, ratingSum }
}

/**
 * `accuracy` in whole percent and `satisfaction` with one decimal, halves upwards; `null` where nothing was judged, or
 * nothing rated.
 */
export function shownFigures({ queries, judged, correct, ratings, ratingSum }: Figures): JsonObject {
  return {
    queries,
    correct,
    judged,
    accuracy: judged === 0 ? null : rounded(100 * correct, judged),
    satisfaction: ratings === 0 ? null : rounded(10 * ratingSum, ratings) / 10,
    ratings,
    ratingSum,
  }
}

/** Without the error that a share has before it is rounded: 0.145 is less than it says. */
function rounded(share: number, of: number): number {
  return Math.floor((2 * share + of) / (2 * of))
}

/** What tables are sorted by; undefined where there is no such figure. Not rounded. */
export const measures = {
  queries: ({ queries }: Figures): number | undefined => queries,
  accuracy: ({ correct, judged }: Figures): number | undefined =>
    judged === 0 ? undefined : correct / judged,
  satisfaction: ({ ratingSum, ratings }: Figures): number | undefined =>
    ratings === 0 ? undefined : ratingSum / ratings,
} as const

export type Measure = keyof typeof measures
