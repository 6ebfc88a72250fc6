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

/** Tuples a commit: small, so that heads are made, grown and split over many of them. */
const commitTuples = 7

/** @param order - another number, another order of the same writes */
export async function inMemory(world: World, order: number): Promise<Placed> {
  const at = { now: writtenAt }
  const storage = await openAt({ memory: true }, at)
  const store = await write(storage, world, order)
  at.now = world.now
  return { view: () => storage.view(store), close: () => storage.close() }
}

/** Written, closed, opened again. */
export async function inFolder(world: World, order: number): Promise<Placed> {
  const path = await mkdtemp(join(tmpdir(), 'kith-property-'))
  const at = { now: writtenAt }
  const before = await openAt({ path }, at)
  const store = await write(before, world, order)
  await before.close()
  at.now = world.now
  const storage = await openAt({ path }, at)
  return {
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
async function write(storage: Storage, { model, tuples }: World, order: number): Promise<string> {
  const { id } = await storage.createStore('world')
  await storage.commit(id, { model: { id: '01', json: model } })
  const shuffled = shuffle(tuples, order)
  const gone = shuffled.filter((_, index) => index % 5 === 0).map((one) => ({ ...one, subject: 'user:gone' }))
  const other = shuffled.filter((_, index) => index % 7 === 0).map(withoutConditions)
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

function withoutConditions({ object, relation, subject }: Tuple): Tuple {
  return { object, relation, subject }
}

function distinct(tuples: readonly Tuple[]): readonly Tuple[] {
  return [...new Map(tuples.map((one) => [`${one.object}#${one.relation}@${one.subject}`, one])).values()]
}

/** The same for the same number: a failure must fail again. */
function shuffle<T>(list: readonly T[], order: number): readonly T[] {
  let state = order
  const keyed = list.map((one) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return { one, key: state }
  })
  return keyed.sort((left, right) => left.key - right.key).map(({ one }) => one)
}
