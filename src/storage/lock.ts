/** LevelDB's lock of a folder, held without opening it: for whoever looks at its files, or mends them, without LevelDB. */
import { closeSync, linkSync, mkdirSync, openSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import { openError } from './refusal.ts'

/**
 * Calls `use` while nobody can open the database in `path/level`. Another, empty one is held open meanwhile whose lock is
 * this one's: the same file under a second name. @throws Error: in use
 */
export async function withLock<Result>(path: string, use: () => Promise<Result>): Promise<Result> {
  const second = join(path, 'lock')
  rmSync(second, { recursive: true, force: true })
  mkdirSync(second)
  const lock = join(path, 'level', 'LOCK')
  closeSync(openSync(lock, 'a', 0o600))
  nameAgain(lock, join(second, 'LOCK'))
  const holder = new Level(second)
  try {
    await holder.open().catch((error: unknown) => {
      throw openError(path, error)
    })
    return await use()
  } finally {
    await holder.close()
    rmSync(second, { recursive: true, force: true })
  }
}

/** A link of its own needs one disk that has such; one that leads there is as good, since locks are of what is opened. */
function nameAgain(file: string, name: string): void {
  try {
    linkSync(file, name)
  } catch {
    symlinkSync(realpathSync(file), name)
  }
}
