/** When two questions are the same: by structure, never by text glued together. */
import { canonical } from '../lib/canonical.ts'
import type { JsonObject } from '../lib/json.ts'
import type { Tuple, TupleKey } from '../tuple/tuple.ts'

/**
 * Equal for equal checks only. The order of contextual tuples counts: of two with one key, one is seen.
 */
export function canonicalCheck(check: {
  readonly tuple: TupleKey
  readonly contextual?: readonly Tuple[]
  readonly context?: JsonObject
}): string {
  const { object, relation, subject } = check.tuple
  return canonical([
    [object, relation, subject],
    (check.contextual ?? []).map(canonicalTuple),
    check.context ?? {},
  ])
}

/** Equal for equal tuples only, payload included. An absent context is an empty one. */
export function canonicalTuple({ object, relation, subject, condition, expiresAt }: Tuple): string {
  const carried = condition === undefined ? null : [condition.name, condition.context ?? {}]
  return canonical([object, relation, subject, carried, expiresAt ?? null])
}
