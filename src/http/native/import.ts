/**
 * POST /v1/stores/{store}/import: tuples as lines, of any number. Answers lines too: `{"written","skipped"}` as
 * commits succeed, then `{"done": true, ...}` or `{"error": {code, message, line}}`. A failure before the first
 * commit is a plain error answer; after it, what was reported written stays written.
 */
import { Fault, faultOf } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import type { Kith } from '../../service/kith.ts'
import type { Tuple } from '../../tuple/tuple.ts'
import { parseJsonText } from '../../wire/json.ts'
import { decodeImport, decodeLine } from '../../wire/store.ts'
import { streamOf } from '../body.ts'
import { answer, mark, storeOf, type Verb } from '../exchange.ts'
import { answerLines, LineFault, linesOf } from '../lines.ts'
import { problemOf } from '../problem.ts'

export const importTuples: Verb = (kith) => async (c) => {
  const request = { ...storeOf(c, 'ImportRequest'), ...decodeImport(c.req.query()) }
  const run = new ImportRun(kith, request, streamOf(c))
  const early = await run.started
  if (early !== undefined) return answer(c, early.body, problemOf(early.fault).status)
  if (run.zookie !== undefined) mark(c, { zookie: run.zookie })
  return answerLines(c, { lines: run.reports(), onFault: (thrown) => errorOf(thrown).body, linesPerChunk: 1 })
}

type ImportRequest = Parameters<Kith['importTuples']>[0]

/** One import: the service pulls tuples from the body, and its progress is handed on as lines. */
class ImportRun {
  /** Resolves at the first progress or the end; with a fault when it ended before any progress. */
  readonly started: Promise<{ fault: Fault; body: JsonObject } | undefined>
  zookie: string | undefined
  readonly #reports: JsonObject[] = []
  #ended = false
  #wake: () => void = () => {}

  constructor(kith: Kith, request: ImportRequest, body: AsyncIterable<Uint8Array>) {
    this.started = new Promise((resolve) => {
      const report = (line: JsonObject) => {
        this.#reports.push(line)
        this.#wake()
        resolve(undefined)
      }
      kith
        .importTuples({ ...request, provenance: { source: 'import' } }, tuplesOf(body), (sofar) =>
          report({ written: sofar.written, skipped: sofar.skipped }),
        )
        .then(
          ({ written, skipped, zookie }) => {
            this.zookie = zookie
            this.#ended = true
            report({ done: true, written, skipped, zookie })
          },
          (thrown: unknown) => {
            const error = errorOf(thrown)
            if (this.#reports.length === 0) resolve({ fault: error.fault, body: error.body.error })
            this.#ended = true
            report(error.body)
          },
        )
    })
  }

  async *reports(): AsyncGenerator<JsonObject> {
    for (;;) {
      yield* this.#reports.splice(0)
      if (this.#ended && this.#reports.length === 0) return
      if (this.#reports.length > 0) continue
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

async function* tuplesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Tuple> {
  let line = 0
  for await (const text of linesOf(body)) {
    line++
    yield tupleOf(text, line)
  }
}

function tupleOf(text: string, line: number): Tuple {
  try {
    return decodeLine(parseJsonText(text))
  } catch (thrown) {
    throw thrown instanceof Fault ? new LineFault(line, thrown) : thrown
  }
}

function errorOf(thrown: unknown): { fault: Fault; body: { error: JsonObject } } {
  const fault = faultOf(thrown)
  const { code, message } = problemOf(fault).body
  const line = lineOf(fault)
  return { fault, body: { error: line === undefined ? { code, message } : { code, message, line } } }
}

/** The line a fault was found at: by this file, or by the service, whose messages begin with it. */
function lineOf(fault: Fault): number | undefined {
  if (fault instanceof LineFault) return fault.line
  const named = /^line (\d+)\b/.exec(fault.message)?.[1]
  return named === undefined ? undefined : Number(named)
}
