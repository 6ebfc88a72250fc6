/** The disk in a folder: LevelDB behind its lock, with what LevelDB does not look at looked at before it opens. */
import { readdirSync, realpathSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import { makeFolder } from '../lib/make-folder.ts'
import { Batches } from './batches.ts'
import { demandTables } from './demand-tables.ts'
import { type Database, type Disk, diskOver } from './disk.ts'
import { demandWhole } from './files/whole.ts'
import { type Hold, holdOn } from './hold.ts'
import { Mark } from './mark.ts'
import { openError } from './refusal.ts'

/** What only the one in a folder has. */
interface Tables {
  getProperty(property: string): string
  compactRange(start: Buffer, end: Buffer): Promise<void>
}

/**
 * Write buffer 32 MiB: fewer, larger tables; a second one may be waiting, so 64 MiB of memory. Block cache 16 MiB.
 * Tables of 8 MiB keep 1M tuples under the 1,000 files LevelDB holds open.
 */
const levelOptions = {
  keyEncoding: 'buffer',
  valueEncoding: 'buffer',
  writeBufferSize: 32 << 20,
  cacheSize: 16 << 20,
  maxFileSize: 8 << 20,
} as const

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
    makeFolder(path)
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
    // The doctor has compared them itself.
    const disk = await openLevel(path, despite !== 'damage').catch((error: unknown) => {
      throw openError(path, error)
    })
    return { ...disk, close: () => disk.close().finally(() => openHere.delete(name)) }
  } catch (error) {
    openHere.delete(name)
    throw error
  }
}

async function openLevel(path: string, compares: boolean): Promise<Disk> {
  const mark = new Mark(join(path, 'mark'))
  let level: Level<Buffer, Buffer>
  try {
    demandWhole(join(path, 'level'))
    if (compares && !mark.isSettled) await demandTables(path)
    level = new Level(join(path, 'level'), levelOptions)
    // INVARIANT: before, as opening writes already: the log becomes a table, and compactions begin.
    mark.unsettle()
    await level.open()
  } catch (error) {
    mark.close()
    throw error
  }
  const tables = level as unknown as Tables
  const batches = new Batches(level)
  let hasFailed = false
  return {
    ...diskOver(level as unknown as Database),
    batch: () => batches.begin(),
    mark: (sequence) => mark.write('batch', sequence),
    marked: () => mark.read('batch'),
    note: (instant) => mark.write('instant', instant),
    noted: () => mark.read('instant'),
    tables: () => tablesIn(tables.getProperty('leveldb.sstables')),
    compact: () => tables.compactRange(Buffer.of(0), Buffer.of(0xff)),
    property: (name) => (level.status === 'open' ? tables.getProperty(name) : undefined),
    async reopen() {
      // What the system kept of a write that failed is unknown: the next opening compares the tables.
      hasFailed = true
      demandRoom(join(path, 'level'))
      await level.close()
      batches.forget()
      demandWhole(join(path, 'level'))
      await level.open()
    },
    async close() {
      await level.close()
      if (!hasFailed) mark.settle()
      mark.close()
    },
  }
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
