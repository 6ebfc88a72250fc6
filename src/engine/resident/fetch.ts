/** Records made: from the graph before, or from storage, of what the model accepts. Who keeps them is graph.ts's affair. */
import type { Relation } from '../../model/model.ts'
import { isVisible, visible } from '../../model/tuple-check.ts'
import type { Edges } from '../../storage/storage.ts'
import { typeOf } from '../../tuple/object.ts'
import { isUserset, isWildcard } from '../../tuple/subject.ts'
import type { Graph } from './graph.ts'
import * as records from './records.ts'
import type { Rung } from './rung.ts'
import type { Sight } from './sight.ts'

/** A record of the graph before, in the ids of this one; 0: it has none, or one too old. @param slot - that it is for */
export function inherit({ graph, tick }: Sight, slot: number): number {
  const { arena, older } = graph
  if (older === undefined) return 0
  const object = arena.objectOf(slot)
  const there = older.find(arena.name(object))
  if (there === 0) return 0
  // Both are of one model, so their cards have one layout.
  const address = older.keptIn(there + (slot - object), tick)
  if (address === 0) return 0
  return records.translate(older.arena.slab, address, arena.slab, (from) => {
    const object = older.arena.objectOf(from)
    return graph.id(older.arena.name(object)) + (from - object)
  })
}

/** The edges at object#relation; 0: too much has been fetched. */
export function fetchEdges(sight: Sight, id: number): number {
  const { graph, view, tick } = sight
  const rung = graph.rung(id)
  if (rung === undefined || sight.loads-- <= 0) return 0
  const object = graph.arena.name(graph.arena.objectOf(id))
  const { relation } = rung
  return writeEdges(graph, tick, relation, view.edges(object, relation.name))
}

function writeEdges(graph: Graph, readAt: number, relation: Relation, edges: Edges): number {
  const { plain, qualified } = edges
  const named: number[] = []
  const usersets: number[] = []
  let flags = plain === undefined ? records.spread : 0
  const isAccepted = (subject: string) => !qualified.has(subject) && isVisible(relation, subject)
  if (plain !== undefined) {
    for (const subject of plain) if (isAccepted(subject)) named.push(graph.id(subject))
  }
  for (const subject of edges.usersets) {
    const isEverybody = isWildcard(subject)
    if (isEverybody) flags |= records.wildcard
    if (!isAccepted(subject)) continue
    if (isEverybody) named.push(graph.id(subject))
    else if (writeUserset(graph, subject, usersets)?.isIndexed === false) flags |= records.unindexed
  }
  const doubtful: number[] = []
  const doubtfulUsersets: number[] = []
  for (const subject of qualified) {
    if (isUserset(subject)) writeUserset(graph, subject, doubtfulUsersets)
    else if (graph.lattice.kind(typeOf(subject)) !== undefined) doubtful.push(graph.id(subject))
  }
  return records.writeEdges(graph.arena.slab, { readAt, flags, named, usersets, doubtful, doubtfulUsersets })
}

/** The relation that it names, where the model has that. */
function writeUserset(graph: Graph, subject: string, ids: number[]): Rung | undefined {
  const rung = graph.target(subject)
  if (rung !== undefined) ids.push(graph.id(subject.slice(0, subject.indexOf('#'))) + rung.ordinal)
  return rung
}

/** Where a subject is placed, as far as that can lead on; 0: too much has been fetched. */
export function fetchPlacements(sight: Sight, id: number): number {
  const { graph, view, tick } = sight
  if (sight.loads-- <= 0) return 0
  const subject = graph.nameOf(id)
  const found = view.reverse(subject)
  const ids: number[] = []
  let isPartial = found === undefined
  let at: Rung | undefined
  let type = ''
  let last = ''
  for (const { object, relation, qualified } of found ?? []) {
    // In order of their objects: the next is mostly of the same type and relation.
    if (relation !== last || !object.startsWith(type)) {
      last = relation
      type = object.slice(0, object.indexOf(':') + 1)
      at = graph.lattice.kind(typeOf(object))?.byName.get(relation)
    }
    if (at === undefined || !(at.isStep || at.relation.isTupleset)) continue
    if (qualified) {
      const tuple = view.tuple(object, relation, subject)
      if (tuple !== undefined && visible(graph.model, at.relation, tuple)) isPartial = true
    } else if (isVisible(at.relation, subject)) {
      ids.push(graph.id(object) + at.ordinal)
    }
  }
  return records.writePlacements(graph.arena.slab, {
    readAt: tick,
    flags: isPartial ? records.partial : 0,
    ids,
  })
}
