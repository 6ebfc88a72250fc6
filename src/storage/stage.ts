/**
 * A stage: rows written but not yet landed, over a state below. A commit writes to its own stage, so that a refused
 * one leaves nothing; accepted stages are absorbed by the stage of their group, which becomes the batch.
 *
 * Rows are held by name (names.ts), and heads as drafts (heads.ts): one that many commits of a group change is packed
 * once, when the batch is gathered.
 */
import type { Disk, DiskBatch, Entry, Range, TextEntry } from './disk.ts'
import type { Draft, Heads } from './heads.ts'
import { keyOf, nameOf } from './names.ts'
import type { HeldReader, Reader } from './reader.ts'
import type { Slice, Work } from './slice.ts'

const gone = Symbol('deleted')

type Row = Buffer | Draft | typeof gone

export class Stage implements HeldReader {
  readonly #below: Reader
  /** Of the state below, where that is the applied one. */
  readonly #heads: Heads | undefined
  #rows = new Map<string, Row>()

  constructor(below: Reader, heads?: Heads) {
    this.#below = below
    this.#heads = heads
  }

  /** Over a disk that nobody else writes to. */
  static over(disk: Disk): Stage {
    const reader: HeldReader = {
      get: (key) => disk.get(key),
      scan: (range, chunk) => disk.scan(range, chunk),
      scanText: (range, chunk) => disk.scanText(range, chunk),
      hold: () => reader,
      release: () => {},
    }
    return new Stage(reader)
  }

  get size(): number {
    return this.#rows.size
  }

  get(key: Buffer): Buffer | undefined {
    return this.#rows.size === 0 ? this.#below.get(key) : this.value(nameOf(key), key)
  }

  /** What `get` answers, by name. */
  value(name: string, key?: Buffer): Buffer | undefined {
    const row = this.#rows.get(name)
    if (row !== undefined) return bytesOf(row)
    return this.#below instanceof Stage ? this.#below.value(name, key) : this.#below.get(key ?? keyOf(name))
  }

  /** A head; the caller names what the row's kind promises. Not to be changed: put another. */
  head<Head extends Draft>(name: string, unpack: (packed: string) => Head): Head | undefined {
    const row = this.#rows.get(name)
    if (row !== undefined) {
      if (row === gone) return undefined
      return Buffer.isBuffer(row) ? unpack(nameOf(row)) : (row as Head)
    }
    if (this.#below instanceof Stage) return this.#below.head(name, unpack)
    const kept = this.#heads?.get(name)
    if (kept !== undefined) return unpack(kept)
    if (this.#heads?.mayHave(name) === false) return undefined
    const bytes = this.#below.get(keyOf(name))
    if (bytes === undefined) return undefined
    const read = nameOf(bytes)
    this.#heads?.keep(name, read)
    return unpack(read)
  }

  put(key: Buffer | string, value: Buffer | Draft): void {
    this.#rows.set(typeof key === 'string' ? key : nameOf(key), value)
  }

  delete(key: Buffer | string): void {
    this.#rows.set(typeof key === 'string' ? key : nameOf(key), gone)
  }

  /**
   * Puts every row into a batch, and lets the heads kept of the applied state follow: they are true when the batch has
   * landed, and to be forgotten when it has not.
   */
  *gather(batch: DiskBatch, slice: Slice): Work<void> {
    for (const [name, row] of this.#rows) {
      const value = row === gone ? undefined : Buffer.isBuffer(row) ? row : row.pack()
      if (value === undefined) batch.delete(name)
      else batch.put(name, value)
      this.#heads?.follow(name, value)
      if (slice.isOver) yield
    }
  }

  /** Takes the rows of a stage that lay above; it is not used again. O(rows of the smaller one) */
  absorb(above: Stage): void {
    const [older, newer] = [this.#rows, above.#rows]
    if (newer.size <= older.size) {
      // Pairs of a loop over a map would cost more than the rows.
      newer.forEach((row, name) => void older.set(name, row))
      return
    }
    for (const [name, row] of older) if (!newer.has(name)) newer.set(name, row)
    this.#rows = newer
  }

  /** Merges what is staged into what lies below; O(rows staged) to begin with, for commits with a judge only. */
  async *scan(range: Range, chunk: number): AsyncGenerator<Entry[]> {
    const staged = this.#within(range)
    const direction = range.reverse === true ? -1 : 1
    let next = 0
    for await (const entries of this.#below.scan(range, chunk)) {
      const merged: Entry[] = []
      for (const entry of entries) {
        for (; next < staged.length; next++) {
          const [key, value] = staged[next] as StagedEntry
          const order = key.compare(entry[0]) * direction
          if (order > 0) break
          if (order < 0 && value !== undefined) merged.push([key, value])
          if (order === 0) break
        }
        const same = staged[next]
        if (same?.[0].equals(entry[0]) !== true) merged.push(entry)
        else {
          if (same[1] !== undefined) merged.push([same[0], same[1]])
          next++
        }
      }
      if (merged.length > 0) yield merged
    }
    const rest = staged
      .slice(next)
      .flatMap(([key, value]): Entry[] => (value === undefined ? [] : [[key, value]]))
    for (let i = 0; i < rest.length; i += chunk) yield rest.slice(i, i + chunk)
  }

  async *scanText(range: Range, chunk: number): AsyncGenerator<TextEntry[]> {
    for await (const entries of this.scan(range, chunk)) {
      yield entries.map(([key, value]): TextEntry => [key.toString(), value.toString()])
    }
  }

  /** A stage changes only while its commit is built, which is when it is read. */
  hold(): HeldReader {
    return this
  }

  release(): void {}

  #within({ gte, lt, reverse }: Range): StagedEntry[] {
    const [from, to] = [nameOf(gte), nameOf(lt)]
    const names = [...this.#rows.keys()].filter((name) => name >= from && name < to).sort()
    if (reverse === true) names.reverse()
    return names.map((name) => [keyOf(name), bytesOf(this.#rows.get(name) ?? gone)])
  }
}

/** Without a value where the row is deleted. */
type StagedEntry = [key: Buffer, value: Buffer | undefined]

function bytesOf(row: Row): Buffer | undefined {
  if (row === gone) return undefined
  return Buffer.isBuffer(row) ? row : keyOf(row.pack())
}
