/**
 * Kith without a transport: one method a verb. sidecar.ts makes one (service/open.ts) over a storage; HTTP and
 * in-process callers hold it. Every method refuses with a Fault and then has changed nothing.
 */
import type { AssertionJson } from '../model/assertion.ts'
import type { ModelJson } from '../model/json.ts'
import type { StoreRecord } from '../storage/storage.ts'
import type { Provenance, StoredTuple, Tuple } from '../tuple/tuple.ts'
import type { MemoryReport } from './memory.ts'
import type * as r from './requests.ts'

export interface Kith {
  /** These two answer within the turn where memory can tell; they refuse by rejecting, like the others. */
  check(request: r.CheckRequest): r.Prompt<r.CheckAnswer>
  batchCheck(request: r.BatchCheckRequest): r.Prompt<r.BatchCheckAnswer>
  expand(request: r.ExpandRequest): Promise<r.ExpandAnswer>
  expandAll(request: r.ExpandAllRequest): Promise<r.ExpandAllAnswer>
  explain(request: r.ExplainRequest): Promise<r.ExplainAnswer>
  listObjects(request: r.ListObjectsRequest): Promise<r.ListObjectsAnswer>
  /** Objects as they are found, no cap but the deadline: one by one, or by what was found together. Iterate one of them. */
  streamListObjects(request: r.ListObjectsRequest): Promise<
    r.Answer & {
      readonly objects: AsyncIterable<string>
      readonly pages: AsyncIterable<readonly string[]>
    }
  >
  listUsers(request: r.ListUsersRequest): Promise<r.ListUsersAnswer>

  write(request: r.WriteRequest): Promise<r.WriteAnswer>
  read(request: r.ReadRequest): Promise<r.ReadAnswer>
  changes(request: r.ChangesRequest): Promise<r.ChangesAnswer>
  /** Every revision, with who made it. */
  history(request: r.HistoryRequest): Promise<r.HistoryAnswer>
  /** The same as it comes; the iteration ends by throwing. To be ended by whoever begins it. */
  watch(request: r.WatchRequest): Promise<r.Answer & { readonly pages: AsyncIterableIterator<r.WatchPage> }>
  /** What happened to stores themselves, deleted ones too. */
  storeChanges(request: r.StoreChangesRequest): Promise<r.StoreChangesAnswer>
  /** Ends every watch, and lets none begin: they would keep a server from stopping. */
  endWatches(why: string): void
  /** Writes tuples in large commits as they arrive; `progress` after each commit. A bad tuple ends it with its line number. */
  importTuples(
    request: r.ImportRequest,
    tuples: AsyncIterable<Tuple | readonly Tuple[]>,
    progress?: (sofar: { readonly written: number; readonly skipped: number }) => void,
  ): Promise<r.ImportAnswer>
  /** What a change would change. Nothing is written; it is refused as the change itself would be. */
  difference(request: r.DifferenceRequest): Promise<r.DifferenceAnswer>
  /** All tuples at one revision. */
  exportTuples(request: r.StoreRequest): Promise<r.Answer & { readonly tuples: AsyncIterable<StoredTuple> }>

  /** The state applied now, of all stores, in chunks. End the iteration, if only by its `return`. */
  backup(): Promise<AsyncGenerator<Uint8Array, undefined>>

  createStore(name: string, provenance?: Provenance): Promise<StoreRecord>
  store(id: string): Promise<StoreRecord>
  stores(request: {
    readonly pageSize?: number
    readonly continuationToken?: string
    readonly name?: string
    readonly among?: ReadonlySet<string>
  }): Promise<{ readonly stores: readonly StoreRecord[]; readonly continuationToken: string }>
  renameStore(id: string, name: string, provenance?: Provenance): Promise<StoreRecord>
  deleteStore(id: string, provenance?: Provenance): Promise<void>

  writeModel(request: r.WriteModelRequest): Promise<r.Answer & { readonly id: string }>
  /** The latest when `id` is absent. */
  model(
    request: r.StoreRequest & { readonly id?: string },
  ): Promise<r.Answer & { readonly id: string; readonly json: ModelJson }>
  models(
    request: r.StoreRequest & { readonly pageSize?: number; readonly continuationToken?: string },
  ): Promise<
    r.Answer & {
      readonly models: readonly { readonly id: string; readonly json: ModelJson }[]
      readonly continuationToken: string
    }
  >
  writeAssertions(request: r.WriteAssertionsRequest): Promise<r.Answer>
  assertions(
    request: r.StoreRequest & { readonly model: string },
  ): Promise<r.Answer & { readonly model: string; readonly assertions: readonly AssertionJson[] }>

  /** What memory answers, and what it takes: of all stores together, since the start. */
  readonly memory: MemoryReport
  readonly storeCount: number
  /** Whether somebody watches over the tuples of a store, beside its model. @throws Fault store_id_not_found */
  isGuarded(store: string): boolean
  /** Open now. */
  readonly watchCount: number
  /** Why requests should go elsewhere for now; undefined when ready. */
  readonly unready: string | undefined
}
