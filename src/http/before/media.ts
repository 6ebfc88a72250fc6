/** Decides once per request in which spelling its answer goes out: JSON, or MessagePack where that is asked for. */
import type { Next } from 'hono'
import { isMsgpack } from '../body.ts'
import type { Exchange } from '../exchange.ts'

export async function media(c: Exchange, next: Next): Promise<void> {
  c.set('packed', prefersMsgpack(c.req.header('Accept'), isMsgpack(c.req.header('Content-Type'))))
  await next()
}

/** An Accept that names neither is answered in the spelling of the request. */
function prefersMsgpack(accept: string | undefined, mirror: boolean): boolean {
  let json: number | undefined
  let packed: number | undefined
  for (const range of accept?.split(',') ?? []) {
    const weight = Number(/;\s*q=([\d.]{1,5})/i.exec(range)?.[1] ?? 1)
    if (isMsgpack(range)) packed = Math.max(packed ?? 0, weight)
    else if (/^\s*application\/json\b/i.test(range)) json = Math.max(json ?? 0, weight)
  }
  if (packed === undefined) return json === undefined && mirror
  return packed > 0 && packed >= (json ?? 0)
}
