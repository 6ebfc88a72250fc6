/**
 * A backup of one applied state of the whole folder, while it is served: the logs, the documents and what else is not
 * derived. Every log is verified on the way, so a backup that ends well can be restored.
 */
import type { Disk } from '../disk.ts'
import * as entries from '../entries.ts'
import { openFolder } from '../folder.ts'
import * as keys from '../keys.ts'
import { demandEnd } from '../load.ts'
import { type StoreRow, unpackStore } from '../sealed.ts'
import { openSecrets } from '../secret.ts'
import * as values from '../values.ts'
import { type StoreHead, unpack, unpackHead } from '../values.ts'
import { FrameWriter, type Rows } from './frames.ts'

/** A frozen state: a pinned reader, a snapshot, or a folder that nobody writes to. */
export type Source = Pick<Disk, 'get' | 'scan'>

const frameBytes = 256 << 10
const rowsPerStep = 1000

/** Kinds that `rebuild.ts` makes from the logs, and nobody has to keep. */
const derived = [
  keys.kind.tuple,
  keys.kind.expiry,
  keys.kind.forward,
  keys.kind.forwardPage,
  keys.kind.reverse,
  keys.kind.placement,
]

interface Given {
  readonly instant: number
  readonly secrets: readonly Uint8Array[]
}

/** Chunks of some 256 KiB, or of one larger row. A damaged log ends it with a frame that says so, then with an Error. */
export async function* backupOf(
  source: Source,
  { instant, secrets }: Given,
): AsyncGenerator<Buffer, undefined> {
  const writer = new FrameWriter()
  const logs = await logsOf(source)
  const living = [...logs.values()]
  const sequence = source.get(keys.sequenceKey)
  yield writer.about({
    format: unpack<number>(source.get(keys.formatKey) ?? values.pack(0)),
    instant,
    sequence: sequence === undefined ? 0 : unpack<number>(sequence),
    stores: living.length,
    entries: living.reduce((sum, log) => sum + log.last, 0),
    secrets,
  })
  let count = 0
  try {
    for await (const rows of rowsOf(source)) {
      for (const [key, row] of rows) {
        if (key[0] === keys.kind.change) logs.get(key.readUInt32BE(1))?.follow(keys.revisionIn(key), row)
      }
      count += rows.length
      yield writer.rows(rows)
    }
    for (const log of living) log.end()
  } catch (error) {
    yield writer.failed(error instanceof Error ? error.message : String(error))
    throw error
  }
  yield writer.end(count)
  return undefined
}

/** Of a folder that nobody serves. @throws Error when it cannot be opened, or lost the end of its log */
export async function* backupFolder(path: string): AsyncGenerator<Buffer, undefined> {
  const disk = await openFolder(path)
  try {
    demandEnd(disk, path)
    const instant = Math.max(Date.now(), disk.noted())
    yield* backupOf(disk, { instant, secrets: openSecrets(path).all })
    return undefined
  } finally {
    await disk.close()
  }
}

/** What is not derived, in order of the keys, in portions of a frame. */
async function* rowsOf(source: Source): AsyncGenerator<Rows, undefined> {
  let from = Buffer.of(0)
  for (const kind of [...derived.toSorted((a, b) => a - b), 0xff]) {
    let rows: [Buffer, Buffer][] = []
    let bytes = 0
    for await (const entries of source.scan({ gte: from, lt: Buffer.of(kind) }, rowsPerStep)) {
      for (const entry of entries) {
        rows.push(entry)
        bytes += entry[0].length + entry[1].length
        if (bytes < frameBytes) continue
        yield rows
        rows = []
        bytes = 0
      }
    }
    if (rows.length > 0) yield rows
    from = Buffer.of(kind + 1)
  }
  return undefined
}

/** The log of one store, followed entry by entry. */
class Log {
  readonly last: number
  readonly #row: StoreRow
  readonly #head: StoreHead | undefined
  #revision = 0
  #checksum: string

  constructor(row: StoreRow, head: StoreHead | undefined) {
    this.#row = row
    this.#head = head
    this.last = head?.revision ?? 0
    this.#checksum = entries.chainStart(row.id)
  }

  follow(revision: number, row: Buffer): void {
    if (revision !== ++this.#revision || !entries.isChained(this.#checksum, revision, row)) {
      throw this.#damaged(`at revision ${this.#revision}`)
    }
    this.#checksum = entries.checksumIn(row)
  }

  end(): void {
    const isWhole =
      this.#revision === this.last && (this.#head === undefined || this.#head.checksum === this.#checksum)
    if (!isWhole) throw this.#damaged(`at its end, revision ${this.last}`)
  }

  #damaged(where: string): Error {
    return new Error(
      `the log of store ${this.#row.id} is damaged ${where}; stop Kith and see \`kith doctor\`, or restore a backup of before`,
    )
  }
}

/** Of the living stores, by number. */
async function logsOf(source: Source): Promise<Map<number, Log>> {
  const logs = new Map<number, Log>()
  const prefix = keys.kindPrefix(keys.kind.store)
  for await (const entries of source.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, rowsPerStep)) {
    for (const [key, bytes] of entries) {
      const row = unpackStore(key, bytes)
      const number = key.readUInt32BE(1)
      if (row === undefined) {
        throw new Error(`the record of store number ${number} is damaged; stop Kith and see \`kith doctor\``)
      }
      const head = source.get(keys.headKey(number))
      if (row.deleted === 'no')
        logs.set(number, new Log(row, head === undefined ? undefined : unpackHead(head)))
    }
  }
  return logs
}
