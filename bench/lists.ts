/**
 * How long does a list of 10,000 among 50,000 agents take, and when is the first of them there? In this process and,
 * as lines, over HTTP; the usual way, and with memory passed by. Prints one JSON line.
 */
import { Agent, type IncomingMessage, request } from 'node:http'
import { openPrepared } from './lib/asking.ts'
import { serveKith } from './lib/child.ts'
import { prepared } from './lib/dataset.ts'
import { digits, median } from './lib/figures.ts'
import { scale, small } from './lib/settings.ts'
import { readable, reader } from './scenarios/lists.ts'

export interface ListResult {
  readonly objects: number
  /** Milliseconds, medians. */
  readonly inProcess: Spans
  readonly http: Spans
  /** HIGHER_CONSISTENCY: every placement is read from storage. */
  readonly httpBypassed: Spans
}

interface Spans {
  readonly first: number
  readonly whole: number
}

const expected = readable(scale).toSorted().join()
const runs = small ? 3 : 15
/** Unmeasured: for the compilers. */
const warming = small ? 1 : 10

async function medians(list: () => Promise<Spans>): Promise<Spans> {
  for (let run = 0; run < warming; run++) await list()
  const taken: Spans[] = []
  for (let run = 0; run < runs; run++) taken.push(await list())
  const of = (span: (spans: Spans) => number) => digits(median(taken.map(span)))
  return { first: of(({ first }) => first), whole: of(({ whole }) => whole) }
}

function judge(objects: readonly string[]): void {
  if (objects.toSorted().join() !== expected) throw new Error(`a wrong list, of ${objects.length}`)
}

async function inProcess(): Promise<Spans> {
  const opened = await openPrepared('lists')
  const request = { store: opened.data.store, type: 'agent', relation: 'can_use', subject: reader }
  const spans = await medians(async () => {
    const found: string[] = []
    const from = performance.now()
    let first = 0
    for await (const object of (await opened.kith.streamListObjects(request)).objects) {
      if (found.length === 0) first = performance.now() - from
      found.push(object)
    }
    const whole = performance.now() - from
    judge(found)
    return { first, whole }
  })
  await opened.close()
  return spans
}

async function overHttp(consistency: string): Promise<Spans> {
  const { folder, store } = prepared('lists', scale)
  const server = await serveKith(folder)
  const body = JSON.stringify({ type: 'agent', relation: 'can_use', user: reader, consistency })
  const spans = await medians(async () => {
    const from = performance.now()
    const chunks: Uint8Array[] = []
    let first = 0
    for await (const chunk of await asked(`${server.url}/stores/${store}/streamed-list-objects`, body)) {
      if (chunks.length === 0) first = performance.now() - from
      chunks.push(chunk)
    }
    const whole = performance.now() - from
    const lines = Buffer.concat(chunks).toString().trim().split('\n')
    judge(lines.map((line) => (JSON.parse(line) as { result: { object: string } }).result.object))
    return { first, whole }
  })
  await server.stop()
  return spans
}

const agent = new Agent({ keepAlive: true })

/** Without `fetch`: asking and handing out a first chunk, it takes more than the server does beside finding the line. */
function asked(url: string, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const asking = request(url, { agent, method: 'POST', headers }, resolve)
    asking.once('error', reject)
    asking.end(body)
  })
}

const result: ListResult = {
  objects: readable(scale).length,
  inProcess: await inProcess(),
  http: await overHttp('MINIMIZE_LATENCY'),
  httpBypassed: await overHttp('HIGHER_CONSISTENCY'),
}
console.log(JSON.stringify(result))
