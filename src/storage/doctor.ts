/**
 * The doctor: rebuilds everything that is derived from the log, compares it with what is there, and repairs on demand.
 * Works on a folder that nobody has open; storage itself never calls it.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelJson } from '../model/json.ts'
import { type EpochStarts, tuplesetsOf } from './commit.ts'
import { compareForward, compareReverse, compareRows } from './compare.ts'
import { type Disk, isDamage, mendFolder, openError, openFolder } from './disk.ts'
import type { StoreState } from './group.ts'
import * as keys from './keys.ts'
import { layOut, type TupleStep } from './layout.ts'
import { emptyHead, loadStores } from './load.ts'
import { nameOf, spotOf } from './names.ts'
import { type Replayed, replay } from './replay.ts'
import { drive, Slice } from './slice.ts'
import { Stage } from './stage.ts'
import * as values from './values.ts'

interface Finding {
  /** The store's id; undefined for what concerns the whole folder. */
  readonly store: string | undefined
  readonly what: string
}

export interface Diagnosis {
  /** The first 1,000. */
  readonly findings: readonly Finding[]
  readonly findingCount: number
  readonly stores: number
  readonly entries: number
  /** Whether everything found was repaired; false when nothing was to be. */
  readonly repaired: boolean
}

export interface DoctorOptions {
  /** Rewrite what is wrong. A log that is damaged is cut before the damage: what follows is lost. */
  readonly repair?: boolean
  /** Called with a sentence at each step. */
  readonly progress?: (step: string) => void
}

const findingsMax = 1000

/** O(log) time; a scratch copy of the tuples within the folder. @throws Error when the folder is in use or cannot be opened */
export async function verify(path: string, options: DoctorOptions = {}): Promise<Diagnosis> {
  try {
    return await verifyFolder(path, options)
  } catch (error) {
    if (!isDamage(error)) throw error
    if (!options.repair) {
      throw openError(
        path,
        error,
        'copy the folder, then mend its files with --repair; some rows may be lost',
      )
    }
    await mendFolder(path)
    const { message: what } = openError(path, error, 'its files were mended')
    const found = await verifyFolder(path, options)
    return {
      ...found,
      findings: [{ store: undefined, what }, ...found.findings],
      findingCount: found.findingCount + 1,
      repaired: found.repaired || found.findingCount === 0,
    }
  }
}

async function verifyFolder(path: string, options: DoctorOptions): Promise<Diagnosis> {
  const disk = await openFolder(path)
  const scratchPath = join(path, 'scratch')
  rmSync(scratchPath, { recursive: true, force: true })
  try {
    const scratch = await openFolder(scratchPath)
    try {
      return await verifyDisk(disk, scratch, options)
    } finally {
      await scratch.close()
      rmSync(scratchPath, { recursive: true, force: true })
    }
  } finally {
    await disk.close()
  }
}

/** `scratch` is empty. Nothing else may write to `disk` meanwhile. */
export async function verifyDisk(disk: Disk, scratch: Disk, options: DoctorOptions = {}): Promise<Diagnosis> {
  const { progress = () => {} } = options
  const findings: Finding[] = []
  let findingCount = 0
  const sick = new Set<number>()
  const states = (await loadStores(disk)).filter(({ facts }) => facts.row.deleted === 'no')
  const ids = new Map(states.map((state) => [state.number, state.facts.row.id]))
  const tell = (number: number | undefined, what: string): void => {
    if (number !== undefined) {
      if (!ids.has(number)) return // A deleted store's rows, still being purged.
      sick.add(number)
    }
    findingCount++
    if (findings.length < findingsMax) {
      findings.push({ store: number === undefined ? undefined : ids.get(number), what })
    }
  }

  const sequence = sequenceOf(disk)
  if (disk.marked() > sequence) {
    tell(undefined, `batches ${sequence + 1} to ${disk.marked()} were acknowledged and are not there`)
  }
  const logs = new Map<StoreState, Replayed>()
  let entries = 0
  for (const state of states) {
    progress(`replaying the log of store ${state.facts.row.id}`)
    const log = await replay(disk, scratch, state)
    logs.set(state, log)
    entries += log.entries
    compareRecords(disk, state, log, tell)
    await compareDocuments(disk, state, log, tell)
  }
  progress('comparing tuples')
  await compareRows(disk, scratch, keys.kind.tuple, 'tuple', tell)
  await compareRows(disk, scratch, keys.kind.expiry, 'expiry', tell)
  for (const { number, facts } of states) {
    progress(`comparing the heads of store ${facts.row.id}`)
    await compareForward(disk, scratch, number, tell)
    await compareReverse(disk, scratch, number, tell)
  }

  const repairing = options.repair === true && findingCount > 0
  if (repairing) {
    for (const [state, log] of logs) {
      if (!sick.has(state.number)) continue
      progress(`repairing store ${state.facts.row.id}`)
      await repairStore(disk, scratch, state, log)
    }
    disk.mark(sequence)
  }
  return { findings, findingCount, stores: states.length, entries, repaired: repairing }
}

function sequenceOf(disk: Disk): number {
  const bytes = disk.get(keys.sequenceKey)
  return bytes === undefined ? 0 : values.unpack<number>(bytes)
}

type Tell = (store: number, what: string) => void

function compareRecords(disk: Disk, { number, facts }: StoreState, log: Replayed, tell: Tell): void {
  if (log.broken !== undefined) tell(number, `the log is damaged: ${log.broken}`)
  const head = log.head ?? emptyHead(facts.row)
  const { revision, checksum, timestamp, model } = facts.head
  const same =
    revision === head.revision &&
    checksum.equals(head.checksum) &&
    timestamp === head.timestamp &&
    model === head.model
  if (!same) tell(number, `the head record says revision ${revision}, the log ends at ${head.revision}`)
  const missing = rightTuplesets(disk, number, log).filter((one) => !facts.tuplesets.has(one))
  if (missing.length > 0) tell(number, `tuplesets are missing: ${missing.join(', ')}`)
}

/** Models and entities are not derived: they can be missed, not rebuilt. */
async function compareDocuments(
  disk: Disk,
  { number }: StoreState,
  log: Replayed,
  tell: Tell,
): Promise<void> {
  for (const [id, revision] of log.models) {
    const model = disk.get(keys.modelKey(number, id))
    if (model === undefined) tell(number, `model ${id} is missing`)
    else if (values.unpackDocument(model).revision !== revision)
      tell(number, `model ${id} is of another revision`)
    const order = disk.get(keys.modelOrderKey(number, revision))
    if (order === undefined || values.unpack<string>(order) !== id) tell(number, `model ${id} is not listed`)
  }
  const prefix = keys.kindPrefix(keys.kind.entity, number)
  const left = new Map(log.entities)
  for await (const rows of disk.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, 1000)) {
    for (const [key, bytes] of rows) {
      const { type, id } = keys.readEntityKey(key)
      const name = `${type}:${id}`
      const revision = left.get(name)
      left.delete(name)
      if (revision === undefined) tell(number, `entity ${name} is too many`)
      else if (values.unpackDocument(bytes).revision !== revision)
        tell(number, `entity ${name} is of another revision`)
    }
  }
  for (const name of left.keys()) tell(number, `entity ${name} is missing`)
}

function rightTuplesets(disk: Disk, store: number, log: Replayed): string[] {
  const found = new Set<string>()
  for (const id of log.models.keys()) {
    const bytes = disk.get(keys.modelKey(store, id))
    if (bytes === undefined) continue
    for (const one of tuplesetsOf(values.unpackDocument<ModelJson>(bytes).document)) found.add(one)
  }
  return [...found]
}

const derived = [
  keys.kind.tuple,
  keys.kind.forward,
  keys.kind.forwardPage,
  keys.kind.reverse,
  keys.kind.placement,
]

/** Drops every derived row of the store and lays the scratch's tuples out anew; the log is cut before any damage. */
async function repairStore(disk: Disk, scratch: Disk, state: StoreState, log: Replayed): Promise<void> {
  const { number, facts } = state
  for (const kind of derived) await drop(disk, keys.kindPrefix(kind, number))
  const expiries = keys.kindPrefix(keys.kind.expiry)
  await drop(disk, expiries, (key) => keys.readExpiryKey(key).store === number)

  const head = log.head ?? emptyHead(facts.row)
  await drop(disk, keys.kindPrefix(keys.kind.change, number), (key) => keys.revisionIn(key) > head.revision)
  await drop(
    disk,
    keys.kindPrefix(keys.kind.modelOrder, number),
    (key) => keys.revisionIn(key) > head.revision,
  )
  await drop(
    disk,
    keys.kindPrefix(keys.kind.model, number),
    (_, bytes) => values.unpackDocument(bytes).revision > head.revision,
  )
  const tuplesets = new Set([...facts.tuplesets, ...rightTuplesets(disk, number, log)])
  const batch = disk.batch()
  if (head.revision === 0) batch.delete(keys.headKey(number))
  else batch.put(keys.headKey(number), values.packHead(head))
  batch.put(keys.tuplesetsKey(number), values.pack([...tuplesets]))
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

async function layOutAll(
  disk: Disk,
  scratch: Disk,
  store: number,
  tuplesets: ReadonlySet<string>,
): Promise<void> {
  const prefix = keys.tuplePrefix(store, {})
  for await (const rows of scratch.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, 5000)) {
    const stage = Stage.over(disk)
    const steps = rows.map(([key, bytes]): TupleStep => {
      const tuple = values.unpackTuple(keys.readTupleKey(key), bytes)
      const spot = spotOf(store, tuple.object, tuple.relation)
      return { name: nameOf(key), spot, tuple, before: undefined, after: tuple }
    })
    const slice = new Slice()
    await drive(layOut({ stage, store, isTupleset: (name) => tuplesets.has(name) }, steps, slice), slice)
    const batch = disk.batch()
    await drive(stage.gather(batch, slice), slice)
    await batch.write()
  }
}

async function drop(
  disk: Disk,
  prefix: Buffer,
  matches: (key: Buffer, value: Buffer) => boolean = () => true,
): Promise<void> {
  for await (const entries of disk.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, 5000)) {
    const batch = disk.batch()
    for (const [key, value] of entries) if (matches(key, value)) batch.delete(key)
    await batch.write()
  }
}
