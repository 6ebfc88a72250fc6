/**
 * Restoring: a backup becomes a data folder, verified and with everything derived rebuilt, or it becomes nothing. Until
 * the end the folder is on hold, so that an interrupted restore is never served.
 */
import { readdirSync } from 'node:fs'
import { makeFolder } from '../../lib/make-folder.ts'
import { compareDocuments } from '../compare-documents.ts'
import type { Disk } from '../disk.ts'
import { openFolder } from '../folder.ts'
import { holdFolder, holdOn, releaseFolder } from '../hold.ts'
import { formatVersion, loadStores } from '../load.ts'
import { drop, rebuildStore, withScratch } from '../rebuild.ts'
import { replay } from '../replay.ts'
import { writeSecrets } from '../secret.ts'
import { type About, readFrames } from './frames.ts'

export interface Restored extends Pick<About, 'instant' | 'stores' | 'entries'> {
  /** What was wrong in the folder that was backed up already, and is so here. */
  readonly findings: readonly string[]
}

export interface RestoreOptions {
  /** Called with rows written so far, and with a sentence at each later step. */
  readonly progress?: (at: { readonly rows: number } | string) => void
}

const batchBytes = 2 << 20

/**
 * O(log) time, bounded memory but for the documents' names; some 60 us a tuple change. Begun anew after an
 * interruption. @throws Error: a folder that is not empty, a backup that is damaged or of another format
 */
export async function restore(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  options: RestoreOptions = {},
): Promise<Restored> {
  makeFolder(path)
  demandEmpty(path)
  const again = `a restore into it has not ended; run \`kith restore FILE --data ${path}\` again`
  holdFolder(path, { kind: 'restore', why: again })
  const disk = await openFolder(path, 'restore')
  let restored: Restored
  try {
    restored = await restoreOnto(disk, chunks, path, options)
  } finally {
    await disk.close()
  }
  releaseFolder(path)
  return restored
}

/** What an interrupted restore left may go: nobody could use it. */
function demandEmpty(path: string): void {
  if (holdOn(path)?.kind === 'restore') return
  const [first] = readdirSync(path).filter((name) => name !== 'lost+found')
  if (first === undefined) return
  throw new Error(`the folder ${path} is not empty (${first}): restore into a new one, then serve that`)
}

async function restoreOnto(
  disk: Disk,
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  { progress = () => {} }: RestoreOptions,
): Promise<Restored> {
  await drop(disk, Buffer.alloc(0))
  const about = await copyRows(disk, chunks, (rows) => progress({ rows }))
  const findings: string[] = []
  await withScratch(path, async (scratch) => {
    for (const state of await loadStores(disk)) {
      const { row, head } = state.facts
      if (row.deleted !== 'no') continue
      progress(`rebuilding store ${row.id}`)
      const log = await replay(disk, scratch, state)
      if (log.broken !== undefined || log.entries !== head.revision) {
        const what = log.broken ?? 'it ends too early'
        throw new Error(`the log of store ${row.id} in the backup is damaged: ${what}`)
      }
      await compareDocuments(disk, state.number, log, (what) => findings.push(`store ${row.id}: ${what}`))
      await rebuildStore(disk, scratch, state, log)
    }
  })
  writeSecrets(path, about.secrets)
  disk.mark(about.sequence)
  disk.note(about.instant)
  return { instant: about.instant, stores: about.stores, entries: about.entries, findings }
}

/** @throws Error for a backup that is not whole */
async function copyRows(
  disk: Disk,
  chunks: AsyncIterable<Uint8Array>,
  progress: (rows: number) => void,
): Promise<About> {
  let about: About | undefined
  let count = 0
  let batch = disk.batch()
  let bytes = 0
  for await (const frame of readFrames(chunks)) {
    if (frame.kind === 'about') {
      about = frame
      demandFormat(frame)
    } else if (frame.kind === 'rows') {
      for (const [key, value] of frame.rows) {
        batch.put(key, value)
        bytes += key.length + value.length
      }
      count += frame.rows.length
      if (bytes < batchBytes) continue
      await batch.write()
      batch = disk.batch()
      bytes = 0
      progress(count)
    } else if (frame.rows !== count) throw new Error('the backup lacks rows; take another one')
  }
  await batch.write()
  if (about === undefined) throw new Error('the backup is empty; take another one')
  return about
}

function demandFormat({ format }: About): void {
  if (format === formatVersion) return
  throw new Error(
    `the backup is of a folder of format ${format}, this version restores format ${formatVersion}: ` +
      'restore it with the version that made it, then run `kith migrate` on the folder',
  )
}
