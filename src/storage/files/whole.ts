/**
 * LevelDB's files as they lie in the folder, looked at before LevelDB opens them: it would go on without what it
 * cannot read, and delete what it then believes to be left over.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { damageInLog } from './log.ts'

/** O(bytes of the logs): 5 ms a MiB, some 32 MiB a log, two of them after a kill. @throws Error `Corruption: ...` */
export function demandWhole(level: string): void {
  if (!existsSync(level)) return
  const names = readdirSync(level)
  // Without it LevelDB begins a new, empty database in the same place.
  if (!names.includes('CURRENT') && names.some((name) => /\.(?:log|ldb|sst)$/.test(name))) {
    throw new Error('Corruption: the file level/CURRENT is missing')
  }
  for (const name of names.filter((one) => one.endsWith('.log') || one.startsWith('MANIFEST-'))) {
    const bytes = readIfThere(join(level, name))
    const at = bytes === undefined ? undefined : damageInLog(bytes)
    if (at !== undefined) throw new Error(`Corruption: the file level/${name} is damaged at byte ${at}`)
  }
}

/** Whoever has the folder open may be done with a log meanwhile. */
function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
