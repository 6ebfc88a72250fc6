/**
 * The cheapest way to every goal of an and/or graph: Knuth's generalisation of Dijkstra (1977). A goal is reached
 * by any one of its ways, a way needs all of its goals; cycles are fine, what only rests on itself is not reached.
 * What a way costs is its own cost and, as asked, the sum over its needs (a goal shared by two branches counts
 * twice) or the most of them.
 */
import { Heap } from '../../lib/heap.ts'

export interface Way<Goal> {
  readonly cost: number
  readonly needs: readonly Goal[]
}

export interface Cheapest<Goal, W extends Way<Goal>> {
  readonly cost: number
  readonly way: W
}

export interface CheapestOptions<Goal, W> {
  /** How the costs of a way's needs add up. Default `sum`. */
  readonly total?: 'sum' | 'most'
  readonly waysTo: (goal: Goal) => readonly W[]
  /** Called now and then, so that other work gets its turn. */
  readonly breathe: () => Promise<void>
  /** Ways looked at, nearest to the root first; goals beyond are left without one. */
  readonly waysMax?: number
}

interface Pending<Goal, W> {
  readonly goal: Goal
  readonly way: W
  waiting: number
  cost: number
}

/** Goals between two calls of `breathe`. */
const goalsPerBreath = 256

/** Reached goals only. O(w log w) for the w ways below `root`. Ties fall to the way that was listed first. */
export async function cheapest<Goal, W extends Way<Goal>>(
  root: Goal,
  { waysTo, breathe, total = 'sum', waysMax = Number.POSITIVE_INFINITY }: CheapestOptions<Goal, W>,
): Promise<ReadonlyMap<Goal, Cheapest<Goal, W>>> {
  const readers = new Map<Goal, Pending<Goal, W>[]>([[root, []]])
  const heap = new Heap<Pending<Goal, W>>()
  let ways = 0
  let steps = 0
  // The map grows while it is read: goals in order of their distance from the root.
  for (const goal of readers.keys()) {
    if (ways >= waysMax) break
    if (++steps % goalsPerBreath === 0) await breathe()
    for (const way of waysTo(goal)) {
      ways += 1
      const needs = new Set(way.needs)
      const pending = { goal, way, waiting: needs.size, cost: way.cost }
      if (needs.size === 0) heap.push(pending, pending.cost)
      for (const need of needs) {
        const known = readers.get(need)
        if (known === undefined) readers.set(need, [pending])
        else known.push(pending)
      }
    }
  }
  const reached = new Map<Goal, Cheapest<Goal, W>>()
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) {
    const { goal, way, cost } = next
    if (reached.has(goal)) continue
    reached.set(goal, { cost, way })
    if (++steps % goalsPerBreath === 0) await breathe()
    for (const reader of readers.get(goal) ?? []) {
      reader.waiting -= 1
      // Goals are reached in the order of their cost: the last need is the most.
      reader.cost = cost + (total === 'sum' ? reader.cost : reader.way.cost)
      if (reader.waiting === 0) heap.push(reader, reader.cost)
    }
  }
  return reached
}
