/** The HTTP surface as one Hono app over one Kith. Not a server: listen.ts serves it, tests ask it in process. */
import { Hono } from 'hono'
import { anonymous } from '../callers/caller.ts'
import { certificateOf } from '../callers/certificate.ts'
import { Gate, type Identity } from '../callers/gate.ts'
import { Fault, faultOf } from '../lib/fault.ts'
import { nobody } from '../observe/witness.ts'
import type { Kith } from '../service/kith.ts'
import { cors } from './before/cors.ts'
import { Deadline } from './before/deadline.ts'
import { isMsgpack, prefersMsgpack } from './before/media.ts'
import { requestIdFor } from './before/request-id.ts'
import {
  answerFault,
  type Door,
  type Exchange,
  firstHeaderOf,
  headerOf,
  incomingOf,
  respond,
  setHeader,
  type Variables,
  type Verb,
} from './exchange.ts'
import { pass, type Way } from './passage.ts'
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

/**
 * Every request of a store meets one handler and no middleware, and any other a second app on its way to one: what all of them
 * need is done by `pass`. A chain of handlers costs each request a promise, a closure and a turn of the job queue per link.
 */
export function createApp(kith: Kith, options: AppOptions = {}): Hono<{ Variables: Variables }> {
  const { audience } = options
  const mine = routes.filter((route) => audience === undefined || [audience, 'both'].includes(route.audience))
  // Two, for the sake of how they find a route: Hono's one regular expression refuses a table in which a name stands beside a
  // parameter, as organizations have them, and all of it would then be looked for part by part.
  const app = new Hono<{ Variables: Variables }>()
  const beside = new Hono<{ Variables: Variables }>()
  const handlerOf = handling(options)
  for (const route of mine) {
    const { method, path, verb } = route
    const finding = path.startsWith('/stores') ? app : beside
    finding.on(method, path, handlerOf(route, verb.name, verb(kith, options)))
  }
  const places = placesOf(mine)
  // Also what is not here is nobody's business without credentials.
  const nowhere = handlerOf({ need: 'a caller', work: 'read', bound: 'socket' }, 'nowhere', async (c) => {
    const methods = places.flatMap(({ path, method }) => (path.test(c.req.path) ? [method] : []))
    if (methods.length === 0) throw new Fault('undefined_endpoint', 'Not Found')
    if (!scimPath.test(c.req.path)) throw new Fault('unimplemented', 'Method Not Allowed')
    setHeader(c, 'allow', methods.flatMap((each) => (each === 'GET' ? [each, 'HEAD'] : [each])).join(', '))
    throw new Fault('method_not_allowed', 'Method Not Allowed')
  })
  app.notFound((c) => beside.fetch(c.req.raw, c.env))
  beside.notFound((c) => nowhere(c as Exchange))
  for (const each of [app, beside]) each.onError((thrown, c) => answerFault(c, faultOf(thrown)))
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

type Answering = ReturnType<Verb>

/** What answers the requests of a route, from the first look at them. */
function handling(
  options: AppOptions,
): (asked: Pick<Route, 'need' | 'work' | 'bound'>, name: string, answering: Answering) => Answering {
  const {
    admission,
    bodyBytesMax = 616_448,
    corsOrigins = ['*'],
    gate = new Gate(),
    isLocal = false,
    onInternalFault,
    requestTimeoutMs = 5_000,
    witness = nobody,
  } = options
  const door = { gate, pages: corsOrigins, isLocal }
  const isPreflight = cors(corsOrigins)
  const deadline = new Deadline(requestTimeoutMs)
  const report = (c: Exchange, fault: Fault) =>
    onInternalFault?.(fault, { id: c.get('visit').requestId, method: c.req.method, path: c.req.path })
  return ({ need, work, bound }, name, answering) => {
    const hasDeadline = bound === 'deadline'
    const admitted = (c: Exchange) => (need === 'nothing' ? undefined : admit(c, need, door))
    const readmit = async (c: Exchange) => admitted(c)
    const way: Way = {
      name,
      answering,
      admit: admitted,
      work,
      admission,
      deadline: hasDeadline ? deadline : undefined,
      meter: witness.meter(name, false),
      witness,
    }
    const preflight: Way = { ...way, answering: allowed, admit: () => undefined, work: 'health' }
    return (c) => {
      const arrivedAt = performance.now()
      // What does not begin as MessagePack is not, whatever was joined to it.
      const cameInMsgpack =
        isMsgpack(firstHeaderOf(c, 'content-type')) && isMsgpack(headerOf(c, 'content-type'))
      c.set('visit', {
        requestId: requestIdFor(headerOf(c, 'x-request-id')),
        caller: anonymous,
        arrivedAt,
        cameInMsgpack,
        leavesInMsgpack: prefersMsgpack(headerOf(c, 'accept'), cameInMsgpack),
        bodyBytesMax,
        bodies: undefined,
        bodyBytes: 0,
        hasDeadline,
        report,
        traceparent: headerOf(c, 'traceparent'),
        tracestate: headerOf(c, 'tracestate'),
        told: undefined,
        fault: undefined,
        readmit,
        abandoned: false,
        onAbandoned: undefined,
        release: undefined,
        zookie: undefined,
        model: undefined,
        store: undefined,
        others: undefined,
      })
      return pass(c, isPreflight(c) ? preflight : way)
    }
  }
}

/** What a browser asks before it asks. */
const allowed: Answering = async (c) => respond(c, null, 204)

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
    const origin = headerOf(c, 'origin')
    const page = isLocal ? localPageOf(c.req.method, { origin, host: headerOf(c, 'host') }) : origin
    demandPage(caller, pages, page)
    demand(caller, need, c.req.param('store'))
  }
  const found = gate.identify({
    authorization: headerOf(c, 'authorization'),
    certificate: certificateOf(incomingOf(c)?.socket),
  })
  return found instanceof Promise ? found.then(enter) : enter(found)
}
