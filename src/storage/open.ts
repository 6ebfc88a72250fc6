/**
 * Storage, opened: the stores of one data folder, their views and commits, zookies and background work. One process
 * per folder. The pieces are in the files beside it; this one holds them together.
 */
import { SteadyClock } from '../lib/clock.ts'
import { Fault } from '../lib/fault.ts'
import { monotonicUlid } from '../lib/ulid.ts'
import { openZookie, sealZookie } from '../tuple/zookie.ts'
import { purge, type Room, relay, sweep } from './background.ts'
import { buildCommit, type EpochStarts, type Moment } from './commit.ts'
import { type Disk, isDamage, openError, openFolder, openMemory } from './disk.ts'
import { type Group, StoreState } from './group.ts'
import * as keys from './keys.ts'
import { emptyHead, type Loaded, load } from './load.ts'
import { Applied } from './reader.ts'
import { openSecrets, randomSecrets, type Secrets } from './secret.ts'
import { Stage } from './stage.ts'
import type { Change, ChangeEntry, Committed, Page, Storage, StoreRecord, View } from './storage.ts'
import { packStore, type StoreRow, unpack } from './values.ts'
import { StoreView } from './view.ts'
import { Writer } from './writer.ts'

export type StorageOptions = { readonly path: string } | { readonly memory: true }

export interface StorageDeps {
  readonly clock?: SteadyClock
  /** Called when storage must not go on: a listener failed and with it whoever follows the log. Default: throws. */
  readonly onFatal?: (error: unknown) => void
  /** Milliseconds between two sweeps of expired tuples; 0: only when asked. Default 10,000. */
  readonly sweepEveryMs?: number
}

/** @throws Error with the command to run: in use, another format, a damaged log */
export async function openStorage(options: StorageOptions, deps: StorageDeps = {}): Promise<LevelStorage> {
  if ('memory' in options) return openOn(await openMemory(), randomSecrets(), 'memory', deps)
  const disk = await openFolder(options.path)
  try {
    return await openOn(disk, openSecrets(options.path), options.path, deps)
  } catch (error) {
    await disk.close()
    throw isDamage(error) ? openError(options.path, error) : error
  }
}

/** Storage over a disk that is open; tests bring one that fails. `where` is for messages. */
export async function openOn(
  disk: Disk,
  secrets: Secrets,
  where: string,
  deps: StorageDeps = {},
): Promise<LevelStorage> {
  const clock = deps.clock ?? new SteadyClock()
  const loaded = await load(disk, where, clock.now())
  clock.raise(loaded.lastInstant)
  return new LevelStorage(disk, secrets, clock, loaded, deps)
}

const sweepEveryMs = 10_000
/** How far ahead the clock is noted: one write of 8 bytes in so long, and the most that a kill can put the clock forward. */
const noteAheadMs = 1000

export class LevelStorage implements Storage {
  readonly #disk: Disk
  readonly #secrets: Secrets
  readonly #clock: SteadyClock
  readonly #applied: Applied
  readonly #writer: Writer
  readonly #epochs: Loaded['epochs']
  readonly #epoch: Loaded['epoch']
  /** Living stores by id; deleted ones leave at once. */
  readonly #byId = new Map<string, StoreState>()
  /** Every store there ever was: neither a number nor an id is given twice. */
  readonly #byNumber = new Map<number, StoreState>()
  readonly #ids = new Set<string>()
  readonly #newId: () => string
  readonly #room: Room
  readonly #onFatal: (error: unknown) => void
  #background: Promise<void> = Promise.resolve()
  /** No answer is of a later instant: what a restart begins with. */
  #noted = 0
  readonly #timer: NodeJS.Timeout | undefined

  constructor(disk: Disk, secrets: Secrets, clock: SteadyClock, loaded: Loaded, deps: StorageDeps) {
    this.#disk = disk
    this.#secrets = secrets
    this.#clock = clock
    this.#epochs = loaded.epochs
    this.#epoch = loaded.epoch
    this.#applied = new Applied(disk)
    this.#onFatal = deps.onFatal ?? crash
    this.#writer = new Writer(disk, this.#applied, loaded.sequence, {
      onState: (state) => this.#know(state),
      onFatal: this.#onFatal,
    })
    for (const state of loaded.states) this.#know(state)
    const made = loaded.states.filter(({ facts }) => facts.row.made).map(({ facts }) => facts.row.id)
    this.#newId = monotonicUlid(() => clock.now(), made.sort().at(-1))
    this.#room = {
      disk,
      applied: this.#applied,
      writer: this.#writer,
      stateOf: (number) => this.#byNumber.get(number),
      moment: () => this.#moment(),
    }
    for (const state of loaded.states) this.#resume(state)
    const every = deps.sweepEveryMs ?? sweepEveryMs
    if (every > 0) this.#timer = setInterval(() => this.#later(() => this.sweep()), every).unref()
  }

  get unready(): string | undefined {
    return this.#writer.unready
  }

  async stores(limit: number, after?: string, name?: string): Promise<Page<StoreRecord>> {
    const ids = [...this.#byId.keys()].filter((id) => after === undefined || keys.compareText(id, after) > 0)
    const rows = ids
      .sort(keys.compareText)
      .map((id) => this.#stateOf(id).facts.row)
      .filter((row) => name === undefined || row.name === name)
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    const next = rows.length > limit && last !== undefined ? Buffer.from(last.id) : undefined
    return { rows: page.map(recordOf), next }
  }

  get storeCount(): number {
    return this.#byId.size
  }

  store(id: string): StoreRecord | undefined {
    const state = this.#byId.get(id)
    return state === undefined ? undefined : recordOf(state.facts.row)
  }

  async createStore(name: string, id?: string): Promise<StoreRecord> {
    const state = await this.#writer.submit((group) => {
      const now = this.#clock.now()
      const made = id === undefined
      const row: StoreRow = {
        id: id ?? this.#newId(),
        name,
        createdAt: now,
        updatedAt: now,
        deleted: 'no',
        made,
      }
      if (this.#isTaken(row.id, group)) {
        throw new Fault('precondition_failed', `store ${row.id} exists, or existed, already`)
      }
      const number = this.#newNumber(group)
      const created = new StoreState(number, {
        row,
        head: emptyHead(row),
        tuplesets: new Set(),
        relaying: [],
      })
      const stage = new Stage(group.stage)
      stage.put(keys.storeKey(number), packStore(row))
      group.accept(created, stage, created.facts)
      return created
    })
    return recordOf(state.facts.row)
  }

  async renameStore(id: string, name: string): Promise<StoreRecord> {
    const state = this.#stateOf(id)
    await this.#writer.submit((group) => {
      const facts = group.factsOf(state)
      if (facts.row.deleted !== 'no') throw notFound()
      this.#putStore(group, state, { ...facts.row, name, updatedAt: this.#clock.now() })
    })
    return recordOf(state.facts.row)
  }

  async deleteStore(id: string): Promise<void> {
    const state = this.#byId.get(id)
    if (state === undefined) return
    await this.#writer.submit((group) => {
      const facts = group.factsOf(state)
      if (facts.row.deleted === 'no') this.#putStore(group, state, { ...facts.row, deleted: 'purging' })
    })
    this.#resume(state)
  }

  view(store: string): View {
    const state = this.#stateOf(store)
    const { row, head } = state.facts
    const sight = {
      number: state.number,
      store: row.id,
      revision: head.revision,
      now: this.#now(),
      latestModel: head.model,
      models: state.models,
    }
    return new StoreView(sight, this.#applied.reader)
  }

  async commit(store: string, change: Change): Promise<Committed> {
    const state = this.#stateOf(store)
    const committed = await this.#writer.submit((group) => buildCommit(group, state, change, this.#moment()))
    if (change.model !== undefined) this.#resume(state)
    return committed
  }

  onApplied(listener: (store: string, entry: ChangeEntry) => void): () => void {
    this.#writer.listeners.add(listener)
    return () => this.#writer.listeners.delete(listener)
  }

  zookie(store: string, revision: number): string {
    const state = this.#stateOf(store)
    if (state.zookie?.revision === revision) return state.zookie.text
    const text = sealZookie(this.#secrets.key('zookie'), { store, epoch: this.#epoch.id, revision })
    state.zookie = { revision, text }
    return text
  }

  revisionOf(store: string, text: string): number {
    const state = this.#stateOf(store)
    let zookie: ReturnType<typeof openZookie>
    for (const key of this.#secrets.keys('zookie')) zookie ??= openZookie(key, text)
    if (zookie === undefined || zookie.store !== store) throw new Fault('invalid_zookie', 'invalid zookie')
    const epoch = this.#epochs.get(zookie.epoch)
    if (epoch === undefined || zookie.revision >= this.#endOf(state, epoch)) {
      throw new Fault('log_forked', 'the zookie is of a log that this one does not continue')
    }
    return zookie.revision
  }

  async waitFor(store: string, revision: number, waitMs: number): Promise<void> {
    const state = this.#stateOf(store)
    if (state.facts.head.revision >= revision) return
    await new Promise<void>((resolve, reject) => {
      const waiter = {
        revision,
        resolve: () => {
          clearTimeout(timer)
          state.waiters.delete(waiter)
          resolve()
        },
      }
      const timer = setTimeout(() => {
        state.waiters.delete(waiter)
        reject(new Fault('not_yet_fresh', `revision ${revision} is not there yet; try again`))
      }, waitMs)
      state.waiters.add(waiter)
    })
  }

  key(purpose: string): Uint8Array {
    return this.#secrets.key(`for ${purpose}`)
  }

  /** Deletes what has expired; answers how many tuples. */
  sweep(): Promise<number> {
    return sweep(this.#room)
  }

  /** Resolves when the background work begun so far is done: purges, re-lays, sweeps. */
  async settled(): Promise<void> {
    await this.#background
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#writer.close()
    await this.#background
    this.#disk.note(this.#clock.now())
    await this.#disk.close()
  }

  #stateOf(id: string): StoreState {
    const state = this.#byId.get(id)
    if (state === undefined) throw notFound()
    return state
  }

  /** INVARIANT: nobody is told an instant that a restart could fall behind. */
  #now(): number {
    const now = this.#clock.now()
    if (now > this.#noted) {
      this.#noted = now + noteAheadMs
      this.#disk.note(this.#noted)
    }
    return now
  }

  #moment(): Moment {
    return { now: this.#now(), epoch: this.#epoch.number }
  }

  #know(state: StoreState): void {
    const { id, deleted } = state.facts.row
    this.#byNumber.set(state.number, state)
    this.#ids.add(id)
    if (deleted === 'no') this.#byId.set(id, state)
    else this.#byId.delete(id)
  }

  /** One above the greatest: records are never deleted, so the count is the greatest. */
  #newNumber(group: Group): number {
    const created = new Set(group.accepted.map(({ state }) => state.number))
    for (const known of created) if (this.#byNumber.has(known)) created.delete(known)
    return this.#byNumber.size + created.size + 1
  }

  #isTaken(id: string, group: Group): boolean {
    return this.#ids.has(id) || group.accepted.some(({ facts }) => facts.row.id === id)
  }

  #putStore(group: Group, state: StoreState, row: StoreRow): void {
    const stage = new Stage(group.stage)
    stage.put(keys.storeKey(state.number), packStore(row))
    group.accept(state, stage, { ...group.factsOf(state), row })
  }

  /** The first revision that no zookie of `epoch` can name: where the next epoch began for this store. */
  #endOf(state: StoreState, epoch: number): number {
    if (epoch === this.#epoch.number) return Number.POSITIVE_INFINITY
    const bytes = this.#applied.get(keys.epochStartsKey(state.number))
    const starts = bytes === undefined ? [] : unpack<EpochStarts>(bytes)
    const next = starts.find(([number]) => number > epoch)
    return next?.[1] ?? state.facts.head.revision + 1
  }

  /** Takes up the background work that a store's record asks for. */
  #resume(state: StoreState): void {
    if (state.facts.row.deleted === 'purging') this.#later(() => purge(this.#room, state))
    else if (state.facts.row.deleted === 'no' && state.facts.relaying.length > 0) {
      this.#later(() => relay(this.#room, state))
    }
  }

  /** One after the other; what a closing or a failed write interrupts is taken up by the next start. */
  #later(work: () => Promise<unknown>): void {
    this.#background = this.#background.then(work).then(
      () => {},
      (error: unknown) => {
        if (!(error instanceof Fault && error.code === 'unavailable')) this.#onFatal(error)
      },
    )
  }
}

function recordOf({ id, name, createdAt, updatedAt }: StoreRow): StoreRecord {
  return { id, name, createdAt, updatedAt }
}

function notFound(): Fault {
  return new Fault('store_id_not_found', 'Store ID not found')
}

function crash(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
