/** Newline-delimited JSON, in and out, with backpressure both ways: nothing here holds more than a line or a chunk. */
import { isUtf8 } from 'node:buffer'
import type { UnderlyingSource } from 'node:stream/web'
import { setImmediate } from 'node:timers/promises'
import { Fault, faultOf } from '../lib/fault.ts'
import { type Exchange, report, respond } from './exchange.ts'

/** A tuple with the largest condition context and every byte of it escaped fits. */
const lineBytesMax = 256 * 1024

/** A line that could not be taken, or the line a failure was found at. */
export class LineFault extends Fault {
  /** From 1. */
  readonly line: number

  constructor(line: number, fault: Fault) {
    super(fault.code, fault.message, { cause: fault.cause })
    this.line = line
  }
}

/**
 * What `read` makes of the lines of a body, without their ends, in pages as they arrive; a trailing empty line is none.
 * What came before a fault is given out before it is thrown.
 * @throws LineFault
 */
export async function* linesOf<Line>(
  body: AsyncIterable<Uint8Array>,
  read: (bytes: Buffer, start: number, end: number) => Line,
): AsyncGenerator<readonly Line[]> {
  /** The line that has begun in earlier chunks. */
  let rest: Buffer[] = []
  let restLength = 0
  let line = 1
  let page: Line[] = []
  const take = (bytes: Buffer, start: number, end: number): void => {
    if (end - start > lineBytesMax) throw tooLong(line)
    try {
      page.push(read(bytes, start, bytes[end - 1] === 13 && end > start ? end - 1 : end))
    } catch (thrown) {
      throw thrown instanceof Fault ? new LineFault(line, thrown) : thrown
    }
    line++
  }
  const takeRest = (end: Buffer): void => {
    const whole = Buffer.concat([...rest, end])
    rest = []
    restLength = 0
    take(whole, 0, whole.length)
  }
  try {
    for await (const chunk of body) {
      const bytes = bufferOf(chunk)
      let start = 0
      for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
        if (rest.length === 0) take(bytes, start, end)
        else takeRest(bytes.subarray(start, end))
        start = end + 1
      }
      // A copy: the transport may reuse its buffer once the next chunk is asked for.
      if (start < bytes.length) rest.push(Buffer.from(bytes.subarray(start)))
      restLength += bytes.length - start
      if (restLength > lineBytesMax) throw tooLong(line)
      if (page.length > 0) yield page
      page = []
    }
    if (restLength > 0) takeRest(Buffer.alloc(0))
  } catch (thrown) {
    if (page.length > 0) yield page
    throw thrown
  }
  if (page.length > 0) yield page
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** @throws Fault validation_error */
export function lineText(bytes: Buffer, start: number, end: number): string {
  if (!isUtf8(bytes.subarray(start, end))) throw new Fault('validation_error', 'the line is not UTF-8')
  return bytes.toString('utf8', start, end)
}

function tooLong(line: number): LineFault {
  return new LineFault(
    line,
    new Fault('resource_exhausted', `the line is larger than the allowed ${lineBytesMax} bytes`),
  )
}

export interface Feed<Line> {
  /** Lines that leave together, in one chunk. */
  readonly pages: AsyncIterable<readonly Line[]>
  /** A line as JSON, without its end. */
  readonly print?: (line: Line) => string
  /** The last line when the pages end with a fault: the status has left by then. */
  readonly onFault: (fault: Fault) => unknown
}

/** Lines in pages of so many, for where many are at hand and none is waited for. */
export async function* pagesOf<Line>(lines: AsyncIterable<Line>, size: number): AsyncGenerator<Line[]> {
  let page: Line[] = []
  try {
    for await (const line of lines) {
      page.push(line)
      if (page.length < size) continue
      yield page
      page = []
    }
  } catch (thrown) {
    if (page.length > 0) yield page
    throw thrown
  }
  if (page.length > 0) yield page
}

/**
 * Answers lines as they come. The first page is awaited before the status leaves, so a fault before it is thrown
 * and answered as any other. A client that goes away ends the iteration.
 */
export async function answerLines<Line>(c: Exchange, feed: Feed<Line>): Promise<Response> {
  const print = feed.print ?? JSON.stringify
  const iterator = feed.pages[Symbol.asyncIterator]()
  const visit = c.get('visit')
  let ahead: IteratorResult<readonly Line[]> | undefined = await iterator.next()
  // INVARIANT: whatever began to iterate is ended: the lines may hold a state of the storage open.
  if (visit.abandoned) await iterator.return?.()
  let ended = false
  const { release } = visit
  if (!visit.abandoned) visit.release = undefined
  // What was written leaves at the end of the turn, and a page that is found in memory would be made within this one.
  const next = () => setImmediate().then(() => iterator.next())
  const source: UnderlyingSource<Uint8Array> = {
    async pull(controller) {
      let text = ''
      try {
        const { done, value } = ahead ?? (await next())
        ahead = undefined
        if (done) ended = true
        else for (const line of value) text += `${print(line)}\n`
      } catch (thrown) {
        ended = true
        const fault = faultOf(thrown)
        report(c, fault)
        text += `${JSON.stringify(feed.onFault(fault))}\n`
      }
      if (text !== '') controller.enqueue(Buffer.from(text))
      if (!ended) return
      controller.close()
      release?.()
    },
    async cancel() {
      try {
        await iterator.return?.()
      } finally {
        if (!ended) release?.()
        ended = true
      }
    },
  }
  // Nothing ahead of what is read.
  return respond(c, new ReadableStream(source, { highWaterMark: 0 }), 200, 'application/x-ndjson')
}
