/**
 * Opening: what the folder says of itself, read and judged before anything is served. A folder of another format, a
 * log with a gap or a lost tail is refused, with the command to run.
 */
import { randomBytes } from 'node:crypto'
import type { Disk } from './disk.ts'
import * as entries from './entries.ts'
import { StoreState } from './group.ts'
import { lastNote } from './journal.ts'
import * as keys from './keys.ts'
import { numbersLost } from './records.ts'
import { type StoreRow, unpackStore } from './sealed.ts'
import * as values from './values.ts'

/** The layout of schema/keys.md. Another number is another layout. */
export const formatVersion = 2
/** Entries at the end of each log that are verified at every start: 3 reads of 10 us for each store. */
const headEntries = 3

export interface Loaded {
  /** Stores by number, deleted ones included. */
  readonly states: readonly StoreState[]
  /** Number of the last batch. */
  readonly sequence: number
  /** Epochs by their id, of this opening included. */
  readonly epochs: ReadonlyMap<string, number>
  /** The present epoch. */
  readonly epoch: { readonly id: string; readonly number: number }
  /** The number of the last row of the journal. */
  readonly journalled: number
  /** The greatest instant that anybody was told of. */
  readonly lastInstant: number
}

/** Reads the folder and starts a new epoch; `machineNow` may be behind. @throws Error with the command to run */
export async function load(disk: Disk, where: string, machineNow: number): Promise<Loaded> {
  await checkFormat(disk, where)
  const sequence = demandEnd(disk, where)
  const states = await loadStores(disk)
  const [lost] = await numbersLost(disk, states)
  if (lost !== undefined) {
    throw new Error(`the record of store number ${lost} is lost; the folder is not opened: ${doctor(where)}`)
  }
  for (const state of states) if (state.facts.row.deleted === 'no') checkLogHead(disk, where, state)
  const stamps = states.map(({ facts }) => Math.max(facts.head.timestamp, facts.row.updatedAt))
  const lastInstant = stamps.reduce((most, one) => Math.max(most, one), disk.noted())
  const epochs = await loadEpochs(disk)
  // One by one: there are as many as the folder was opened, more than a call takes arguments.
  let last = 0
  for (const number of epochs.values()) last = Math.max(last, number)
  const epoch = { id: randomBytes(8).toString('hex'), number: last + 1 }
  const batch = disk.batch()
  batch.put(keys.formatKey, values.pack(formatVersion))
  batch.put(keys.epochKey(epoch.number), values.pack([epoch.id, Math.max(machineNow, lastInstant)]))
  await batch.write()
  epochs.set(epoch.id, epoch.number)
  return { states, sequence, epochs, epoch, journalled: await lastNote(disk), lastInstant }
}

/** The number of the last batch. @throws Error when a later one was acknowledged */
export function demandEnd(disk: Disk, where: string): number {
  const bytes = disk.get(keys.sequenceKey)
  const sequence = bytes === undefined ? 0 : values.unpack<number>(bytes)
  if (disk.marked() > sequence) {
    throw new Error(
      `the log in ${where} lost its end: batch ${disk.marked()} was acknowledged, the last one there is ${sequence}; ` +
        `restore a backup, or go on without with \`kith doctor --data ${where} --repair\``,
    )
  }
  return sequence
}

/** The state of a store without any commit. */
export function emptyHead(row: StoreRow): values.StoreHead {
  return { revision: 0, checksum: entries.chainStart(row.id), timestamp: row.createdAt, epoch: 0 }
}

/** By number. A record that is damaged is none: see records.ts. */
export async function loadStores(disk: Disk): Promise<StoreState[]> {
  const states: StoreState[] = []
  const prefix = keys.kindPrefix(keys.kind.store)
  for await (const entries of disk.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, 1000)) {
    for (const [key, bytes] of entries) {
      const row = unpackStore(key, bytes)
      if (row !== undefined) states.push(loadStore(disk, key.readUInt32BE(1), row))
    }
  }
  return states
}

export function loadStore(disk: Disk, number: number, row: StoreRow): StoreState {
  const head = disk.get(keys.headKey(number))
  const tuplesets = disk.get(keys.tuplesetsKey(number))
  const relaying = disk.get(keys.relayKey(number))
  return new StoreState(number, {
    row,
    head: head === undefined ? emptyHead(row) : values.unpackHead(head),
    tuplesets: new Set(tuplesets === undefined ? [] : values.unpack<string[]>(tuplesets)),
    relaying: relaying === undefined ? [] : values.unpack<string[]>(relaying),
  })
}

/** What to run, for a folder of another format. */
export function formatError(where: string, version: number): Error {
  const what = `the data folder ${where} has format ${version}, this version reads format ${formatVersion}`
  return new Error(
    version < formatVersion
      ? `${what}: back it up and run \`kith migrate --data ${where}\``
      : `${what}: serve it with the version that wrote it, or restore a backup of before`,
  )
}

async function checkFormat(disk: Disk, where: string): Promise<void> {
  const bytes = disk.get(keys.formatKey)
  if (bytes !== undefined) {
    const version = values.unpack<number>(bytes)
    if (version === formatVersion) return
    throw formatError(where, version)
  }
  const all = { gte: Buffer.of(0), lt: Buffer.of(0xff) }
  for await (const entries of disk.scan(all, 1)) {
    if (entries.length > 0) {
      throw new Error(
        `the folder ${where} holds a database that is not Kith's, or lost its format: ${doctor(where)}`,
      )
    }
  }
}

/** The head record against the last entries, and those against each other. */
function checkLogHead(disk: Disk, where: string, { number, facts }: StoreState): void {
  const { head, row } = facts
  const refuse = (what: string): Error =>
    new Error(`the log of store ${row.id} ${what}; the folder is not opened: ${doctor(where)}`)
  if (disk.get(keys.changeKey(number, head.revision + 1)) !== undefined) {
    throw refuse(`goes on after its head, revision ${head.revision}`)
  }
  let after = head.checksum
  for (let revision = head.revision; revision > Math.max(0, head.revision - headEntries); revision--) {
    const entry = disk.get(keys.changeKey(number, revision))
    if (entry === undefined) throw refuse(`has a gap at revision ${revision}`)
    if (entries.checksumIn(entry) !== after) throw refuse(`does not chain at revision ${revision}`)
    const before = checksumBefore(disk, number, row, revision)
    if (before === undefined) throw refuse(`has a gap at revision ${revision - 1}`)
    if (!entries.isChained(before, revision, entry)) throw refuse(`is damaged at revision ${revision}`)
    after = before
  }
}

function checksumBefore(disk: Disk, number: number, row: StoreRow, revision: number): string | undefined {
  if (revision === 1) return entries.chainStart(row.id)
  const entry = disk.get(keys.changeKey(number, revision - 1))
  return entry === undefined ? undefined : entries.checksumIn(entry)
}

async function loadEpochs(disk: Disk): Promise<Map<string, number>> {
  const epochs = new Map<string, number>()
  const prefix = keys.kindPrefix(keys.kind.epoch)
  for await (const entries of disk.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, 1000)) {
    for (const [key, bytes] of entries) {
      epochs.set(values.unpack<[string, number]>(bytes)[0], key.readUInt32BE(1))
    }
  }
  return epochs
}

function doctor(where: string): string {
  return `see what is wrong with \`kith doctor --data ${where}\``
}
