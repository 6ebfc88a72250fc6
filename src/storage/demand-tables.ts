/**
 * The tables in use, compared with their checksums before LevelDB opens them. It does not compare them itself when it
 * reads, and begins to compact as soon as it is open: what is damaged would be written anew under a right checksum.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { tablesInUse } from './files/manifest.ts'
import { compareTables, nameOfTable } from './files/tables.ts'
import { holdDamaged } from './hold.ts'
import { withLock } from './lock.ts'

/** Compared before anything is served; 10 to 20 s, some 40M tuples. What is older waits for the scrub. */
const bytesMax = 4 * 2 ** 30

/** For a folder that was not closed in order: damage puts it on hold. O(bytes), 400 MB/s. @throws Error: damage, in use */
export async function demandTables(path: string): Promise<void> {
  const damage = await damageInFolder(path, bytesMax)
  if (damage === undefined) return
  holdDamaged(path, damage)
  throw new Error(`Corruption: ${damage}`)
}

/**
 * What is wrong with the tables in use, in words, the newest first, as those were being written when the power went;
 * undefined where all are whole. @throws Error: in use, a manifest that cannot be read
 */
export async function damageInFolder(
  path: string,
  limit = Number.POSITIVE_INFINITY,
): Promise<string | undefined> {
  const level = join(path, 'level')
  if (tablesInUse(level).length === 0) return undefined
  return withLock(path, async () => {
    const names = tablesInUse(level).reverse().map(nameOfTable)
    let bytes = 0
    const compared = names.filter((name) => {
      bytes += statSync(join(level, name), { throwIfNoEntry: false })?.size ?? 0
      return bytes <= limit
    })
    const { damage, gone } = await compareTables(level, compared)
    return damage ?? (gone[0] === undefined ? undefined : `the file level/${gone[0]} is missing`)
  })
}
