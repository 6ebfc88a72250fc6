/**
 * Answers on the wire, with protojson's emission rules (contract 0.1): empty, false and null are written out,
 * members of a oneof only when they are the one chosen. Kith's own fields are added only where they say something.
 */
import { type Fault, type FaultCode, faultOf } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import type { ModelJson } from '../model/json.ts'
import { parseSubject } from '../tuple/subject.ts'
import type { Tuple } from '../tuple/tuple.ts'
import { given } from './shape.ts'
import { printInstant } from './time.ts'
import { encodeTuple } from './tuple.ts'

export function encodeCheck({
  allowed,
  resolution,
  trace,
}: {
  readonly allowed: boolean
  readonly resolution: string
  readonly trace?: JsonObject
}): JsonObject {
  return trace === undefined ? { allowed, resolution } : { allowed, resolution, trace }
}

export function encodeBatchCheck(results: ReadonlyMap<string, boolean | Error>): JsonObject {
  // fromEntries defines own properties: a correlation id `__proto__` is one more key.
  return {
    result: Object.fromEntries(
      Array.from(results, ([id, result]): [string, JsonObject] => [
        id,
        typeof result === 'boolean' ? { allowed: result } : { error: encodeItemError(faultOf(result)) },
      ]),
    ),
  }
}

/**
 * The same as text. Ids are `[\w-]`, so nothing in them needs an escape; but an object has its numbers first and in
 * order, so ids that may be numbers are left to it.
 */
export function printBatchCheck(results: ReadonlyMap<string, boolean | Error>): string {
  let text = ''
  for (const [id, result] of results) {
    if (isNumberLike(id)) return JSON.stringify(encodeBatchCheck(results))
    const said =
      result === true
        ? '":{"allowed":true}'
        : result === false
          ? '":{"allowed":false}'
          : `":${JSON.stringify({ error: encodeItemError(faultOf(result)) })}`
    text += text === '' ? `"${id}${said}` : `,"${id}${said}`
  }
  return `{"result":{${text}}}`
}

/** Whether an id is all digits; nearly every other one is told by its ends. */
function isNumberLike(id: string): boolean {
  return isDigit(id.charCodeAt(0)) && isDigit(id.charCodeAt(id.length - 1)) && /^\d+$/.test(id)
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** Contract 1.7: what a failed item says. */
function encodeItemError({ code, message }: Fault): JsonObject {
  const internal = internalItemCodes[code]
  if (internal === undefined) return { input_error: inputItemCodes[code] ?? 'validation_error', message }
  return { internal_error: internal, message: code === 'internal_error' ? 'Internal Server Error' : message }
}

const inputItemCodes: Partial<Record<FaultCode, string>> = {
  invalid_tuple: 'invalid_tuple',
  authorization_model_resolution_too_complex: 'authorization_model_resolution_too_complex',
}
const internalItemCodes: Partial<Record<FaultCode, string>> = {
  deadline_exceeded: 'deadline_exceeded',
  internal_error: 'internal_error',
  resource_exhausted: 'resource_exhausted',
  unavailable: 'unavailable',
  not_yet_fresh: 'unavailable',
}

/** @param asked - whether it asked for a page */
export function encodeObjects(
  answer: { readonly objects: readonly string[] } & ListEnd,
  { pageSize, continuationToken }: { readonly pageSize?: number; readonly continuationToken?: string },
): JsonObject {
  const paged = pageSize !== undefined || continuationToken !== undefined
  return { objects: answer.objects, ...encodeListEnd(answer, paged) }
}

interface ListEnd {
  readonly continuationToken: string
  readonly truncated: boolean
}

/** What paging and limits add to a list; nothing where neither was in play. */
export function encodeListEnd(answer: ListEnd, paged: boolean): JsonObject {
  return given({
    continuation_token: paged ? answer.continuationToken : undefined,
    truncated: answer.truncated || undefined,
  })
}

/** `user:anne`, `user:*` or `group:eng#member` as list-users answers it. */
export function encodeUser(user: string): JsonObject {
  const { type, id, relation } = parseSubject(user) ?? { type: '', id: user, relation: undefined }
  if (relation !== undefined) return { userset: { type, id, relation } }
  return id === '*' ? { wildcard: { type } } : { object: { type, id } }
}

export function encodeChange(change: {
  readonly operation: 'write' | 'delete'
  readonly tuple: Tuple
  readonly timestamp: number
}): JsonObject {
  const { object, relation, subject } = change.tuple
  const isDelete = change.operation === 'delete'
  return {
    tuple_key: encodeTuple(isDelete ? { object, relation, subject } : change.tuple),
    operation: isDelete ? 'TUPLE_OPERATION_DELETE' : 'TUPLE_OPERATION_WRITE',
    timestamp: printInstant(change.timestamp),
  }
}

interface StoreFields {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  readonly updatedAt: number
}

/** As create and rename answer it. */
export function encodeNewStore({ id, name, createdAt, updatedAt }: StoreFields): JsonObject {
  return { id, name, created_at: printInstant(createdAt), updated_at: printInstant(updatedAt) }
}

/** As get and list answer it. A deleted store is never answered, so `deleted_at` is always null. */
export function encodeStore(store: StoreFields): JsonObject {
  return { ...encodeNewStore(store), deleted_at: null }
}

export function encodeModel({ id, json }: { readonly id: string; readonly json: ModelJson }) {
  const { schema_version, type_definitions, conditions = {} } = json
  return { id, schema_version, type_definitions, conditions }
}
