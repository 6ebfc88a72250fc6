/**
 * Rebuilding: the derived rows of a store laid out anew from what its log says (replay.ts), by the writer's own code.
 * For the doctor, a restore and a migration; nobody else has the folder open.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelJson } from '../model/json.ts'
import { damagedAsides } from './asides.ts'
import { type EpochStarts, tuplesetsOf } from './commit.ts'
import { lastText } from './components.ts'
import type { Disk } from './disk.ts'
import { openFolder } from './folder.ts'
import { type Site, unpackForward } from './forward.ts'
import type { StoreState } from './group.ts'
import * as keys from './keys.ts'
import { layOut, type TupleStep } from './layout.ts'
import { emptyHead } from './load.ts'
import { nameOf, spotOf } from './names.ts'
import type { Replayed } from './replay.ts'
import { drive, Slice } from './slice.ts'
import { Stage } from './stage.ts'
import * as values from './values.ts'

/** Calls `use` with an empty disk within the folder, gone afterwards. */
export async function withScratch<Result>(
  path: string,
  use: (scratch: Disk) => Promise<Result>,
): Promise<Result> {
  const place = join(path, 'scratch')
  rmSync(place, { recursive: true, force: true })
  const scratch = await openFolder(place)
  try {
    return await use(scratch)
  } finally {
    await scratch.close()
    rmSync(place, { recursive: true, force: true })
  }
}

const derived = [
  keys.kind.tuple,
  keys.kind.forward,
  keys.kind.forwardPage,
  keys.kind.reverse,
  keys.kind.placement,
]

/**
 * Drops every derived row of the store and lays the scratch's tuples out anew; the log is cut before any damage. What
 * was kept of expiries was dropped before (`dropExpiries`). Nothing is lost when it is interrupted and begun anew.
 * O(rows of the store)
 */
export async function rebuildStore(
  disk: Disk,
  scratch: Disk,
  state: StoreState,
  log: Replayed,
): Promise<void> {
  const { number, facts } = state
  for (const kind of derived) await drop(disk, keys.kindPrefix(kind, number))
  const head = log.head ?? emptyHead(facts.row)
  await drop(disk, keys.kindPrefix(keys.kind.entity, number), (key) => {
    const { type, id } = keys.readEntityKey(key)
    return !log.entities.has(`${type}:${id}`)
  })
  const damaged = disk.batch()
  for await (const { key } of damagedAsides(disk, number)) damaged.delete(key)
  await damaged.write()
  await drop(disk, keys.kindPrefix(keys.kind.change, number), (key) => keys.revisionIn(key) > head.revision)
  await drop(
    disk,
    keys.kindPrefix(keys.kind.modelOrder, number),
    (key) => keys.revisionIn(key) > head.revision,
  )
  // By name: the row itself may be none.
  await drop(
    disk,
    keys.kindPrefix(keys.kind.model, number),
    (key) => !log.models.has(lastText(key, keys.prefixBytes)),
  )
  const tuplesets = new Set([...facts.tuplesets, ...rightTuplesets(disk, number, log)])
  const batch = disk.batch()
  if (head.revision === 0) batch.delete(keys.headKey(number))
  else batch.put(keys.headKey(number), values.packHead(head))
  batch.put(keys.tuplesetsKey(number), values.pack([...tuplesets]))
  for (const [id, { revision }] of log.models)
    batch.put(keys.modelOrderKey(number, revision), values.pack(id))
  const starts = disk.get(keys.epochStartsKey(number))
  if (starts !== undefined) {
    // Zookies of the entries that are lost: the next epoch begins where the log was cut.
    const cut = values
      .unpack<EpochStarts>(starts)
      .map(([epoch, first]) => [epoch, Math.min(first, head.revision + 1)])
    batch.put(keys.epochStartsKey(number), values.pack(cut))
  }
  await batch.write()
  await layOutAll(disk, scratch, number, tuplesets)
}

/** Those of the stores with these numbers: in one pass, because no store is in front of their keys. O(expiries) */
export async function dropExpiries(disk: Disk, stores: ReadonlySet<number>): Promise<void> {
  await drop(disk, keys.kindPrefix(keys.kind.expiry), (key) => stores.has(keys.readExpiryKey(key).store))
}

async function layOutAll(
  disk: Disk,
  scratch: Disk,
  store: number,
  tuplesets: ReadonlySet<string>,
): Promise<void> {
  const prefix = keys.tuplePrefix(store, {})
  for await (const rows of scratch.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, 5000)) {
    const stage = Stage.over(disk)
    let site: Site | undefined
    const steps = rows.map(([key, bytes]): TupleStep => {
      const tuple = values.unpackTuple(keys.readTupleKey(key), bytes)
      if (site?.spot.object !== tuple.object || site.spot.relation !== tuple.relation) {
        const spot = spotOf(store, tuple.object, tuple.relation)
        site = { spot, head: stage.head(spot.head, unpackForward) }
      }
      return { name: nameOf(key), site, tuple, before: undefined, after: tuple }
    })
    const slice = new Slice()
    await drive(layOut({ stage, store, tuplesets }, steps, slice), slice)
    const batch = disk.batch()
    await drive(stage.gather(batch, slice), slice)
    await batch.write()
  }
}

/** Every row under the prefix that matches; all rows under an empty one. */
export async function drop(
  disk: Disk,
  prefix: Buffer,
  matches: (key: Buffer, value: Buffer) => boolean = () => true,
): Promise<void> {
  const lt = prefix.length === 0 ? Buffer.of(0xff) : keys.prefixEnd(prefix)
  for await (const entries of disk.scan({ gte: prefix, lt }, 5000)) {
    const batch = disk.batch()
    for (const [key, value] of entries) if (matches(key, value)) batch.delete(key)
    await batch.write()
  }
}

/** Every `type#relation` that the models which are there and can be read use as a tupleset. */
export function rightTuplesets(disk: Disk, store: number, log: Replayed): string[] {
  const found = new Set<string>()
  for (const id of log.models.keys()) {
    const bytes = disk.get(keys.modelKey(store, id))
    if (bytes === undefined) continue
    for (const one of tuplesetsIn(bytes)) found.add(one)
  }
  return [...found]
}

/** None of a row that is no model: that it is none is found by its digest. */
function tuplesetsIn(row: Buffer): readonly string[] {
  try {
    return tuplesetsOf(values.unpackDocument<ModelJson>(row).document)
  } catch {
    return []
  }
}
