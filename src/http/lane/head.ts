/**
 * Recognises the head of a small canonical request. Not an HTTP parser: whatever is not exactly what is drawn here is
 * somebody else's, and is said to be unknown rather than wrong.
 *
 *   POST /stores/<ulid>/check HTTP/1.1\r\n  (name ":" value "\r\n")+  "\r\n"
 */
import type { Caller } from '../../callers/caller.ts'
import type { Certificate } from '../../callers/certificate.ts'
import type { Gate, Identity } from '../../callers/gate.ts'
import type { StoreRequest } from '../../service/requests.ts'
import { handlingOf } from '../headers.ts'
import { permits } from '../permit.ts'
import { needOf } from '../routes.ts'

type VerbName = 'check' | 'batch-check' | 'list-objects' | 'write'

/** What a head says, but for the length of its body. */
export interface Head {
  readonly verb: VerbName
  /** Who asks, and may. */
  readonly caller: Caller
  readonly state: StoreRequest
  readonly requestId: string | undefined
}

/** What the routes that are passed by ask of a caller. */
const needs = {
  check: needOf('POST', '/stores/:store/check'),
  'batch-check': needOf('POST', '/stores/:store/batch-check'),
  'list-objects': needOf('POST', '/stores/:store/list-objects'),
  write: needOf('POST', '/stores/:store/write'),
}

/** Below node:http's maxHeaderSize, and too small for its count of headers to matter. */
const headBytesMax = 8_192
/** Digits of a length: more would be no small question. */
const digitsMax = 7

// INVARIANT: linear; no two neighbours can match the same character.
const canonical =
  /^POST \/stores\/([ABCDEFGHJKMNPQRSTVWXYZ0-9]{26})\/(check|batch-check|list-objects|write) HTTP\/1\.1\r\n((?:[!#$%&'*+\-.^_`|~\dA-Za-z]+:[\t\x20-\x7e]*\r\n)+)\r\n$/

/** Where the store stands in it. */
const storeAt = 'POST /stores/'.length

const nothing = Buffer.alloc(0)
const zero = 48

/**
 * Reads the heads of one connection. Clients that keep a connection send the same bytes again but for the length:
 * comparing with the head before is several times cheaper than recognising, and as strict.
 */
export class HeadReader {
  /** Of the head that was read last: where its body is. */
  bodyStart = 0
  bodyEnd = 0

  /** The head before, cut where the digits of its length were. */
  #before: Buffer = nothing
  #after: Buffer = nothing
  #head: Head | undefined
  /** Who sent it, for as long as that holds. */
  #identity: Identity | undefined
  readonly #gate: Gate
  readonly #certificate: Certificate | undefined

  /** @param certificate - of the connection */
  constructor(gate: Gate, certificate?: Certificate) {
    this.#gate = gate
    this.#certificate = certificate
  }

  /** The head that begins at `at`; undefined: none that is known to be whole, canonical and harmless. */
  read(bytes: Buffer, at: number): Head | undefined {
    const isKnown = this.#identity !== undefined && this.#gate.holds(this.#identity)
    return isKnown && this.#isSame(bytes, at) ? this.#head : this.#recognise(bytes, at)
  }

  #isSame(bytes: Buffer, at: number): boolean {
    if (this.#head === undefined || !isAt(bytes, at, this.#before)) return false
    const first = at + this.#before.length
    let length = 0
    let end = first
    for (; end - first <= digitsMax; end++) {
      const digit = (bytes[end] ?? 0) - zero
      if (digit < 0 || digit > 9) break
      length = length * 10 + digit
    }
    // INVARIANT: the lengths that `isPlain` takes: the first digit is not zero, and there are not too many.
    if (bytes[first] === zero || end === first || end - first > digitsMax) return false
    if (!isAt(bytes, end, this.#after)) return false
    this.bodyStart = end + this.#after.length
    this.bodyEnd = this.bodyStart + length
    return true
  }

  #recognise(bytes: Buffer, at: number): Head | undefined {
    const last = bytes.indexOf('\r\n\r\n', at, 'latin1')
    if (last === -1 || last + 4 - at > headBytesMax) return undefined
    const text = bytes.toString('latin1', at, last + 4)
    const [, named, verb, lines] = canonical.exec(text) ?? []
    if (named === undefined || verb === undefined || lines === undefined) return undefined
    // No slice of the head: it is looked up in a dozen maps a request, and comparing slices takes a way through native code each.
    const store = bytes.toString('latin1', at + storeAt, at + storeAt + named.length)
    const headers = headersOf(lines)
    if (headers === undefined || !isPlain(headers)) return undefined
    const name = verb as VerbName
    // Whoever is refused, or not known yet, is somebody else's.
    const identity = this.#gate.recall({
      authorization: headers.get('authorization'),
      certificate: this.#certificate,
    })
    if (identity === undefined || !permits(identity.caller, needs[name], store)) return undefined
    const length = headers.get('content-length') ?? ''
    this.bodyStart = last + 4
    this.bodyEnd = this.bodyStart + Number(length)
    const atLeastAsFresh = headers.get('kith-at-least-as-fresh')
    const head: Head = {
      verb: name,
      caller: identity.caller,
      state: atLeastAsFresh === undefined ? { store } : { store, atLeastAsFresh },
      requestId: headers.get('x-request-id'),
    }
    this.#keep(text, length, head, identity)
    return head
  }

  #keep(text: string, length: string, head: Head, identity: Identity): void {
    // What differs from request to request would never be met again.
    if (head.requestId !== undefined || head.state.atLeastAsFresh !== undefined) return
    const match = /\r\ncontent-length:[ \t]*/i.exec(text)
    if (match === null) return
    const digits = match.index + match[0].length
    this.#before = Buffer.from(text.slice(0, digits), 'latin1')
    this.#after = Buffer.from(text.slice(digits + length.length), 'latin1')
    this.#head = head
    this.#identity = identity
  }
}

/** Below so many bytes a loop is cheaper than the way to native code and back. */
const loopBytesMax = 24

function isAt(bytes: Buffer, at: number, expected: Buffer): boolean {
  const end = at + expected.length
  if (end > bytes.length) return false
  if (expected.length > loopBytesMax) return expected.compare(bytes, at, end) === 0
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false
  return true
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
    // No sign, no leading zero, none absent.
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
