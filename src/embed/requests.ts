/**
 * Where the door asks for something else than the service: answers in the order of the questions, `subject` in every
 * filter, options by name, models as text. All other requests and answers are service/requests.ts itself.
 */
import type { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import type { ModelJson } from '../model/json.ts'
import type {
  Answer,
  ChangeRequest,
  DifferencePaging,
  ListObjectsRequest,
  StoreRequest,
  WatchRequest,
} from '../service/requests.ts'
import type { Provenance, Tuple, TupleKey } from '../tuple/tuple.ts'

export interface BatchCheckRequest extends StoreRequest {
  /** Model id; the latest when absent. */
  readonly model?: string
  /** Bypass caches. */
  readonly higherConsistency?: boolean
  readonly checks: readonly BatchCheckItem[]
}
export interface BatchCheckItem {
  readonly tuple: TupleKey
  readonly contextual?: readonly Tuple[]
  readonly context?: JsonObject
}
export interface BatchCheckAnswer extends Answer {
  /** In the order asked. */
  readonly results: readonly BatchCheckResult[]
}
/** An error is not a value that could be taken for a yes. */
export type BatchCheckResult =
  | { readonly allowed: boolean; readonly fault?: never }
  | { readonly allowed: false; readonly fault: Fault }

export interface StreamListObjectsRequest
  extends Omit<ListObjectsRequest, 'pageSize' | 'continuationToken'> {}

/** Absent parts match all. */
export interface TupleFilter {
  /** `document:1`, or only its type: `document:`. */
  readonly object?: string
  readonly relation?: string
  readonly subject?: string
}
export interface ReadRequest extends StoreRequest {
  /** Absent: every tuple. A relation alone is taken too. */
  readonly filter?: TupleFilter
  /** 1 to 100; absent: 50. */
  readonly pageSize?: number
  readonly continuationToken?: string
}

/** Judged inside the commit: where it fails nothing is written, and the refusal is precondition_failed. */
export interface Precondition {
  /** An object, its type, or a subject must be named. */
  readonly filter: TupleFilter
  readonly must: 'exist' | 'not_exist'
}
export interface WriteRequest extends StoreRequest {
  /** Model id; the latest when absent. */
  readonly model?: string
  readonly writes?: readonly Tuple[]
  readonly deletes?: readonly TupleKey[]
  /** A write of a tuple that is there: refused (default), skipped where identical, or put in its place. */
  readonly onDuplicate?: 'error' | 'ignore' | 'update'
  /** A delete of a tuple that is not there: refused (default) or skipped. */
  readonly onMissing?: 'error' | 'ignore'
  /** Deletes all that match, in the same revision. */
  readonly deleteWhere?: TupleFilter
  readonly preconditions?: readonly Precondition[]
  /** Kept in the log. Default: source `embedded`. */
  readonly provenance?: Provenance
}
/** A change that is not made: the answer is what it would change. It is refused as the change itself would be. */
export type DryRun<Request> = Request & DifferencePaging & { readonly dryRun: true }
/** `false` makes the change; a flag that may be either is asked about before the call. */
export type NoDryRun = { readonly dryRun?: false }

export interface ImportRequest extends StoreRequest {
  readonly model?: string
  /** Default `ignore`: an import that broke off can be run again. */
  readonly onDuplicate?: 'error' | 'ignore' | 'update'
  readonly provenance?: Provenance
}

/** All there is now, from the beginning unless `after` or `startTime` says more. */
export interface HistoryRequest extends WatchRequest {
  /** Milliseconds since the epoch; what was made from then on is left out. */
  readonly endTime?: number
}

export interface StoresRequest {
  readonly pageSize?: number
  readonly continuationToken?: string
  readonly name?: string
}

/** OpenFGA's model language as text, or the same model as OpenFGA's JSON. */
export type WriteModelRequest = ChangeRequest &
  ({ readonly dsl: string; readonly json?: never } | { readonly json: object; readonly dsl?: never })
export interface ModelRequest extends StoreRequest {
  readonly id?: string
}
export interface ModelsRequest extends StoreRequest {
  readonly pageSize?: number
  readonly continuationToken?: string
}
export interface ModelVersion {
  readonly id: string
  readonly json: ModelJson
}
export interface AssertionsRequest extends StoreRequest {
  /** Model id. */
  readonly model: string
}
