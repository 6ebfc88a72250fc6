/** The journal: what happened to stores themselves, one row a change, kept when they are gone. Not their own logs. */
import type { Disk } from './disk.ts'
import * as keys from './keys.ts'
import type { Applied } from './reader.ts'
import type { Stage } from './stage.ts'
import type { Page, StoreChange } from './storage.ts'
import { packStoreChange, unpackStoreChange } from './values.ts'

const prefix = keys.kindPrefix(keys.kind.journal)
const all = { gte: prefix, lt: keys.prefixEnd(prefix) }

export class Journal {
  #last: number

  constructor(last: number) {
    this.#last = last
  }

  /** Stages one row; the number of one that is refused or lost is not given again. */
  note(stage: Stage, change: StoreChange): void {
    stage.put(keys.journalKey(++this.#last), packStoreChange(change))
  }

  /** Oldest first, from just after the position `after`. */
  async page(applied: Applied, limit: number, after?: Uint8Array): Promise<Page<StoreChange>> {
    const range = after === undefined ? all : { ...all, gte: keys.keyAfter(after) }
    const held = applied.reader.hold()
    try {
      for await (const entries of held.scan(range, limit + 1)) {
        const page = entries.slice(0, limit)
        const rows = page.map(([, bytes]) => unpackStoreChange(bytes))
        return { rows, next: entries.length > limit ? page.at(-1)?.[0] : undefined }
      }
      return { rows: [], next: undefined }
    } finally {
      held.release()
    }
  }
}

/** The number of the last row. */
export async function lastNote(disk: Disk): Promise<number> {
  for await (const [last] of disk.scan({ ...all, reverse: true }, 1)) {
    return last === undefined ? 0 : Number(last[0].readBigUInt64BE(1))
  }
  return 0
}
