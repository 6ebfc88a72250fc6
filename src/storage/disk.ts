/**
 * The disk under storage: bytes by bytes in an ordered database, LevelDB in a folder or a tree in memory. It knows no
 * rows and no stores; tests wrap it to inject failures.
 */
import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Level } from 'level'
import { MemoryLevel } from 'memory-level'
import { Fault } from '../lib/fault.ts'
import { Batches } from './batches.ts'
import { demandWhole } from './files/whole.ts'
import { type Hold, holdOn } from './hold.ts'

export type Entry = [key: Buffer, value: Buffer]
/** A row read as UTF-8; each run of bytes that is none reads as U+FFFD. */
export type TextEntry = [key: string, value: string]

/** `gte` <= key < `lt`. */
export interface Range {
  readonly gte: Buffer
  readonly lt: Buffer
  readonly reverse?: boolean
}

/** A frozen state of the whole disk. */
export interface DiskSnapshot {
  get(key: Buffer): Buffer | undefined
  scan(range: Range, chunk: number): AsyncGenerator<Entry[]>
  scanText(range: Range, chunk: number): AsyncGenerator<TextEntry[]>
  close(): void
}

/** One atomic write being gathered, so that a large one can be gathered in slices. */
export interface DiskBatch {
  put(key: Buffer, value: Buffer): void
  delete(key: Buffer): void
  /** Resolves when every operation is durable. The rows become visible some time before that. */
  write(): Promise<void>
}

export interface Disk {
  /** Synchronous, 3 to 10 us. */
  get(key: Buffer): Buffer | undefined
  /** Entries in chunks of at most `chunk`; sees the state of its first step. */
  scan(range: Range, chunk: number): AsyncGenerator<Entry[]>
  /** The same as text: 0.7 us an entry, where its two buffers cost 2. */
  scanText(range: Range, chunk: number): AsyncGenerator<TextEntry[]>
  /** 3 us to open and close. */
  snapshot(): DiskSnapshot
  batch(): DiskBatch
  /** Notes that batch number `sequence` was acknowledged; see README, what is detected. */
  mark(sequence: number): void
  /** The last mark; 0 where none was made. */
  marked(): number
  /** Notes an instant before which no later opening may set its clock. As durable as the mark. */
  note(instant: number): void
  /** The last note; 0 where none was made. */
  noted(): number
  /** Names of the tables in use, each complete; in memory there are none. */
  tables(): readonly string[]
  /** Rewrites every table from the rows that are there. O(all) */
  compact(): Promise<void>
  /** One of LevelDB's own properties, as text; undefined where there is none, or now is no time to ask. */
  property(name: string): string | undefined
  /** Closes and opens again after a failed write; snapshots are lost. @throws Error where it cannot; reads may go on */
  reopen(): Promise<void>
  close(): Promise<void>
}

/** What both databases have; the declarations of `level` lag behind it. */
interface Database {
  getSync(key: Buffer, options?: object): Buffer | undefined
  iterator<Row>(options: object): { nextv(size: number): Promise<Row[]>; close(): Promise<void> }
  snapshot(): { close(): Promise<void> }
  batch(): {
    put(key: Buffer, value: Buffer): unknown
    del(key: Buffer): unknown
    write(options: object): Promise<void>
  }
  close(): Promise<void>
}

/** What only the one in a folder has. */
interface Tables {
  getProperty(property: string): string
  compactRange(start: Buffer, end: Buffer): Promise<void>
}

/**
 * Write buffer 16 MiB: fewer, larger tables; a second one may be waiting, so 32 MiB of memory. Block cache 16 MiB.
 * Tables of 8 MiB keep 1M tuples under the 1,000 files LevelDB holds open.
 */
const levelOptions = {
  keyEncoding: 'buffer',
  valueEncoding: 'buffer',
  writeBufferSize: 16 << 20,
  cacheSize: 16 << 20,
  maxFileSize: 8 << 20,
} as const

/** Bytes that one native step of a scan may bring: more makes a step long, less makes many. */
const scanBytes = 256 << 10

/**
 * Folders that this process has open. LevelDB's lock is of the process, and a second opening by the same process that
 * is refused drops it on the way out: another process could come in.
 */
const openHere = new Set<string>()

/**
 * @param despite - a hold that the caller is about to end
 * @throws Error with a message for the operator: in use, on hold, damaged, or not a database.
 */
export async function openFolder(path: string, despite?: Hold['kind']): Promise<Disk> {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new Error(`the data folder ${path} cannot be made (${said})`, { cause: error })
  }
  const name = realpathSync(path)
  if (openHere.has(name)) throw new Error(`the data folder ${path} is open in this process already`)
  const hold = holdOn(path)
  if (hold !== undefined && hold.kind !== despite) {
    throw new Error(`the data folder ${path} is not opened: ${hold.why}`)
  }
  openHere.add(name)
  try {
    const disk = await openLevel(path)
    return { ...disk, close: () => disk.close().finally(() => openHere.delete(name)) }
  } catch (error) {
    openHere.delete(name)
    throw error
  }
}

async function openLevel(path: string): Promise<Disk> {
  const level = await openWhole(join(path, 'level')).catch((error: unknown) => {
    throw openError(path, error)
  })
  const mark = await openMark(join(path, 'mark')).catch(async (error: unknown) => {
    await level.close()
    throw openError(path, error)
  })
  const tables = level as unknown as Tables
  const batches = new Batches(level)
  return {
    ...diskOver(level as unknown as Database),
    batch: () => batches.begin(),
    mark: (sequence) => mark.write(0, sequence),
    marked: () => mark.read(0),
    note: (instant) => mark.write(1, instant),
    noted: () => mark.read(1),
    tables: () => tablesIn(tables.getProperty('leveldb.sstables')),
    compact: () => tables.compactRange(Buffer.of(0), Buffer.of(0xff)),
    property: (name) => (level.status === 'open' ? tables.getProperty(name) : undefined),
    async reopen() {
      demandRoom(join(path, 'level'))
      await level.close()
      batches.forget()
      demandWhole(join(path, 'level'))
      await level.open()
    },
    async close() {
      await level.close()
      mark.close()
    },
  }
}

async function openWhole(path: string): Promise<Level<Buffer, Buffer>> {
  demandWhole(path)
  const level = new Level<Buffer, Buffer>(path, levelOptions)
  await level.open()
  return level
}

/** From LevelDB's own list, a line each: number, size, first and last key. */
function tablesIn(listed: string): string[] {
  return [...listed.matchAll(/^ (\d+):\d+\[/gm)].map(([, number = '']) => `${number.padStart(6, '0')}.ldb`)
}

/** Beside the log's rows: a manifest, a new log, LevelDB's own notes. */
const reopenBytes = 1 << 20

/**
 * Opening again writes the log's rows as a table. Where the disk has no room for that it is not begun: what is open
 * cannot write, but it goes on answering reads.
 */
function demandRoom(path: string): void {
  const logs = readdirSync(path).filter((name) => name.endsWith('.log'))
  const needed = logs.reduce((sum, name) => sum + statSync(join(path, name)).size, reopenBytes)
  const { bavail, bsize } = statfsSync(path)
  const free = bavail * bsize
  if (free < needed) throw new Error(`the disk has ${free} bytes left, ${needed} are needed`)
}

export async function openMemory(): Promise<Disk> {
  const memory = new MemoryLevel<Buffer, Buffer>({ keyEncoding: 'buffer', valueEncoding: 'buffer' })
  await memory.open()
  return diskOver(memory as unknown as Database)
}

function diskOver(db: Database): Disk {
  let marked = 0
  let noted = 0
  return {
    get: (key) => getFrom(db, key),
    scan: (range, chunk) => scanOf<Entry>(db, range, { chunk }),
    scanText: (range, chunk) => scanOf<TextEntry>(db, range, { chunk, first: textRowsFirst }, asText),
    snapshot() {
      const snapshot = db.snapshot()
      const options = { keyEncoding: 'buffer', valueEncoding: 'buffer', snapshot } as const
      return {
        get: (key) => getFrom(db, key, options),
        scan: (range, chunk) => scanOf<Entry>(db, range, { chunk }, options),
        scanText: (range, chunk) =>
          scanOf<TextEntry>(db, range, { chunk, first: textRowsFirst }, { ...asText, snapshot }),
        // Closed already when the database was closed first.
        close: () => void snapshot.close().catch(() => {}),
      }
    },
    batch: () => batchInMemory(db),
    mark(sequence) {
      marked = sequence
    },
    marked: () => marked,
    note(instant) {
      noted = instant
    },
    noted: () => noted,
    tables: () => [],
    async compact() {},
    property: () => undefined,
    async reopen() {},
    close: () => db.close(),
  }
}

/** The tree in memory is changed within the turn; its completion belongs in a later one, as LevelDB's does. */
function batchInMemory(db: Database): DiskBatch {
  const batch = db.batch()
  return {
    put: (key, value) => void batch.put(key, value),
    delete: (key) => void batch.del(key),
    async write() {
      await batch.write({ sync: true })
      await setImmediate()
    },
  }
}

function getFrom(db: Database, key: Buffer, options?: object): Buffer | undefined {
  try {
    return db.getSync(key, options)
  } catch (error) {
    throw unavailable(error)
  }
}

/** Rows in the first step of a text scan: who streams what it finds has something to send soon. */
const textRowsFirst = 64

/** Keys that come as text while the bounds of a range stay bytes: not every key is UTF-8. */
const asText = {
  keyEncoding: {
    name: 'text',
    format: 'utf8',
    encode: (bound: Buffer) => bound,
    decode: (text: string) => text,
  },
  valueEncoding: 'utf8',
} as const

async function* scanOf<Row>(
  db: Database,
  range: Range,
  { chunk, first = chunk }: { readonly chunk: number; readonly first?: number },
  options?: object,
): AsyncGenerator<Row[]> {
  try {
    const iterator = db.iterator<Row>({ ...options, ...range, highWaterMarkBytes: scanBytes })
    try {
      for (let size = Math.min(first, chunk); ; size = chunk) {
        const entries = await iterator.nextv(size)
        if (entries.length === 0) return
        yield entries
      }
    } finally {
      await iterator.close()
    }
  } catch (error) {
    throw error instanceof Error && 'code' in error && String(error.code).startsWith('LEVEL_')
      ? unavailable(error)
      : error
  }
}

function unavailable(cause: unknown): Fault {
  return new Fault('unavailable', 'the data folder cannot be read now', { cause })
}

function inUse(path: string, cause: unknown): Error {
  return new Error(`the data folder ${path} is in use by another process`, { cause })
}

/** What is told to the operator of a folder that LevelDB cannot open or read; `fix` ends the sentence. */
export function openError(
  path: string,
  error: unknown,
  fix = `see what is left with \`kith doctor --data ${path}\``,
): Error {
  const root = rootOf(error)
  if (root instanceof Error && isInUse(root)) return inUse(path, error)
  const said = root instanceof Error ? root.message : String(root)
  return new Error(`the data folder ${path} cannot be opened (${said}); ${fix}`, { cause: error })
}

/** Whether LevelDB finds its own files damaged: what `mendFolder` is for. */
export function isDamage(error: unknown): boolean {
  const root = rootOf(error)
  return root instanceof Error && /^(?:Corruption|IO error|NotFound)\b/.test(root.message) && !isInUse(root)
}

function isInUse(root: Error): boolean {
  return 'code' in root && root.code === 'LEVEL_LOCKED'
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootOf(error.cause) : error
}

/**
 * The mark: 8 bytes for the number of the last acknowledged batch and 8 for an instant, beside LevelDB's own files,
 * rewritten in place and not synced. It survives the death of the process, so a log that LevelDB cut short is noticed;
 * after a power loss it may lag, and then it accuses nobody.
 */
interface MarkFile {
  write(field: 0 | 1, value: number): void
  /** 0 where nothing was written. */
  read(field: 0 | 1): number
  close(): void
}

async function openMark(path: string): Promise<MarkFile> {
  const file = openSync(path, 'a+', 0o600)
  closeSync(file)
  const fd = openSync(path, 'r+')
  const bytes = Buffer.alloc(8)
  let isOpen = true
  return {
    write(field, value) {
      // The number of a closed file may be another file's by now.
      if (!isOpen) return
      bytes.writeUIntBE(value, 2, 6)
      writeSync(fd, bytes, 0, 8, field * 8)
    },
    read(field) {
      const read = Buffer.alloc(8)
      return readSync(fd, read, 0, 8, field * 8) === 8 ? read.readUIntBE(2, 6) : 0
    },
    close() {
      isOpen = false
      fdatasyncSync(fd)
      closeSync(fd)
    },
  }
}
