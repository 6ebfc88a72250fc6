/**
 * Documents against the log: models, entities, assertions. The log holds their digests and not their text, so what is
 * missing or was changed can be told, and not rebuilt. Those beside the log are held against their own seal.
 */
import { damagedAsides } from './asides.ts'
import type { Disk } from './disk.ts'
import * as keys from './keys.ts'
import type { Logged, Replayed } from './replay.ts'
import * as values from './values.ts'

/** Told of each difference, and whether a rebuild puts it right. */
type Tell = (what: string, mend?: 'rebuilt' | 'lost') => void

/** O(documents) */
export async function compareDocuments(disk: Disk, store: number, log: Replayed, tell: Tell): Promise<void> {
  for (const [id, logged] of log.models) {
    compare(disk.get(keys.modelKey(store, id)), logged, `model ${id}`, tell)
    const order = disk.get(keys.modelOrderKey(store, logged.revision))
    if (order === undefined || unpacked(order) !== id) tell(`model ${id} is not listed`)
  }
  for (const [id, logged] of log.assertions) {
    compare(disk.get(keys.assertionsKey(store, id)), logged, `the assertions of model ${id}`, tell)
  }
  const left = new Map(log.entities)
  const prefix = keys.kindPrefix(keys.kind.entity, store)
  for await (const rows of disk.scan({ gte: prefix, lt: keys.prefixEnd(prefix) }, 1000)) {
    for (const [key, row] of rows) {
      const { type, id } = keys.readEntityKey(key)
      const name = `${type}:${id}`
      const logged = left.get(name)
      left.delete(name)
      if (logged === undefined) tell(`entity ${name} is too many`)
      else compare(row, logged, `entity ${name}`, tell)
    }
  }
  for (const name of left.keys()) tell(`entity ${name} is missing`, 'lost')
  for await (const { name } of damagedAsides(disk, store)) tell(`${name} is not what was written`, 'lost')
}

function compare(row: Buffer | undefined, { revision, digest }: Logged, what: string, tell: Tell): void {
  const verb = what.startsWith('the assertions') ? 'are' : 'is'
  if (row === undefined) tell(`${what} ${verb} missing`, 'lost')
  else if (!isSame(row, revision, digest)) tell(`${what} ${verb} not what the log says`, 'lost')
}

function isSame(row: Buffer, revision: number, digest: string | undefined): boolean {
  return digest === undefined ? isOf(row, revision) : values.digestOf(row) === digest
}

/** Entries of before digests: the revision in the row is all there is; assertions have none. */
function isOf(row: Buffer, revision: number): boolean {
  const cells = unpacked(row)
  return cells !== undefined && (!Array.isArray(cells) || cells[0] === revision)
}

/** Undefined where it is no row at all. */
function unpacked(row: Buffer): unknown {
  try {
    return values.unpack(row)
  } catch {
    return undefined
  }
}
