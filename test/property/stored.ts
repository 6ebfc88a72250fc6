/** Storage as the place of a world: in memory or in a folder, written in some order, with a past. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SteadyClock } from '../../src/lib/clock.ts'
import { openStorage, type StorageOptions } from '../../src/storage/open.ts'
import type { Storage } from '../../src/storage/storage.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { writtenAt } from '../generate/case.ts'
import type { World } from '../oracle/facts.ts'
import type { Placed } from './engine.ts'

export interface Stored extends Placed {
  readonly storage: Storage
  readonly store: string
}

/** Tuples a commit: small, so that heads are made, grown and split over many of them. */
const commitTuples = 7

/** @param salt - another one, another order of the same writes and another past */
export async function inMemory(world: World, salt: number): Promise<Stored> {
  const at = { now: writtenAt }
  const storage = await openAt({ memory: true }, at)
  const store = await write(storage, world, salt)
  at.now = world.now
  return { storage, store, view: () => storage.view(store), close: () => storage.close() }
}

/** Written, closed, opened again. */
export async function inFolder(world: World, salt: number): Promise<Stored> {
  const path = await mkdtemp(join(tmpdir(), 'kith-property-'))
  const at = { now: writtenAt }
  const before = await openAt({ path }, at)
  const store = await write(before, world, salt)
  await before.close()
  at.now = world.now
  const storage = await openAt({ path }, at)
  return {
    storage,
    store,
    view: () => storage.view(store),
    close: async () => {
      await storage.close()
      await rm(path, { recursive: true })
    },
  }
}

function openAt(options: StorageOptions, at: { readonly now: number }): Promise<Storage> {
  return openStorage(options, { clock: new SteadyClock(() => at.now), sweepEveryMs: 0 })
}

/** Every tuple once; some were there before in another form, and some more were there and are gone. */
async function write(storage: Storage, { model, tuples }: World, salt: number): Promise<string> {
  const { id } = await storage.createStore('world')
  await storage.commit(id, { model: { id: '00000000000000000000000001', json: model } })
  // Decided by each tuple alone, so that a failure survives the removal of others.
  const chance = (one: Tuple) => hash(`${salt} ${one.object}#${one.relation}@${one.subject}`)
  const shuffled = tuples.toSorted((one, other) => chance(one) - chance(other))
  const gone = shuffled
    .filter((one) => chance(one) % 5 === 0)
    .map((one) => ({ ...one, subject: 'user:gone' }))
  const other = shuffled.filter((one) => chance(one) % 3 === 0).map(bare)
  await inCommits(gone, (writes) => storage.commit(id, { writes, onDuplicate: 'update' }))
  await inCommits(other, (writes) => storage.commit(id, { writes, onDuplicate: 'update' }))
  await inCommits(shuffled, (writes) => storage.commit(id, { writes, onDuplicate: 'update' }))
  await inCommits(gone, (deletes) => storage.commit(id, { deletes, onMissing: 'ignore' }))
  return id
}

async function inCommits(
  tuples: readonly Tuple[],
  commit: (some: readonly Tuple[]) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < tuples.length; from += commitTuples) {
    await commit(distinct(tuples.slice(from, from + commitTuples)))
  }
}

function bare({ object, relation, subject }: Tuple): Tuple {
  return { object, relation, subject }
}

function distinct(tuples: readonly Tuple[]): readonly Tuple[] {
  return [...new Map(tuples.map((one) => [`${one.object}#${one.relation}@${one.subject}`, one])).values()]
}

/** FNV-1a: the same for the same text, so that a failure fails again. */
function hash(text: string): number {
  let state = 2_166_136_261
  for (const unit of text) state = Math.imul(state ^ (unit.codePointAt(0) ?? 0), 16_777_619)
  return state >>> 0
}
