/**
 * The requests of the in-process door, each as the table of its fields. A field that a request's type has and its
 * table has not does not compile. What the strings mean is the service's affair.
 */
import { Fault } from '../lib/fault.ts'
import { decodeModel } from '../model/shape.ts'
import type * as service from '../service/requests.ts'
import type { Provenance, Tuple, TupleCondition, TupleKey } from '../tuple/tuple.ts'
import { storeNamePattern } from '../wire/patterns.ts'
import { decodeAssertions } from '../wire/store.ts'
import type { Kith } from './kith.ts'
import type * as r from './requests.ts'
import * as s from './shape.ts'

/** From a caller's value to what the service takes. @throws Fault validation_error, naming verb and field */
type Read<T> = (value: unknown) => T

const tuple = s.object<Tuple>({
  object: s.text,
  relation: s.text,
  subject: s.text,
  condition: s.optional(s.object<TupleCondition>({ name: s.text, context: s.optional(s.context) })),
  expiresAt: s.optional(s.instant),
})
const key = s.object<TupleKey>({ object: s.text, relation: s.text, subject: s.text })

const state = { store: s.id, atLeastAsFresh: s.optional(s.id) }
const versioned = { ...state, model: s.optional(s.id) }
const pages = { pageSize: s.optional(s.count), continuationToken: s.optional(s.text) }
const supposed = { contextual: s.optional(s.list(tuple)), context: s.optional(s.context) }
const question = {
  ...versioned,
  ...supposed,
  higherConsistency: s.optional(s.flag),
  depthMax: s.optional(s.within(1, Number.MAX_SAFE_INTEGER, true)),
}

function reading<T>(verb: string, decode: s.Decode<T>): Read<T> {
  return (value) => decode(value, verb)
}

export const checkRequest = reading(
  'check',
  s.object<service.CheckRequest>({ ...question, tuple: key, trace: s.optional(s.flag) }),
)

const batch = reading(
  'batchCheck',
  s.object<r.BatchCheckRequest>({
    ...versioned,
    higherConsistency: s.optional(s.flag),
    checks: s.list(s.object<r.BatchCheckItem>({ tuple: key, ...supposed })),
  }),
)

/** Correlated by position. */
export function batchCheckRequest(value: unknown): service.BatchCheckRequest {
  const { checks, ...rest } = batch(value)
  return { ...rest, checks: checks.map((check, index) => ({ ...check, correlationId: String(index) })) }
}

const placed = { ...question, object: s.text, relation: s.text }
export const expandRequest = reading('expand', s.object<service.ExpandRequest>(placed))
export const expandAllRequest = reading(
  'expandAll',
  s.object<service.ExpandAllRequest>({ ...placed, ...pages }),
)
export const explainRequest = reading(
  'explain',
  s.object<service.ExplainRequest>({ ...question, tuple: key }),
)

const listed = { ...question, type: s.text, relation: s.text, subject: s.text }
export const listObjectsRequest = reading(
  'listObjects',
  s.object<service.ListObjectsRequest>({ ...listed, ...pages }),
)
export const streamListObjectsRequest = reading(
  'streamListObjects',
  s.object<r.StreamListObjectsRequest>(listed),
)
export const listUsersRequest = reading(
  'listUsers',
  s.object<service.ListUsersRequest>({
    ...placed,
    ...pages,
    filter: s.object<service.ListUsersRequest['filter']>({ type: s.text, relation: s.optional(s.id) }),
  }),
)

// An empty part would match all: `subject: ''` in a deleteWhere would delete everybody's.
const filter = s.object<r.TupleFilter>({
  object: s.optional(s.id),
  relation: s.optional(s.id),
  subject: s.optional(s.id),
})
const onDuplicate = s.optional(s.oneOf(['error', 'ignore', 'update']))
const note = s.optional(s.id)
const noted = s.object<Provenance>({ caller: note, actor: note, source: note, requestId: note })
const provenance = s.optional(noted)
const embedded: Provenance = { source: 'embedded' }

/** What is kept of a change; a caller in code says of itself what it likes. */
function provided<Request extends { readonly provenance?: Provenance }>(request: Request): Request {
  return { ...request, provenance: { ...embedded, ...request.provenance } }
}

export const storeProvenance: s.Decode<Provenance> = (value, verb) => ({
  ...embedded,
  ...(value === undefined ? {} : noted(value, 'provenance', { name: verb, above: undefined })),
})

interface DryRunFields extends service.DifferencePaging {
  readonly dryRun?: boolean
}
const dryRunFields = { dryRun: s.optional(s.flag), ...pages, context: s.optional(s.context) }

/** What is to become of a change, and the change itself. */
export interface Wanted<Request> {
  readonly request: Request
  /** Absent: it is to be made. */
  readonly dryRun: service.DifferencePaging | undefined
}

/** @throws Fault validation_error: what only a dry run takes, without one */
function wanted<Request>(
  verb: string,
  { dryRun, pageSize, continuationToken, context, ...request }: Request & DryRunFields,
): Wanted<Omit<Request, keyof DryRunFields>> {
  const paging = {
    ...(pageSize === undefined ? {} : { pageSize }),
    ...(continuationToken === undefined ? {} : { continuationToken }),
    ...(context === undefined ? {} : { context }),
  }
  if (dryRun === true) return { request, dryRun: paging }
  const [stray] = Object.keys(paging)
  if (stray === undefined) return { request, dryRun: undefined }
  throw new Fault('validation_error', `${verb}: \`${stray}\` is for a dry run; add \`dryRun: true\``)
}

const written = reading(
  'write',
  s.object<r.WriteRequest & DryRunFields>({
    ...versioned,
    ...dryRunFields,
    writes: s.optional(s.list(tuple)),
    deletes: s.optional(s.list(key)),
    onDuplicate,
    onMissing: s.optional(s.oneOf(['error', 'ignore'])),
    deleteWhere: s.optional(filter),
    preconditions: s.optional(
      s.list(s.object<r.Precondition>({ filter, must: s.oneOf(['exist', 'not_exist']) })),
    ),
    provenance,
  }),
)

export function writeRequest(value: unknown): Wanted<service.WriteRequest> {
  const { request, dryRun } = wanted<r.WriteRequest>('write', written(value))
  const { deleteWhere, preconditions = [], ...rest } = provided(request)
  return {
    dryRun,
    request: {
      ...rest,
      ...(deleteWhere === undefined ? {} : { deleteWhere: asUser(deleteWhere) }),
      preconditions: preconditions.map(({ filter, must }) => ({ filter: asUser(filter), must })),
    },
  }
}

const readRequested = reading(
  'read',
  s.object<r.ReadRequest>({ ...state, ...pages, filter: s.optional(filter) }),
)

export function readRequest(value: unknown): service.ReadRequest {
  const { filter, ...rest } = readRequested(value)
  return filter === undefined ? rest : { ...rest, filter: asUser(filter) }
}

export const changesRequest = reading(
  'changes',
  s.object<service.ChangesRequest>({
    ...state,
    ...pages,
    type: s.optional(s.id),
    startTime: s.optional(s.instant),
  }),
)
const logged = {
  ...state,
  type: s.optional(s.id),
  object: s.optional(s.id),
  relation: s.optional(s.id),
  subject: s.optional(s.id),
  caller: s.optional(s.id),
  startTime: s.optional(s.instant),
}
export const historyRequest = reading(
  'history',
  s.object<r.HistoryRequest>({ ...logged, endTime: s.optional(s.instant), after: s.optional(s.id) }),
)
export const watchRequest = reading(
  'watch',
  s.object<service.WatchRequest>({ ...logged, after: s.optional(s.id) }),
)
export const storeChangesRequest = reading('storeChanges', s.object<service.StoreChangesRequest>(pages))

const imported = reading('importTuples', s.object<r.ImportRequest>({ ...versioned, onDuplicate, provenance }))
export const importRequest = (value: unknown): r.ImportRequest => provided(imported(value))
export const exportRequest = reading('exportTuples', s.object<service.StoreRequest>(state))

const name = s.matching(storeNamePattern.test, storeNamePattern.shown)
export const storeName: s.Decode<string> = (value, verb) =>
  name(value, 'name', { name: verb, above: undefined })
export const storeId: s.Decode<string> = (value, verb) => s.id(value, 'id', { name: verb, above: undefined })
export const storesRequest = reading(
  'stores',
  s.object<r.StoresRequest>({ ...pages, name: s.optional(s.id) }),
)

const json: s.Decode<object> = (value, name, above) =>
  typeof value === 'object' && value !== null ? value : s.refuse('an object', value, name, above)
interface ModelWritten extends service.ChangeRequest {
  readonly dsl?: string
  readonly json?: object
}
const modelWritten = reading(
  'writeModel',
  s.object<ModelWritten & DryRunFields>({
    ...state,
    ...dryRunFields,
    provenance,
    dsl: s.optional(s.text),
    json: s.optional(json),
  }),
)

/** The parser is loaded for the first text, and never for JSON. */
export async function writeModelRequest(value: unknown): Promise<Wanted<service.WriteModelRequest>> {
  const { request, dryRun } = wanted<ModelWritten>('writeModel', modelWritten(value))
  const { dsl, json, ...rest } = provided(request)
  if ((dsl === undefined) === (json === undefined)) {
    throw new Fault('validation_error', 'writeModel: give one model, as `dsl` or as `json`')
  }
  if (dsl === undefined) return { dryRun, request: { ...rest, json: decodeModel(json) } }
  const { parseDsl } = await import('../model/dsl.ts')
  return { dryRun, request: { ...rest, json: await parseDsl(dsl) } }
}

export const modelRequest = reading('model', s.object<r.ModelRequest>({ ...state, id: s.optional(s.id) }))
export const modelsRequest = reading('models', s.object<r.ModelsRequest>({ ...state, ...pages }))
export const assertionsRequest = reading(
  'assertions',
  s.object<r.AssertionsRequest>({ ...state, model: s.id }),
)

type AssertionsWritten = service.ChangeRequest &
  r.AssertionsRequest & { readonly assertions: readonly unknown[] }
const raw: s.Decode<unknown> = (value) => value
const assertionsWritten = reading(
  'writeAssertions',
  s.object<AssertionsWritten>({
    ...state,
    provenance,
    model: s.id,
    assertions: s.list(raw),
  }),
)

/** Assertions have the wire's shape wherever they are met; so the wire's own table reads them. */
export function writeAssertionsRequest(value: unknown): service.WriteAssertionsRequest {
  const { assertions, ...rest } = provided(assertionsWritten(value))
  return { ...rest, assertions: decodeAssertions({ assertions }) }
}

const importing = { name: 'importTuples', above: undefined }

/** Each is read when its turn comes; a fault names its index. */
export function tuplesOf(value: unknown): AsyncIterable<Tuple> {
  const isIterable =
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  if (!isIterable) return s.refuse('an iterable of tuples', value, 'tuples', importing)
  return readEach(value as AsyncIterable<unknown> | Iterable<unknown>)
}

async function* readEach(values: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<Tuple> {
  const place = { name: 'tuples', above: importing }
  let index = 0
  for await (const value of values) yield tuple(value, index++, place)
}

type Progress = Parameters<Kith['importTuples']>[2]

export function progressOf(value: unknown): Progress {
  if (value === undefined || typeof value === 'function') return value as Progress
  return s.refuse('a function', value, 'progress', importing)
}

/** The service's filters speak the wire's word. */
function asUser({ subject, ...rest }: r.TupleFilter): { object?: string; relation?: string; user?: string } {
  return subject === undefined ? rest : { ...rest, user: subject }
}
