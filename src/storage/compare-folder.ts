/**
 * What is the folder's and no store's: records of stores, the journal, callers' keys. No log vouches for these; the first
 * can be made again from the journal, where that names them.
 */
import { credentialRows } from './credentials.ts'
import type { Disk, DiskBatch } from './disk.ts'
import type { StoreState } from './group.ts'
import { journalRows } from './journal.ts'
import * as keys from './keys.ts'
import { loadStore, loadStores } from './load.ts'
import { lostRecords, placeholderOf } from './records.ts'
import { packStore } from './sealed.ts'

/** Told of each difference, and whether a repair puts it right. */
type Tell = (what: string, mend?: 'rebuilt' | 'lost') => void

interface Folder {
  /** Every store, as its record says or said. */
  readonly states: readonly StoreState[]
  /** Puts right what can be, and lets go of what is not what was written. */
  mend(batch: DiskBatch): void
}

/** O(records + journal + keys) */
export async function compareFolder(disk: Disk, tell: Tell): Promise<Folder> {
  const known = await loadStores(disk)
  const lost = await lostRecords(disk, known)
  for (const { number, row } of lost) {
    if (row !== undefined) tell(`the record of store ${row.id} is lost`)
    else tell(`the record of store number ${number} is lost, and nothing says which one it was`, 'lost')
  }
  const damaged: Buffer[] = []
  for await (const { key, name, change } of journalRows(disk)) {
    if (change !== undefined) continue
    tell(`${name} is not what was written`, 'lost')
    damaged.push(key)
  }
  for await (const { key, id, document } of credentialRows(disk)) {
    if (document !== undefined) continue
    tell(`the record of key ${id} is not what was written: make another key`, 'lost')
    damaged.push(key)
  }
  const found = lost.map(({ number, row }) => loadStore(disk, number, row ?? placeholderOf(number)))
  return {
    states: [...known, ...found],
    mend(batch) {
      for (const { number, facts } of found) batch.put(keys.storeKey(number), packStore(number, facts.row))
      for (const key of damaged) batch.delete(key)
    },
  }
}
