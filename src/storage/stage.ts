/**
 * A stage: rows written but not yet landed, over a state below. A commit writes to its own stage, so that a refused
 * one leaves nothing; accepted stages are absorbed by the stage of their group, which becomes the batch.
 */
import type { Disk, Entry, Range } from './disk.ts'
import type { HeldReader, Reader } from './reader.ts'

interface StagedRow {
  readonly key: Buffer
  /** Undefined: the row is deleted. */
  readonly value: Buffer | undefined
}

export class Stage implements HeldReader {
  readonly #below: Reader
  /** By the key's bytes as a latin1 string, whose order is the order of the bytes. */
  #rows = new Map<string, StagedRow>()

  constructor(below: Reader) {
    this.#below = below
  }

  /** Over a disk that nobody else writes to. */
  static over(disk: Disk): Stage {
    const reader: HeldReader = {
      get: (key) => disk.get(key),
      scan: (range, chunk) => disk.scan(range, chunk),
      hold: () => reader,
      release: () => {},
    }
    return new Stage(reader)
  }

  get size(): number {
    return this.#rows.size
  }

  get(key: Buffer): Buffer | undefined {
    if (this.#rows.size === 0) return this.#below.get(key)
    const row = this.#rows.get(key.toString('latin1'))
    return row === undefined ? this.#below.get(key) : row.value
  }

  put(key: Buffer, value: Buffer): void {
    this.#rows.set(key.toString('latin1'), { key, value })
  }

  delete(key: Buffer): void {
    this.#rows.set(key.toString('latin1'), { key, value: undefined })
  }

  rows(): Iterable<StagedRow> {
    return this.#rows.values()
  }

  /** Takes the rows of a stage that lay above; it is not used again. */
  absorb(above: Stage): void {
    if (this.#rows.size === 0) {
      // A large commit is mostly alone in its group: no second pass over its rows.
      this.#rows = above.#rows
      return
    }
    for (const [name, row] of above.#rows) this.#rows.set(name, row)
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
          const row = staged[next] as StagedRow
          const order = row.key.compare(entry[0]) * direction
          if (order > 0) break
          if (order < 0 && row.value !== undefined) merged.push([row.key, row.value])
          if (order === 0) break
        }
        const same = staged[next]
        if (same?.key.equals(entry[0]) !== true) merged.push(entry)
        else {
          if (same.value !== undefined) merged.push([same.key, same.value])
          next++
        }
      }
      if (merged.length > 0) yield merged
    }
    const rest = staged
      .slice(next)
      .flatMap(({ key, value }): Entry[] => (value === undefined ? [] : [[key, value]]))
    for (let i = 0; i < rest.length; i += chunk) yield rest.slice(i, i + chunk)
  }

  /** A stage changes only while its commit is built, which is when it is read. */
  hold(): HeldReader {
    return this
  }

  release(): void {}

  #within({ gte, lt, reverse }: Range): StagedRow[] {
    const [from, to] = [gte.toString('latin1'), lt.toString('latin1')]
    const names = [...this.#rows.keys()].filter((name) => name >= from && name < to).sort()
    if (reverse === true) names.reverse()
    return names.map((name) => this.#rows.get(name) as StagedRow)
  }
}
