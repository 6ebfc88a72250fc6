/**
 * What can be asked of Kith, free of transport: HTTP, the command line and in-process callers all speak this.
 * Strings are as they came (shape-checked at the door, not yet typed against a model); each verb's file in this
 * room validates, pins model and revision, asks the engine, and answers.
 */
import type { JsonObject } from '../lib/json.ts'
import type { AssertionJson } from '../model/assertion.ts'
import type { ModelJson } from '../model/json.ts'
import type { StoreChange } from '../storage/storage.ts'
import type { Provenance, StoredTuple, Tuple, TupleKey } from '../tuple/tuple.ts'

/** What can often be given within the turn: then it is, and nobody pays for a promise. */
export type Prompt<Answer> = Answer | Promise<Answer>

/** What every request to a store carries. */
export interface StoreRequest {
  readonly store: string
  /** A zookie: never answer from older data than this. */
  readonly atLeastAsFresh?: string
}

/** What every change carries: who makes it. */
export interface ChangeRequest extends StoreRequest {
  readonly provenance?: Provenance
}

/** What every question carries. */
export interface QuestionRequest extends StoreRequest {
  /** Model id; the latest when absent. */
  readonly model?: string
  readonly contextual?: readonly Tuple[]
  readonly context?: JsonObject
  /** Bypass caches. */
  readonly higherConsistency?: boolean
  /** Tuple hops a walk may take; absent: the configured default of the surface. Infinity: none. */
  readonly depthMax?: number
}

/** What every answer carries: the state it was computed at, and the model where one was used. */
export interface Answer {
  readonly zookie: string
  readonly model?: string
}

export interface CheckRequest extends QuestionRequest {
  readonly tuple: TupleKey
  /** Ask for the path behind the answer. */
  readonly trace?: boolean
}
export interface CheckAnswer extends Answer {
  readonly allowed: boolean
  /** One line a person can read; empty unless `trace` was asked for. */
  readonly resolution: string
  /** The same, structured; see engine/explain.ts. */
  readonly trace?: JsonObject
  /** What decided it: tuples in memory, a decision kept there, or a walk. For logs; it says nothing of the answer. */
  readonly source?: 'graph' | 'kept' | 'walked'
  /** Since it was decided, of a decision that was kept; absent: just now. */
  readonly ageMs?: number
}

export interface BatchCheckRequest extends StoreRequest {
  readonly model?: string
  readonly higherConsistency?: boolean
  /** Tuple hops each walk may take; as in QuestionRequest. */
  readonly depthMax?: number
  readonly checks: readonly {
    readonly correlationId: string
    readonly tuple: TupleKey
    readonly contextual?: readonly Tuple[]
    readonly context?: JsonObject
  }[]
}
export interface BatchCheckAnswer extends Answer {
  /** By correlation id, in the order asked; a Fault where that item failed. */
  readonly results: ReadonlyMap<string, boolean | Error>
}

export interface ExpandRequest extends QuestionRequest {
  readonly object: string
  readonly relation: string
}
/** One level, as OpenFGA draws it; `tree` is the JSON of contract 1.8. */
export interface ExpandAnswer extends Answer {
  readonly tree: JsonObject
}
/** Native expand: follows usersets, parents and cycles to the leaves; see engine/expand-all.ts. */
export interface ExpandAllRequest extends ExpandRequest {
  /** Nodes per page, 1 to 1000. */
  readonly pageSize?: number
  readonly continuationToken?: string
}
export interface ExpandAllAnswer extends Answer {
  readonly nodes: readonly JsonObject[]
  readonly continuationToken: string
  /** A budget ended it: there is more, and no page shows it. */
  readonly truncated: boolean
}

export interface ExplainRequest extends QuestionRequest {
  readonly tuple: TupleKey
}
export interface ExplainAnswer extends Answer {
  readonly allowed: boolean
  /** See engine/explain.ts for its shape: path, or tried and missing. */
  readonly explanation: JsonObject
}

export interface ListObjectsRequest extends QuestionRequest {
  readonly type: string
  readonly relation: string
  readonly subject: string
  /** Kith's own: page instead of cutting at the limit. */
  readonly pageSize?: number
  readonly continuationToken?: string
}
export interface ListObjectsAnswer extends Answer {
  /** `type:id`, in order of id. */
  readonly objects: readonly string[]
  /** Empty unless a page size was asked for and more follows. */
  readonly continuationToken: string
  /** A limit or a budget cut the list. */
  readonly truncated: boolean
}

export interface ListUsersRequest extends QuestionRequest {
  readonly object: string
  readonly relation: string
  readonly filter: { readonly type: string; readonly relation?: string }
  readonly pageSize?: number
  readonly continuationToken?: string
}
export interface ListUsersAnswer extends Answer {
  /** `user:anne`, `user:*`, `group:eng#member`, in order of their bytes. */
  readonly users: readonly string[]
  readonly continuationToken: string
  readonly truncated: boolean
}

export interface ReadRequest extends StoreRequest {
  /** `object` may be type-only (`document:`); all absent with `everything` unset is refused as contract 1.4 says. */
  readonly filter?: { readonly object?: string; readonly relation?: string; readonly user?: string }
  readonly pageSize?: number
  readonly continuationToken?: string
}
export interface ReadAnswer extends Answer {
  readonly tuples: readonly StoredTuple[]
  readonly continuationToken: string
}

export interface ChangesRequest extends StoreRequest {
  readonly type?: string
  /** Milliseconds since the epoch. */
  readonly startTime?: number
  readonly pageSize?: number
  readonly continuationToken?: string
}
export interface ChangesAnswer extends Answer {
  readonly changes: readonly {
    readonly operation: 'write' | 'delete'
    readonly tuple: Tuple
    readonly timestamp: number
    readonly revision: number
  }[]
  readonly continuationToken: string
}

/** Absent fields match all; those of tuples leave out what else a revision changed. */
export interface LogFilter {
  readonly type?: string
  readonly object?: string
  readonly relation?: string
  readonly subject?: string
  /** Who made it: the caller in its provenance. */
  readonly caller?: string
}
/** A revision of a store, or the part of one that a page has room for. */
export interface LoggedChange {
  readonly revision: number
  readonly timestamp: number
  readonly provenance?: Provenance
  /** Those that match, deletes first. */
  readonly tuples: readonly { readonly operation: 'write' | 'delete'; readonly tuple: Tuple }[]
  /** The id of the model that it wrote. */
  readonly model?: string
  readonly entities?: readonly { readonly operation: 'put' | 'delete'; readonly entity: string }[]
  /** The id of the model whose assertions it wrote. */
  readonly assertions?: string
  /** More of this revision follows. */
  readonly more: boolean
  /** Where to go on after it: the zookie of the revision, where nothing more of it follows. */
  readonly cursor: string
}
export interface HistoryRequest extends StoreRequest, LogFilter {
  /** Milliseconds since the epoch; the first is in, the last is not. */
  readonly startTime?: number
  readonly endTime?: number
  /** Revisions, or parts of them. */
  readonly pageSize?: number
  /** A token of an earlier page, the cursor of a change, or a zookie: what comes after it. */
  readonly continuationToken?: string
}
export interface HistoryAnswer extends Answer {
  readonly changes: readonly LoggedChange[]
  /** Never empty: after the last page it is where what comes later begins. */
  readonly continuationToken: string
}
export interface WatchRequest extends StoreRequest, LogFilter {
  /** A cursor or a zookie: what comes after it. */
  readonly after?: string
  /** Milliseconds since the epoch; where `after` is absent. Both absent: from now on. */
  readonly startTime?: number
}
export interface WatchPage {
  /** Empty: a sign of life. */
  readonly changes: readonly LoggedChange[]
  /** The place reached, for `after`. */
  readonly cursor: string
}

export interface StoreChangesRequest {
  readonly pageSize?: number
  readonly continuationToken?: string
}
export interface StoreChangesAnswer {
  readonly changes: readonly StoreChange[]
  readonly continuationToken: string
}

export interface Precondition {
  /** The filter of Read: a whole tuple, or any combination that names an object, its type, or a user; a relation not alone. */
  readonly filter: { readonly object?: string; readonly relation?: string; readonly user?: string }
  readonly must: 'exist' | 'not_exist'
}
export interface WriteRequest extends ChangeRequest {
  readonly model?: string
  readonly writes?: readonly Tuple[]
  readonly deletes?: readonly TupleKey[]
  readonly onDuplicate?: string
  readonly onMissing?: string
  readonly deleteWhere?: { readonly object?: string; readonly relation?: string; readonly user?: string }
  readonly preconditions?: readonly Precondition[]
}
export interface WriteAnswer extends Answer {
  readonly written: number
  readonly deleted: number
}

export interface ImportRequest extends ChangeRequest {
  readonly model?: string
  /** Default `ignore`: an import that broke off can be run again. */
  readonly onDuplicate?: string
}
export interface ImportAnswer extends Answer {
  readonly written: number
  readonly skipped: number
}

export interface WriteModelRequest extends ChangeRequest {
  readonly json: ModelJson
}
/** A change as it would be made, and is not; and how much of what it would change is wanted. */
export type DifferenceRequest = DifferencePaging & { readonly change: ProposedChange }
export type ProposedChange =
  | { readonly kind: 'write'; readonly request: WriteRequest }
  | { readonly kind: 'model'; readonly request: WriteModelRequest }
  | {
      readonly kind: 'import'
      readonly request: ImportRequest
      /** As many as a dry run takes. */
      readonly tuples: AsyncIterable<Tuple | readonly Tuple[]>
    }
export interface DifferencePaging {
  /** What conditions are judged by. */
  readonly context?: JsonObject
  /** Rows, 1 to 1,000; default 50. */
  readonly pageSize?: number
  readonly continuationToken?: string
}
/** Who would gain and who would lose what: every check that would be answered otherwise. */
export interface DifferenceAnswer extends Answer {
  /** In the order of object, relation, subject. */
  readonly rows: readonly DifferenceRow[]
  /** Empty when there is nothing more. Good for this change and this state of the store. */
  readonly continuationToken: string
  /** Time ended the page before it was full; the token goes on from there. */
  readonly truncated: boolean
}
export interface DifferenceRow extends TupleKey {
  /** An individual, or `user:*`: whoever of the type no tuple names. */
  readonly subject: string
  /** `unknown`: it hangs on what the context does not say. */
  readonly change: 'gains' | 'loses' | 'unknown'
}

export interface WriteAssertionsRequest extends ChangeRequest {
  readonly model: string
  readonly assertions: readonly AssertionJson[]
}
