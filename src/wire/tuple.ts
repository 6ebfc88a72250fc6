/** Tuples on the wire: `{user, relation, object, condition, expires_at}` to and from the nouns of src/tuple. */
import type { JsonObject } from '../lib/json.ts'
import type { StoredTuple, Tuple, TupleKey } from '../tuple/tuple.ts'
import { struct } from './context.ts'
import { conditionNamePattern, objectPattern, relationPattern } from './patterns.ts'
import { type Decode, given, list, message, text } from './shape.ts'
import { instant, printInstant } from './time.ts'

const key = {
  user: text({ bytesMax: 512 }),
  relation: text({ pattern: relationPattern, ignoreEmpty: true }),
  object: text({ pattern: objectPattern, ignoreEmpty: true }),
}

const tupleKey = message('TupleKey', {
  ...key,
  condition: message('RelationshipCondition', {
    name: text({ pattern: conditionNamePattern }),
    context: struct(),
  }),
  expires_at: instant(),
})
const tupleKeyWithoutCondition = message('TupleKeyWithoutCondition', key)

/** A tuple to write, or a contextual one. */
export const tuple: Decode<Tuple | undefined> = (value, place) => {
  const body = tupleKey(value, place)
  if (body === undefined) return undefined
  const condition = body.condition && given({ name: body.condition.name, context: body.condition.context })
  return given({
    object: body.object,
    relation: body.relation,
    subject: body.user,
    condition,
    expiresAt: body.expires_at,
  })
}

/** The identity of a tuple to delete; whatever else is in it is ignored. */
export const bareTuple: Decode<TupleKey | undefined> = (value, place) => {
  const body = tupleKeyWithoutCondition(value, place)
  return body && { object: body.object, relation: body.relation, subject: body.user }
}

/** Tuples of one request that a question may bring along (contract 3.2). */
const contextualMax = 100

/** `{tuple_keys: [...]}`, as every verb but list-users carries them. */
export const contextualTuples: Decode<readonly Tuple[]> = (value, place) =>
  contextualKeys(value, place)?.tuple_keys ?? []
const contextualKeys = message('ContextualTupleKeys', { tuple_keys: list(tuple, { max: contextualMax }) })

/** A bare array, as list-users (and, with a smaller bound, an assertion) carries them. */
export function contextualArray(max = contextualMax): Decode<readonly Tuple[]> {
  return list(tuple, { max })
}

/** A tuple's key as an answer carries it: `condition` is always there, `expires_at` only when it expires. */
export function encodeTuple({ object, relation, subject, condition, expiresAt }: Tuple): JsonObject {
  return given({
    user: subject,
    relation,
    object,
    condition: condition ? { name: condition.name, context: condition.context ?? {} } : null,
    expires_at: expiresAt === undefined ? undefined : printInstant(expiresAt),
  })
}

/** A tuple as Read answers it. */
export function encodeStoredTuple(stored: StoredTuple): JsonObject {
  return { key: encodeTuple(stored), timestamp: printInstant(stored.timestamp) }
}

/** One line of an import or export: only what is set. */
export function encodeLine({ object, relation, subject, condition, expiresAt }: Tuple): JsonObject {
  return given({
    user: subject,
    relation,
    object,
    condition: condition && given({ name: condition.name, context: condition.context }),
    expires_at: expiresAt === undefined ? undefined : printInstant(expiresAt),
  })
}
