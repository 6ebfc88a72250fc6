/**
 * How many are in lists that are too long to be read for every row that shows it: counted once, and from then on told of
 * every commit. Exact at the revision of whoever asks; a membership that expires counts until it is swept.
 */
import type { Storage, TupleChange, View } from '../../storage/storage.ts'
import type { Line } from '../groups/membership.ts'

/** Tallies kept, of all organizations; the one that was asked for longest ago goes. */
const talliesMax = 2000
/** Changes that a tally remembers; one that had more since it was asked for is counted anew. */
const touchesMax = 1000

type List = Pick<Line, 'object' | 'relation'>

interface Touch extends List {
  readonly revision: number
  readonly subject: string
  readonly operation: TupleChange['operation']
}

/** How many there were at a revision. */
interface Base {
  readonly revision: number
  readonly count: number
}

interface Tally {
  readonly lists: readonly List[]
  base: Promise<Base>
  /** All that touched the lists after `since`, oldest first. */
  touches: Touch[]
  since: number
}

export class Tallies {
  readonly #storage: Pick<Storage, 'view' | 'onApplied'>
  /** Longest not asked for first. */
  readonly #kept = new Map<string, Tally>()
  /** By store and list. */
  readonly #watching = new Map<string, Set<Tally>>()

  constructor(storage: Pick<Storage, 'view' | 'onApplied'>) {
    this.#storage = storage
    storage.onApplied((store, { revision, tuples }) => {
      if (this.#watching.size === 0) return
      for (const { operation, tuple } of tuples) {
        const { object, relation, subject, expiresAt } = tuple
        for (const tally of this.#watching.get(watchKey(store, tuple)) ?? []) {
          // Nothing is said when it expires: the tally begins anew with what is swept.
          if (expiresAt !== undefined || tally.touches.length === touchesMax) this.#drop(store, tally)
          else tally.touches.push({ revision, object, relation, subject, operation })
        }
      }
    })
  }

  /** Distinct subjects of all lists. @param count - counts them in a view */
  async of(view: View, lists: readonly List[], count: (view: View) => Promise<number>): Promise<number> {
    const key = keyOf(view.store, lists)
    const tally = this.#kept.get(key) ?? this.#begin(view.store, key, lists, count)
    this.#kept.delete(key)
    this.#kept.set(key, tally)
    const base = await tally.base
    if (view.revision < tally.since || this.#kept.get(key) !== tally) return await count(view)
    const now = base.count + difference(tally, base.revision, view)
    if (view.revision > base.revision) {
      tally.base = Promise.resolve({ revision: view.revision, count: now })
    }
    return now
  }

  #begin(store: string, key: string, lists: readonly List[], count: (view: View) => Promise<number>): Tally {
    // In the turn in which it begins to be told: nothing is missed between the two.
    const pin = this.#storage.view(store).pin()
    const { revision } = pin
    const base = count(pin).finally(() => pin.release())
    const tally: Tally = {
      lists,
      since: revision,
      base: base.then((counted) => ({ revision, count: counted })),
      touches: [],
    }
    tally.base.catch(() => this.#drop(store, tally))
    this.#kept.set(key, tally)
    for (const list of lists) {
      const watchers = this.#watching.get(watchKey(store, list)) ?? new Set()
      this.#watching.set(watchKey(store, list), watchers.add(tally))
    }
    for (const [oldest, each] of this.#kept) {
      if (this.#kept.size <= talliesMax) break
      this.#drop(oldest.slice(0, oldest.indexOf('/')), each)
    }
    return tally
  }

  #drop(store: string, tally: Tally): void {
    const key = keyOf(store, tally.lists)
    if (this.#kept.get(key) === tally) this.#kept.delete(key)
    for (const list of tally.lists) {
      const watchers = this.#watching.get(watchKey(store, list))
      watchers?.delete(tally)
      if (watchers?.size === 0) this.#watching.delete(watchKey(store, list))
    }
  }
}

/**
 * What to add to a tally's count for another revision. Of what was touched between the two, a view says how it is at its
 * own; how it was at the tally's follows from the touch that is nearest to that.
 */
function difference({ lists, touches }: Tally, revision: number, view: View): number {
  const isLater = view.revision > revision
  const [from, to] = isLater ? [revision, view.revision] : [view.revision, revision]
  const between = touches.filter((each) => each.revision > from && each.revision <= to)
  const nearest = new Map<string, Touch>()
  for (const touch of between) {
    const key = `${touch.object}#${touch.relation}@${touch.subject}`
    if (!isLater || !nearest.has(key)) nearest.set(key, touch)
  }
  let sum = 0
  for (const subject of new Set(between.map((each) => each.subject))) {
    const isThere = ({ object, relation }: List) => view.tuple(object, relation, subject) !== undefined
    const wasThere = (list: List): boolean => {
      const touch = nearest.get(`${list.object}#${list.relation}@${subject}`)
      if (touch === undefined) return isThere(list)
      return touch.operation === (isLater ? 'delete' : 'write')
    }
    sum += Number(lists.some(isThere)) - Number(lists.some(wasThere))
  }
  return sum
}

/** Ids of stores hold no `/`. */
function watchKey(store: string, { object, relation }: List): string {
  return `${store}/${object}#${relation}`
}

/** Neither objects nor relations hold white space. */
function keyOf(store: string, lists: readonly List[]): string {
  return `${store}/${lists.map(({ object, relation }) => `${object}#${relation}`).join(' ')}`
}
