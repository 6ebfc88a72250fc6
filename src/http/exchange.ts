/**
 * One request and its answer, as every route sees them: what `before/` found out, and the few ways to answer.
 * Not a framework: Hono's context is passed around as it is.
 */
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Fault } from '../lib/fault.ts'
import type { Kith } from '../service/kith.ts'
import { printMsgpack } from '../wire/msgpack.ts'
import { ulidPattern } from '../wire/patterns.ts'
import { refuse } from '../wire/shape.ts'
import type { LaneCounts } from './lane/lane.ts'
import { problemOf } from './problem.ts'

export interface Variables {
  readonly requestId: string
  /** performance.now() at arrival. */
  readonly arrivedAt: number
  /** Whether the answer is to be MessagePack. */
  readonly packed: boolean
  readonly bodyBytesMax: number
  /** Set when the deadline answered in a route's place: what the route still makes, nobody will read. */
  readonly abandoned?: true
  /** Tells of a fault that is ours and that the answer says nothing about. */
  readonly report: (c: Exchange, fault: Fault) => void
}

export type Exchange = Context<{ Variables: Variables }>

/** What a route can know of the door that it is in. */
export interface Door {
  /** Of the fast lane; absent: there is none. */
  readonly lane?: Readonly<LaneCounts>
}

/** A route: given the service, what answers an exchange. One file per verb exports one. */
export type Verb = (kith: Kith, door: Door) => (c: Exchange) => Promise<Response>

/** Answers `body` in the spelling the client asked for. */
export function answer(c: Exchange, body: unknown, status: ContentfulStatusCode = 200): Response {
  finish(c)
  if (!c.get('packed')) return c.json(body, status)
  c.header('Content-Type', 'application/msgpack')
  return c.body(printMsgpack(body), status)
}

/** 204. */
export function answerNothing(c: Exchange): Response {
  finish(c)
  return c.body(null, 204)
}

export function answerFault(c: Exchange, fault: Fault): Response {
  report(c, fault)
  const { status, body, retryAfter } = problemOf(fault)
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter))
  return answer(c, body, status)
}

/** The headers of an answer: the state it was computed at, and the model it was computed under. */
export function mark(
  c: Exchange,
  { zookie, model }: { readonly zookie: string; readonly model?: string },
): void {
  c.header('Kith-Zookie', zookie)
  if (model !== undefined) c.header('Openfga-Authorization-Model-Id', model)
}

/** The store of a request, and how fresh its answer must be. @throws Fault validation_error */
export function storeOf(c: Exchange, message: string): { store: string; atLeastAsFresh?: string } {
  const store = c.req.param('store') ?? ''
  demandUlid(store, message, 'StoreId')
  c.header('Openfga-Store-Id', store)
  const zookie = c.req.header('Kith-At-Least-As-Fresh')
  return zookie === undefined ? { store } : { store, atLeastAsFresh: zookie }
}

/** The model id in the path. @throws Fault validation_error */
export function modelOf(c: Exchange, message: string, field: string): string {
  const model = c.req.param('model') ?? ''
  demandUlid(model, message, field)
  return model
}

/** Reports a fault where it is ours, and not the echo of a client that hung up. */
export function report(c: Exchange, fault: Fault): void {
  if (fault.code === 'internal_error' && !c.req.raw.signal.aborted) c.get('report')(c, fault)
}

/** Called once, just before an answer's headers leave. */
export function finish(c: Exchange): void {
  const elapsed = performance.now() - c.get('arrivedAt')
  c.header('fga-query-duration-ms', String(Math.round(elapsed)))
}

function demandUlid(id: string, message: string, field: string): void {
  if (ulidPattern.test.test(id)) return
  refuse(
    { message, field, name: field, top: true },
    `value does not match regex pattern ${JSON.stringify(ulidPattern.shown)}`,
  )
}
