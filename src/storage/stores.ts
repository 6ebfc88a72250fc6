/** Stores made, renamed and deleted: their records, each change noted in the journal. What is in a store is commit.ts. */
import type { SteadyClock } from '../lib/clock.ts'
import { Fault } from '../lib/fault.ts'
import type { Provenance } from '../tuple/tuple.ts'
import { type Catalog, notFound } from './catalog.ts'
import { buildCommit, type Moment } from './commit.ts'
import { type Group, StoreState } from './group.ts'
import type { Journal } from './journal.ts'
import * as keys from './keys.ts'
import { emptyHead } from './load.ts'
import { packStore, type StoreRow } from './sealed.ts'
import { Stage } from './stage.ts'
import type { Change, Committed, Decide, FirstCommit, StoreChange } from './storage.ts'
import type { Writer } from './writer.ts'

export interface Room {
  readonly catalog: Catalog
  readonly journal: Journal
  readonly writer: Writer
  readonly clock: SteadyClock
  newId(): string
  moment(): Moment
}

/** @throws Fault precondition_failed: the id is or was taken; those of the first commit */
export function createStore(
  { catalog, journal, writer, clock, newId, moment }: Room,
  { name, id }: { readonly name: string; readonly id: string | undefined },
  provenance: Provenance | undefined,
  first: FirstCommit | undefined,
): Promise<StoreState> {
  return writer.submit(async (group) => {
    const now = clock.now()
    const made = id === undefined
    const row: StoreRow = {
      id: id ?? newId(),
      name,
      createdAt: now,
      updatedAt: now,
      deleted: 'no',
      made,
    }
    if (catalog.isTaken(row.id, group)) {
      throw new Fault('precondition_failed', `store ${row.id} exists, or existed, already`)
    }
    const number = catalog.newNumber(group)
    group.begin(number)
    const created = new StoreState(number, {
      row,
      head: emptyHead(row),
      tuplesets: new Set(),
      relaying: [],
    })
    const stage = new Stage(group.stage)
    stage.put(keys.storeKey(number), packStore(number, row))
    journal.note(stage, storeChange('create', row, now, provenance))
    // First: what refuses it leaves no store behind.
    if (first !== undefined) await buildCommit(group, created, first(row.id), moment())
    group.accept(created, stage, group.factsOf(created))
    return created
  })
}

/** @throws Fault store_id_not_found */
export async function renameStore(
  room: Room,
  state: StoreState,
  name: string,
  provenance?: Provenance,
): Promise<void> {
  await room.writer.submit((group) => {
    if (group.factsOf(state).row.deleted !== 'no') throw notFound()
    stageName(room, group, state, { name, provenance })
  })
}

/** A commit, and the store's new name where the change has one: both or neither. @throws Fault of the build */
export function commitTo(
  room: Room,
  state: StoreState,
  change: Change | Decide,
): (group: Group) => Committed | Promise<Committed> {
  if (typeof change !== 'function' && change.name === undefined) {
    return (group) => buildCommit(group, state, change, room.moment())
  }
  return async (group) => {
    let made: Change | undefined
    const decide: Decide = async (view) => {
      made = typeof change === 'function' ? await change(view) : change
      return made
    }
    const committed = await buildCommit(group, state, decide, room.moment())
    if (made?.name !== undefined) stageName(room, group, state, { ...made, name: made.name })
    return committed
  }
}

function stageName(
  room: Room,
  group: Group,
  state: StoreState,
  { name, provenance }: { readonly name: string; readonly provenance?: Provenance | undefined },
): void {
  const now = room.clock.now()
  const row = { ...group.factsOf(state).row, name, updatedAt: now }
  putStore(room, group, state, row, storeChange('rename', row, now, provenance))
}

/** Nothing of one that is deleted already. */
export async function deleteStore(room: Room, state: StoreState, provenance?: Provenance): Promise<void> {
  await room.writer.submit((group) => {
    const facts = group.factsOf(state)
    if (facts.row.deleted !== 'no') return
    const change = storeChange('delete', facts.row, room.clock.now(), provenance)
    putStore(room, group, state, { ...facts.row, deleted: 'purging' }, change)
  })
}

function putStore(
  { journal }: Room,
  group: Group,
  state: StoreState,
  row: StoreRow,
  change: StoreChange,
): void {
  const stage = new Stage(group.stage)
  stage.put(keys.storeKey(state.number), packStore(state.number, row))
  journal.note(stage, change)
  group.accept(state, stage, { ...group.factsOf(state), row })
}

function storeChange(
  operation: StoreChange['operation'],
  { id, name }: StoreRow,
  timestamp: number,
  provenance: Provenance | undefined,
): StoreChange {
  const change = { operation, store: id, name, timestamp }
  return provenance === undefined ? change : { ...change, provenance }
}
