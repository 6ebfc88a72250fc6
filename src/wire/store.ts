/** Reading and writing a store on the wire: stores, write, read, changes, assertions and model lists. */
import type { AssertionJson } from '../model/assertion.ts'
import type { Tuple } from '../tuple/tuple.ts'
import { struct } from './context.ts'
import {
  cursorRule,
  modelIdRule,
  objectPattern,
  placeRule,
  readUserPattern,
  relationPattern,
  storeNamePattern,
  typePattern,
  userPattern,
} from './patterns.ts'
import {
  bool,
  type Decode,
  given,
  integer,
  list,
  message,
  mistyped,
  oneOf,
  type Place,
  refuse,
  request,
  required,
  strictMessage,
  text,
} from './shape.ts'
import { instant } from './time.ts'
import { bareTuple, contextualArray, encodeTuple, tuple } from './tuple.ts'

const storeName = { name: text({ pattern: storeNamePattern }) }
export const decodeCreateStore = request('CreateStoreRequest', storeName)
export const decodeRenameStore = request('UpdateStoreRequest', storeName)

const pageFields = { page_size: integer(1, 100, true), continuation_token: text(cursorRule) }
const listStoresQuery = request('ListStoresRequest', { ...pageFields, name: text() })

export function decodeListStores(query: unknown) {
  const body = listStoresQuery(query)
  return given({ name: body.name || undefined, ...paging(body) })
}

const listModelsQuery = request('ReadAuthorizationModelsRequest', pageFields)

export function decodeListModels(query: unknown) {
  return paging(listModelsQuery(query))
}

/** A filter over tuples; empty fields are absent ones. */
const filterFields = {
  user: text({ pattern: userPattern, ignoreEmpty: true }),
  relation: text({ pattern: relationPattern, ignoreEmpty: true }),
  object: text({ pattern: objectPattern, ignoreEmpty: true }),
}
const deleteWhere = named(strictMessage('WriteRequestDeleteWhere', filterFields))

const existence = oneOf(['exist', 'not_exist'])
/** Said in words, never assumed and never by number: the two are opposites, and 0 is what a default looks like. */
const mustBe: Decode<ReturnType<typeof existence> | undefined> = (value, place) => {
  if (value === undefined) return undefined
  return typeof value === 'string' ? existence(value, place) : mistyped('enum', value, place)
}

const precondition = message('Precondition', {
  tuple: strictMessage('PreconditionTuple', {
    user: text({ pattern: userPattern }),
    relation: text({ pattern: relationPattern }),
    object: text({ pattern: objectPattern }),
  }),
  filter: named(strictMessage('PreconditionFilter', filterFields)),
  must: required(mustBe),
})

/** Preconditions of one write; each costs a read inside the commit. */
const preconditionsMax = 100

const writeBody = request('WriteRequest', {
  writes: message('WriteRequestWrites', { tuple_keys: list(tuple, { min: 1 }), on_duplicate: text() }),
  deletes: message('WriteRequestDeletes', { tuple_keys: list(bareTuple, { min: 1 }), on_missing: text() }),
  authorization_model_id: text(modelIdRule),
  delete_where: deleteWhere,
  preconditions: list(
    (value, place) => {
      const body = precondition(value, place)
      return body && { filter: filterOf(body.tuple, body.filter, place), must: body.must }
    },
    { max: preconditionsMax },
  ),
})

export function decodeWrite(value: unknown) {
  const body = writeBody(value)
  return given({
    model: body.authorization_model_id || undefined,
    writes: body.writes?.tuple_keys,
    deletes: body.deletes?.tuple_keys,
    onDuplicate: body.writes?.on_duplicate || undefined,
    onMissing: body.deletes?.on_missing || undefined,
    deleteWhere: body.delete_where,
    preconditions: body.preconditions.length > 0 ? body.preconditions : undefined,
  })
}

const readBody = request('ReadRequest', {
  tuple_key: message('ReadRequestTupleKey', {
    user: text({ pattern: readUserPattern, ignoreEmpty: true }),
    relation: text({ pattern: relationPattern, ignoreEmpty: true }),
    object: text({ pattern: objectPattern, ignoreEmpty: true }),
  }),
  ...pageFields,
  consistency: oneOf(['UNSPECIFIED', 'MINIMIZE_LATENCY', 'HIGHER_CONSISTENCY']),
})

/** An absent `tuple_key` asks for everything; a present one, even empty, is a filter to be judged. */
export function decodeRead(value: unknown) {
  const body = readBody(value)
  return given({ filter: body.tuple_key && compact(body.tuple_key), ...paging(body) })
}

const changesQuery = request('ReadChangesRequest', {
  type: text({ pattern: typePattern, ignoreEmpty: true }),
  ...pageFields,
  start_time: instant(),
})

export function decodeChanges(query: unknown) {
  const body = changesQuery(query)
  return given({ type: body.type || undefined, startTime: body.start_time, ...paging(body) })
}

/** The log's filters; empty fields are absent ones. */
const logFields = {
  type: text({ pattern: typePattern, ignoreEmpty: true }),
  object: text({ pattern: objectPattern, ignoreEmpty: true }),
  relation: text({ pattern: relationPattern, ignoreEmpty: true }),
  user: text({ pattern: userPattern, ignoreEmpty: true }),
  caller: text({ bytesMax: 512 }),
  start_time: instant(),
}
const historyQuery = request('HistoryRequest', {
  ...logFields,
  end_time: instant(),
  page_size: integer(1, 100, true),
  continuation_token: text(placeRule),
})
const watchQuery = request('WatchRequest', { ...logFields, after: text(placeRule) })
const storeChangesQuery = request('StoreChangesRequest', pageFields)

export function decodeHistory(query: unknown) {
  const body = historyQuery(query)
  return given({ endTime: body.end_time, ...paging(body), ...logFilter(body) })
}

/** @param lastEventId - what a client that lost its connection saw last: it wins, as its address stays as it was */
export function decodeWatch(query: unknown, lastEventId: string | undefined) {
  const body = watchQuery(lastEventId === undefined ? query : { ...Object(query), after: lastEventId })
  return given({ after: body.after || undefined, ...logFilter(body) })
}

export function decodeStoreChanges(query: unknown) {
  return paging(storeChangesQuery(query))
}

function logFilter(body: {
  readonly type: string
  readonly object: string
  readonly relation: string
  readonly user: string
  readonly caller: string
  readonly start_time: number | undefined
}) {
  return given({
    type: body.type || undefined,
    object: body.object || undefined,
    relation: body.relation || undefined,
    subject: body.user || undefined,
    caller: body.caller || undefined,
    startTime: body.start_time,
  })
}

/** Contract 1.11. */
const assertionsMax = 100
const assertionContextualMax = 20

const assertionsBody = request('WriteAssertionsRequest', {
  assertions: list(
    message('Assertion', {
      tuple_key: required(
        message('AssertionTupleKey', {
          object: text({ pattern: objectPattern }),
          relation: text({ pattern: relationPattern }),
          user: text({ pattern: userPattern }),
        }),
      ),
      expectation: bool(),
      contextual_tuples: contextualArray(assertionContextualMax),
      context: struct(),
    }),
    { max: assertionsMax },
  ),
})

/** Assertions in the very form they are answered in. */
export function decodeAssertions(value: unknown): readonly AssertionJson[] {
  return assertionsBody(value).assertions.map((assertion) => ({
    tuple_key: assertion.tuple_key,
    expectation: assertion.expectation,
    contextual_tuples: assertion.contextual_tuples.map(encodeTuple),
    context: assertion.context ?? null,
  }))
}

const importQuery = request('ImportRequest', {
  authorization_model_id: text(modelIdRule),
  on_duplicate: text(),
})

export function decodeImport(query: unknown) {
  const body = importQuery(query)
  return given({
    model: body.authorization_model_id || undefined,
    onDuplicate: body.on_duplicate || undefined,
  })
}

const here: Place = { message: 'ImportRequest', field: 'TupleKey', name: 'line', top: false }

/** One line of an import. An empty line is none: lines and tuples count alike. */
export function decodeLine(value: unknown): Tuple {
  return tuple(value ?? undefined, here) ?? refuse(here, 'value is required')
}

interface Filter {
  readonly user: string
  readonly relation: string
  readonly object: string
}

/** A filter that names something: an empty one would mean every tuple of the store. */
function named(decode: Decode<Filter | undefined>) {
  return (value: unknown, place: Place) => {
    const filter = decode(value, place)
    if (filter === undefined) return undefined
    const compacted = compact(filter)
    if (Object.keys(compacted).length === 0) refuse(place, 'value must name an object, a relation or a user')
    return compacted
  }
}

function filterOf(
  whole: Filter | undefined,
  filter: ReturnType<typeof compact> | undefined,
  place: Place,
): ReturnType<typeof compact> {
  if (whole !== undefined && filter === undefined) return whole
  if (filter !== undefined && whole === undefined) return filter
  return refuse(place, 'value must hold either a tuple or a filter')
}

function compact({ user, relation, object }: Filter) {
  return given({
    object: object || undefined,
    relation: relation || undefined,
    user: user || undefined,
  })
}

function paging(body: { readonly page_size: number | undefined; readonly continuation_token: string }) {
  return given({ pageSize: body.page_size, continuationToken: body.continuation_token || undefined })
}
