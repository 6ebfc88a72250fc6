/**
 * CORS as contract 0.5 has it: any origin and header unless origins are configured. With any origin the answer is
 * `*`, which browsers never combine with cookies: no page gains a power its user's credentials would give it.
 * Only a request that carries an Origin pays for it.
 */
import type { Next } from 'hono'
import type { Exchange } from '../exchange.ts'

const exposed = [
  'X-Request-Id',
  'fga-request-id',
  'fga-query-duration-ms',
  'Openfga-Store-Id',
  'Openfga-Authorization-Model-Id',
  'Kith-Zookie',
  'Retry-After',
].join(', ')

/** `origins` are compared as they are; `*` stands for any. */
export function cors(origins: readonly string[]) {
  const any = origins.includes('*')
  return async (c: Exchange, next: Next): Promise<Response | undefined> => {
    const origin = c.req.header('Origin')
    if (origin === undefined) return void (await next())
    if (!any) c.header('Vary', 'Origin')
    if (any || origins.includes(origin)) allow(c, any ? '*' : origin)
    const isPreflight =
      c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method') !== undefined
    if (!isPreflight) return void (await next())
    return c.body(null, 204)
  }
}

function allow(c: Exchange, origin: string): void {
  c.header('Access-Control-Allow-Origin', origin)
  c.header('Access-Control-Allow-Credentials', 'true')
  c.header('Access-Control-Expose-Headers', exposed)
  if (c.req.method !== 'OPTIONS') return
  c.header('Access-Control-Allow-Methods', 'GET, POST, HEAD, PATCH, DELETE, PUT')
  c.header('Access-Control-Allow-Headers', c.req.header('Access-Control-Request-Headers') ?? '*')
  c.header('Access-Control-Max-Age', '600')
}
