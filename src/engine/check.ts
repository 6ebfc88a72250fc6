/** Is the subject a member of object#relation? One walk; an answer, or a fault. */
import { assert } from '../lib/assert.ts'
import type { Relation } from '../model/model.ts'
import { typeOf } from '../tuple/object.ts'
import type { TupleKey } from '../tuple/tuple.ts'
import { leastHops, tooDeep } from './depth.ts'
import { answer } from './drive.ts'
import { Reader } from './reader.ts'
import { absent } from './resident/reach.ts'
import { graphFor, recall } from './resident/recall.ts'
import type { Scope } from './scope.ts'
import { hopsOf, membershipOf, type Operand } from './vertex.ts'
import { Walk } from './walk.ts'

export interface Decision {
  readonly allowed: boolean
  /** Of an allow: tuple hops of the proof that was found. */
  readonly hops: number
}

/**
 * @param key - an object, relation and subject that the model knows
 * @throws Fault validation_error: a condition on the way could not be evaluated and nothing else decided;
 * authorization_model_resolution_too_complex; deadline_exceeded
 */
export async function check(scope: Scope, key: TupleKey): Promise<Decision> {
  const relation = relationOf(scope, key)
  const hops = remembered(scope, key, relation)
  if (hops !== undefined && hops < scope.depthMax)
    return { allowed: hops !== absent, hops: Math.max(hops, 0) }
  const reader = new Reader(scope)
  try {
    return await decide(scope, new Walk(scope, reader, key.subject), key)
  } finally {
    reader.release()
  }
}

/** Tuple hops of a proof that the resident graph has, or `absent`; undefined: it cannot tell. */
function remembered(scope: Scope, { object, subject }: TupleKey, relation: Relation): number | undefined {
  const graph = graphFor(scope, scope.view, subject)
  if (graph === undefined) return undefined
  const rung = graph.lattice.rung(relation)
  return recall(
    graph.sight(scope.view),
    graph.id(object),
    rung,
    graph.individual(graph.id(subject)),
    scope.depthMax,
  )
}

/** The same on a walk that has answered questions about this subject before: what it settled is shared. */
export async function decide(scope: Scope, walk: Walk, key: TupleKey): Promise<Decision> {
  const relation = relationOf(scope, key)
  const found = decisionOf(await answer(walk, key.object, relation))
  if (!found.allowed || found.hops < scope.depthMax) return found
  // There may be a shorter proof than the one that came first.
  const hops = await leastHops(scope, walk.reader, { object: key.object, relation }, walk.subject)
  if (hops >= scope.depthMax) throw tooDeep()
  return { allowed: true, hops }
}

function relationOf(scope: Scope, { object, relation }: TupleKey): Relation {
  const defined = scope.model.relation(typeOf(object), relation)
  assert(defined !== undefined, 'the relation was looked up at the door')
  return defined
}

/** @throws the fault of an operand that failed */
function decisionOf(operand: Operand): Decision {
  const membership = membershipOf(operand)
  if (membership === 'error') {
    assert(typeof operand !== 'string' && operand.fault !== undefined, 'an error carries its fault')
    throw operand.fault
  }
  return { allowed: membership === 'member', hops: hopsOf(operand) }
}
