/**
 * Membership as reach.ts has it, for the commonest of questions: all that has to be looked at is in memory, and nothing
 * of it hangs on a condition, an expiry or a wildcard. Integers are read and nothing is made. At anything else it gives
 * up, having spent a few looks, and the search decides; it never says anything but what the search would.
 */
import { knownAbove } from './groups.ts'
import { absent } from './reach.ts'
import * as records from './records.ts'
import type { Flat } from './rung.ts'
import { type Individual, type Sight, spendOnIds } from './sight.ts'

/** Only the search can tell. */
export const unclear = -2

/** Somebody may be meant who is not listed. */
const unlisted = records.spread | records.doubt | records.wildcard

/**
 * Tuple hops of a proof, less than `hopsMax`; `absent` or `unclear`.
 * @param sight - without reads: nobody is told what was looked at
 */
export function glance(
  sight: Sight,
  object: number,
  { direct, parents }: Flat,
  { id, everybody }: Individual,
  hopsMax: number,
): number {
  if (hopsMax < 1) return unclear
  const { graph, tick } = sight
  const { slab } = graph.arena
  let met = 0
  for (const { ordinal } of direct) {
    const edges = graph.keptIn(object + ordinal, tick)
    if (edges === 0) return unclear
    if (records.isNamed(slab, edges, id)) return 0
    met |= records.flagsOf(slab, edges)
  }
  if ((met & unlisted) !== 0) return unclear
  const crosses = (met & records.crossing) !== 0
  if (!crosses && parents.length === 0) return absent
  const one = knownAbove(graph, id, tick)
  const all = knownAbove(graph, everybody, tick)
  if (one === 0 || all === 0) return unclear
  if (((records.flagsOf(slab, one) | records.flagsOf(slab, all)) & records.partial) !== 0) return unclear
  // Few models let everybody be in a group.
  const isAllAbove = records.count(slab, all) > 0
  let below = absent
  if (crosses) {
    for (const { ordinal } of direct) {
      const edges = graph.arena.cards.ints[object + ordinal] as number
      if ((records.flagsOf(slab, edges) & records.crossing) === 0) continue
      if (records.doubtfulUsersetCount(slab, edges) > 0) return unclear
      if (!spendOnIds(sight, records.lookups(slab, one, edges))) return unclear
      below = least(below, records.hopsToUsersets(slab, one, edges))
      if (!isAllAbove) continue
      if (!spendOnIds(sight, records.lookups(slab, all, edges))) return unclear
      below = least(below, records.hopsToUsersets(slab, all, edges))
    }
    // Nobody below is no answer where something below may fail or refuse.
    if (below === absent && (met & records.unindexed) !== 0) return unclear
  }
  for (let i = 0; i < parents.length && below === absent; i++) {
    const { tupleset, computed } = parents[i] as Flat['parents'][number]
    below = belowParents(sight, graph.keptIn(object + tupleset.ordinal, tick), computed, one, all)
    if (below === unclear) return unclear
  }
  if (below === absent) return absent
  return 1 + below < hopsMax ? 1 + below : unclear
}

/** Of the parents that edges name. @param edges - 0: not known */
function belowParents(
  sight: Sight,
  edges: number,
  computed: Flat['parents'][number]['computed'],
  one: number,
  all: number,
): number {
  const { arena } = sight.graph
  const { slab } = arena
  if (edges === 0 || (records.flagsOf(slab, edges) & unlisted) !== 0) return unclear
  const parents = records.count(slab, edges)
  if (!spendOnIds(sight, parents)) return unclear
  let below = absent
  for (let i = 0; i < parents; i++) {
    const parent = records.idAt(slab, edges, i)
    const rung = computed[arena.typeOf(parent)]
    if (rung === undefined) continue
    const target = parent + rung.ordinal
    below = least(below, records.hopsTo(slab, one, target))
    below = least(below, records.hopsTo(slab, all, target))
    if (below === absent && !rung.isIndexed) return unclear
  }
  return below
}

/** Both may be `absent`. */
function least(hops: number, other: number): number {
  return hops === absent || (other !== absent && other < hops) ? other : hops
}
