/**
 * Heads of requests: whatever the fast lane takes is framed as a reader that knows nothing but RFC 9112 frames it, and
 * a connection that has seen other heads before reads it as a fresh one does.
 */
import { isDeepStrictEqual } from 'node:util'
import { Gate } from '../../../src/callers/gate.ts'
import { HeadReader } from '../../../src/http/lane/head.ts'
import type { Target } from '../campaign.ts'

const target = 'POST /stores/01J0000000000000000000000A'
const heads = [
  ['Host: localhost:8080', 'Connection: keep-alive', 'Content-Type: application/json', 'Content-Length: 12'],
  [
    'host: 127.0.0.1',
    'accept: */*',
    'user-agent: node',
    'accept-encoding: gzip, deflate',
    'content-length: 7',
  ],
  ['Host: kith', 'X-Request-Id: a-1', 'Kith-At-Least-As-Fresh: AbC_', 'Content-Length: 100'],
]

const words = [
  ...[
    '\r\n',
    '\n',
    '\r',
    '\r\n\r\n',
    ' ',
    '\t',
    ':',
    ': ',
    '0',
    '00',
    '+1',
    '1e3',
    '0x1',
    '12, 12',
    '\0',
    '\x80',
  ],
  ...[
    'Content-Length: 5\r\n',
    'content-length:3\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Expect: 100-continue\r\n',
  ],
  ...[
    'Host: a\r\n',
    'Connection: close\r\n',
    'Authorization: Bearer x\r\n',
    'traceparent: 00-1\r\n',
    ' folded\r\n',
  ],
  ...[
    'HTTP/1.0',
    'HTTP/1.1',
    'GET ',
    'POST ',
    '/batch-check',
    '/check',
    '//',
    '?',
    '%2f',
    '..',
    'Kith-Actor: a\r\n',
  ],
]

/** The header lines by lower-case name; undefined where a strict reader would refuse or need to think. */
function framed(text: string): ReadonlyMap<string, readonly string[]> | undefined {
  const lines = text.split('\r\n')
  if (lines.slice(-2).join('|') !== '|' || /[\r\n\0]/.test(lines.join(''))) return undefined
  const headers = new Map<string, string[]>()
  for (const line of lines.slice(1, -2)) {
    const match = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line)
    if (match?.[1] === undefined || match[2] === undefined) return undefined
    const name = match[1].toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), match[2]])
  }
  return headers
}

function demandFramed(input: Buffer, { bodyStart, bodyEnd }: HeadReader): void {
  const headers = framed(input.toString('latin1', 0, bodyStart))
  const lengths = headers?.get('content-length') ?? []
  if (lengths.length !== 1 || lengths[0] !== String(bodyEnd - bodyStart))
    throw new Error('its length is another')
  if (headers?.get('host')?.length !== 1) throw new Error('not one host')
  for (const name of [
    'transfer-encoding',
    'expect',
    'upgrade',
    'content-encoding',
    'trailer',
    'te',
    'origin',
  ]) {
    if (headers.has(name)) throw new Error(`${name} was not handed over`)
  }
}

let seasoned = new HeadReader(new Gate())
let read = 0

export const headTargets: Target = {
  name: 'head of a request',
  seeds: heads.flatMap((lines) =>
    ['check', 'batch-check'].map((verb) =>
      Buffer.from(`${target}/${verb} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n{}`),
    ),
  ),
  words,
  share: 200,
  attempt(input) {
    if (read++ % 64 === 0) seasoned = new HeadReader(new Gate())
    const fresh = new HeadReader(new Gate())
    const head = fresh.read(input, 0)
    const again = seasoned.read(input, 0)
    const alike = isDeepStrictEqual(head, again)
    if (!alike) throw new Error('read otherwise after another head')
    if (head === undefined) return 'refused'
    if (fresh.bodyStart !== seasoned.bodyStart || fresh.bodyEnd !== seasoned.bodyEnd)
      throw new Error('framed otherwise')
    demandFramed(input, fresh)
    return 'taken'
  },
}
