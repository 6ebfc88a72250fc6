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
  /** What searches have cost so far: what was spent, and usersets they came by from above. */
  looks: number
  /** What may still be spent before the question is left to the walk, which gives the event loop its turns. */
  looksLeft: number
}

/** Fetches of one question, some 20 us each: the event loop is held no longer. */
export const loadsMax = 200
/** Conditions of one question, from 2 us to a millisecond each: the walk looks at the clock between them. */
export const evaluationsMax = 100
/**
 * Looks of one question, at an object or an operator each, 60 to 250 ns: the event loop is held for half a millisecond,
 * or twice that where most of them go into long lists.
 */
export const looksMax = 2_000
/** Ids of a list that are passed by, or looked up in another, for a look. */
const idsPerLook = 8
/** A tuple read from storage, in looks. */
export const looksPerRead = 16
export const tickMs = 100

/** Whether that much might still be looked at. */
export function spend(sight: Sight, looks: number): boolean {
  sight.looks += looks
  sight.looksLeft -= looks
  return sight.looksLeft >= 0
}

/** The same for so many ids of a list: a short one comes with the object that it is of. */
export function spendOnIds(sight: Sight, ids: number): boolean {
  return spend(sight, Math.floor(ids / idsPerLook))
}

/** A time on performance.now() in ticks, rounded so that nothing seems younger than it is. */
export function tickOf(now: number): number {
  return Math.floor(now / tickMs)
}
