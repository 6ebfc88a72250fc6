/**
 * Migration: a folder of the format before becomes one of this format. What changed between 1 and 2 are derived rows,
 * so they are rebuilt from the log. Interrupted, it leaves the folder on hold and is begun anew.
 */
import type { Disk } from './disk.ts'
import { openFolder } from './folder.ts'
import type { StoreState } from './group.ts'
import { holdFolder, holdOn, releaseFolder } from './hold.ts'
import * as keys from './keys.ts'
import { demandEnd, formatError, formatVersion, loadStores } from './load.ts'
import { dropExpiries, rebuildStore, withScratch } from './rebuild.ts'
import { type Replayed, replay } from './replay.ts'
import { pack, unpack } from './values.ts'

const oldest = 1

export interface Migrated {
  readonly from: number
  readonly to: number
}

/** O(log) time; a scratch copy of the tuples within the folder. @throws Error: in use, another format, a damaged log */
export async function migrate(path: string, progress: (step: string) => void = () => {}): Promise<Migrated> {
  const disk = await openFolder(path, 'migration')
  try {
    const bytes = disk.get(keys.formatKey)
    const from = bytes === undefined ? 0 : unpack<number>(bytes)
    const isInterrupted = holdOn(path) !== undefined
    if (from === formatVersion && !isInterrupted) return { from, to: formatVersion }
    if (from < oldest || from > formatVersion) throw formatError(path, from)
    demandEnd(disk, path)
    await withScratch(path, async (scratch) => {
      const logs = await readLogs(disk, scratch, progress)
      holdFolder(path, {
        kind: 'migration',
        why: `its migration has not ended; run \`kith migrate --data ${path}\` again`,
      })
      // First, so that a version which knows no hold refuses the folder too.
      await writeFormat(disk)
      await dropExpiries(disk, new Set([...logs.keys()].map(({ number }) => number)))
      for (const [state, log] of logs) {
        progress(`rebuilding store ${state.facts.row.id}`)
        await rebuildStore(disk, scratch, state, log)
      }
    })
    releaseFolder(path)
    return { from: isInterrupted ? oldest : from, to: formatVersion }
  } finally {
    await disk.close()
  }
}

async function writeFormat(disk: Disk): Promise<void> {
  const batch = disk.batch()
  batch.put(keys.formatKey, pack(formatVersion))
  await batch.write()
}

/** Of all living stores, before anything is changed. */
async function readLogs(
  disk: Disk,
  scratch: Disk,
  progress: (step: string) => void,
): Promise<ReadonlyMap<StoreState, Replayed>> {
  const logs = new Map<StoreState, Replayed>()
  for (const state of await loadStores(disk)) {
    const { row } = state.facts
    if (row.deleted !== 'no') continue
    progress(`reading the log of store ${row.id}`)
    const log = await replay(disk, scratch, state)
    if (log.broken !== undefined) {
      throw new Error(`the log of store ${row.id} is damaged: ${log.broken}; restore a backup of before`)
    }
    logs.set(state, log)
  }
  return logs
}
