/** Is the subject a member of object#relation? One walk over storage, and the depth limit on what it found. */
import { assert } from '../lib/assert.ts'
import type { Relation } from '../model/model.ts'
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

/** Decided in a walk of its own. @throws Fault as check does */
export async function walk(scope: Scope, key: TupleKey): Promise<Decision> {
  const reader = new Reader(scope, scope.resident)
  try {
    return await decide(scope, new Walk(scope, reader, key.subject), key)
  } finally {
    reader.release()
  }
}

/** Decided on a walk that has answered questions about this subject before: what it settled is shared. */
export async function decide(scope: Scope, walk: Walk, key: TupleKey): Promise<Decision> {
  const relation = relationOf(scope, key)
  const found = decisionOf(await answer(walk, key.object, relation))
  if (!found.allowed || found.hops < scope.depthMax) return found
  // There may be a shorter proof than the one that came first.
  const hops = await leastHops(scope, walk.reader, { object: key.object, relation }, walk.subject)
  if (hops >= scope.depthMax) throw tooDeep()
  return { allowed: true, hops }
}

/** The relation of a key that was judged at the door. */
export function relationOf(scope: Scope, { object, relation }: TupleKey): Relation {
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
