/** The HTTP surface as one Hono app over one Kith. Not a server: listen.ts serves it, tests ask it in process. */
import { Hono } from 'hono'
import { Fault, faultOf } from '../lib/fault.ts'
import type { Kith } from '../service/kith.ts'
import { cors } from './before/cors.ts'
import { deadline } from './before/deadline.ts'
import { media } from './before/media.ts'
import { requestId } from './before/request-id.ts'
import { answerFault, type Door, type Exchange, type Variables } from './exchange.ts'
import { routes } from './routes.ts'

export interface AppOptions extends Door {
  /** Bytes of a request body. The default is the contract's, a typo for 512 KiB that clients know. */
  readonly bodyBytesMax?: number
  /** Milliseconds a question may take at the door; keep it above the list deadline, whose end is an answer. */
  readonly requestTimeoutMs?: number
  /** Origins that browsers may ask from; `*` is any. */
  readonly corsOrigins?: readonly string[]
  /** Told of every fault that is ours (status 500), with its cause; nothing is logged here. */
  readonly onInternalFault?: (
    fault: Fault,
    request: { readonly id: string; readonly method: string; readonly path: string },
  ) => void
}

export function createApp(kith: Kith, options: AppOptions = {}): Hono<{ Variables: Variables }> {
  const { bodyBytesMax = 616_448, requestTimeoutMs = 5_000, corsOrigins = ['*'] } = options
  const app = new Hono<{ Variables: Variables }>()
  const report = (c: Exchange, fault: Fault) =>
    options.onInternalFault?.(fault, { id: c.get('requestId'), method: c.req.method, path: c.req.path })
  app.use(async (c, next) => {
    c.set('bodyBytesMax', bodyBytesMax)
    c.set('report', report)
    await next()
  })
  app.use(requestId)
  app.use(media)
  app.use(cors(corsOrigins))

  const bounded = deadline(requestTimeoutMs)
  for (const { method, path, verb, bound } of routes) {
    const handler = verb(kith, options)
    if (bound === 'deadline') app.on(method, path, bounded, handler)
    else app.on(method, path, handler)
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    app.all(path, (c) => answerFault(c, new Fault('unimplemented', 'Method Not Allowed')))
  }
  app.notFound((c) => answerFault(c as Exchange, new Fault('undefined_endpoint', 'Not Found')))
  app.onError((thrown, c) => answerFault(c, faultOf(thrown)))
  return app
}
