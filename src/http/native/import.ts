/**
 * POST /v1/stores/{store}/import: tuples as lines, of any number. Answers lines too: `{"written","skipped"}` as
 * commits succeed, then `{"done": true, ...}` or `{"error": {code, message, line}}`. A failure before the first
 * commit is a plain error answer; after it, what was reported written stays written. A dry run answers as one.
 */
import { type Fault, faultOf } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import type { ImportAnswer } from '../../service/requests.ts'
import type { Tuple } from '../../tuple/tuple.ts'
import { parseJsonText } from '../../wire/json.ts'
import { given } from '../../wire/shape.ts'
import { decodeImport, decodeLine } from '../../wire/store.ts'
import { streamOf } from '../body.ts'
import { answerDifference, dryRunOf } from '../dry-run.ts'
import {
  actedProvenanceOf,
  answer,
  callerOf,
  type Exchange,
  mark,
  report,
  storeOf,
  type Verb,
} from '../exchange.ts'
import { BodyReader } from '../lane/body.ts'
import { answerLines, LineFault, linesOf, lineText } from '../lines.ts'
import { demandObject, demandTuples } from '../permit.ts'
import { problemOf } from '../problem.ts'

export const importTuples: Verb = (kith) => async (c) => {
  const request = { ...storeOf(c, 'ImportRequest'), ...decodeImport(c.req.query()) }
  demandTuples(callerOf(c), request.store, (store) => kith.isGuarded(store))
  const demandTuple = ({ object }: Tuple) => demandObject(callerOf(c), 'write', request.store, object)
  const tuples = linesOf(admitted(c), (bytes, start, end) => {
    const tuple = tupleOf(bytes, start, end)
    demandTuple(tuple)
    return tuple
  })
  const made = { provenance: actedProvenanceOf(c, 'import'), ...request }
  const dryRun = dryRunOf(c, request.store)
  if (dryRun !== undefined) {
    const change = { kind: 'import', request: made, tuples } as const
    return answerDifference(c, kith, change, dryRun).catch((thrown) => answerError(c, faultOf(thrown)))
  }
  const run = new ImportRun((progress) => kith.importTuples(made, tuples, progress))
  const failed = await run.started
  if (failed !== undefined) return answerError(c, failed)
  if (run.zookie !== undefined) mark(c, { zookie: run.zookie })
  const onFault = (fault: Fault) => ({ error: errorOf(fault) })
  return answerLines(c, { pages: run.reports(), onFault })
}

/** A body lasts for as long as its sender likes: whoever may no longer write sends the rest in vain. */
async function* admitted(c: Exchange): AsyncGenerator<Uint8Array> {
  const visit = c.get('visit')
  for await (const chunk of streamOf(c)) {
    await visit.readmit(c)
    yield chunk
  }
}

type Progress = (sofar: { readonly written: number; readonly skipped: number }) => void

/** One import under way: what it reports waits here until the answer takes it. */
class ImportRun {
  /** Resolves at the first report; with the fault when there never was one. */
  readonly started: Promise<Fault | undefined>
  zookie: string | undefined
  #reports: JsonObject[] = []
  #end: 'open' | 'done' | Fault = 'open'
  #wake: () => void = () => {}

  constructor(run: (progress: Progress) => Promise<ImportAnswer>) {
    this.started = new Promise((resolve) => {
      const report = (line: JsonObject) => {
        this.#reports.push(line)
        resolve(undefined)
        this.#wake()
      }
      run(({ written, skipped }) => report({ written, skipped })).then(
        ({ written, skipped, zookie }) => {
          this.zookie = zookie
          this.#end = 'done'
          report({ done: true, written, skipped, zookie })
        },
        (thrown: unknown) => {
          const fault = faultOf(thrown)
          this.#end = fault
          resolve(fault)
          this.#wake()
        },
      )
    })
  }

  /** Every report in order. @throws the fault that ended the import, after them */
  async *reports(): AsyncGenerator<readonly JsonObject[]> {
    for (;;) {
      const reports = this.#reports
      this.#reports = []
      if (reports.length > 0) yield reports
      if (this.#reports.length > 0) continue
      if (this.#end === 'done') return
      if (this.#end !== 'open') throw this.#end
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

const reader = new BodyReader()

/** What is not a plain line takes the long way. */
function tupleOf(bytes: Buffer, start: number, end: number): Tuple {
  return reader.tuple(bytes, start, end) ?? decodeLine(parseJsonText(lineText(bytes, start, end)))
}

function answerError(c: Exchange, fault: Fault): Response {
  report(c, fault)
  return answer(c, errorOf(fault), problemOf(fault).status)
}

function errorOf(fault: Fault): JsonObject {
  const { code, message } = problemOf(fault).body
  return given({ code, message, line: lineOf(fault) })
}

/** The line a fault was found at: by this file, or by the service, whose messages begin with it. */
function lineOf(fault: Fault): number | undefined {
  if (fault instanceof LineFault) return fault.line
  const named = /^line (\d+)\b/.exec(fault.message)?.[1]
  return named === undefined ? undefined : Number(named)
}
