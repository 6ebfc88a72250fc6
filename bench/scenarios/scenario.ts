/**
 * What a scenario is: a model, tuples, and questions whose answers follow from how the tuples were made. Kith never
 * computes an expected answer; a bench that answers wrongly fails.
 */
import type { JsonObject } from '../../src/lib/json.ts'
import type { Tuple, TupleKey } from '../../src/tuple/tuple.ts'

export interface Question extends TupleKey {
  readonly context?: JsonObject
  readonly allowed: boolean
}

/** `small` runs in `npm test`, `full` is what is measured. */
export type Scale = 'small' | 'full'

/** A scenario at one size. Pure: the same at every call, in every process. */
export interface Dataset {
  /** How many different questions there are. */
  readonly distinct: number
  tuples(): Iterable<Tuple>
  /** The question of a number from 0 to distinct - 1; even numbers are allows, unless the scenario says otherwise. */
  question(index: number): Question
}

export interface Scenario {
  readonly name: string
  readonly title: string
  /** As DSL. */
  readonly model: string
  /** How questions are drawn: as in life, few being asked often, or each as often as any other. */
  readonly skew: 'zipf' | 'uniform'
  at(scale: Scale): Dataset
}

export const tuple = (object: string, relation: string, subject: string): TupleKey => ({
  object,
  relation,
  subject,
})

const prime = 7919

/** A fixed scatter of the integers over 0 .. size - 1; one to one on any `size` integers in a row (7919 must not divide size). */
export function spread(n: number, size: number): number {
  return (n * prime + 13) % size
}

/** The least n >= 0 with spread(n, size) = value; the others are `size` apart. Exact up to sizes of ten million. */
export function unspread(value: number, size: number): number {
  return ((((value - 13) % size) + size) * inverse(size)) % size
}

const inverses = new Map<number, number>()

/** Of the prime, modulo size: Euclid's algorithm. */
function inverse(size: number): number {
  const known = inverses.get(size)
  if (known !== undefined) return known
  let [a, b, x, y] = [prime % size, size, 1, 0]
  while (b !== 0) {
    const quotient = Math.floor(a / b)
    ;[a, b] = [b, a - quotient * b]
    ;[x, y] = [y, x - quotient * y]
  }
  const found = ((x % size) + size) % size
  inverses.set(size, found)
  return found
}
