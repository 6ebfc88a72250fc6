/** `kith import`: streams many tuples into a store, from a file or standard input, telling how far it is. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { Command } from 'commander'
import type { JsonObject } from '../lib/json.ts'
import type { Tuple } from '../tuple/tuple.ts'
import { type Client, linesOf } from './client.ts'
import { Failure } from './failure.ts'
import { Session, withStore } from './session.ts'
import { note, Progress, printJson } from './terminal.ts'

interface Flags {
  readonly ifPresent: string
}

export function importCommand(): Command {
  return withStore(new Command('import'))
    .description('write many tuples from a file (.ndjson, .jsonl, .json, .yaml, .csv) or from - (NDJSON)')
    .argument(
      '<file>',
      'one JSON tuple a line: {"user":...,"relation":...,"object":...}; - for standard input',
    )
    .option('--if-present <what>', 'what a tuple that is there already does: error, ignore, update', 'ignore')
    .option('-m, --model <id>', 'model to judge them by (KITH_MODEL; default the latest)')
    .addHelpText(
      'after',
      '\nNot atomic: when a line is wrong, those before it stay. Run it again; it skips them.',
    )
    .action(async (file: string, flags: Flags, command: Command) => {
      const session = new Session(command)
      const path = await importPath(session, flags)
      const started = performance.now()
      const totals = await send(session.client, path, await inputOf(file))
      if (session.json) printJson(totals)
      else note(summary(totals, (performance.now() - started) / 1000))
    })
}

interface Input {
  readonly stream: Readable
  /** Of the whole; undefined where nobody knows. */
  readonly bytes: number | undefined
}

interface Totals {
  readonly written: number
  readonly skipped: number
}

/** A line of the answer: so far, done, or broken off. */
interface Report extends Totals {
  readonly error?: { readonly code: string; readonly message: string }
  readonly done?: boolean
}

async function send(client: Client, path: string, { stream, bytes }: Input): Promise<Totals> {
  const progress = new Progress('tuples', bytes)
  const sent = { bytes: 0, lines: 0 }
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      sent.bytes += chunk.length
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) sent.lines++
      pass(null, chunk)
    },
  })
  stream.once('error', (error) => counting.destroy(error))
  try {
    const body = stream.pipe(counting)
    const answer = await client.open('POST', path, { body, contentType: 'application/x-ndjson' })
    for await (const line of linesOf(answer)) {
      const { error, done, written, skipped } = JSON.parse(line) as Report
      if (error !== undefined) throw new Failure(`${error.code}: ${error.message}`)
      if (done === true) return { written, skipped }
      // What was sent is far ahead of what is written: buffers take it. Lines are taken to be alike.
      const taken = written + skipped
      progress.at(taken, (sent.bytes * taken) / Math.max(sent.lines, taken))
    }
  } finally {
    progress.done()
    stream.destroy()
  }
  throw new Failure('the answer ended before the import did; what was sent may be written: run it again')
}

async function importPath(session: Session, { ifPresent }: Flags): Promise<string> {
  const query = new URLSearchParams({ on_duplicate: ifPresent })
  if (session.model !== undefined) query.set('authorization_model_id', session.model)
  return `/v1/stores/${await session.store()}/import?${query}`
}

/** NDJSON goes through as it is, in constant memory; the other forms are read whole first. */
async function inputOf(file: string): Promise<Input> {
  if (file === '-') return { stream: process.stdin, bytes: undefined }
  const extension = extname(file).toLowerCase()
  if (['.ndjson', '.jsonl'].includes(extension)) {
    const { size } = await stat(file).catch((error: Error) => {
      throw new Failure(`cannot read \`${file}\`: ${error.message}`, { cause: error })
    })
    return { stream: createReadStream(file), bytes: size }
  }
  const { readTupleFile } = await import('../storefile/tuples.ts')
  const lines = (await readTupleFile(file)).map(({ value }) => `${JSON.stringify(wireTuple(value))}\n`)
  return {
    stream: Readable.from(lines),
    bytes: lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0),
  }
}

function wireTuple({ object, relation, subject, condition, expiresAt }: Tuple): JsonObject {
  return {
    user: subject,
    relation,
    object,
    ...(condition === undefined ? {} : { condition: { ...condition } }),
    ...(expiresAt === undefined ? {} : { expires_at: new Date(expiresAt).toISOString() }),
  }
}

function summary({ written, skipped }: Totals, seconds: number): string {
  const rate = Math.round((written + skipped) / Math.max(seconds, 0.001))
  const same = skipped === 0 ? '' : `, ${skipped.toLocaleString('en')} were there already`
  return `wrote ${written.toLocaleString('en')} ${written === 1 ? 'tuple' : 'tuples'}${same} in ${seconds.toFixed(1)} s (${rate.toLocaleString('en')}/s)`
}
