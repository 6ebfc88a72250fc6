/** What one question looks at the resident graph with: a state, an instant, and how much it may still fetch. */
import type { JsonObject } from '../../lib/json.ts'
import type { View } from '../../storage/storage.ts'
import type { Graph } from './graph.ts'
import type { Reads } from './reads.ts'

/** A plain subject, by the ids that a tuple may name it with. */
export interface Individual {
  readonly id: number
  readonly everybody: number
}

/** One question's sight of the graph: graph and view are of one revision. */
export interface Sight {
  readonly graph: Graph
  readonly view: View
  /** For conditions. */
  readonly context: JsonObject
  /** Is told what the answer is made from, where somebody wants to know. */
  readonly reads: Reads | undefined
  /** Now, as `tickOf` has it: what was read too long before is read again. */
  readonly tick: number
  /** Records that may still be fetched from storage before the question is left to the walk. */
  loads: number
  /** Conditions that may still be evaluated before it is. */
  evaluations: number
  /** What searches have cost so far: objects they looked at and usersets they came by, from below and from above. */
  looks: number
  /** Objects and operators that may still be looked at before the question is left to the walk, which gives the event loop its turns. */
  looksLeft: number
}

/** Fetches of one question, some 20 us each: the event loop is held no longer. */
export const loadsMax = 200
/** Conditions of one question, from 2 us to a millisecond each: the walk looks at the clock between them. */
export const evaluationsMax = 100
/** Looks of one question, some 60 ns each, 250 where conditions are looked up: the event loop is held no longer than half a millisecond. */
export const looksMax = 2_000
export const tickMs = 100

/** A time on performance.now() in ticks, rounded so that nothing seems younger than it is. */
export function tickOf(now: number): number {
  return Math.floor(now / tickMs)
}
