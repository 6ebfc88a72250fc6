/**
 * Recognises the head of a canonical small question. Not an HTTP parser: whatever is not exactly what is drawn here is
 * somebody else's, and is said to be unknown rather than wrong.
 *
 *   POST /stores/<ulid>/check HTTP/1.1\r\n  (name ":" value "\r\n")+  "\r\n"
 *
 * Heads are strings with one character a byte (latin1), so positions in them are positions in the bytes.
 */
import { handlingOf } from '../headers.ts'

export type VerbName = 'check' | 'batch-check'

export interface Head {
  readonly verb: VerbName
  readonly store: string
  readonly requestId: string | undefined
  readonly atLeastAsFresh: string | undefined
  /** Bytes of the body. */
  readonly bodyLength: number
  /** Where the body begins. */
  readonly end: number
}

/** Below node:http's maxHeaderSize, and too small for its count of headers to matter. */
const headBytesMax = 8_192

// INVARIANT: linear; no two neighbours can match the same character.
const canonical =
  /POST \/stores\/([ABCDEFGHJKMNPQRSTVWXYZ0-9]{26})\/(check|batch-check) HTTP\/1\.1\r\n((?:[!#$%&'*+\-.^_`|~\dA-Za-z]+:[\t\x20-\x7e]*\r\n)+)\r\n/y

/** The head that begins at `at`; undefined: not one that is known to be whole, canonical and harmless. */
export function recognise(text: string, at: number): Head | undefined {
  // Cheaper than the pattern on a chunk that holds megabytes of something else.
  const last = text.indexOf('\r\n\r\n', at)
  if (last === -1 || last + 4 - at > headBytesMax) return undefined
  canonical.lastIndex = at
  const [, store, verb, lines] = canonical.exec(text) ?? []
  if (store === undefined || verb === undefined || lines === undefined) return undefined
  const headers = headersOf(lines)
  if (headers === undefined || !isPlain(headers)) return undefined
  return {
    verb: verb === 'check' ? 'check' : 'batch-check',
    store,
    requestId: headers.get('x-request-id'),
    atLeastAsFresh: headers.get('kith-at-least-as-fresh'),
    bodyLength: Number(headers.get('content-length')),
    end: canonical.lastIndex,
  }
}

/** The handled headers, trimmed; undefined when one is there that must be handed over, or one is there twice. */
function headersOf(lines: string): ReadonlyMap<string, string> | undefined {
  const headers = new Map<string, string>()
  for (let start = 0; start < lines.length; ) {
    const colon = lines.indexOf(':', start)
    const end = lines.indexOf('\r\n', colon)
    const name = lines.slice(start, colon).toLowerCase()
    const handling = handlingOf(name)
    if (handling === 'handed over') return undefined
    if (handling === 'handled') {
      if (headers.has(name)) return undefined
      headers.set(name, lines.slice(colon + 1, end).trim())
    }
    start = end + 2
  }
  return headers
}

/** Whether the handled headers say nothing that the lane would have to think about. */
function isPlain(headers: ReadonlyMap<string, string>): boolean {
  return (
    isPlainHost(headers.get('host') ?? '') &&
    // No sign, no leading zero, none absent, and far from what a double cannot count.
    /^[1-9]\d{0,6}$/.test(headers.get('content-length') ?? '') &&
    /^application\/json(?:[ \t]*;|$)/i.test(headers.get('content-type') ?? 'application/json') &&
    !/msgpack/i.test(headers.get('accept') ?? '') &&
    /^keep-alive$/i.test(headers.get('connection') ?? 'keep-alive')
  )
}

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const label = '[a-z\\d_]+(?:-[a-z\\d_]+)*'
/** Names, IPv4 as everybody writes it, and loopback: what no URL parser reads in two ways. */
const plainHost = new RegExp(
  `^(?:${octet}(?:\\.${octet}){3}|(?:${label}\\.)*[a-z][a-z\\d_]*(?:-[a-z\\d_]+)*|\\[::1\\])(?::([1-9]\\d{0,4}))?$`,
)

function isPlainHost(host: string): boolean {
  if (host.length > 255) return false
  const match = plainHost.exec(host)
  return match !== null && Number(match[1] ?? 80) <= 65_535
}

/**
 * The head of the request before, for clients that send the same bytes but for the length. Comparing is several times
 * cheaper than recognising; what is compared was recognised once, on this connection.
 */
export class Memo {
  #before = ''
  #after = ''
  #head: Head | undefined

  /** `text.slice(at, head.end)` was recognised as `head`. */
  keep(text: string, at: number, head: Head): void {
    // Ids differ from request to request: keeping them would cost and never pay.
    if (head.requestId !== undefined || head.atLeastAsFresh !== undefined) return
    // A copy: a slice would hold on to the whole chunk.
    const bytes = Buffer.from(text.slice(at, head.end), 'latin1').toString('latin1')
    const match = /\r\ncontent-length:[ \t]*/i.exec(bytes)
    if (match === null) return
    const digits = match.index + match[0].length
    this.#before = bytes.slice(0, digits)
    this.#after = bytes.slice(digits + String(head.bodyLength).length)
    this.#head = head
  }

  /** What `recognise` would say; undefined when it has to be asked. */
  recall(text: string, at: number): Head | undefined {
    const head = this.#head
    if (head === undefined || !text.startsWith(this.#before, at)) return undefined
    let end = at + this.#before.length
    let bodyLength = 0
    const first = end
    for (let digit = text.charCodeAt(end) - zero; digit >= 0 && digit <= 9; ) {
      bodyLength = bodyLength * 10 + digit
      digit = text.charCodeAt(++end) - zero
    }
    // INVARIANT: the same lengths as `recognise` takes: one to seven digits, the first not zero.
    if (end === first || end - first > 7 || text.charCodeAt(first) === zero) return undefined
    if (!text.startsWith(this.#after, end)) return undefined
    return { ...head, bodyLength, end: end + this.#after.length }
  }
}

const zero = 48
