/** Is the subject a member of object#relation? One walk; an answer, or a fault. */
import { assert } from '../lib/assert.ts'
import { typeOf } from '../tuple/object.ts'
import type { TupleKey } from '../tuple/tuple.ts'
import { answer } from './drive.ts'
import { Reader } from './reader.ts'
import type { Scope } from './scope.ts'
import { membershipOf, type Operand } from './vertex.ts'
import { Walk } from './walk.ts'

export interface Decision {
  readonly allowed: boolean
  /** Tuple hops the evaluation took. */
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

/**
 * The same on a walk that has answered questions about this subject before. Where that walk failed by depth the
 * question is asked alone: another question may have gone round a circle the long way.
 */
export async function decide(scope: Scope, walk: Walk, key: TupleKey): Promise<Decision> {
  const operand = await operandOf(scope, walk, key)
  const failed = membershipOf(operand) === 'error' && typeof operand !== 'string' && operand.cut
  if (!failed || walk.isFresh) return decisionOf(operand)
  return decisionOf(await operandOf(scope, new Walk(scope, walk.reader, walk.subject), key))
}

function operandOf(scope: Scope, walk: Walk, { object, relation }: TupleKey): Promise<Operand> {
  const defined = scope.model.relation(typeOf(object), relation)
  assert(defined !== undefined, 'the relation was looked up at the door')
  return answer(walk, object, defined)
}

/** @throws the fault of an operand that failed */
export function decisionOf(operand: Operand): Decision {
  const membership = membershipOf(operand)
  const hops = typeof operand === 'string' ? 0 : operand.height
  if (membership === 'error') {
    assert(typeof operand !== 'string' && operand.fault !== undefined, 'an error carries its fault')
    throw operand.fault
  }
  return { allowed: membership === 'member', hops }
}
