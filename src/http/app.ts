/** The HTTP surface as one Hono app over one Kith. Not a server: listen.ts serves it, tests ask it in process. */
import type { Socket } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { anonymous } from '../callers/caller.ts'
import { certificateOf } from '../callers/certificate.ts'
import { Gate, type Identity } from '../callers/gate.ts'
import { Fault, faultOf } from '../lib/fault.ts'
import { countDecisions, nobody, type Witness } from '../observe/witness.ts'
import type { Kith } from '../service/kith.ts'
import type { Admission, Work } from './admission/admission.ts'
import { cors } from './before/cors.ts'
import { Deadline } from './before/deadline.ts'
import { isMsgpack, prefersMsgpack } from './before/media.ts'
import { requestIdFor } from './before/request-id.ts'
import {
  answerFault,
  type Door,
  type Exchange,
  respond,
  setHeader,
  type Variables,
  type Verb,
} from './exchange.ts'
import { demand, demandPage, localPageOf, type Need, type Pages } from './permit.ts'
import type { Route } from './route.ts'
import { routes } from './routes.ts'
import { scimPath } from './scim/problem.ts'

export interface AppOptions extends Door {
  /** Bytes of a request body. The default is the contract's, a typo for 512 KiB that clients know. */
  readonly bodyBytesMax?: number
  /** Milliseconds a question may take at the door; keep it above the list deadline, whose end is an answer. */
  readonly requestTimeoutMs?: number
  /** Whose routes it has; everybody's by default. What everybody may see of the process's health it always has. */
  readonly audience?: 'callers' | 'operators'
  /** Origins that browsers may ask from; `*` is any. */
  readonly corsOrigins?: Pages
  /** Only programs on this machine are meant, by TCP, and none of them has to say who it is. */
  readonly isLocal?: boolean
  /** Told of every fault that is ours (status 500), with its cause; nothing is logged here. */
  readonly onInternalFault?: (
    fault: Fault,
    request: { readonly id: string; readonly method: string; readonly path: string },
  ) => void
}

type Answering = ReturnType<Verb>

/**
 * Every request meets one handler and no middleware: what all of them need is done in `through`. A chain of handlers
 * costs each request a promise, a closure and a turn of the job queue per link.
 */
export function createApp(kith: Kith, options: AppOptions = {}): Hono<{ Variables: Variables }> {
  const { requestTimeoutMs = 5_000, audience } = options
  const mine = routes.filter((route) => audience === undefined || [audience, 'both'].includes(route.audience))
  const app = new Hono<{ Variables: Variables }>()
  const through = throughOf(options)
  const deadline = new Deadline(requestTimeoutMs)
  const witnessed = witnessedBy(options.witness ?? nobody)
  for (const { method, path, verb, need, work, bound } of mine) {
    const answering = roomed(verb(kith, options), work, options.admission)
    const bounded = bound === 'deadline' ? deadline.bound(answering) : answering
    app.on(method, path, witnessed(verb.name, through({ need, work, bound }, bounded)))
  }
  const places = placesOf(mine)
  // Also what is not here is nobody's business without credentials.
  const unknown = through({ need: 'a caller', work: 'read', bound: 'socket' }, async (c) => {
    const methods = places.flatMap(({ path, method }) => (path.test(c.req.path) ? [method] : []))
    if (methods.length === 0) throw new Fault('undefined_endpoint', 'Not Found')
    if (!scimPath.test(c.req.path)) throw new Fault('unimplemented', 'Method Not Allowed')
    setHeader(c, 'allow', methods.flatMap((each) => (each === 'GET' ? [each, 'HEAD'] : [each])).join(', '))
    throw new Fault('method_not_allowed', 'Method Not Allowed')
  })
  const nowhere = witnessed('nowhere', unknown)
  app.notFound((c) => nowhere(c as Exchange))
  app.onError((thrown, c) => answerFault(c, faultOf(thrown)))
  return app
}

/** Every path of some routes, with a method that it takes. */
function placesOf(
  table: readonly Route[],
): readonly { readonly path: RegExp; readonly method: Route['method'] }[] {
  return table.map(({ path, method }) => ({
    path: new RegExp(`^${path.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`),
    method,
  }))
}

/** What comes before a route answers, and what becomes of a refusal. */
function throughOf(
  options: AppOptions,
): (asked: Pick<Route, 'need' | 'work' | 'bound'>, answering: Answering) => Answering {
  const {
    admission,
    bodyBytesMax = 616_448,
    corsOrigins = ['*'],
    gate = new Gate(),
    isLocal = false,
    onInternalFault,
  } = options
  const door = { gate, pages: corsOrigins, isLocal }
  const isPreflight = cors(corsOrigins)
  const report = (c: Exchange, fault: Fault) =>
    onInternalFault?.(fault, { id: c.get('visit').requestId, method: c.req.method, path: c.req.path })
  return ({ need, work, bound }, answering) =>
    async (c) => {
      const arrivedAt = performance.now()
      const cameInMsgpack = isMsgpack(c.req.header('Content-Type'))
      c.set('visit', {
        requestId: requestIdFor(c.req.header('X-Request-Id')),
        caller: anonymous,
        arrivedAt,
        cameInMsgpack,
        leavesInMsgpack: prefersMsgpack(c.req.header('Accept'), cameInMsgpack),
        bodyBytesMax,
        bodies: undefined,
        bodyBytes: 0,
        hasDeadline: bound === 'deadline',
        report,
        traceparent: c.req.header('traceparent'),
        tracestate: c.req.header('tracestate'),
        told: undefined,
        fault: undefined,
        readmit: async () => {
          if (need !== 'nothing') await admit(c, need, door)
        },
        abandoned: false,
        onAbandoned: undefined,
        release: undefined,
        zookie: undefined,
        model: undefined,
        store: undefined,
        others: undefined,
      })
      if (isPreflight(c)) return respond(c, null, 204)
      try {
        // Before a byte of the body is read.
        if (need !== 'nothing') {
          const admitted = admit(c, need, door)
          if (admitted !== undefined) await admitted
        }
        admission?.demand(work, c.get('visit').caller.id, arrivedAt)
        return await answering(c)
      } catch (thrown) {
        return answerFault(c, faultOf(thrown))
      }
    }
}

/** The same, once the process has room for it; with a room that is given back when all of the answer is made. */
function roomed(answering: Answering, work: Work, admission: Admission | undefined): Answering {
  if (admission === undefined || work === 'health') return answering
  return async (c) => {
    const visit = c.get('visit')
    const caller = visit.caller.id
    const entering = admission.enter(work, caller)
    if (entering !== undefined) await entering
    visit.release = () => admission.leave(work, caller)
    visit.bodies = admission.bodies
    try {
      const beginning = admission.begin(work)
      if (beginning !== undefined) await beginning
      return await answering(c)
    } finally {
      visit.release?.()
      if (visit.bodyBytes > 0) admission.bodies.give(visit.bodyBytes, caller)
      visit.bodies = undefined
    }
  }
}

/** Tells of every answer of a route. `name` is the verb's, so there are as many as routes. */
function witnessedBy(witness: Witness): (name: string, answering: Answering) => Answering {
  return (name, answering) => {
    const meter = witness.meter(name, false)
    return async (c) => {
      const response = await answering(c)
      const visit = c.get('visit')
      const elapsedMs = performance.now() - visit.arrivedAt
      const { status } = response
      meter.add(status, elapsedMs)
      if (visit.told !== undefined) countDecisions(witness, visit.told)
      witness.detail?.({ ...visit, name, lane: false, status, at: Date.now(), elapsedMs })
      return response
    }
  }
}

/**
 * Who asks, and whether it may; a promise only where that cannot be told now.
 * @throws Fault unauthenticated, forbidden, store_id_not_found, unavailable
 */
function admit(
  c: Exchange,
  need: Exclude<Need, 'nothing'>,
  { gate, pages, isLocal }: { readonly gate: Gate; readonly pages: Pages; readonly isLocal: boolean },
): Promise<void> | undefined {
  const enter = ({ caller }: Identity): undefined => {
    c.get('visit').caller = caller
    const origin = c.req.header('Origin')
    const page = isLocal ? localPageOf(c.req.method, { origin, host: c.req.header('Host') }) : origin
    demandPage(caller, pages, page)
    demand(caller, need, c.req.param('store'))
  }
  const found = gate.identify({
    authorization: c.req.header('Authorization'),
    certificate: certificateOf(socketOf(c)),
  })
  return found instanceof Promise ? found.then(enter) : enter(found)
}

/** The connection under a request; undefined in process. */
function socketOf({ env }: Exchange): Socket | undefined {
  return (env as Partial<HttpBindings> | undefined)?.incoming?.socket
}
