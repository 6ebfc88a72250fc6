/** LevelDB's manifest: which tables are in use, read without opening the database. Every other table is left over. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { recordsIn } from './log.ts'
import { readVarint } from './snappy.ts'

/** What an edit may say, by its number; what follows a deleted or a new file begins with its level. */
const tag = {
  comparator: 1,
  log: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  logBefore: 9,
} as const

/** Numbers of the tables in use, ascending; none where no database is. @throws Error `Corruption: ...` */
export function tablesInUse(level: string): number[] {
  if (!existsSync(join(level, 'CURRENT'))) return []
  const name = readFileSync(join(level, 'CURRENT'), 'utf8').trim()
  if (!/^MANIFEST-\d+$/.test(name)) throw new Error('Corruption: the file level/CURRENT names no manifest')
  if (!existsSync(join(level, name))) throw new Error(`Corruption: the file level/${name} is missing`)
  const used = new Set<number>()
  for (const edit of recordsIn(readFileSync(join(level, name)))) apply(edit, used)
  return [...used].sort((a, b) => a - b)
}

function apply(edit: Buffer, used: Set<number>): void {
  let at = 0
  const number = (): number => {
    const { value, end } = readVarint(edit, at)
    at = end
    return value
  }
  const skipText = (): void => {
    const length = number()
    at += length
  }
  while (at < edit.length) {
    const said = number()
    if (said === tag.comparator) skipText()
    else if (
      said === tag.log ||
      said === tag.nextFile ||
      said === tag.lastSequence ||
      said === tag.logBefore
    ) {
      number()
    } else if (said === tag.compactPointer) {
      number()
      skipText()
    } else if (said === tag.deletedFile) {
      number()
      used.delete(number())
    } else if (said === tag.newFile) {
      number()
      used.add(number())
      number()
      skipText()
      skipText()
    } else throw new Error('Corruption: the manifest says what no LevelDB is known to say')
  }
}
