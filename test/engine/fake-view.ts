/**
 * Storage as a Map of Maps: fast enough for chains of 100,000 groups, and changeable, so that a test can write
 * between two turns. A pinned view keeps what it was pinned at; an unpinned one refuses to be read a turn later.
 */
import { compareBytes } from '../../src/lib/order.ts'
import type { Edges, Page, PinnedView, Placed } from '../../src/storage/storage.ts'
import { typeOf } from '../../src/tuple/object.ts'
import { isUserset, isWildcard } from '../../src/tuple/subject.ts'
import type { StoredTuple, Tuple, TupleKey } from '../../src/tuple/tuple.ts'

type Rows = ReadonlyMap<string, ReadonlyMap<string, StoredTuple>>

export class FakeStore {
  now: number
  #tuples: Rows = new Map()
  #revision = 0
  /** `object#relation` places whose plain subjects are one key each. */
  readonly spread = new Set<string>()
  /** Pins not yet released. */
  pins = 0
  scans = 0
  placementScans = 0
  /** Point reads. */
  reads = 0

  constructor(tuples: readonly Tuple[] = [], now = 1_000) {
    this.now = now
    const rows = new Map<string, Map<string, StoredTuple>>()
    this.#revision = 1
    for (const tuple of tuples) put(rows, this.#stored(tuple))
    this.#tuples = rows
  }

  /** A new revision with one tuple more. */
  write(tuple: Tuple): void {
    this.#revision += 1
    const rows = new Map([...this.#tuples].map(([place, there]) => [place, new Map(there)]))
    put(rows, this.#stored(tuple))
    this.#tuples = rows
  }

  delete({ object, relation, subject }: TupleKey): void {
    this.#revision += 1
    const rows = new Map([...this.#tuples].map(([place, there]) => [place, new Map(there)]))
    rows.get(`${object}#${relation}`)?.delete(subject)
    this.#tuples = rows
  }

  view(): FakeView {
    return new FakeView(this, { rows: this.#tuples, revision: this.#revision })
  }

  get rows(): Rows {
    return this.#tuples
  }

  #stored(tuple: Tuple): StoredTuple {
    return {
      ...tuple,
      revision: this.#revision,
      timestamp: 500 + this.#revision,
      provenance: { caller: 'test' },
    }
  }
}

class FakeView implements PinnedView {
  readonly store = 'fake'
  readonly revision: number
  readonly now: number
  readonly madeAt = performance.now()
  readonly #store: FakeStore
  readonly #rows: Rows
  readonly #isPinned: boolean

  constructor(
    store: FakeStore,
    { rows, revision, pinned = false }: { rows: Rows; revision: number; pinned?: boolean },
  ) {
    this.#store = store
    this.#rows = rows
    this.revision = revision
    this.now = store.now
    this.#isPinned = pinned
  }

  edges(object: string, relation: string): Edges {
    this.#store.reads += 1
    const place = `${object}#${relation}`
    const here = [...(this.#at(place)?.values() ?? [])].sort((a, b) => compareBytes(a.subject, b.subject))
    const isSpread = this.#store.spread.has(place)
    const listed = here.filter(({ subject }) => !isSpread || !isPlain(subject))
    const qualified = listed.filter(isQualified)
    return {
      usersets: here.map(({ subject }) => subject).filter((subject) => !isPlain(subject)),
      plain: isSpread ? undefined : here.map(({ subject }) => subject).filter(isPlain),
      qualified: new Set(qualified.map(({ subject }) => subject)),
    }
  }

  tuple(object: string, relation: string, subject: string): StoredTuple | undefined {
    this.#store.reads += 1
    const found = this.#at(`${object}#${relation}`)?.get(subject)
    return found !== undefined && (found.expiresAt ?? Number.POSITIVE_INFINITY) > this.now ? found : undefined
  }

  reverse(subject: string): readonly Placed[] | undefined {
    this.#store.reads += 1
    return this.#store.spread.has(subject) ? undefined : this.#placements(subject)
  }

  async *plain(object: string, relation: string): AsyncIterable<readonly string[]> {
    this.#store.scans += 1
    const subjects = [...(this.#at(`${object}#${relation}`)?.keys() ?? [])].filter(isPlain).sort(compareBytes)
    for (let start = 0; start < subjects.length; start += 100) {
      await Promise.resolve()
      yield subjects.slice(start, start + 100)
    }
  }

  async *placements(subject: string, type?: string): AsyncIterable<readonly Placed[]> {
    this.#store.placementScans += 1
    const all = this.#placements(subject).filter(
      ({ object }) => type === undefined || typeOf(object) === type,
    )
    for (let start = 0; start < all.length; start += 100) {
      await Promise.resolve()
      yield all.slice(start, start + 100)
    }
  }

  pin(): PinnedView {
    const rows = this.#isPinned ? this.#rows : this.#current()
    this.#store.pins += 1
    return new FakeView(this.#store, { rows, revision: this.revision, pinned: true })
  }

  release(): void {
    this.#store.pins -= 1
  }

  #at(place: string): ReadonlyMap<string, StoredTuple> | undefined {
    return (this.#isPinned ? this.#rows : this.#current()).get(place)
  }

  #current(): Rows {
    if (this.#store.rows !== this.#rows) throw new Error('an unpinned view was read after a commit')
    return this.#rows
  }

  #placements(subject: string): readonly Placed[] {
    const there = bySubject(this.#isPinned ? this.#rows : this.#current()).get(subject) ?? []
    return there.map((tuple) => ({ ...tuple, qualified: isQualified(tuple) }))
  }

  // What no question asks of storage.
  subjects = unasked
  tuples = unasked
  objects = unasked as () => Promise<Page<string>>
  changes = unasked
  model = unasked
  latestModel = unasked
  models = unasked
  assertions = unasked
  entity = unasked
  entities = unasked
  allEntities = unasked
  aside = unasked
  madeBy = unasked
  asides = unasked
}

function unasked(): never {
  throw new Error('the engine asked for what no question needs')
}

const reversed = new WeakMap<Rows, ReadonlyMap<string, readonly StoredTuple[]>>()

/** In the order of the places. Rows do not change once a view has them. */
function bySubject(rows: Rows): ReadonlyMap<string, readonly StoredTuple[]> {
  const known = reversed.get(rows)
  if (known !== undefined) return known
  const made = new Map<string, StoredTuple[]>()
  for (const there of rows.values()) {
    for (const tuple of there.values()) {
      const placed = made.get(tuple.subject)
      if (placed === undefined) made.set(tuple.subject, [tuple])
      else placed.push(tuple)
    }
  }
  reversed.set(rows, made)
  return made
}

function put(rows: Map<string, Map<string, StoredTuple>>, tuple: StoredTuple): void {
  const place = `${tuple.object}#${tuple.relation}`
  const there = rows.get(place) ?? new Map<string, StoredTuple>()
  rows.set(place, there.set(tuple.subject, tuple))
}

function isQualified({ condition, expiresAt }: Tuple): boolean {
  return condition !== undefined || expiresAt !== undefined
}

function isPlain(subject: string): boolean {
  return !isUserset(subject) && !isWildcard(subject)
}
