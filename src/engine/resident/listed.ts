/** A record of edges as storage would tell it: by name, in the order of bytes. For walks, which go by names. */
import { compareBytes } from '../../lib/order.ts'
import type { Edges } from '../../storage/storage.ts'
import { isWildcard } from '../../tuple/subject.ts'
import type { Graph } from './graph.ts'
import * as records from './records.ts'
import type { Sight } from './sight.ts'

/**
 * What is at object#relation, without what the model does not accept; undefined: too much has been fetched.
 * @param at - id of object#relation
 */
export function listed(sight: Sight, at: number): Edges | undefined {
  const { graph, reads } = sight
  const address = graph.edges(sight, at)
  if (address === 0) return undefined
  const { slab } = graph.arena
  reads?.remembered(records.readAt(slab, address))
  const [named = [], usersets = [], doubtful = [], doubtfulUsersets = []] = records
    .lists(slab, address)
    .map((ids) => namesOf(graph, ids))
  const individuals = [...named, ...doubtful]
  const isSpread = (records.flagsOf(slab, address) & records.spread) !== 0
  return {
    usersets: [...individuals.filter(isWildcard), ...usersets, ...doubtfulUsersets].sort(compareBytes),
    plain: isSpread ? undefined : individuals.filter((name) => !isWildcard(name)).sort(compareBytes),
    qualified: new Set([...doubtful, ...doubtfulUsersets]),
  }
}

function namesOf(graph: Graph, ids: Int32Array): readonly string[] {
  return Array.from(ids, (id) => graph.nameOf(id))
}
