/**
 * Readers: where a View gets its bytes. The applied state, a pinned one, and the seam at which a batch in flight
 * stays invisible. Bytes only; view.ts gives them meaning.
 */
import { assert } from '../lib/assert.ts'
import { Fault } from '../lib/fault.ts'
import type { Disk, DiskSnapshot, Entry, Range, TextEntry } from './disk.ts'

export interface Reader {
  get(key: Buffer): Buffer | undefined
  scan(range: Range, chunk: number): AsyncGenerator<Entry[]>
  scanText(range: Range, chunk: number): AsyncGenerator<TextEntry[]>
  /** This very state, readable across turns until released. */
  hold(): HeldReader
}

export interface HeldReader extends Reader {
  release(): void
}

/**
 * The applied state of the folder. INVARIANT: between `begin` and `land` every read goes through the snapshot that
 * `begin` took, because LevelDB shows the rows of a batch before its completion runs. Outside of that window the
 * disk is the applied state.
 */
export class Applied {
  /** The reader of the state applied now; a new one after each batch, so that a stale one can be told. */
  reader: LiveReader
  readonly #disk: Disk
  #flight: Shared | undefined
  /** The snapshot of the current state, if anybody holds it. */
  #shared: Shared | undefined

  constructor(disk: Disk) {
    this.#disk = disk
    this.reader = new LiveReader(this)
  }

  /** Call before a batch is handed over. */
  begin(): void {
    this.#flight = this.acquire()
  }

  /** Call when the batch is done, in the same synchronous step as everything that tells of it. */
  land(): void {
    this.reader = new LiveReader(this)
    this.#shared = undefined
    this.#flight?.release()
    this.#flight = undefined
  }

  /** After a reopening: every snapshot is gone with the database that they were of. */
  forget(): void {
    this.#flight = undefined
    this.#shared = undefined
    this.reader = new LiveReader(this)
  }

  get(key: Buffer): Buffer | undefined {
    return this.#flight === undefined ? this.#disk.get(key) : this.#flight.snapshot.get(key)
  }

  /** A share in the snapshot of the applied state. */
  acquire(): Shared {
    if (this.#shared === undefined || this.#shared.isClosed) this.#shared = new Shared(this.#disk.snapshot())
    this.#shared.share()
    return this.#shared
  }
}

/** A snapshot that closes when the last of its holders lets go. */
class Shared {
  readonly snapshot: DiskSnapshot
  #holders = 0

  constructor(snapshot: DiskSnapshot) {
    this.snapshot = snapshot
  }

  get isClosed(): boolean {
    return this.#holders === 0
  }

  share(): void {
    this.#holders++
  }

  release(): void {
    if (--this.#holders === 0) this.snapshot.close()
  }
}

/** Reads what is applied, as long as that is what was applied when it was made. */
export class LiveReader implements Reader {
  readonly #applied: Applied

  constructor(applied: Applied) {
    this.#applied = applied
  }

  get(key: Buffer): Buffer | undefined {
    // A view kept over a turn would mix two revisions; better loud than wrong.
    assert(this.#applied.reader === this, 'a view was used after its turn; pin it')
    return this.#applied.get(key)
  }

  async *scan(range: Range, chunk: number): AsyncGenerator<Entry[]> {
    const held = this.hold()
    try {
      yield* held.scan(range, chunk)
    } finally {
      held.release()
    }
  }

  async *scanText(range: Range, chunk: number): AsyncGenerator<TextEntry[]> {
    const held = this.hold()
    try {
      yield* held.scanText(range, chunk)
    } finally {
      held.release()
    }
  }

  hold(): HeldReader {
    assert(this.#applied.reader === this, 'a view was used after its turn; pin it')
    return new PinnedReader(this.#applied.acquire())
  }
}

class PinnedReader implements HeldReader {
  readonly #shared: Shared
  #released = false

  constructor(shared: Shared) {
    this.#shared = shared
  }

  get(key: Buffer): Buffer | undefined {
    if (this.#released) throw new Fault('internal_error', 'a pinned view was used after its release')
    return this.#shared.snapshot.get(key)
  }

  scan(range: Range, chunk: number): AsyncGenerator<Entry[]> {
    return this.#shared.snapshot.scan(range, chunk)
  }

  scanText(range: Range, chunk: number): AsyncGenerator<TextEntry[]> {
    return this.#shared.snapshot.scanText(range, chunk)
  }

  hold(): HeldReader {
    assert(!this.#released, 'a pinned view was used after its release')
    this.#shared.share()
    return new PinnedReader(this.#shared)
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.#shared.release()
  }
}
