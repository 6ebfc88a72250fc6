/**
 * CORS as contract 0.5 has it: any origin and header unless origins are configured. With any origin the answer is
 * `*`, which browsers never combine with cookies: no page gains a power its user's credentials would give it.
 * Only a request that carries an Origin pays for it.
 */
import { type Exchange, headerOf, setHeader } from '../exchange.ts'

const exposed = [
  'X-Request-Id',
  'fga-request-id',
  'fga-query-duration-ms',
  'Openfga-Store-Id',
  'Openfga-Authorization-Model-Id',
  'Kith-Zookie',
  'Retry-After',
].join(', ')

/**
 * Answers whether the request is a preflight, to be answered with nothing else. `origins` are compared as they are;
 * `*` stands for any.
 */
export function cors(origins: readonly string[]): (c: Exchange) => boolean {
  const any = origins.includes('*')
  return (c) => {
    const origin = headerOf(c, 'origin')
    if (origin === undefined) return false
    if (!any) setHeader(c, 'vary', 'Origin')
    if (any || origins.includes(origin)) allow(c, any ? '*' : origin)
    return c.req.method === 'OPTIONS' && headerOf(c, 'access-control-request-method') !== undefined
  }
}

function allow(c: Exchange, origin: string): void {
  setHeader(c, 'access-control-allow-origin', origin)
  setHeader(c, 'access-control-allow-credentials', 'true')
  setHeader(c, 'access-control-expose-headers', exposed)
  if (c.req.method !== 'OPTIONS') return
  setHeader(c, 'access-control-allow-methods', 'GET, POST, HEAD, PATCH, DELETE, PUT')
  setHeader(c, 'access-control-allow-headers', headerOf(c, 'access-control-request-headers') ?? '*')
  setHeader(c, 'access-control-max-age', '600')
}
