/**
 * One request and its answer, as every route sees them: what `before/` found out, and the few ways to answer.
 * Not a framework: Hono's context is passed around as it is.
 */
import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { demandActor } from '../callers/actor.ts'
import type { Caller } from '../callers/caller.ts'
import type { Gate } from '../callers/gate.ts'
import type { KeyRing } from '../callers/keys.ts'
import type { Ground as Directory } from '../directory/ground.ts'
import { Fault, type FaultCode } from '../lib/fault.ts'
import type { Scraped } from '../observe/exposition.ts'
import type { Told, Witness } from '../observe/witness.ts'
import type { Kith } from '../service/kith.ts'
import type { Provenance } from '../tuple/tuple.ts'
import { printMsgpack } from '../wire/msgpack.ts'
import { ulidPattern } from '../wire/patterns.ts'
import { refuse } from '../wire/shape.ts'
import type { Admission } from './admission/admission.ts'
import type { Bodies } from './admission/bodies.ts'
import type { LaneCounts } from './lane/lane.ts'
import { directoryErrorOf, problemOf } from './problem.ts'
import { madeBy } from './provenance.ts'
import { scimPath, scimProblemOf } from './scim/problem.ts'

export interface Variables {
  readonly visit: Visit
}

/** What is known of a request before its route runs, and what its answer will say beside its body. */
interface Visit {
  readonly requestId: string
  /** Who asks; known before a route that needs a caller answers. */
  caller: Caller
  /** performance.now() at arrival. */
  readonly arrivedAt: number
  /** Whether the body came as MessagePack, and whether the answer is to go out so. */
  readonly cameInMsgpack: boolean
  readonly leavesInMsgpack: boolean
  readonly bodyBytesMax: number
  /** Whether the request is given up when it takes too long, its body included. */
  readonly hasDeadline: boolean
  /** Tells of a fault that is ours and that the answer says nothing about. */
  readonly report: (c: Exchange, fault: Fault) => void
  /** Whether the caller may still do what it does: for what lasts. Rejects with the fault where it may not. */
  readonly readmit: (c: Exchange) => Promise<void>
  /** Where its trace comes from. */
  readonly traceparent: string | undefined
  readonly tracestate: string | undefined
  /** What it asked and what was decided, for the witness. */
  told: Told | undefined
  /** Why it was refused. */
  fault: FaultCode | undefined
  /** Set when the deadline answered in a route's place: what the route still makes, nobody will read. */
  abandoned: boolean
  /** Told of that, where something goes on for long. */
  onAbandoned: (() => void) | undefined
  /** Ends what the request holds of the process; an answer that goes on after its route calls it at its own end. */
  release: (() => void) | undefined
  /** Where the bytes of its body count with those of all others, until it is answered; absent: nowhere. */
  bodies: Pick<Bodies, 'take'> | undefined
  /** Of its body, so far. */
  bodyBytes: number
  zookie: string | undefined
  model: string | undefined
  store: string | undefined
  /** What few answers have, by lower-case name. */
  others: Record<string, string> | undefined
}

export type Exchange = Context<{ Variables: Variables }>

/** What a route can know of the door that it is in. */
export interface Door {
  /** Told of every answer. */
  readonly witness?: Witness
  /** The numbers of the process; absent: it keeps none. */
  readonly exposition?: () => Promise<Scraped>
  /** Of the fast lane; absent: there is none. */
  readonly lane?: Readonly<LaneCounts>
  /** Who is let in; absent: everybody. */
  readonly gate?: Gate
  /** Organizations; absent: there are none. */
  readonly directory?: Directory
  /** The keys of callers; absent: none are kept. */
  readonly keys?: KeyRing
  /** Who comes in when not everybody can; absent: everybody does. */
  readonly admission?: Admission
  /** Whether it has begun to serve callers; absent: it has. */
  readonly hasStarted?: () => boolean
}

/** A route: given the service, what answers an exchange. One file per verb exports one. */
export type Verb = (kith: Kith, door: Door) => (c: Exchange) => Promise<Response>

/** Answers `body` in the spelling the client asked for. */
export function answer(c: Exchange, body: unknown, status = 200): Response {
  if (c.get('visit').leavesInMsgpack) return respond(c, printMsgpack(body), status, 'application/msgpack')
  return respond(c, JSON.stringify(body), status, 'application/json')
}

/** 204. */
export function answerNothing(c: Exchange): Response {
  return respond(c, null, 204)
}

export function answerFault(c: Exchange, fault: Fault): Response {
  report(c, fault)
  c.get('visit').fault = fault.code
  const { status, body, retryAfter } = problemOf(fault)
  if (status === 401) setHeader(c, 'www-authenticate', 'Bearer realm="kith"')
  if (retryAfter !== undefined) setHeader(c, 'retry-after', String(retryAfter))
  if (scimPath.test(c.req.path)) {
    const spelt = scimProblemOf(fault, { status, body })
    return respond(c, JSON.stringify(spelt.body), spelt.status, 'application/scim+json')
  }
  return answer(c, directoryPath.test(c.req.path) ? directoryErrorOf(fault) : body, status)
}

/** Where organizations are managed. */
const directoryPath = /^\/v1\/(?:orgs|presets|invitations)(?:\/|$)/

/**
 * The one place where answers are made. Their headers are a plain object, in the order of their names: the server
 * prints that as it is, where Hono's own would go through the validation of two web classes, a third of a check's cost.
 */
export function respond(
  c: Exchange,
  body: string | Uint8Array | ReadableStream | null,
  status: number,
  type?: string,
): Response {
  const { requestId, arrivedAt, zookie, model, store, others } = c.get('visit')
  const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
  headers['fga-query-duration-ms'] = String(Math.round(performance.now() - arrivedAt))
  headers['fga-request-id'] = requestId
  if (zookie !== undefined) headers['kith-zookie'] = zookie
  if (model !== undefined) headers['openfga-authorization-model-id'] = model
  if (store !== undefined) headers['openfga-store-id'] = store
  if (others !== undefined) Object.assign(headers, others)
  headers['x-request-id'] = requestId
  const length = lengthOf(body)
  if (length !== undefined) headers['Content-Length'] = String(length)
  else if (body instanceof ReadableStream && c.req.method === 'HEAD') {
    // Nobody will read the stream: what it holds is let go now, or it would be held for ever.
    body.cancel().catch(() => {})
    return new Response(null, { status, headers })
  }
  return new Response(body, { status, headers })
}

function lengthOf(body: string | Uint8Array | ReadableStream | null): number | undefined {
  if (typeof body === 'string') return Buffer.byteLength(body)
  return body instanceof Uint8Array ? body.length : undefined
}

/** The request as node:http gave it; undefined in process. */
export function incomingOf({ env }: Exchange): IncomingMessage | undefined {
  return (env as Partial<HttpBindings> | undefined)?.incoming
}

/**
 * A header of the request as Hono reads it: repeated ones joined, no space around it. Most that are asked for are not there,
 * which node:http's own table says at a fraction of the cost. @param name - in lower case
 */
export function headerOf(c: Exchange, name: string): string | undefined {
  const incoming = incomingOf(c)
  return incoming !== undefined && incoming.headers[name] === undefined ? undefined : c.req.header(name)
}

/**
 * Its first value, straight from node:http's table, where that decides: many checks come with no other header that is asked for,
 * and then Hono makes none at all.
 */
export function firstHeaderOf(c: Exchange, name: 'content-length' | 'content-type'): string | undefined {
  const incoming = incomingOf(c)
  return incoming === undefined ? c.req.header(name) : incoming.headers[name]
}

/** Who asks. */
export function callerOf(c: Exchange): Caller {
  return c.get('visit').caller
}

/** Notes for the witness what is asked; the answer is to be put into it. */
export function tell<Kind extends Told['verb']>(
  c: Exchange,
  told: Extract<Told, { readonly verb: Kind }>,
): Extract<Told, { readonly verb: Kind }> {
  c.get('visit').told = told
  return told
}

/**
 * Aborted when nobody will read the answer any more: the client went away, or was told that it took too long. For questions
 * that go on for long.
 */
export function endOf(c: Exchange): AbortSignal {
  const ending = new AbortController()
  const end = () => ending.abort(new Fault('cancelled', 'Request Cancelled'))
  const { signal } = c.req.raw
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  c.get('visit').onAbandoned = end
  return ending.signal
}

/** A header that few answers have. @param name - in lower case */
export function setHeader(c: Exchange, name: string, value: string): void {
  const visit = c.get('visit')
  visit.others ??= {}
  visit.others[name] = value
}

/** The headers of an answer: the state it was computed at, and the model it was computed under. */
export function mark(
  c: Exchange,
  { zookie, model }: { readonly zookie: string; readonly model?: string },
): void {
  const visit = c.get('visit')
  visit.zookie = zookie
  if (model !== undefined) visit.model = model
}

/** The store of a request, and how fresh its answer must be. @throws Fault validation_error */
export function storeOf(c: Exchange, message: string): { store: string; atLeastAsFresh?: string } {
  const store = c.req.param('store') ?? ''
  demandUlid(store, message, 'StoreId')
  c.get('visit').store = store
  const zookie = headerOf(c, 'kith-at-least-as-fresh')
  return zookie === undefined ? { store } : { store, atLeastAsFresh: zookie }
}

/** What the log is to keep of a change. */
export function provenanceOf(c: Exchange, source = 'api'): Provenance {
  const { caller, requestId } = c.get('visit')
  return madeBy(caller, requestId, source)
}

/**
 * The same with the user that the request names, which routes outside an organization's management do not look at.
 * @throws Fault forbidden: the caller may not name whom it acts for; validation_error
 */
export function actedProvenanceOf(c: Exchange, source = 'api'): Provenance {
  const { caller, requestId } = c.get('visit')
  const actor = demandActor(caller, c.req.param('store'), headerOf(c, 'kith-actor'))
  return madeBy(caller, requestId, source, actor)
}

/** The model id in the path. @throws Fault validation_error */
export function modelOf(c: Exchange, message: string, field: string): string {
  const model = c.req.param('model') ?? ''
  demandUlid(model, message, field)
  return model
}

/** Reports a fault where it is ours, and not the echo of a client that hung up. */
export function report(c: Exchange, fault: Fault): void {
  if (fault.code === 'internal_error' && !c.req.raw.signal.aborted) c.get('visit').report(c, fault)
}

function demandUlid(id: string, message: string, field: string): void {
  if (ulidPattern.test.test(id)) return
  refuse(
    { message, field, name: field, top: true },
    `value does not match regex pattern ${JSON.stringify(ulidPattern.shown)}`,
  )
}
