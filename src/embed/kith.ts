/**
 * Kith in the caller's own process, as types: what `openKith` gives. The verbs are the service's (service/kith.ts) with
 * their names; where a shape of the service serves the wire, the one here serves a caller in code (./requests.ts).
 */
/// <reference lib="esnext.disposable" preserve="true" />
import type { AssertionJson } from '../model/assertion.ts'
import type { MemoryReport } from '../service/memory.ts'
import type * as service from '../service/requests.ts'
import type { StoreRecord } from '../storage/storage.ts'
import type { Provenance, StoredTuple, Tuple } from '../tuple/tuple.ts'
import type * as r from './requests.ts'

/** Where the tuples live: a folder, made when it is missing, or the memory of this process and nowhere else. */
type Place =
  | { readonly data: string; readonly memory?: never }
  | { readonly memory: true; readonly data?: never }

/** Every bound has the name, the default and the range that `kith serve --help` gives it. */
export interface Bounds {
  /** Tuple hops a question may take; past it the refusal is authorization_model_resolution_too_complex. Default 25. */
  readonly resolveDepth?: number
  /** Milliseconds a question may take; past it the refusal is deadline_exceeded, never a guess. Default 3,000. */
  readonly requestTimeoutMs?: number
  /** Milliseconds a list may take; past it the answer is what was found, marked truncated. Default 3,000. */
  readonly listDeadlineMs?: number
  /** Names a list without paging may hold. Default 1,000. */
  readonly listMax?: number
  /** Writes and deletes of one request. Default 100. */
  readonly tuplesPerWriteMax?: number
  /** Checks of one batch. Default 50. */
  readonly checksPerBatchMax?: number
  /** Milliseconds a request waits for the revision of its zookie before the refusal not_yet_fresh. Default 50. */
  readonly zookieWaitMs?: number
  /** About how many bytes of memory the tuples of recent questions may take; 0: none are kept. Default 128 MiB. */
  readonly cacheBytesMax?: number
  /** Milliseconds after which nothing kept in memory is used, however valid. Default and most: 300,000. */
  readonly cacheWindowMs?: number
  /** About how many bytes of memory the answers that took a walk may take; 0: none are kept. Default 16 MiB. */
  readonly decisionBytesMax?: number
  /** Of so many answers from memory one is decided again without it, to be sure; 0: none is. Default 10,000. */
  readonly sampleEvery?: number
}

export type OpenOptions = Place & Bounds

/**
 * Every method answers with a promise and refuses with a Fault, having changed nothing; a refusal is never an allow.
 * Requests are read before the method returns: what the caller changes in them afterwards changes nothing.
 */
export interface Kith {
  check(request: service.CheckRequest): Promise<service.CheckAnswer>
  /** Many checks at one revision. One that fails fails alone: it is not allowed, and says why. */
  batchCheck(request: r.BatchCheckRequest): Promise<r.BatchCheckAnswer>
  /** What object#relation consists of, one level down. */
  expand(request: service.ExpandRequest): Promise<service.ExpandAnswer>
  /** Who stands behind object#relation, down to the leaves, in pages. */
  expandAll(request: service.ExpandAllRequest): Promise<service.ExpandAllAnswer>
  /** Why a check answers as it does, and what would change it. */
  explain(request: service.ExplainRequest): Promise<service.ExplainAnswer>
  listObjects(request: service.ListObjectsRequest): Promise<service.ListObjectsAnswer>
  /** Objects as they are found, no cap but the deadline. End the iteration to release the state it reads. */
  streamListObjects(
    request: r.StreamListObjectsRequest,
  ): Promise<service.Answer & { readonly objects: AsyncIterable<string> }>
  listUsers(request: service.ListUsersRequest): Promise<service.ListUsersAnswer>

  /** Durable, and seen by every later question, when it resolves. */
  write(request: r.WriteRequest & r.NoDryRun): Promise<service.WriteAnswer>
  /** Who would gain and who would lose what, in pages; nothing is written. */
  write(request: r.DryRun<r.WriteRequest>): Promise<service.DifferenceAnswer>
  read(request: r.ReadRequest): Promise<service.ReadAnswer>
  /** The changelog in pages, oldest first. An idle page gives back the token it was asked with: ask again with it. */
  changes(request: service.ChangesRequest): Promise<service.ChangesAnswer>
  /** Every revision, with who made it, oldest first, up to the present one. */
  history(
    request: r.HistoryRequest,
  ): Promise<service.Answer & { readonly changes: AsyncIterable<service.LoggedChange> }>
  /**
   * Every revision as it is made, read from the log: none is missed or told twice, however slow the reader. The
   * iteration ends by throwing: `store_id_not_found` when the store is deleted, `unavailable` at the close. End it to
   * be rid of it.
   */
  watch(
    request: service.WatchRequest,
  ): Promise<service.Answer & { readonly changes: AsyncIterable<service.LoggedChange> }>
  /** What happened to stores themselves, deleted ones too; oldest first. */
  storeChanges(request?: service.StoreChangesRequest): Promise<service.StoreChangesAnswer>
  /** Writes tuples in large commits as they come; not atomic. A bad one ends it: those before it are in. */
  importTuples(
    request: r.ImportRequest,
    tuples: AsyncIterable<Tuple> | Iterable<Tuple>,
    progress?: (sofar: { readonly written: number; readonly skipped: number }) => void,
  ): Promise<service.ImportAnswer>
  /** All tuples at one revision. End the iteration to release the state it reads. */
  exportTuples(
    request: service.StoreRequest,
  ): Promise<service.Answer & { readonly tuples: AsyncIterable<StoredTuple> }>

  /** A store is a tenant. Its name need not be unique, its id is. */
  createStore(name: string, provenance?: Provenance): Promise<StoreRecord>
  store(id: string): Promise<StoreRecord>
  /** Oldest first; `name` is matched whole. */
  stores(
    request?: r.StoresRequest,
  ): Promise<{ readonly stores: readonly StoreRecord[]; readonly continuationToken: string }>
  renameStore(id: string, name: string, provenance?: Provenance): Promise<StoreRecord>
  /** One that is gone already is no error. */
  deleteStore(id: string, provenance?: Provenance): Promise<void>

  /** A new version, used by every question that names none. The text's parser is loaded at the first `dsl`. */
  writeModel(request: r.WriteModelRequest & r.NoDryRun): Promise<service.Answer & { readonly id: string }>
  /** Who would gain and who would lose what by it, in pages; nothing is written. */
  writeModel(request: r.DryRun<r.WriteModelRequest>): Promise<service.DifferenceAnswer>
  /** The latest when `id` is absent. */
  model(request: r.ModelRequest): Promise<service.Answer & r.ModelVersion>
  /** Newest first. */
  models(
    request: r.ModelsRequest,
  ): Promise<
    service.Answer & { readonly models: readonly r.ModelVersion[]; readonly continuationToken: string }
  >
  writeAssertions(request: service.WriteAssertionsRequest): Promise<service.Answer>
  assertions(
    request: r.AssertionsRequest,
  ): Promise<service.Answer & { readonly model: string; readonly assertions: readonly AssertionJson[] }>

  /** What memory answers, and what it takes: of all stores together. A mismatch in it is a bug in Kith; please report it. */
  readonly memory: MemoryReport
  /** Why nothing can be written for now (the disk is full, it is closed, ...); undefined when all is well. */
  readonly unready: string | undefined

  /**
   * Refuses what comes from now on, waits for what is under way (an import ends with what it has committed) and lets
   * go of the folder. Again: the same promise.
   */
  close(): Promise<void>
  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}
