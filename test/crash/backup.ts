/** A backup that is taken under load, and looked at when the load is over. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { restore } from '../../src/storage/backup/restore.ts'
import { verify } from '../../src/storage/doctor.ts'

/** Its bytes. @throws Error where it breaks off */
export async function takeBackup(url: string): Promise<Uint8Array> {
  const answer = await fetch(`${url}/v1/backup`)
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
  return new Uint8Array(await answer.arrayBuffer())
}

/** Sentences about what is wrong in the folder that it becomes. @throws Error where it becomes none */
export async function wrongInBackup(bytes: Uint8Array): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kith-restored-'))
  try {
    const data = join(folder, 'data')
    const { findings } = await restore(chunksOf(bytes), data)
    const found = await verify(data)
    return [...findings, ...found.findings.map(({ what }) => what)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
