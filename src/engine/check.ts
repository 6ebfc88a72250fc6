/** Is the subject a member of object#relation? One walk; an answer, or a fault. */
import { assert } from '../lib/assert.ts'
import { typeOf } from '../tuple/object.ts'
import type { TupleKey } from '../tuple/tuple.ts'
import { leastHops, tooDeep } from './depth.ts'
import { answer } from './drive.ts'
import { Reader } from './reader.ts'
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
  const reader = new Reader(scope)
  try {
    return await decide(scope, new Walk(scope, reader, key.subject), key)
  } finally {
    reader.release()
  }
}

/** The same on a walk that has answered questions about this subject before: what it settled is shared. */
export async function decide(
  scope: Scope,
  walk: Walk,
  { object, relation: name }: TupleKey,
): Promise<Decision> {
  const relation = scope.model.relation(typeOf(object), name)
  assert(relation !== undefined, 'the relation was looked up at the door')
  const found = decisionOf(await answer(walk, object, relation))
  if (!found.allowed || found.hops < scope.depthMax) return found
  // There may be a shorter proof than the one that came first.
  const hops = await leastHops(scope, walk.reader, { object, relation }, walk.subject)
  if (hops >= scope.depthMax) throw tooDeep()
  return { allowed: true, hops }
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
