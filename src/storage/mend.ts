/** LevelDB's own mending of a folder that does not open: what cannot be read is dropped. For the doctor, asked to repair. */
import { join } from 'node:path'
import { Level } from 'level'
import { withLock } from './lock.ts'

/** The mending itself takes no lock. @param begin - called when nobody else has the folder @throws Error: in use */
export async function mendFolder(path: string, begin: () => void): Promise<void> {
  const { repair } = Level as unknown as { repair(location: string): Promise<void> }
  await withLock(path, async () => {
    begin()
    await repair(join(path, 'level'))
  })
}
