/**
 * The scrub: reads every table of an open folder, slowly, and compares each block with its checksum, because LevelDB
 * does not when it reads. Damage ends the serving: what is read from there may be wrong. It writes nothing but the hold.
 */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Disk } from './disk.ts'
import { damageInTable } from './files/table.ts'
import { holdFolder } from './hold.ts'

/** After each 256 KiB, which take some 1 ms: 50 MB/s, and an eighth of a core meanwhile. */
const pauseMs = 5
const everyMs = 24 * 60 * 60_000
/** After a round that could not be ended. */
const againMs = 60_000

export class Scrub {
  /** Resolves at the end of the first round, or of all when it is stopped before. */
  readonly firstRound: Promise<void>
  readonly #ending = new AbortController()

  /** Begins at once, and again every day. @param onDamage - told once, after the folder was put on hold */
  constructor(disk: Disk, path: string, onDamage: (error: Error) => void) {
    this.firstRound = this.#round(disk, path, onDamage)
  }

  /** Resolves when no file is read any more. */
  stop(): Promise<void> {
    this.#ending.abort()
    return this.firstRound
  }

  async #round(disk: Disk, path: string, onDamage: (error: Error) => void): Promise<void> {
    const { signal } = this.#ending
    const rest = async (ms: number): Promise<void> => {
      await setTimeout(ms, undefined, { signal, ref: false })
    }
    try {
      const damage = await damageInTables(disk, path, () => rest(pauseMs))
      if (signal.aborted) return
      if (damage === undefined) {
        void rest(everyMs).then(
          () => this.#round(disk, path, onDamage),
          () => {},
        )
        return
      }
      const why = `${damage}: rows may be lost or wrong; restore a backup, or see what is left with \`kith doctor --data ${path}\``
      holdFolder(path, { kind: 'damage', why })
      onDamage(new Error(`the data folder ${path} is damaged: ${why}`))
    } catch (error) {
      if (signal.aborted) return
      if (!isPassing(error)) return onDamage(error instanceof Error ? error : new Error(String(error)))
      await rest(againMs).catch(() => {})
      if (!signal.aborted) await this.#round(disk, path, onDamage)
    }
  }
}

/** Whether it says nothing of the files: the process lacks something now, or the folder is being opened again. */
function isPassing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'LEVEL_DATABASE_NOT_OPEN'].includes(code)
}

/** What is wrong with the tables, in words; undefined for whole ones. O(bytes on disk) */
export async function damageInTables(
  disk: Disk,
  path: string,
  rest: () => Promise<void>,
): Promise<string | undefined> {
  for (const name of disk.tables()) {
    try {
      const file = await open(join(path, 'level', name))
      try {
        const at = await damageInTable(file, rest)
        if (at !== undefined) return `the file level/${name} is damaged at byte ${at}`
      } finally {
        await file.close()
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
      // Compacted away since the list was made; of those that are still in use none may be missing.
      if (disk.tables().includes(name)) return `the file level/${name} is missing`
    }
    await rest()
  }
  return undefined
}
