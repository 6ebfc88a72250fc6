/** `kith export`: every tuple of a store at one revision, as NDJSON that `kith import` takes. */
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { Transform, type TransformCallback } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command } from 'commander'
import { cutOr } from './client.ts'
import { Failure } from './failure.ts'
import { Session, withStore } from './session.ts'
import { note, Progress, printJson } from './terminal.ts'

export function exportCommand(): Command {
  return withStore(new Command('export'))
    .description('print every tuple of a store, as of one moment, one JSON object a line')
    .option('-o, --output <file>', 'write to this file, which appears only when it is complete')
    .action(async (flags: { output?: string }, command: Command) => {
      const session = new Session(command)
      const answer = await session.client.open('GET', `/v1/stores/${await session.store()}/export`)
      if (flags.output === undefined) return pipeline(answer, new Lines(), process.stdout, { end: false })
      const tuples = await save(answer, flags.output)
      if (session.json) printJson({ output: flags.output, tuples })
      else note(`wrote ${tuples.toLocaleString('en')} tuples to ${flags.output}`)
    })
}

/** A broken export must not look like a whole one: the name is given at the end. */
async function save(answer: IncomingMessage, output: string): Promise<number> {
  const partial = `${output}.partial`
  const lines = new Lines(new Progress('tuples', undefined))
  try {
    await pipeline(answer, lines, createWriteStream(partial))
    await rename(partial, output)
  } catch (error) {
    await rm(partial, { force: true })
    throw cutOr(error)
  }
  return lines.count
}

/** Passes lines on, counting them; fails when the last one says that the server could not go on. */
class Lines extends Transform {
  count = 0
  #last: Buffer = Buffer.alloc(0)
  readonly #progress: Progress | undefined

  constructor(progress?: Progress) {
    super()
    this.#progress = progress
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, pass: TransformCallback): void {
    let end = -1
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) {
      this.count++
      // The newline that ends the chunk ends the last line, it does not begin another.
      if (at < chunk.length - 1) end = at
    }
    const begun = end === -1 && this.#last.at(-1) !== 10
    this.#last = begun ? Buffer.concat([this.#last, chunk]) : chunk.subarray(end + 1)
    this.#progress?.at(this.count, 0)
    pass(null, chunk)
  }

  override _flush(pass: TransformCallback): void {
    this.#progress?.done()
    const { error } = this.#last.subarray(0, 9).toString() === '{"error":' ? errorOf(this.#last) : {}
    pass(error === undefined ? null : new Failure(`the export broke off: ${error.code}: ${error.message}`))
  }
}

function errorOf(line: Buffer): { readonly error: { readonly code: string; readonly message: string } } {
  return JSON.parse(line.toString())
}
