/**
 * Whether somebody watches over a store, and so how many tuple hops an answer may rest on where the request does not say: known
 * without a read until an entity with the store's own id changes. Those of organizations have no limit.
 */
import { Lru } from '../lib/lru.ts'
import type { Storage, View } from '../storage/storage.ts'
import type { KithOptions } from './options.ts'

const storesMax = 10_000

export class Depths {
  readonly #options: Pick<Required<KithOptions>, 'guardOf' | 'resolveDepth'>
  readonly #byStore = new Lru<string, { isGuarded: boolean | undefined }>(storesMax)

  constructor(
    storage: Pick<Storage, 'onApplied'>,
    options: Pick<Required<KithOptions>, 'guardOf' | 'resolveDepth'>,
  ) {
    this.#options = options
    // INVARIANT: called before the commit resolves, so no later question meets what was before.
    storage.onApplied((store, { entities }) => {
      if (entities === undefined) return
      const own = `:${store}`
      if (!entities.some(({ entity }) => entity.endsWith(own))) return
      // In its place: to take the only entry out clears all of the map's slots, with every commit.
      const known = this.#byStore.get(store)
      if (known !== undefined) known.isGuarded = undefined
    })
  }

  /**
   * None where somebody watches over the store: what nests there, like an identity provider's groups, was let in by its guards.
   * @param view - unpinned
   */
  of(view: View): number {
    return this.isGuarded(view) ? Number.POSITIVE_INFINITY : this.#options.resolveDepth
  }

  /** Whether somebody watches over the store: every write asks. @param view - unpinned */
  isGuarded(view: View): boolean {
    const known = this.#byStore.get(view.store)
    if (known?.isGuarded !== undefined) return known.isGuarded
    const isGuarded = this.#options.guardOf(view) !== undefined
    if (known === undefined) this.#byStore.set(view.store, { isGuarded })
    else known.isGuarded = isGuarded
    return isGuarded
  }
}
