/** LevelDB's lock of a folder, held without opening it: for whoever looks at its files, or mends them, without LevelDB. */
import {
  closeSync,
  linkSync,
  mkdtempSync,
  openSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import { openError } from './refusal.ts'

/** From when on a folder of somebody's who does not hold the lock is nobody's, milliseconds. */
const leftMs = 600_000

/** Folders that this process has locked: the lock is of the process, so it would give it to itself twice. */
const heldHere = new Set<string>()

/**
 * Calls `use` while nobody can open the database in `path/level`. Another, empty one is held open meanwhile whose lock is
 * this one's: the same file under a second name. @throws Error: in use
 */
export async function withLock<Result>(path: string, use: () => Promise<Result>): Promise<Result> {
  const name = realpathSync(path)
  if (heldHere.has(name))
    throw new Error(`the data folder ${path} is being looked at in this process already`)
  heldHere.add(name)
  try {
    return await withSecond(path, use)
  } finally {
    heldHere.delete(name)
  }
}

async function withSecond<Result>(path: string, use: () => Promise<Result>): Promise<Result> {
  // INVARIANT: a folder of its own: of two who try, the one that is refused must not take the other's away.
  const second = mkdtempSync(join(path, 'lock-'))
  const lock = join(path, 'level', 'LOCK')
  closeSync(openSync(lock, 'a', 0o600))
  nameAgain(lock, join(second, 'LOCK'))
  const holder = new Level(second)
  try {
    await holder.open().catch((error: unknown) => {
      throw openError(path, error)
    })
    dropLeft(path)
    return await use()
  } finally {
    await holder.close()
    rmSync(second, { recursive: true, force: true })
  }
}

/** What others left who were killed. Those who try just now, and will be refused, have made theirs within moments. */
function dropLeft(path: string): void {
  for (const name of readdirSync(path)) {
    if (!/^lock(?:-|$)/.test(name)) continue
    const { mtimeMs } = statSync(join(path, name), { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() }
    if (mtimeMs < Date.now() - leftMs) rmSync(join(path, name), { recursive: true, force: true })
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
