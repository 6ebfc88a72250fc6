/** Records made: from the graph before, or from storage, of what the model accepts. Who keeps them is graph.ts's affair. */
import type { Relation } from '../../model/model.ts'
import { visible } from '../../model/tuple-check.ts'
import type { Edges } from '../../storage/storage.ts'
import { typeOf } from '../../tuple/object.ts'
import { isUserset, isWildcard } from '../../tuple/subject.ts'
import type { Graph } from './graph.ts'
import * as records from './records.ts'
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
  return writeEdges(graph, tick, object, relation, view.edges(object, relation.name))
}

function writeEdges(graph: Graph, readAt: number, object: string, relation: Relation, edges: Edges): number {
  const { qualified } = edges
  const accepted = (subject: string) =>
    !qualified.has(subject) && visible(graph.model, relation, { object, relation: relation.name, subject })
  const everybody = edges.usersets.filter((subject) => isWildcard(subject) && accepted(subject))
  const plain = (edges.plain ?? []).filter(accepted)
  const usersets = edges.usersets.filter((subject) => !isWildcard(subject) && accepted(subject))
  const doubtful = [...qualified].filter((subject) => graph.lattice.kind(typeOf(subject)) !== undefined)
  return records.writeEdges(graph.arena.slab, {
    readAt,
    flags:
      (edges.plain === undefined ? records.spread : 0) |
      (edges.usersets.some(isWildcard) ? records.wildcard : 0) |
      (usersets.some((subject) => graph.target(subject)?.isConditional === true) ? records.conditional : 0),
    named: [...plain, ...everybody].map((subject) => graph.id(subject)),
    usersets: usersets.flatMap((subject) => graph.userset(subject) ?? []),
    doubtful: doubtful.filter((subject) => !isUserset(subject)).map((subject) => graph.id(subject)),
    doubtfulUsersets: doubtful.filter(isUserset).flatMap((subject) => graph.userset(subject) ?? []),
  })
}

/** Where a subject is placed, as far as that can lead on; 0: too much has been fetched. */
export function fetchPlacements(sight: Sight, id: number): number {
  const { graph, view, tick } = sight
  if (sight.loads-- <= 0) return 0
  const subject = graph.nameOf(id)
  const found = view.reverse(subject)
  const ids: number[] = []
  let isPartial = found === undefined
  for (const { object, relation, qualified } of found ?? []) {
    const at = graph.lattice.kind(typeOf(object))?.byName.get(relation)
    if (at === undefined || !(at.isStep || at.relation.isTupleset)) continue
    if (qualified) {
      const tuple = view.tuple(object, relation, subject)
      if (tuple !== undefined && visible(graph.model, at.relation, tuple)) isPartial = true
    } else if (visible(graph.model, at.relation, { object, relation, subject })) {
      ids.push(graph.id(object) + at.ordinal)
    }
  }
  return records.writePlacements(graph.arena.slab, {
    readAt: tick,
    flags: isPartial ? records.partial : 0,
    ids,
  })
}
