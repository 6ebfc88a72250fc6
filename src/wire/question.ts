/** Questions on the wire: check, batch-check, expand, explain, list-objects and list-users requests. */
import { struct } from './context.ts'
import {
  correlationIdPattern,
  cursorRule,
  idPattern,
  modelIdRule,
  objectPattern,
  relationPattern,
  typePattern,
  userPattern,
} from './patterns.ts'
import { bool, given, integer, isObject, list, message, oneOf, request, required, text } from './shape.ts'
import { contextualArray, contextualTuples } from './tuple.ts'

const consistency = oneOf(['UNSPECIFIED', 'MINIMIZE_LATENCY', 'HIGHER_CONSISTENCY'])

const checkedKey = required(
  message('CheckRequestTupleKey', {
    user: text({ pattern: userPattern }),
    relation: text({ pattern: relationPattern }),
    object: text({ pattern: objectPattern }),
  }),
)

const checkBody = request('CheckRequest', {
  tuple_key: checkedKey,
  contextual_tuples: contextualTuples,
  authorization_model_id: text(modelIdRule),
  trace: bool(),
  context: struct(),
  consistency,
})

/** Where the key of a check stands. */
const keyPlace = { message: 'CheckRequest', field: 'TupleKey', name: 'tuple_key', top: true }

/** Check, and explain, which asks the same thing. */
export function decodeCheck(value: unknown): DecodedCheck {
  // A key and nothing else, as nearly every check: its one field is judged as the table below would.
  if (isObject(value) && Object.hasOwn(value, 'tuple_key') && Object.keys(value).length === 1) {
    return { tuple: tupleOf(checkedKey(value.tuple_key ?? undefined, keyPlace)) }
  }
  return decodeWhole(value)
}

type DecodedCheck = ReturnType<typeof decodeWhole>

function decodeWhole(value: unknown) {
  const body = checkBody(value)
  return given({ tuple: tupleOf(body.tuple_key), trace: body.trace || undefined, ...common(body) })
}

const batchBody = request('BatchCheckRequest', {
  checks: list(
    message('BatchCheckItem', {
      tuple_key: checkedKey,
      contextual_tuples: contextualTuples,
      context: struct(),
      correlation_id: text({ pattern: correlationIdPattern }),
    }),
    { min: 1 },
  ),
  authorization_model_id: text(modelIdRule),
  consistency,
})

export function decodeBatchCheck(value: unknown) {
  const body = batchBody(value)
  return given({
    model: body.authorization_model_id || undefined,
    higherConsistency: body.consistency === 'HIGHER_CONSISTENCY' || undefined,
    checks: body.checks.map((item) =>
      given({
        correlationId: item.correlation_id,
        tuple: tupleOf(item.tuple_key),
        contextual: item.contextual_tuples.length > 0 ? item.contextual_tuples : undefined,
        context: item.context,
      }),
    ),
  })
}

const expandFields = {
  tuple_key: required(
    message('ExpandRequestTupleKey', {
      relation: text({ pattern: relationPattern, ignoreEmpty: true }),
      object: text({ pattern: objectPattern, ignoreEmpty: true }),
    }),
  ),
  authorization_model_id: text(modelIdRule),
  consistency,
  contextual_tuples: contextualTuples,
}
const expandBody = request('ExpandRequest', expandFields)

/** One level; conditions are not evaluated, so there is no context. */
export function decodeExpand(value: unknown) {
  const body = expandBody(value)
  return given({ object: body.tuple_key.object, relation: body.tuple_key.relation, ...common(body) })
}

const expandAllBody = request('ExpandRequest', {
  ...expandFields,
  context: struct(),
  page_size: integer(1, 1000, true),
  continuation_token: text(cursorRule),
})

/** Kith's own expand, to the leaves, in pages. */
export function decodeExpandAll(value: unknown) {
  const body = expandAllBody(value)
  return given({
    object: body.tuple_key.object,
    relation: body.tuple_key.relation,
    ...common(body),
    ...paging(body),
  })
}

const listObjectsFields = {
  authorization_model_id: text(modelIdRule),
  type: text({ pattern: typePattern }),
  relation: text({ pattern: relationPattern }),
  user: text({ pattern: userPattern }),
  contextual_tuples: contextualTuples,
  context: struct(),
  consistency,
  page_size: integer(1, 1000, true),
  continuation_token: text(cursorRule),
}
const listObjectsBody = request('ListObjectsRequest', listObjectsFields)
const streamedListObjectsBody = request('StreamedListObjectsRequest', listObjectsFields)

export function decodeListObjects(value: unknown) {
  const body = listObjectsBody(value)
  return Object.assign(listed(body), paging(body))
}

/** A stream has no pages. */
export function decodeStreamedListObjects(value: unknown) {
  return listed(streamedListObjectsBody(value))
}

const listUsersBody = request('ListUsersRequest', {
  authorization_model_id: text(modelIdRule),
  object: required(
    message('Object', {
      type: text({ pattern: typePattern }),
      id: text({ pattern: idPattern, bytesMax: 256 }),
    }),
  ),
  relation: text({ pattern: relationPattern }),
  user_filters: list(
    message('UserTypeFilter', {
      type: text({ pattern: typePattern }),
      relation: text({ pattern: relationPattern, ignoreEmpty: true }),
    }),
    { min: 1, max: 1 },
  ),
  contextual_tuples: contextualArray(),
  context: struct(),
  consistency,
  page_size: integer(1, 1000, true),
  continuation_token: text(cursorRule),
})

export function decodeListUsers(value: unknown) {
  const body = listUsersBody(value)
  const [filter = { type: '', relation: '' }] = body.user_filters
  return given({
    object: `${body.object.type}:${body.object.id}`,
    relation: body.relation,
    filter: given({ type: filter.type, relation: filter.relation || undefined }),
    ...common(body),
    ...paging(body),
  })
}

type ListObjectsBody = ReturnType<typeof listObjectsBody>

function listed(body: ListObjectsBody) {
  return given({ type: body.type, relation: body.relation, subject: body.user, ...common(body) })
}

/** What every question carries, in the words of src/service/requests.ts. */
function common(body: {
  readonly authorization_model_id: string
  readonly contextual_tuples: ReturnType<typeof contextualTuples>
  readonly consistency: ReturnType<typeof consistency>
  readonly context?: ReturnType<ReturnType<typeof struct>>
}) {
  return given({
    model: body.authorization_model_id || undefined,
    contextual: body.contextual_tuples.length > 0 ? body.contextual_tuples : undefined,
    context: body.context,
    higherConsistency: body.consistency === 'HIGHER_CONSISTENCY' || undefined,
  })
}

function paging(body: { readonly page_size: number | undefined; readonly continuation_token: string }) {
  return given({
    pageSize: body.page_size,
    continuationToken: body.continuation_token || undefined,
  })
}

function tupleOf(key: ReturnType<typeof checkedKey>) {
  return { object: key.object, relation: key.relation, subject: key.user }
}
