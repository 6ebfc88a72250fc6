/**
 * The disk under storage: bytes by bytes in an ordered database, LevelDB in a folder (folder.ts) or a tree in memory. It
 * knows no rows and no stores; tests wrap it to inject failures.
 */
import { setImmediate } from 'node:timers/promises'
import { MemoryLevel } from 'memory-level'
import { Fault } from '../lib/fault.ts'
import { keyOf } from './names.ts'

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

/** Bytes, or text of one character a byte (names.ts). */
export type Bytes = Buffer | string

/** One atomic write being gathered, so that a large one can be gathered in slices. */
export interface DiskBatch {
  put(key: Bytes, value: Bytes): void
  delete(key: Bytes): void
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
export interface Database {
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

export async function openMemory(): Promise<Disk> {
  const memory = new MemoryLevel<Buffer, Buffer>({ keyEncoding: 'buffer', valueEncoding: 'buffer' })
  await memory.open()
  return diskOver(memory as unknown as Database)
}

export function diskOver(db: Database): Disk {
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
    put: (key, value) => void batch.put(bufferOf(key), bufferOf(value)),
    delete: (key) => void batch.del(bufferOf(key)),
    async write() {
      await batch.write({ sync: true })
      await setImmediate()
    },
  }
}

function bufferOf(bytes: Bytes): Buffer {
  return typeof bytes === 'string' ? keyOf(bytes) : bytes
}

function getFrom(db: Database, key: Buffer, options?: object): Buffer | undefined {
  try {
    return db.getSync(key, options)
  } catch (error) {
    throw unavailable(error)
  }
}

/** Bytes that one native step of a scan may bring: more makes a step long, less makes many. */
const scanBytes = 256 << 10

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
    const iterator = db.iterator<Row>({ highWaterMarkBytes: scanBytes, ...range, ...options })
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
