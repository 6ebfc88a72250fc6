/** As `mkdir -p`, one folder after the other: Node's own asks again without end where there is one that takes none, as /proc. */
import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Its owner's alone; what is there is left as it is. @throws Error of the system: no folder, or none to be made there */
export function makeFolder(path: string): void {
  const whole = resolve(path)
  if (isFolder(whole)) return
  if (dirname(whole) !== whole) makeFolder(dirname(whole))
  try {
    mkdirSync(whole, { mode: 0o700 })
  } catch (error) {
    // Somebody else may have been quicker.
    if (!isFolder(whole)) throw error
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
