/** A check whose object and subject the resident graph has met: from memory alone, in one go. */
import type { View } from '../storage/storage.ts'
import type { TupleKey } from '../tuple/tuple.ts'
import type { Graph } from './resident/graph.ts'
import { absent } from './resident/reach.ts'
import { recall } from './resident/recall.ts'

/**
 * Whether the subject is a member, where the graph knows both names and the proof is shorter than `depthMax` hops.
 * Undefined is no answer: the names may be malformed, the question too hard. Never throws for what was asked.
 * @param view - of the graph's revision
 */
export function recollect(
  graph: Graph,
  view: View,
  { object, relation, subject }: TupleKey,
  depthMax: number,
): boolean | undefined {
  const id = graph.findIndividual(object)
  const individual = graph.findIndividual(subject)
  if (id === undefined || individual === undefined) return undefined
  const rung = graph.kindOf(id)?.byName.get(relation)
  if (rung === undefined) return undefined
  const hops = recall(graph.sight(view), id, rung, graph.individual(individual), depthMax)
  return hops === undefined || hops >= depthMax ? undefined : hops !== absent
}
