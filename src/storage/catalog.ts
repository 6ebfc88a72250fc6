/** The catalog: every store of the folder, living ones by id, all there ever were by number. It writes nothing. */
import { Fault } from '../lib/fault.ts'
import type { Group, StoreState } from './group.ts'
import { compareText } from './keys.ts'
import type { StoreRow } from './sealed.ts'
import type { Page, StoreFilter, StoreRecord } from './storage.ts'

export class Catalog {
  /** Living stores by id; deleted ones leave at once. */
  readonly #byId = new Map<string, StoreState>()
  /** Every store there ever was: neither a number nor an id is given twice. */
  readonly #byNumber = new Map<number, StoreState>()
  #greatest = 0
  readonly #ids = new Set<string>()

  /** Takes up a store as its facts are now. */
  know(state: StoreState): void {
    const { id, deleted } = state.facts.row
    this.#byNumber.set(state.number, state)
    this.#greatest = Math.max(this.#greatest, state.number)
    this.#ids.add(id)
    if (deleted === 'no') this.#byId.set(id, state)
    else this.#byId.delete(id)
  }

  /** Of living stores. */
  get size(): number {
    return this.#byId.size
  }

  find(id: string): StoreState | undefined {
    return this.#byId.get(id)
  }

  /** @throws Fault store_id_not_found */
  demand(id: string): StoreState {
    const state = this.#byId.get(id)
    if (state === undefined) throw notFound()
    return state
  }

  numbered(number: number): StoreState | undefined {
    return this.#byNumber.get(number)
  }

  /** Living stores in order of id. O(stores) */
  page(limit: number, after?: string, { name, among }: StoreFilter = {}): Page<StoreRecord> {
    const ids = [...this.#byId.keys()].filter(
      (id) => (after === undefined || compareText(id, after) > 0) && among?.has(id) !== false,
    )
    const rows = ids
      .sort(compareText)
      .map((id) => this.demand(id).facts.row)
      .filter((row) => name === undefined || row.name === name)
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    const next = rows.length > limit && last !== undefined ? Buffer.from(last.id) : undefined
    return { rows: page.map(recordOf), next }
  }

  /** A number that no store has, nor any that the group has made so far. */
  newNumber(group: Group): number {
    // Not their count: where damage took a record, the stores after it would share their rows with a new one.
    return group.accepted.reduce((most, { state }) => Math.max(most, state.number), this.#greatest) + 1
  }

  /** Whether an id was ever given, by the commits of the group included. */
  isTaken(id: string, group: Group): boolean {
    return this.#ids.has(id) || group.accepted.some(({ facts }) => facts.row.id === id)
  }
}

export function recordOf({ id, name, createdAt, updatedAt }: StoreRow): StoreRecord {
  return { id, name, createdAt, updatedAt }
}

export function notFound(): Fault {
  return new Fault('store_id_not_found', 'Store ID not found')
}
