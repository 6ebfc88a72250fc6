/** Serves an app on TCP or a unix socket, and stops gently. The only file that knows sockets. */
import { chmod, lstat, unlink } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Variables } from './exchange.ts'
import type { Lane } from './lane/lane.ts'

export type Place = { readonly host: string; readonly port: number } | { readonly path: string }

export interface Listening {
  /** `http://host:port`, or `unix:path`. */
  readonly address: string
  /** Takes no more connections, lets what is under way end, and cuts what is left after `drainMs`. */
  close(drainMs: number): Promise<void>
}

/** Milliseconds from the first byte of a request to the end of its headers; stops trickled headers. */
const headersTimeoutMs = 10_000
/** Milliseconds a kept-alive connection may rest; above the 60 s of common proxies, so that they hang up first. */
const keepAliveTimeoutMs = 65_000
/** Milliseconds without a byte either way; stops trickled bodies and readers that stopped reading. */
const idleTimeoutMs = 120_000

export interface ListenOptions {
  /** Answers what it knows straight off the socket; the app answers the rest, or everything without one. */
  readonly lane?: Lane | undefined
  /** Connections at once, whoever answers them; one more is closed as it comes. None by default. */
  readonly connectionsMax?: number | undefined
}

/** @throws Error of the system's: the address is taken, no such folder, ... */
export async function listen(
  app: Hono<{ Variables: Variables }>,
  place: Place,
  { lane, connectionsMax }: ListenOptions = {},
): Promise<Listening> {
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      // An import may last as long as it has something to say: the idle timeout is what bounds it.
      requestTimeout: 0,
      maxHeaderSize: 16_384,
      requireHostHeader: true,
    },
    getRequestListener(app.fetch),
  )
  const underWay = new Set<ServerResponse>()
  function forget(this: ServerResponse): void {
    underWay.delete(this)
  }
  // First, so that an answer is known before it is begun.
  server.prependListener('request', (_request: IncomingMessage, answer: ServerResponse) => {
    // What comes while the server closes came over a connection that was busy then.
    if (!server.listening) answer.shouldKeepAlive = false
    underWay.add(answer)
    answer.on('close', forget)
  })
  server.timeout = idleTimeoutMs
  if (connectionsMax !== undefined) server.maxConnections = connectionsMax
  lane?.attach(server, {
    firstByteMs: headersTimeoutMs,
    keepAliveMs: keepAliveTimeoutMs,
    idleMs: idleTimeoutMs,
  })
  if ('path' in place) await bindPath(server, place.path)
  else await bind(server, place)
  return { address: addressOf(server), close: (drainMs) => close(server, underWay, drainMs, lane) }
}

function bind(server: Server, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(place, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** A socket file that a crash left behind is taken over; one that somebody answers on, or another file, is not. */
async function bindPath(server: Server, path: string): Promise<void> {
  try {
    await bind(server, { path })
  } catch (thrown) {
    if (!hasCode(thrown, 'EADDRINUSE') || !(await isStale(path))) throw thrown
    await unlink(path)
    await bind(server, { path })
  }
  // The owner and its group: who may connect is decided by the folder and this mode.
  await chmod(path, 0o660)
}

async function isStale(path: string): Promise<boolean> {
  if (!(await lstat(path)).isSocket()) return false
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error) => resolve(hasCode(error, 'ECONNREFUSED')))
  })
}

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code
}

function addressOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') return `unix:${address ?? ''}`
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}

/** How often connections that have become idle are looked for while draining, milliseconds. */
const drainStepMs = 20

function close(
  server: Server,
  underWay: ReadonlySet<ServerResponse>,
  drainMs: number,
  lane: Lane | undefined,
): Promise<void> {
  // Answers not yet begun say so: a client must not ask again on a connection that is about to go.
  for (const answer of underWay) answer.shouldKeepAlive = false
  return new Promise((resolve) => {
    const step = setInterval(() => {
      lane?.drain()
      server.closeIdleConnections()
    }, drainStepMs)
    const cut = setTimeout(() => {
      lane?.cut()
      server.closeAllConnections()
    }, drainMs)
    server.close(() => {
      clearInterval(step)
      clearTimeout(cut)
      resolve()
    })
    lane?.drain()
    server.closeIdleConnections()
  })
}
