/** LevelDB's own mending of a folder that does not open: what cannot be read is dropped. For the doctor, asked to repair. */
import { closeSync, linkSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import { openError } from './disk.ts'

/**
 * The mending takes no lock, so another database is held open meanwhile whose lock is this one's: the same file under a
 * second name. @param begin - called when nobody else has the folder @throws Error: in use
 */
export async function mendFolder(path: string, begin: () => void): Promise<void> {
  const { repair } = Level as unknown as { repair(location: string): Promise<void> }
  const [level, second] = [join(path, 'level'), join(path, 'mending')]
  rmSync(second, { recursive: true, force: true })
  mkdirSync(second)
  const lock = join(level, 'LOCK')
  closeSync(openSync(lock, 'a', 0o600))
  linkSync(lock, join(second, 'LOCK'))
  const holder = new Level(second)
  try {
    await holder.open().catch((error: unknown) => {
      throw openError(path, error)
    })
    begin()
    await repair(level)
  } finally {
    await holder.close()
    rmSync(second, { recursive: true, force: true })
  }
}
