/** Asks an app in process and reads the whole answer. */
import { pack, unpack } from 'msgpackr'
import type { createApp } from '../../src/http/app.ts'

export interface Answered {
  readonly status: number
  readonly body: unknown
  readonly headers: Headers
}

export interface Asked {
  readonly method?: string
  /** A string is sent as it is; anything else as JSON, or as MessagePack where `packed`. */
  readonly body?: unknown
  readonly packed?: boolean
  readonly headers?: Record<string, string>
}

export async function ask(
  app: ReturnType<typeof createApp>,
  path: string,
  { method, body, packed = false, headers = {} }: Asked = {},
): Promise<Answered> {
  const raw = typeof body === 'string' || body instanceof Uint8Array
  const payload = body === undefined || raw ? body : packed ? pack(body) : JSON.stringify(body)
  const response = await app.request(path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(packed ? { 'Content-Type': 'application/msgpack' } : {}), ...headers },
    ...(payload === undefined ? {} : { body: payload as string }),
  })
  const bytes = new Uint8Array(await response.arrayBuffer())
  return { status: response.status, body: read(response, bytes), headers: response.headers }
}

function read(response: Response, bytes: Uint8Array): unknown {
  const media = response.headers.get('Content-Type') ?? ''
  if (bytes.length === 0) return undefined
  if (media.includes('msgpack')) return unpack(bytes)
  const text = Buffer.from(bytes).toString('utf8')
  if (media.includes('x-ndjson'))
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  return media.includes('json') ? JSON.parse(text) : text
}
