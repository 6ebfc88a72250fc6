/**
 * LevelDB's batches, one native one used again and again. The memory of a native batch, megabytes for a large commit, is
 * given back only when the collector comes to it, and it does not see how much that is. What is called here are the
 * steps under the public batch: its checks, copies and events, of which nobody makes use, cost as much a row again.
 */
import { assert } from '../lib/assert.ts'
import type { Bytes, DiskBatch } from './disk.ts'
import { keyOf } from './names.ts'
import { shortChars } from './packing.ts'

/** The chained batch of abstract-level as those who implement one have it. */
interface NativeBatch {
  _put(key: Buffer, value: Buffer): void
  _del(key: Buffer): void
  _clear(): void
  _write(options: { readonly sync: boolean }): Promise<void>
  close(): Promise<void>
}

interface Database {
  /** `open`, or what it is on the way to. */
  readonly status: string
  batch(): unknown
}

/** Bytes beyond which memory is worth giving back, when what is written has become this many times smaller. */
const roomBytes = 1 << 20
const roomTimes = 16

/** Text as bytes for as long as the call lasts that copies them: the same bytes each time, nothing for the collector. */
class Room {
  readonly #bytes = Buffer.allocUnsafeSlow(4096)
  /** By length. */
  readonly #views: Buffer[] = []

  take(bytes: Bytes): Buffer {
    if (typeof bytes !== 'string') return bytes
    const { length } = bytes
    const room = this.#bytes
    if (length > room.length) return keyOf(bytes)
    if (length > shortChars) room.write(bytes, 0, length, 'latin1')
    else for (let i = 0; i < length; i++) room[i] = bytes.charCodeAt(i)
    const view = this.#views[length]
    if (view !== undefined) return view
    const made = this.#bytes.subarray(0, length)
    this.#views[length] = made
    return made
  }
}

const keyRoom = new Room()
const valueRoom = new Room()

export class Batches {
  readonly #db: Database
  #idle: NativeBatch | undefined
  /** The most that the idle one has held, roughly. */
  #room = 0

  constructor(db: Database) {
    this.#db = db
  }

  begin(): DiskBatch {
    const batch = this.#idle ?? (this.#db.batch() as NativeBatch)
    // A batch that is never written, or fails, is not used again; the database closes it with itself.
    this.#idle = undefined
    let bytes = 0
    return {
      put: (key, value) => {
        bytes += key.length + value.length
        batch._put(keyRoom.take(key), valueRoom.take(value))
      },
      delete: (key) => {
        bytes += key.length
        batch._del(keyRoom.take(key))
      },
      write: async () => {
        assert(this.#db.status === 'open', `the database is ${this.#db.status}`)
        await batch._write({ sync: true })
        this.#keep(batch, bytes)
      },
    }
  }

  /** When the database was closed: what was made before is not for what is opened next. */
  forget(): void {
    this.#idle = undefined
    this.#room = 0
  }

  #keep(batch: NativeBatch, bytes: number): void {
    if (this.#room > roomBytes && bytes * roomTimes < this.#room) {
      this.#room = 0
      release(batch)
      return
    }
    batch._clear()
    if (this.#idle !== undefined) release(this.#idle)
    this.#idle = batch
    this.#room = Math.max(this.#room, bytes)
  }
}

/** INVARIANT: whatever is let go while the database is open is closed: the database holds on to every batch that is not. */
function release(batch: NativeBatch): void {
  void batch.close()
}
