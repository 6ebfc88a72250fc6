/** Bodies in: bytes with a bound, then JSON or MessagePack as Content-Type says. Not what is in them: src/wire. */
import type { IncomingMessage } from 'node:http'
import { Fault } from '../lib/fault.ts'
import { parseJson } from '../wire/json.ts'
import { parseMsgpack } from '../wire/msgpack.ts'
import { type Exchange, firstHeaderOf, headerOf, incomingOf } from './exchange.ts'

/** The value of a body; undefined when it is empty. @throws Fault validation_error, resource_exhausted */
export function bodyOf(c: Exchange): Promise<unknown> {
  const { cameInMsgpack, bodyBytesMax } = c.get('visit')
  return readAs(c, bodyBytesMax, cameInMsgpack ? parseMsgpack : parseJson)
}

/** Milliseconds in which a body has to be there, where no deadline bounds the whole request: it holds a place meanwhile. */
const arrivalMs = 30_000

/**
 * The bytes of a body.
 * @param bytesMax - that it may have
 * @throws Fault, at once or later: resource_exhausted as soon as the bound is passed, whatever was declared; deadline_exceeded
 */
export function bytesOf(c: Exchange, bytesMax = c.get('visit').bodyBytesMax): Promise<Uint8Array> {
  return readAs(c, bytesMax, asItIs)
}

const asItIs = (bytes: Uint8Array): Uint8Array => bytes

/** What a body is read as: made where its last byte arrives, as a promise behind a promise costs every request a turn of the job queue. */
type Reader<Read> = (bytes: Uint8Array) => Read

function readAs<Read>(c: Exchange, bytesMax: number, as: Reader<Read>): Promise<Read> {
  const reading = readBytes(c, bytesMax, as)
  return c.get('visit').hasDeadline ? reading : inTime(reading)
}

/** Who is told that it was too late is told so before anything was done. */
async function inTime<Read>(reading: Promise<Read>): Promise<Read> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const fault = () => new Fault('deadline_exceeded', 'the body took too long to arrive, nothing was done')
    timer = setTimeout(() => reject(fault()), arrivalMs)
  })
  try {
    return await Promise.race([reading, late])
  } finally {
    clearTimeout(timer)
  }
}

function readBytes<Read>(c: Exchange, bytesMax: number, as: Reader<Read>): Promise<Read> {
  demandPlain(c)
  // The HTTP parser takes no second one.
  const declared = firstHeaderOf(c, 'content-length')
  if (declared === undefined) return counted(c, bytesMax).then(as)
  const length = Number(declared)
  if (!(length <= bytesMax)) throw tooLarge(bytesMax)
  take(c, length)
  const incoming = incomingOf(c)
  return incoming === undefined ? ofWithin(c, bytesMax).then(as) : wholeOf(incoming, as)
}

/** Of a caller in process, who is held here to what it declared; the HTTP parser does that to others. */
async function ofWithin(c: Exchange, bytesMax: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await c.req.raw.arrayBuffer())
  if (bytes.length > bytesMax) throw tooLarge(bytesMax)
  return bytes
}

/** Of a body whose length nobody declared. */
async function counted(c: Exchange, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of streamOf(c)) {
    length += chunk.length
    if (length > bytesMax) throw tooLarge(bytesMax)
    take(c, chunk.length)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

/**
 * All of it, as it was parsed: a body of one chunk, as nearly every one, is not copied. One that came whole counts, also
 * where its client is gone by now.
 */
function wholeOf<Read>(incoming: IncomingMessage, as: Reader<Read>): Promise<Read> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined
    let others: Buffer[] | undefined
    const add = (chunk: Buffer): void => {
      if (first === undefined) first = chunk
      else if (others === undefined) others = [first, chunk]
      else others.push(chunk)
    }
    const end = (): void => {
      try {
        resolve(as(others === undefined ? (first ?? nothing) : Buffer.concat(others)))
      } catch (thrown) {
        reject(thrown)
      }
    }
    const part = (): void => {
      if (!incoming.complete) {
        reject(new Error('the client went away within the body'))
        return
      }
      for (let rest = incoming.read(); rest !== null; rest = incoming.read()) add(rest)
      end()
    }
    if (incoming.closed || incoming.readableEnded) return part()
    incoming.on('data', add)
    incoming.on('end', end)
    incoming.on('close', () => {
      if (!incoming.readableEnded) part()
    })
  })
}

const nothing = Buffer.alloc(0)

/** Counts what is held until the request is answered. Once it is, nothing is: then the rest is read for nobody. */
function take(c: Exchange, bytes: number): void {
  const visit = c.get('visit')
  visit.bodies?.take(bytes, visit.caller.id)
  visit.bodyBytes += bytes
}

/** A body as it arrives, unbounded: the reader bounds it. */
export async function* streamOf(c: Exchange): AsyncGenerator<Uint8Array> {
  demandPlain(c)
  const reader = c.req.raw.body?.getReader()
  if (reader === undefined) return
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value
  } finally {
    void drop(reader)
  }
}

/**
 * Reads on where a refusal stopped, so that the client can read the refusal and the connection can take its next
 * request. Bounded by the server, which closes the connection when the rest takes longer than half a second.
 */
async function drop(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    while (!(await reader.read()).done);
  } catch {
    // The client went away: nothing is left to drop.
  }
}

function demandPlain(c: Exchange): void {
  const encoding = headerOf(c, 'content-encoding')
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return
  throw new Fault('validation_error', 'the Content-Encoding of the body is not supported, send it plain')
}

export function tooLarge(bytesMax: number): Fault {
  return new Fault('resource_exhausted', `the body is larger than the allowed ${bytesMax} bytes`)
}
