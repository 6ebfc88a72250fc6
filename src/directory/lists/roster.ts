/**
 * Rosters: the entities of one type of one organization, in memory, by id, with the text that they are found by. Built
 * when first asked for, and from then on told of every commit; so a page of 100,000 users is a walk over strings.
 *
 * INVARIANT: a built roster shows the applied state, and knows what changed lately: `touchedSince` is what sets it apart
 * from a state that somebody holds.
 */
import { Slices } from '../../engine/drive.ts'
import type { JsonObject } from '../../lib/json.ts'
import { compareBytes, placeIn } from '../../lib/order.ts'
import type { ChangeEntry, Storage, View } from '../../storage/storage.ts'
import { fold } from './names.ts'

/** What an entity is found by, besides its id. */
const searched = ['name', 'email'] as const

/** Changes that a roster remembers at least. */
const recentMax = 10_000
/** Rosters kept, of all organizations; the one that was asked for longest ago goes. */
const rostersMax = 64

export class Roster {
  /** Grows with every change. */
  version = 0
  readonly #rows = new Map<string, Row>()
  /** In the order of the ids' bytes, as storage has them: built by adding at the end. */
  readonly #order: Row[] = []
  /** What changed lately, oldest first, and the revision since when all of it is here. */
  #recent: { readonly revision: number; readonly id: string }[] = []
  #recentSince: number

  /** @param revision - of the state that it is built from */
  constructor(revision: number) {
    this.#recentSince = revision
  }

  /** In order, from just after `after`. Ends early, or begin anew, when `version` changes. */
  *rows(after = ''): Generator<Row> {
    const rows = this.#order
    for (let at = placeAfter(rows, after); at < rows.length; at++) yield rows[at] as Row
  }

  /** All of them in order; of this turn alone. */
  all(): readonly Row[] {
    return this.#order
  }

  row(id: string): Row | undefined {
    return this.#rows.get(id)
  }

  /** Ids that changed after a revision, in order; undefined where that is too long ago. */
  touchedSince(revision: number): readonly string[] | undefined {
    if (revision < this.#recentSince) return undefined
    const ids = new Set<string>()
    for (let at = this.#recent.length - 1; at >= 0; at--) {
      const one = this.#recent[at]
      if (one === undefined || one.revision <= revision) break
      ids.add(one.id)
    }
    return [...ids].sort(compareBytes)
  }

  /** Notes a change at a revision; `put` or `remove` makes it. */
  touch(id: string, revision: number): void {
    this.#recent.push({ revision, id })
    if (this.#recent.length < 2 * recentMax) return
    this.#recentSince = this.#recent[recentMax - 1]?.revision ?? revision
    this.#recent = this.#recent.slice(recentMax)
  }

  put(id: string, attributes: JsonObject): void {
    this.version++
    const text = textOf(id, attributes)
    const known = this.#rows.get(id)
    if (known !== undefined) {
      known.text = text
      return
    }
    const row = { id, text }
    this.#rows.set(id, row)
    this.#order.splice(placeOf(this.#order, id), 0, row)
  }

  remove(id: string): void {
    this.version++
    if (this.#rows.delete(id)) this.#order.splice(placeOf(this.#order, id), 1)
  }
}

/** An entity, and the text that it is found by. */
export interface Row {
  readonly id: string
  text: string
}

interface Kept {
  readonly roster: Roster
  readonly built: Promise<Roster>
  /** Ids that commits touched while it was built: what the scan says of them is old. */
  touched: Set<string> | undefined
}

export class Rosters {
  readonly #storage: Pick<Storage, 'view' | 'store' | 'onApplied'>
  /** By organization and type; longest not asked for first. */
  readonly #kept = new Map<string, Kept>()

  constructor(storage: Pick<Storage, 'view' | 'store' | 'onApplied'>) {
    this.#storage = storage
    storage.onApplied((store, entry) => this.#follow(store, entry))
  }

  /** @throws Fault store_id_not_found */
  of(store: string, type: string): Promise<Roster> {
    return this.#keep(store, type).built
  }

  /** What is there already; undefined: it is being built from now on. @throws Fault store_id_not_found */
  ready(store: string, type: string): Roster | undefined {
    const { touched, roster } = this.#keep(store, type)
    return touched === undefined ? roster : undefined
  }

  #keep(store: string, type: string): Kept {
    const key = keyOf(store, type)
    const kept = this.#kept.get(key) ?? this.#build(store, type)
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= rostersMax) break
      this.#kept.delete(oldest)
    }
    return kept
  }

  #build(store: string, type: string): Kept {
    const touched = new Set<string>()
    // In the turn in which it begins to be told: nothing is missed between the two.
    const view = this.#storage.view(store).pin()
    const roster = new Roster(view.revision)
    const built = fill(roster, view, type, touched).finally(() => view.release())
    const kept: Kept = { roster, touched, built: built.then(() => roster) }
    kept.built.then(
      () => {
        kept.touched = undefined
      },
      () => this.#kept.delete(keyOf(store, type)),
    )
    return kept
  }

  #follow(store: string, { entities = [], revision }: ChangeEntry): void {
    if (entities.length === 0 || this.#kept.size === 0) return
    for (const { entity } of entities) {
      const colon = entity.indexOf(':')
      const type = entity.slice(0, colon)
      const kept = this.#kept.get(keyOf(store, type))
      if (kept === undefined) continue
      const id = entity.slice(colon + 1)
      kept.touched?.add(id)
      kept.roster.touch(id, revision)
      const now = this.#storage.store(store) && this.#storage.view(store).entity(type, id)
      if (now === undefined) kept.roster.remove(id)
      else kept.roster.put(id, now.attributes)
    }
  }
}

async function fill(
  roster: Roster,
  view: Pick<View, 'allEntities'>,
  type: string,
  touched: ReadonlySet<string>,
): Promise<void> {
  const slices = new Slices()
  for await (const rows of view.allEntities(type)) {
    for (const { id, attributes } of rows) if (!touched.has(id)) roster.put(id, attributes)
    if (slices.isOver) await slices.rest()
  }
}

/** Fields apart, so that no search finds the end of one and the beginning of the next. */
export function textOf(id: string, attributes: JsonObject): string {
  const texts = searched.map((field) => attributes[field]).filter((text) => typeof text === 'string')
  return [id, ...texts].map(fold).join('\n')
}

/** Where the first id is that is not less; nearly always the end, while a roster is built. */
function placeOf(rows: readonly Row[], id: string): number {
  const last = rows.at(-1)
  if (last === undefined || compareBytes(last.id, id) < 0) return rows.length
  return placeIn(rows, { id, text: '' }, (one, other) => compareBytes(one.id, other.id))
}

function placeAfter(rows: readonly Row[], after: string): number {
  const place = placeOf(rows, after)
  return rows[place]?.id === after ? place + 1 : place
}

/** Ids of stores hold no `/`. */
function keyOf(store: string, type: string): string {
  return `${store}/${type}`
}
