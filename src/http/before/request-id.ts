/** The id of a request: the client's own where it is sane. */
import { randomUUID } from 'node:crypto'

/** What may travel into logs and back out in a header. */
const sane = /^[\w.:+/=@-]{1,128}$/

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
