/** Which graph may answer a question, and what it says, where it can tell: undefined leaves the question to the walk. */
import type { View } from '../../storage/storage.ts'
import { isUserset, isWildcard } from '../../tuple/subject.ts'
import type { Scope } from '../scope.ts'
import type { Graph } from './graph.ts'
import { Question } from './question.ts'
import type { Rung } from './rung.ts'
import type { Individual, Sight } from './sight.ts'

/**
 * The graph that may answer for a scope: it knows stored tuples of the applied revision, and no others. One that was
 * filled by a long walk is done with: it would grow for as long as the walk takes.
 */
export function currentGraph({ resident, contextual, hidden }: Scope, view: View): Graph | undefined {
  if (resident === undefined || resident.revision !== view.revision || resident.arena.isFull) return undefined
  return contextual.length > 0 || hidden !== undefined ? undefined : resident
}

/** The same, where individuals are asked about: only those the graph can find by itself. */
export function graphFor(scope: Scope, view: View, subject: string): Graph | undefined {
  return isUserset(subject) || isWildcard(subject) ? undefined : currentGraph(scope, view)
}

/** Tuple hops of a proof, fewer than `hopsMax` if one is known, or `absent`; undefined: only a walk can tell. */
export function recall(
  sight: Sight,
  object: number,
  rung: Rung,
  individual: Individual,
  hopsMax: number,
): number | undefined {
  const plan = sight.graph.lattice.plans.of(rung.relation)
  return new Question(sight, individual).ask(object, plan, hopsMax)
}
