/**
 * What changes in a store, as it changes: read from the log, never from a queue, so a slow reader costs a place and
 * nothing else. A watch sees what is applied and synced, each change once, in order.
 */
import { Fault } from '../lib/fault.ts'
import type { Storage } from '../storage/storage.ts'
import { freshEnough, type Ground, pinned, viewOf } from './ground.ts'
import { loggedChange, placeAfter, placeAt } from './history.ts'
import { type Place, printPlace } from './place.ts'
import type { Answer, WatchPage, WatchRequest } from './requests.ts'
import { stretchOf } from './stretch.ts'

/** Parts of revisions in one page. */
const partsMax = 50

/** Who waits for the next change, and how many may. */
export class Watches {
  readonly #max: number
  readonly #open = new Set<Watch>()
  #over: string | undefined

  constructor(storage: Pick<Storage, 'onApplied'>, max: number) {
    this.#max = max
    storage.onApplied((store) => this.wake(store))
  }

  get count(): number {
    return this.#open.size
  }

  /** @throws Fault unavailable */
  add(watch: Watch): void {
    if (this.#over !== undefined) throw new Fault('unavailable', this.#over)
    if (this.#open.size >= this.#max) {
      throw new Fault('unavailable', `${this.#max} watches are open, and no more may be (--watches-max)`)
    }
    this.#open.add(watch)
  }

  delete(watch: Watch): void {
    this.#open.delete(watch)
  }

  /** Something happened to a store: those that follow it look again. O(watches) */
  wake(store: string): void {
    for (const watch of this.#open) if (watch.store === store) watch.wake()
  }

  /** Ends all of them with `unavailable`, and lets none begin. */
  end(why: string): void {
    this.#over = why
    for (const watch of this.#open) watch.wake()
  }

  /** @throws Fault unavailable, once they are ended */
  demand(): void {
    if (this.#over !== undefined) throw new Fault('unavailable', this.#over)
  }
}

/**
 * From after a place, from an instant on, or from now on. The iteration ends by throwing: store_id_not_found when the
 * store is deleted, `unavailable` when the sidecar stops. To be ended by whoever begins it.
 * @throws Fault invalid_zookie, log_forked, not_yet_fresh, invalid_start_time, unavailable
 */
export async function watch(
  ground: Ground,
  request: WatchRequest,
): Promise<Answer & { readonly pages: AsyncIterableIterator<WatchPage> }> {
  await freshEnough(ground, request)
  const { store, after = '' } = request
  const { revision } = viewOf(ground, store)
  const place =
    after === '' ? await placeAt(ground, request, revision) : await placeAfter(ground, store, after)
  const pages = new Watch(ground, request, place)
  ground.watches.add(pages)
  return { zookie: ground.storage.zookie(store, revision), pages }
}

class Watch implements AsyncIterableIterator<WatchPage> {
  readonly store: string
  readonly #ground: Ground
  readonly #request: WatchRequest
  #place: Place
  /** The first page tells where it begins, so that a reader which loses the second can go on. */
  #isNew = true
  #ended = false
  #wake: () => void = () => {}

  constructor(ground: Ground, request: WatchRequest, place: Place) {
    this.store = request.store
    this.#ground = ground
    this.#request = request
    this.#place = place
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  wake(): void {
    this.#wake()
  }

  /** A page without changes is a sign of life, with the place reached. */
  async next(): Promise<IteratorResult<WatchPage, undefined>> {
    if (this.#ended) return this.return()
    try {
      const page = this.#isNew ? this.#page([]) : await this.#read()
      this.#isNew = false
      return this.#ended ? this.return() : { done: false, value: page }
    } catch (thrown) {
      await this.return()
      throw thrown
    }
  }

  return(): Promise<IteratorResult<WatchPage, undefined>> {
    this.#ended = true
    this.#ground.watches.delete(this)
    this.#wake()
    return Promise.resolve({ done: true, value: undefined })
  }

  async #read(): Promise<WatchPage> {
    const { storage, options, watches, log } = this.#ground
    const until = performance.now() + options.heartbeatMs
    for (;;) {
      watches.demand()
      const view = viewOf(this.#ground, this.store)
      const { parts, next, atEnd } = await pinned(view, (pin) =>
        stretchOf(pin, log, this.#place, { filter: this.#request, max: partsMax }),
      )
      this.#place = next
      if (parts.length > 0) return this.#page(parts.map((part) => loggedChange(storage, this.store, part)))
      const left = until - performance.now()
      if (left <= 0 || this.#ended) return this.#page([])
      // INVARIANT: nothing is awaited between these looks and the wait: no change is slept through, nor the end.
      watches.demand()
      if (atEnd && viewOf(this.#ground, this.store).revision === next.revision) await this.#change(left)
    }
  }

  #page(changes: WatchPage['changes']): WatchPage {
    return { changes, cursor: printPlace(this.#ground.storage, this.store, this.#place) }
  }

  /** Resolves when something happened to the store, or the iteration ended, or after so long. */
  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake(), ms).unref()
      this.#wake = () => {
        clearTimeout(timer)
        this.#wake = () => {}
        resolve()
      }
    })
  }
}
