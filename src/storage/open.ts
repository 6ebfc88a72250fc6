/**
 * Storage, opened: the stores of one data folder, their views and commits, zookies and background work. One process
 * per folder. The pieces are in the files beside it; this one holds them together.
 */
import { SteadyClock } from '../lib/clock.ts'
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import { monotonicUlid } from '../lib/ulid.ts'
import type { Provenance } from '../tuple/tuple.ts'
import { openZookie, sealZookie } from '../tuple/zookie.ts'
import { backupOf } from './backup/backup.ts'
import { Catalog, notFound, recordOf } from './catalog.ts'
import { buildCommit, type EpochStarts, type Moment, sightOf } from './commit.ts'
import { credentialsOf, putCredential } from './credentials.ts'
import { type Disk, openMemory } from './disk.ts'
import { openFolder } from './folder.ts'
import { type Group, StoreState } from './group.ts'
import { Journal } from './journal.ts'
import * as keys from './keys.ts'
import { levelsOf } from './levels.ts'
import { emptyHead, type Loaded, load } from './load.ts'
import { previewOf } from './preview.ts'
import { Applied } from './reader.ts'
import { isDamage, openError } from './refusal.ts'
import { Scrub } from './scrub.ts'
import { packStore, type StoreRow } from './sealed.ts'
import { openSecrets, randomSecrets, type Secrets } from './secret.ts'
import { Stage } from './stage.ts'
import type {
  Change,
  ChangeEntry,
  Committed,
  Credential,
  Decide,
  FirstCommit,
  Page,
  Preview,
  Storage,
  StorageReport,
  StoreChange,
  StoreFilter,
  StoreRecord,
  View,
} from './storage.ts'
import { Upkeep } from './upkeep.ts'
import { unpack } from './values.ts'
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
    const storage = await openOn(disk, openSecrets(options.path), options.path, deps)
    storage.scrubLater(options.path)
    return storage
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
  readonly #catalog = new Catalog()
  readonly #journal: Journal
  readonly #newId: () => string
  readonly #upkeep: Upkeep
  #scrub: Scrub | undefined
  /** No answer is of a later instant: what a restart begins with. */
  #noted = 0

  constructor(disk: Disk, secrets: Secrets, clock: SteadyClock, loaded: Loaded, deps: StorageDeps) {
    this.#disk = disk
    this.#secrets = secrets
    this.#clock = clock
    this.#epochs = loaded.epochs
    this.#epoch = loaded.epoch
    this.#journal = new Journal(loaded.journalled)
    this.#applied = new Applied(disk)
    const onFatal = deps.onFatal ?? crash
    this.#writer = new Writer(disk, this.#applied, loaded.sequence, {
      onState: (state) => this.#catalog.know(state),
      onFatal,
    })
    for (const state of loaded.states) this.#catalog.know(state)
    const made = loaded.states.filter(({ facts }) => facts.row.made).map(({ facts }) => facts.row.id)
    this.#newId = monotonicUlid(() => clock.now(), made.sort().at(-1))
    const room = {
      disk,
      applied: this.#applied,
      writer: this.#writer,
      stateOf: (number: number) => this.#catalog.numbered(number),
      moment: () => this.#moment(),
    }
    this.#upkeep = new Upkeep(room, deps.sweepEveryMs ?? sweepEveryMs, onFatal)
    for (const state of loaded.states) this.#upkeep.resume(state)
  }

  get unready(): string | undefined {
    return this.#writer.unready
  }

  get report(): StorageReport {
    const { queued, revisions, failures, batchMs, commitsPerBatch } = this.#writer
    return { queued, revisions, failures, batchMs, commitsPerBatch, ...levelsOf(this.#disk) }
  }

  async stores(limit: number, after?: string, filter?: StoreFilter): Promise<Page<StoreRecord>> {
    return this.#catalog.page(limit, after, filter)
  }

  get storeCount(): number {
    return this.#catalog.size
  }

  store(id: string): StoreRecord | undefined {
    const state = this.#catalog.find(id)
    return state === undefined ? undefined : recordOf(state.facts.row)
  }

  async createStore(
    name: string,
    id?: string,
    provenance?: Provenance,
    first?: FirstCommit,
  ): Promise<StoreRecord> {
    const state = await this.#writer.submit(async (group) => {
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
      if (this.#catalog.isTaken(row.id, group)) {
        throw new Fault('precondition_failed', `store ${row.id} exists, or existed, already`)
      }
      const number = this.#catalog.newNumber(group)
      const created = new StoreState(number, {
        row,
        head: emptyHead(row),
        tuplesets: new Set(),
        relaying: [],
      })
      const stage = new Stage(group.stage)
      stage.put(keys.storeKey(number), packStore(number, row))
      this.#journal.note(stage, storeChange('create', row, now, provenance))
      // First: what refuses it leaves no store behind.
      if (first !== undefined) await buildCommit(group, created, first(row.id), this.#moment())
      group.accept(created, stage, group.factsOf(created))
      return created
    })
    this.#upkeep.resume(state)
    return recordOf(state.facts.row)
  }

  async renameStore(id: string, name: string, provenance?: Provenance): Promise<StoreRecord> {
    const state = this.#catalog.demand(id)
    await this.#writer.submit((group) => {
      const facts = group.factsOf(state)
      if (facts.row.deleted !== 'no') throw notFound()
      const now = this.#clock.now()
      const row = { ...facts.row, name, updatedAt: now }
      this.#putStore(group, state, row, storeChange('rename', row, now, provenance))
    })
    return recordOf(state.facts.row)
  }

  async deleteStore(id: string, provenance?: Provenance): Promise<void> {
    const state = this.#catalog.find(id)
    if (state === undefined) return
    await this.#writer.submit((group) => {
      const facts = group.factsOf(state)
      if (facts.row.deleted !== 'no') return
      const change = storeChange('delete', facts.row, this.#clock.now(), provenance)
      this.#putStore(group, state, { ...facts.row, deleted: 'purging' }, change)
    })
    this.#upkeep.resume(state)
  }

  storeChanges(limit: number, after?: Uint8Array): Promise<Page<StoreChange>> {
    return this.#journal.page(this.#applied, limit, after)
  }

  view(store: string): View {
    const state = this.#catalog.demand(store)
    const now = this.#now()
    const { reader } = this.#applied
    // A reader is of one state: within a millisecond the questions of a store share their view.
    if (state.view?.isOf(reader, now) === true && !this.#clock.isHeld) return state.view
    state.view = new StoreView(sightOf(state, state.facts, now), reader)
    return state.view
  }

  async commit(store: string, change: Change | Decide): Promise<Committed> {
    const state = this.#catalog.demand(store)
    const before = state.facts.relaying
    const committed = await this.#writer.submit((group) => buildCommit(group, state, change, this.#moment()))
    if (state.facts.relaying !== before) this.#upkeep.resume(state)
    return committed
  }

  preview(store: string, change: Change | Decide): Promise<Preview> {
    return previewOf(this.#applied.reader, this.#catalog.demand(store), change, this.#moment())
  }

  onApplied(listener: (store: string, entry: ChangeEntry) => void): () => void {
    this.#writer.listeners.add(listener)
    return () => this.#writer.listeners.delete(listener)
  }

  zookie(store: string, revision: number): string {
    const state = this.#catalog.demand(store)
    if (state.zookie?.revision === revision) return state.zookie.text
    const text = sealZookie(this.#secrets.key('zookie'), { store, epoch: this.#epoch.id, revision })
    state.zookie = { revision, text }
    return text
  }

  revisionOf(store: string, text: string): number {
    const state = this.#catalog.demand(store)
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
    const state = this.#catalog.demand(store)
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

  credentials(): Promise<readonly Credential[]> {
    return credentialsOf(this.#applied)
  }

  async putCredential(id: string, document: JsonObject): Promise<void> {
    await this.#writer.submit((group) => {
      putCredential(group.stage, id, document)
    })
  }

  key(purpose: string): Uint8Array {
    return this.#secrets.key(`for ${purpose}`)
  }

  async *backup(): AsyncGenerator<Uint8Array, undefined> {
    const held = this.#applied.reader.hold()
    try {
      yield* backupOf(held, { instant: this.#now(), secrets: this.#secrets.all })
      return undefined
    } finally {
      held.release()
    }
  }

  /** Deletes what has expired; answers how many tuples. */
  sweep(): Promise<number> {
    return this.#upkeep.sweep()
  }

  /** Resolves when the background work begun so far is done: purges, re-lays, sweeps. */
  async settled(): Promise<void> {
    await this.#upkeep.settled()
  }

  /** Compares the tables in the folder with their checksums, soon and every day. */
  scrubLater(path: string): void {
    this.#scrub = new Scrub(this.#disk, path, (error) => this.#writer.halt(error.message, error))
  }

  /** Begins to compare them at once; resolves when all were, for the first time. */
  async scrub(): Promise<void> {
    await this.#scrub?.begin()
  }

  async close(): Promise<void> {
    await this.#scrub?.stop()
    this.#upkeep.stop()
    await this.#writer.close()
    await this.#upkeep.settled()
    this.#disk.note(this.#clock.now())
    await this.#disk.close()
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

  #putStore(group: Group, state: StoreState, row: StoreRow, change: StoreChange): void {
    const stage = new Stage(group.stage)
    stage.put(keys.storeKey(state.number), packStore(state.number, row))
    this.#journal.note(stage, change)
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

function crash(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
