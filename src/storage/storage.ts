/**
 * What storage promises to the rooms above it. Two things only: a View, the applied state of one store at one
 * revision, and commit, which makes the next one. See README.md for layout, visibility and costs.
 */
import type { Histogram } from '../lib/histogram.ts'
import type { JsonObject } from '../lib/json.ts'
import type { ModelJson } from '../model/json.ts'
import type { Provenance, StoredTuple, Tuple, TupleKey } from '../tuple/tuple.ts'

export interface StoreRecord {
  readonly id: string
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** The edges at object#relation, from point reads. Subjects are in the order of their UTF-8 bytes. */
export interface Edges {
  /** Usersets and typed wildcards. */
  readonly usersets: readonly string[]
  /** Plain subjects; undefined when they are many and spread over one key each: ask `tuple` or iterate `plain`. */
  readonly plain: readonly string[] | undefined
  /** The subjects above whose tuple carries a condition or an expiry: read the tuple before believing the edge. */
  readonly qualified: ReadonlySet<string>
}

/** Where a subject stands: object#relation. */
export interface Placement {
  readonly object: string
  readonly relation: string
}

/** Where a stored tuple puts its subject. */
export interface Placed extends Placement {
  /** The tuple carries a condition or an expiry: read it before believing the placement. */
  readonly qualified: boolean
}

/** A filter over tuples; absent fields match all. `object` and `type` are not given together. */
export interface TupleFilter {
  readonly type?: string
  readonly object?: string
  readonly relation?: string
  readonly subject?: string
}

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Opaque position after the last row, for `after`; undefined when there is nothing more. */
  readonly next: Uint8Array | undefined
}

export interface Assertions {
  readonly model: string
  readonly assertions: readonly JsonObject[]
}

export interface Entity extends EntityRow {
  readonly type: string
  readonly revision: number
}

/** One of a type that is known. */
export interface EntityRow {
  readonly id: string
  readonly attributes: JsonObject
}

/**
 * A document beside the log: of no revision, told to nobody, gone with its store. For what is counted, where an entry for
 * each count would be most of the log.
 */
export interface Aside {
  readonly type: string
  readonly id: string
  readonly attributes: JsonObject
}

export interface StoredModel {
  readonly id: string
  readonly revision: number
  readonly json: ModelJson
}

/**
 * One store at one revision and one instant; a tuple that has expired by `now` is absent from every answer but
 * `edges` (where it is `qualified`). Valid until the next turn of the event loop; `pin` makes it last.
 */
export interface View {
  readonly store: string
  readonly revision: number
  readonly now: number
  /** On performance.now(), which nobody sets: when it was made. One that is not pinned was made in this millisecond. */
  readonly madeAt: number

  /** At most a head and its pages: point reads, synchronous. */
  edges(object: string, relation: string): Edges
  /** One point read, synchronous. */
  tuple(object: string, relation: string, subject: string): StoredTuple | undefined
  /** Placements of a subject, from its reverse head; undefined when they are spread: iterate `placements`. Not filtered by expiry. */
  reverse(subject: string): readonly Placed[] | undefined

  /** Every plain subject of a spread relation, in pages. */
  plain(object: string, relation: string): AsyncIterable<readonly string[]>
  /** Plain subjects of a type that any tuple names, expired ones too, in the order of their bytes, in pages, from just after `after`, of whatever type. */
  subjects(type: string, after?: string): AsyncIterable<readonly string[]>
  /** Every placement of a subject, where a type is given at objects of that type, in pages. Not filtered by expiry. */
  placements(subject: string, type?: string): AsyncIterable<readonly Placed[]>
  /** Tuples by filter in key order, at most `limit`, from just after the position `after`. */
  tuples(filter: TupleFilter, limit: number, after?: Uint8Array): Promise<Page<StoredTuple>>
  /** Objects of a type that occur in any tuple, in order of id, at most `limit`. */
  objects(type: string, limit: number, after?: Uint8Array): Promise<Page<string>>
  /** Who made a revision: one point read, synchronous, whatever else it holds. */
  madeBy(revision: number): Provenance | undefined
  /** Changelog entries with revision > `after`, ascending, at most `limit`; none follows those that hold `enough`. */
  changes(after: number, limit: number, enough?: Enough): Promise<readonly ChangeEntry[]>

  model(id: string): StoredModel | undefined
  latestModel(): StoredModel | undefined
  /** Newest first. */
  models(limit: number, after?: Uint8Array): Promise<Page<StoredModel>>
  assertions(model: string): Assertions | undefined
  entity(type: string, id: string): Entity | undefined
  /** In order of id, at most `limit`, from just after the id whose bytes `after` is; where `prefix` is given, those whose id begins so. */
  entities(type: string, limit: number, after?: Uint8Array, prefix?: string): Promise<Page<Entity>>
  /** All of a type in order of id, in slices of a millisecond or two, read ahead: half of what pages of `entities` cost. */
  allEntities(type: string): AsyncIterable<readonly EntityRow[]>
  /** @throws Error for one that is damaged */
  aside(type: string, id: string): JsonObject | undefined
  /** As `entities`. @throws Error for one that is damaged */
  asides(type: string, limit: number, after?: Uint8Array, prefix?: string): Promise<Page<Aside>>

  /** Keeps this very state readable across turns; release it. */
  pin(): PinnedView
}

export interface PinnedView extends View {
  release(): void
}

/** One committed write: what happened at a revision. */
export interface ChangeEntry {
  readonly revision: number
  readonly timestamp: number
  readonly provenance?: Provenance
  /** In commit order: deletes before writes. A swept expiry is a delete; writing over an expired tuple is a delete and a write. */
  readonly tuples: readonly TupleChange[]
  /** Ids of models, entities (`type:id`) and assertion sets (`model`) that this revision wrote or deleted. */
  readonly model?: string
  readonly entities?: readonly { readonly operation: 'put' | 'delete'; readonly entity: string }[]
  readonly assertions?: string
}

/** Where the log is read no further: whichever comes first. */
export interface Enough {
  readonly tuples: number
  /** Of the entries as they lie on disk. */
  readonly bytes: number
}

/** What happened to a store itself. Kept for ever, after the store is gone too. */
export interface StoreChange {
  readonly operation: 'create' | 'rename' | 'delete'
  readonly store: string
  /** After the change; of a deleted store: its last. */
  readonly name: string
  readonly timestamp: number
  readonly provenance?: Provenance
}

export interface TupleChange {
  readonly operation: 'write' | 'delete'
  readonly tuple: Tuple
}

/**
 * How to come by a change inside the commit: from the state that earlier commits of its group leave. Throws a Fault to
 * refuse. The writers behind it wait meanwhile: it looks things up, it does not scan.
 */
export type Decide = (view: View) => Change | Promise<Change>

/** What a commit is asked to do; judged in this order, against the state that earlier commits of its group leave. */
export interface Change {
  readonly deletes?: readonly TupleKey[]
  /** What a delete of an absent tuple does. Default 'error': write_failed_due_to_invalid_input. */
  readonly onMissing?: 'error' | 'ignore'
  readonly writes?: readonly Tuple[]
  /**
   * What a write of a present tuple does. Default 'error'. 'ignore' skips an identical one (condition, context,
   * expiry) and refuses another with Aborted; 'update' replaces condition and expiry.
   */
  readonly onDuplicate?: 'error' | 'ignore' | 'update'
  /** Deletes every tuple that matches one of them, in this one revision. */
  readonly deleteWhere?: readonly TupleFilter[]
  readonly model?: { readonly id: string; readonly json: ModelJson }
  readonly assertions?: Assertions
  readonly putEntities?: readonly {
    readonly type: string
    readonly id: string
    readonly attributes: JsonObject
  }[]
  readonly deleteEntities?: readonly { readonly type: string; readonly id: string }[]
  /** Documents beside the log, the last of a name counts; without attributes it goes. Where nothing else changes there is no revision. */
  readonly asides?: readonly {
    readonly type: string
    readonly id: string
    readonly attributes: JsonObject | undefined
  }[]
  /** What the store is called from then on: in the same batch, noted where stores are; no revision by itself. */
  readonly name?: string
  readonly provenance?: Provenance
}

/** A commit as it would be, built and never landed. */
export interface Preview {
  readonly before: View
  /** The same instant, a revision later; `before`'s own state where nothing would change. */
  readonly after: View
  /** What the log would say; undefined where nothing would change. */
  readonly entry: ChangeEntry | undefined
  /** Ends both views. */
  release(): void
}

export interface Committed {
  /** The revision this commit made; the current one when it changed nothing. */
  readonly revision: number
  readonly timestamp: number
  readonly written: number
  readonly deleted: number
}

/** The first commit of a store whose id is not known before it is made. */
export type FirstCommit = (id: string) => Change

/** Which stores to list; absent fields match all. */
export interface StoreFilter {
  readonly name?: string | undefined
  readonly among?: ReadonlySet<string> | undefined
}

/** What is kept of a caller's key. */
export interface Credential {
  readonly id: string
  readonly document: JsonObject
}

/** What storage does and takes, since it was opened: numbers, naming nobody. */
export interface StorageReport {
  /** Commits that wait for their batch. */
  readonly queued: number
  readonly revisions: number
  /** Batches whose outcome was unknown. */
  readonly failures: number
  /** Milliseconds of a synced batch. */
  readonly batchMs: Histogram
  readonly commitsPerBatch: Histogram
  /** LevelDB's own, empty and 0 in memory. */
  readonly levels: readonly Level[]
  readonly memoryBytes: number
}

/** One level of LevelDB's tables. */
export interface Level {
  readonly level: number
  readonly files: number
  readonly bytes: number
  /** Spent in compactions into it, and what they wrote. */
  readonly seconds: number
  readonly written: number
}

export interface Storage {
  /** Ordered by id, oldest first. */
  stores(limit: number, after?: string, filter?: StoreFilter): Promise<Page<StoreRecord>>
  store(id: string): StoreRecord | undefined
  /** Of living stores. */
  readonly storeCount: number
  /** With its first commit, where `first` is given: both or neither. It must be one that an empty store accepts. */
  createStore(name: string, id?: string, provenance?: Provenance, first?: FirstCommit): Promise<StoreRecord>
  renameStore(id: string, name: string, provenance?: Provenance): Promise<StoreRecord>
  /** Idempotent; the data is purged in the background. */
  deleteStore(id: string, provenance?: Provenance): Promise<void>
  /** What happened to stores, oldest first, from just after the position `after`. */
  storeChanges(limit: number, after?: Uint8Array): Promise<Page<StoreChange>>

  /** The applied state, now. @throws Fault store_id_not_found */
  view(store: string): View
  /**
   * Durable (fsynced) and visible when it resolves. @throws Fault: a refusal, with nothing changed; `unavailable`:
   * the outcome is unknown.
   */
  commit(store: string, change: Change | Decide): Promise<Committed>
  /** The same commit without its end: refused as that would be, and nothing is written. Release it. @throws Fault: a refusal */
  preview(store: string, change: Change | Decide): Promise<Preview>
  /** Called synchronously for each applied entry, after it is visible and before its commit resolves. */
  onApplied(listener: (store: string, entry: ChangeEntry) => void): () => void

  /** The zookie of a revision in the current log. */
  zookie(store: string, revision: number): string
  /** The revision a zookie stands for. @throws Fault invalid_zookie, log_forked */
  revisionOf(store: string, zookie: string): number
  /** Resolves when the store has applied `revision`. @throws Fault not_yet_fresh after `waitMs`. */
  waitFor(store: string, revision: number, waitMs: number): Promise<void>
  /** Every document that was put, by id; of the folder, not of a store. What is in them is the callers' business. */
  credentials(): Promise<readonly Credential[]>
  /** Durable when it resolves. @throws Fault unavailable: the outcome is unknown */
  putCredential(id: string, document: JsonObject): Promise<void>
  /** A key of 32 bytes derived for one purpose (cursors, ...) from the folder's secret. */
  key(purpose: string): Uint8Array
  /** The same key from every secret that the folder has had and keeps, the present one first: for what was made before a rotation. */
  keys(purpose: string): readonly Uint8Array[]

  /**
   * The state applied now, of all stores, in chunks (schema/backup.md): holds it until the last one, so end the
   * iteration, if only by its `return`. @throws Error for a damaged log
   */
  backup(): AsyncGenerator<Uint8Array, undefined>

  readonly report: StorageReport
  /** Why no writes can be taken now; undefined when all is well. */
  readonly unready: string | undefined
  close(): Promise<void>
}
