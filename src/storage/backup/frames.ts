/**
 * A backup as a stream of frames, each with a checksum that is chained to the frame before: what was cut, changed,
 * swapped or joined is seen at the first frame it touches. Drawn in schema/backup.md. No key is involved: against
 * malice keep the file where only operators write.
 */
import { createHash } from 'node:crypto'
import { pack, unpack } from '../values.ts'

const magic = Buffer.from('KITHBAK1')
/** Kind (1), length (4, big endian). */
const headBytes = 5
const checksumBytes = 16
/** A frame holds 256 KiB of rows, or one row; no row is this large. */
const frameBytesMax = 1 << 30

const kinds = { about: 1, rows: 2, end: 3, failed: 4 } as const

/** The first frame: what is in the backup. */
export interface About {
  /** Of the rows, as the folder they are from had it. */
  readonly format: number
  /** When it was begun, in milliseconds since the epoch; no answer of that folder is of a later instant. */
  readonly instant: number
  /** The folder's last batch. */
  readonly sequence: number
  /** Living ones. */
  readonly stores: number
  /** In their logs. */
  readonly entries: number
  /** The folder's secrets: what was sealed there can be told from what was made up. */
  readonly secrets: readonly Uint8Array[]
}

export type Rows = readonly (readonly [key: Buffer, value: Buffer])[]

export type Frame =
  | ({ readonly kind: 'about' } & About)
  | { readonly kind: 'rows'; readonly rows: Rows }
  | { readonly kind: 'end'; readonly rows: number }

/** Writes frames one after the other; the first carries the name of the format. */
export class FrameWriter {
  #before: Buffer | undefined

  about(about: About): Buffer {
    return this.#frame(kinds.about, about)
  }

  rows(rows: Rows): Buffer {
    return this.#frame(kinds.rows, rows.flat())
  }

  end(rows: number): Buffer {
    return this.#frame(kinds.end, { rows })
  }

  /** Ends a backup that could not be finished. */
  failed(why: string): Buffer {
    return this.#frame(kinds.failed, why)
  }

  #frame(kind: number, content: unknown): Buffer {
    const payload = pack(content)
    const head = Buffer.alloc(headBytes)
    head[0] = kind
    head.writeUInt32BE(payload.length, 1)
    const checksum = chained(this.#before, head, payload)
    const parts = this.#before === undefined ? [magic, head, payload, checksum] : [head, payload, checksum]
    this.#before = checksum
    return Buffer.concat(parts)
  }
}

/** Every frame of a backup in order, verified. @throws Error that says what is wrong with it, a missing end included */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame, undefined> {
  const bytes = new Bytes(chunks)
  if ((await bytes.take(magic.length))?.equals(magic) !== true) {
    throw new Error('this is not a backup of Kith, or of a version that this one does not know')
  }
  let before: Buffer | undefined
  for (let count = 0; ; count++) {
    const head = await bytes.take(headBytes)
    const length = head?.readUInt32BE(1) ?? 0
    if (length > frameBytesMax) throw damaged(count)
    const payload = await bytes.take(length)
    const checksum = await bytes.take(checksumBytes)
    if (head === undefined || payload === undefined || checksum === undefined) {
      throw new Error('the backup is cut off: it has no end; take another one')
    }
    if (!chained(before, head, payload).equals(checksum)) throw damaged(count)
    before = checksum
    const frame = frameOf(head[0], payload)
    if (frame === undefined || (count === 0) !== (frame.kind === 'about')) throw damaged(count)
    yield frame
    if (frame.kind === 'end') break
  }
  if ((await bytes.take(1)) !== undefined)
    throw new Error('something follows the end of the backup; take another one')
  return undefined
}

function damaged(frame: number): Error {
  return new Error(`the backup is damaged in its part ${frame + 1}; take another one`)
}

function frameOf(kind: number | undefined, payload: Buffer): Frame | undefined {
  if (kind === kinds.about) return { kind: 'about', ...unpack<About>(payload) }
  if (kind === kinds.end) return { kind: 'end', ...unpack<{ rows: number }>(payload) }
  if (kind === kinds.failed) throw new Error(`the backup broke off: ${unpack<string>(payload)}`)
  if (kind !== kinds.rows) return undefined
  const cells = unpack<Buffer[]>(payload)
  const rows = Array.from(
    { length: cells.length / 2 },
    (_, i) => [cells[2 * i] as Buffer, cells[2 * i + 1] as Buffer] as const,
  )
  return { kind: 'rows', rows }
}

function chained(before: Buffer | undefined, head: Buffer, payload: Buffer): Buffer {
  const sum = createHash('sha256')
    .update(before ?? magic)
    .update(head)
    .update(payload)
  return sum.digest().subarray(0, checksumBytes)
}

/** A stream of chunks, taken in pieces of any size. */
class Bytes {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest: Buffer = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** Undefined when the stream ends before so many came. */
  async take(size: number): Promise<Buffer | undefined> {
    const parts = [this.#rest]
    let length = this.#rest.length
    while (length < size) {
      const { done, value } = await this.#chunks.next()
      if (done === true) return undefined
      parts.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
      length += value.byteLength
    }
    const all = parts.length === 1 ? this.#rest : Buffer.concat(parts)
    this.#rest = all.subarray(size)
    return all.subarray(0, size)
  }
}
