/** `kith backup`: saves the whole data folder, from a sidecar that goes on serving or from a folder at rest. */
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Command } from 'commander'
import { cutOr } from './client.ts'
import { demandFolder } from './doctor.ts'
import { Failure } from './failure.ts'
import { Session, withConnection } from './session.ts'
import { note, Progress, printJson } from './terminal.ts'

interface Flags {
  readonly output: string
  readonly data?: string
}

export function backupCommand(): Command {
  return withConnection(new Command('backup'))
    .description('save all stores as of one moment, verified; the sidecar goes on serving')
    .requiredOption(
      '-o, --output <file>',
      'the file (mode 0600), which appears only when it is complete; - for standard output',
    )
    .option('--data <path>', 'back up this folder, which no sidecar has open, instead of asking one')
    .addHelpText(
      'after',
      '\nThe file holds the secret that seals zookies and the hashes of API keys: keep it as you keep the folder.',
    )
    .action(async ({ output, data }: Flags, command: Command) => {
      const chunks = await (data === undefined ? fromSidecar(command) : fromFolder(data))
      const saved = await save(chunks, output).catch((error: unknown) => {
        throw cutOr(error)
      })
      if (command.opts().json === true && output !== '-') return printJson({ output, ...saved })
      const { stores, entries, bytes } = saved
      const size = `${stores} ${stores === 1 ? 'store' : 'stores'}, ${entries.toLocaleString('en')} log entries`
      note(
        `saved ${size}, ${bytes.toLocaleString('en')} bytes${output === '-' ? '' : ` to ${output}`}, verified`,
      )
    })
}

async function fromSidecar(command: Command): Promise<AsyncIterable<Uint8Array>> {
  return new Session(command).client.open('GET', '/v1/backup')
}

async function fromFolder(data: string): Promise<AsyncIterable<Uint8Array>> {
  demandFolder(data)
  const { backupFolder } = await import('../storage/backup/backup.ts')
  return backupFolder(data)
}

interface Saved {
  readonly stores: number
  readonly entries: number
  readonly bytes: number
}

/** A broken backup must not look like a whole one: the name is given at the end, when all of it is on disk. */
async function save(chunks: AsyncIterable<Uint8Array>, output: string): Promise<Saved> {
  if (output === '-') return verified(chunks, (chunk) => written(chunk))
  const partial = `${output}.partial`
  const file = await open(partial, 'w', 0o600).catch((error: Error) => {
    throw new Failure(`cannot write \`${partial}\`: ${error.message}`, { cause: error })
  })
  try {
    const saved = await verified(chunks, (chunk) => file.writeFile(chunk))
    await file.sync()
    await file.close()
    await rename(partial, output)
    await syncFolderOf(output)
    return saved
  } catch (error) {
    await file.close().catch(() => {})
    await rm(partial, { force: true })
    throw error
  }
}

/** Reads the backup as a restore would, handing every chunk on. @throws Error that says what is wrong with it */
async function verified(
  chunks: AsyncIterable<Uint8Array>,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<Saved> {
  const { readFrames } = await import('../storage/backup/frames.ts')
  const { isLogEntry } = await import('../storage/keys.ts')
  let bytes = 0
  async function* taken(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      await take(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  let about = { stores: 0, entries: 0 }
  let progress: Progress | undefined
  let done = 0
  try {
    for await (const frame of readFrames(taken())) {
      if (frame.kind === 'about') {
        about = frame
        progress = new Progress('log entries', about.entries)
      } else if (frame.kind === 'rows') {
        for (const [key] of frame.rows) if (isLogEntry(key)) done++
        progress?.at(done, done)
      }
    }
  } finally {
    progress?.done()
  }
  return { stores: about.stores, entries: about.entries, bytes }
}

function written(chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(chunk, (error) => (error == null ? resolve() : reject(error)))
  })
}

async function syncFolderOf(file: string): Promise<void> {
  const folder = await open(dirname(file), 'r')
  await folder.sync().finally(() => folder.close())
}
