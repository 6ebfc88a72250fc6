/** What every verb stands on, and the first thing every verb does: find the store, as fresh as asked. */
import type { Graph } from '../engine/resident/graph.ts'
import type { Residency } from '../engine/resident/residency.ts'
import type { Model } from '../model/model.ts'
import type { PinnedView, Storage, View } from '../storage/storage.ts'
import type { Cursors } from './cursor.ts'
import type { Depths } from './depths.ts'
import type { ModelCache } from './model-cache.ts'
import type { ModelIds } from './model-ids.ts'
import type { KithOptions } from './options.ts'
import type { StoreRequest } from './requests.ts'
import type { Standings } from './standing.ts'
import type { LogReader } from './stretch.ts'
import type { Watches } from './watch.ts'

export interface Ground {
  readonly storage: Storage
  readonly options: Required<KithOptions>
  readonly models: ModelCache
  readonly modelIds: ModelIds
  readonly cursors: Cursors
  readonly residency: Residency
  readonly depths: Depths
  readonly standings: Standings
  readonly watches: Watches
  readonly log: LogReader
}

/**
 * Resolves when the store exists and has applied what the request's zookie stands for; undefined when it has
 * already, so that a check need not leave its turn.
 * @throws Fault store_id_not_found, invalid_zookie, log_forked, not_yet_fresh
 */
export function freshEnough(ground: Ground, request: StoreRequest): Promise<void> | undefined {
  if (request.atLeastAsFresh === undefined) return undefined
  // The store first: a zookie says nothing about one that is not there.
  const applied = viewOf(ground, request.store).revision
  const revision = ground.storage.revisionOf(request.store, request.atLeastAsFresh)
  if (applied >= revision) return undefined
  return ground.storage.waitFor(request.store, revision, ground.options.zookieWaitMs)
}

/** The applied state now; to be used within the turn, or pinned. @throws Fault store_id_not_found: deleted, or never made */
export function viewOf(ground: Ground, store: string): View {
  return ground.storage.view(store)
}

/** Whether a request wants nothing that is kept in memory, or nothing is. */
export function passesCaches(
  { options }: Ground,
  { higherConsistency }: { readonly higherConsistency?: boolean },
): boolean {
  return higherConsistency === true || options.cacheBytesMax === 0
}

/** The tuples kept in memory, where the request may use them. @param view - unpinned */
export function residentFor(
  ground: Ground,
  view: View,
  model: Model,
  request: { readonly higherConsistency?: boolean },
): { readonly resident?: Graph } {
  return passesCaches(ground, request) ? {} : { resident: ground.residency.graph(view, model) }
}

/** Runs `work` over one revision, however many turns it takes. */
export async function pinned<Result>(
  view: View,
  work: (view: PinnedView) => Promise<Result>,
): Promise<Result> {
  const pin = view.pin()
  try {
    return await work(pin)
  } finally {
    pin.release()
  }
}
