/** `kith restore`: makes a data folder of a backup, in an empty place, and verifies it. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Command } from 'commander'
import { exitCodes, Failure } from './failure.ts'
import { note, Progress, paint, print, printJson } from './terminal.ts'

interface Flags {
  readonly data: string
  readonly json?: boolean
}

export function restoreCommand(): Command {
  return new Command('restore')
    .description('make a data folder of a backup; exits 1 when what was backed up had damaged documents')
    .argument('<file>', 'what `kith backup` saved; - for standard input')
    .requiredOption('--data <path>', 'a new or empty folder (KITH_DATA)', process.env.KITH_DATA)
    .option('--json', 'print JSON, for programs')
    .addHelpText(
      'after',
      '\nZookies of revisions that the backup lacks are answered 409 log_forked, page tokens 400. An interrupted restore is begun anew.',
    )
    .action(async (file: string, { data, json = false }: Flags) => {
      const { restore } = await import('../storage/backup/restore.ts')
      const input = await inputOf(file)
      const progress = new Progress('rows', input.bytes)
      const restored = await restore(counted(input), data, {
        progress(at) {
          if (typeof at !== 'string') return progress.at(at.rows, input.read)
          progress.done()
          if (!json) note(at)
        },
      })
      const isWell = restored.findings.length === 0
      process.exitCode = isWell ? exitCodes.ok : exitCodes.no
      if (json) return printJson({ data, ...restored })
      for (const what of restored.findings) print(what)
      const { stores, entries, instant } = restored
      const from = `${stores} ${stores === 1 ? 'store' : 'stores'}, ${entries.toLocaleString('en')} log entries as of ${new Date(instant).toISOString()}`
      const said = isWell ? paint('green', 'restored') : paint('red', 'restored, with damaged documents')
      print(`${said}  ${data}: ${from}, verified; serve it with \`kith serve --data ${data}\``)
    })
}

interface Input {
  readonly stream: AsyncIterable<Uint8Array>
  /** Of the whole; undefined where nobody knows. */
  readonly bytes: number | undefined
  read: number
}

async function inputOf(file: string): Promise<Input> {
  if (file === '-') return { stream: process.stdin, bytes: undefined, read: 0 }
  const { size } = await stat(file).catch((error: Error) => {
    throw new Failure(`cannot read \`${file}\`: ${error.message}`, { cause: error })
  })
  return { stream: createReadStream(file, { highWaterMark: 1 << 20 }), bytes: size, read: 0 }
}

async function* counted(input: Input): AsyncGenerator<Uint8Array> {
  for await (const chunk of input.stream) {
    input.read += chunk.length
    yield chunk
  }
}
