/**
 * The journal: what happened to stores themselves, one row a change, kept when they are gone. Not their own logs. Each
 * row has a digest, so that one which was changed is told; one that is missing is not.
 */
import type { Disk } from './disk.ts'
import * as keys from './keys.ts'
import type { Applied } from './reader.ts'
import { packStoreChange, unpackStoreChange } from './sealed.ts'
import type { Stage } from './stage.ts'
import type { Page, StoreChange } from './storage.ts'

const prefix = keys.kindPrefix(keys.kind.journal)
const all = { gte: prefix, lt: keys.prefixEnd(prefix) }

export class Journal {
  #last: number

  constructor(last: number) {
    this.#last = last
  }

  /** Stages one row; the number of one that is refused or lost is not given again. */
  note(stage: Stage, change: StoreChange): void {
    const key = keys.journalKey(++this.#last)
    stage.put(key, packStoreChange(key, change))
  }

  /** Oldest first, from just after the position `after`. @throws Error for a row that is damaged */
  async page(applied: Applied, limit: number, after?: Uint8Array): Promise<Page<StoreChange>> {
    const range = after === undefined ? all : { ...all, gte: keys.keyAfter(after) }
    const held = applied.reader.hold()
    try {
      for await (const entries of held.scan(range, limit + 1)) {
        const page = entries.slice(0, limit)
        const rows = page.map(([key, bytes]) => {
          const change = unpackStoreChange(key, bytes)
          if (change === undefined)
            throw new Error(`${nameOf(key)} is damaged; stop Kith and see \`kith doctor\``)
          return change
        })
        return { rows, next: entries.length > limit ? page.at(-1)?.[0] : undefined }
      }
      return { rows: [], next: undefined }
    } finally {
      held.release()
    }
  }
}

interface JournalRow {
  readonly key: Buffer
  /** For a reader. */
  readonly name: string
  /** Undefined where the row is not what was written. */
  readonly change: StoreChange | undefined
}

/** Every row, oldest first. */
export async function* journalRows(disk: Disk): AsyncGenerator<JournalRow, undefined> {
  for await (const entries of disk.scan(all, 1000)) {
    for (const [key, bytes] of entries) {
      yield { key, name: nameOf(key), change: unpackStoreChange(key, bytes) }
    }
  }
  return undefined
}

/** The number of the last row. */
export async function lastNote(disk: Disk): Promise<number> {
  for await (const [last] of disk.scan({ ...all, reverse: true }, 1)) {
    return last === undefined ? 0 : numberIn(last[0])
  }
  return 0
}

function numberIn(key: Buffer): number {
  return Number(key.readBigUInt64BE(1))
}

function nameOf(key: Buffer): string {
  return `row ${numberIn(key)} of the journal of stores`
}
