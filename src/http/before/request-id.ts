/** Gives every request an id, and every answer the headers that carry it. The client's own id is kept when it is sane. */
import { randomUUID } from 'node:crypto'
import type { Next } from 'hono'
import type { Exchange } from '../exchange.ts'

/** What may travel into logs and back out in a header. */
const sane = /^[\w.:+/=@-]{1,128}$/

export async function requestId(c: Exchange, next: Next): Promise<void> {
  const id = requestIdFor(c.req.header('X-Request-Id'))
  c.set('requestId', id)
  c.set('arrivedAt', performance.now())
  c.header('X-Request-Id', id)
  c.header('fga-request-id', id)
  await next()
}

/** The id of a request that asked for one, or did not. */
export function requestIdFor(asked: string | undefined): string {
  return asked !== undefined && sane.test(asked) ? asked : freshId()
}

const hex = Array.from({ length: 4_096 }, (_, count) => count.toString(16).padStart(3, '0'))
let start = ''
let count = 0

/** A UUID of its own: random but for its last three digits, which count. Many times cheaper than all random. */
function freshId(): string {
  if (count === 0) start = randomUUID().slice(0, -3)
  const id = start + hex[count]
  count = (count + 1) & 0xfff
  return id
}
