/** A check from memory alone, in one go: a decision that was kept, or what the resident graph can tell. */
import { objectBytesMax } from '../tuple/object.ts'
import type { TupleKey } from '../tuple/tuple.ts'
import type { Recalled } from './resident/decisions.ts'
import type { Graph } from './resident/graph.ts'
import { absent } from './resident/reach.ts'
import { recall } from './resident/recall.ts'
import type { Rung } from './resident/rung.ts'
import type { Sight } from './resident/sight.ts'

/** A question in the ids of a graph. */
export interface Recollectable {
  readonly graph: Graph
  readonly object: number
  readonly rung: Rung
  readonly subject: number
  /** A plain subject: no userset, no typed wildcard. */
  readonly isIndividual: boolean
}

/**
 * Where the graph has met both names before, so that they are known to be well formed and of the model's types. It may
 * have met the object as a subject only, and these may be longer.
 */
export function known(graph: Graph, { object, relation, subject }: TupleKey): Recollectable | undefined {
  // No character takes more than three bytes a unit: most names need no counting.
  if (object.length * 3 > objectBytesMax && Buffer.byteLength(object) > objectBytesMax) return undefined
  const objectId = graph.findIndividual(object)
  const subjectId = graph.findIndividual(subject)
  if (objectId === 0 || subjectId === 0) return undefined
  const rung = graph.kindOf(objectId).byName.get(relation)
  if (rung === undefined) return undefined
  return { graph, object: objectId, rung, subject: subjectId, isIndividual: true }
}

/**
 * Undefined: memory cannot tell, or knows no proof of less than `depthMax` hops. Never throws for what was asked.
 * @param sight - of the question's graph
 */
export function recollect(sight: Sight, asked: Recollectable, depthMax: number): Recalled | undefined {
  const { counts } = asked.graph.sampler
  const kept = asked.graph.decisions?.find(sight, asked.object + asked.rung.ordinal, asked.subject)
  if (kept !== undefined) {
    if (kept.hops >= depthMax) return undefined
    counts.decisions += 1
    return kept
  }
  if (!asked.isIndividual) return undefined
  const individual = asked.graph.individual(asked.subject)
  const hops = recall(sight, asked.object, asked.rung, individual, depthMax)
  if (hops === undefined || hops >= depthMax) return undefined
  counts.graph += 1
  return hops === absent ? denied : { allowed: true, hops, source: 'graph' }
}

const denied: Recalled = Object.freeze({ allowed: false, hops: 0, source: 'graph' })
