/**
 * Storage, opened: the stores of one data folder, their views and commits, zookies and background work. One process
 * per folder. The pieces are in the files beside it; this one holds them together.
 */
import { SteadyClock } from '../lib/clock.ts'
import type { JsonObject } from '../lib/json.ts'
import { monotonicUlid } from '../lib/ulid.ts'
import type { Provenance } from '../tuple/tuple.ts'
import type { Room as UpkeepRoom } from './background.ts'
import { backupOf } from './backup/backup.ts'
import { Catalog, notFound, recordOf } from './catalog.ts'
import { type Moment, sightOf } from './commit.ts'
import { credentialsOf, putCredential } from './credentials.ts'
import { type Disk, openMemory } from './disk.ts'
import { openFolder } from './folder.ts'
import type { StoreState } from './group.ts'
import { Journal } from './journal.ts'
import { levelsOf } from './levels.ts'
import { type Loaded, load } from './load.ts'
import { previewOf } from './preview.ts'
import { Applied } from './reader.ts'
import { isDamage, openError } from './refusal.ts'
import { Scrub } from './scrub.ts'
import { openSecrets, randomSecrets, type Secrets } from './secret.ts'
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
import { commitTo, createStore, deleteStore, renameStore, type Room as StoresRoom } from './stores.ts'
import { Upkeep } from './upkeep.ts'
import { StoreView } from './view.ts'
import { Writer } from './writer.ts'
import { Zookies } from './zookies.ts'

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
  readonly #epoch: Loaded['epoch']
  readonly #zookies: Zookies
  readonly #catalog = new Catalog()
  readonly #journal: Journal
  readonly #room: StoresRoom & UpkeepRoom
  readonly #upkeep: Upkeep
  #scrub: Scrub | undefined
  /** No answer is of a later instant: what a restart begins with. */
  #noted = 0

  constructor(disk: Disk, secrets: Secrets, clock: SteadyClock, loaded: Loaded, deps: StorageDeps) {
    this.#disk = disk
    this.#secrets = secrets
    this.#clock = clock
    this.#epoch = loaded.epoch
    this.#journal = new Journal(loaded.journalled)
    this.#applied = new Applied(disk)
    this.#zookies = new Zookies(secrets, this.#applied, loaded)
    const onFatal = deps.onFatal ?? crash
    this.#writer = new Writer(disk, this.#applied, loaded.sequence, {
      onState: (state) => this.#catalog.know(state),
      onFatal,
    })
    for (const state of loaded.states) this.#catalog.know(state)
    const made = loaded.states.filter(({ facts }) => facts.row.made).map(({ facts }) => facts.row.id)
    this.#room = {
      catalog: this.#catalog,
      journal: this.#journal,
      clock,
      newId: monotonicUlid(() => clock.now(), made.sort().at(-1)),
      disk,
      applied: this.#applied,
      writer: this.#writer,
      stateOf: (number: number) => this.#catalog.numbered(number),
      moment: () => this.#moment(),
    }
    this.#upkeep = new Upkeep(this.#room, deps.sweepEveryMs ?? sweepEveryMs, onFatal)
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
    const state = await createStore(this.#room, { name, id }, provenance, first)
    this.#upkeep.resume(state)
    return recordOf(state.facts.row)
  }

  async renameStore(id: string, name: string, provenance?: Provenance): Promise<StoreRecord> {
    const state = this.#catalog.demand(id)
    await renameStore(this.#room, state, name, provenance)
    return recordOf(state.facts.row)
  }

  async deleteStore(id: string, provenance?: Provenance): Promise<void> {
    const state = this.#catalog.find(id)
    if (state === undefined) return
    await deleteStore(this.#room, state, provenance)
    this.#upkeep.resume(state)
  }

  storeChanges(limit: number, after?: Uint8Array): Promise<Page<StoreChange>> {
    return this.#journal.page(this.#applied, limit, after)
  }

  view(store: string): View {
    const state = this.#catalog.demand(store)
    const now = this.#now()
    const { reader } = this.#applied
    const { isHeld } = this.#clock
    // A reader is of one state: within a millisecond the questions of a store share their view.
    if (!isHeld && state.view?.isOf(reader, now) === true) return state.view
    const view = new StoreView(sightOf(state, state.facts, now), reader)
    // An instant that is told again and again is longer than a millisecond, to its end.
    state.view = isHeld ? undefined : view
    return view
  }

  commit(store: string, change: Change | Decide): Promise<Committed> {
    const state = this.#catalog.find(store)
    if (state === undefined) return Promise.reject(notFound())
    const committed = this.#writer.submit(commitTo(this.#room, state, change))
    // Only with a model there is more to lay on pages. Every other write is spared a promise.
    return typeof change === 'function' || change.model !== undefined
      ? this.#resumed(state, committed)
      : committed
  }

  async #resumed(state: StoreState, committing: Promise<Committed>): Promise<Committed> {
    const before = state.facts.relaying
    const committed = await committing
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
    return this.#zookies.of(this.#catalog.demand(store), revision)
  }

  revisionOf(store: string, text: string): number {
    return this.#zookies.revisionIn(this.#catalog.demand(store), text)
  }

  async waitFor(store: string, revision: number, waitMs: number): Promise<void> {
    await this.#catalog.demand(store).reached(revision, waitMs)
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

  keys(purpose: string): readonly Uint8Array[] {
    return this.#secrets.keys(`for ${purpose}`)
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
}

function crash(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
