/** Serves an app on TCP, with or without TLS, or on a unix socket, and stops gently. The only file that knows servers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { Line } from '../lib/line.ts'
import { Behind } from './behind.ts'
import type { Certificates } from './certificates.ts'
import type { Variables } from './exchange.ts'
import type { Lane } from './lane/lane.ts'
import { partGently } from './parting.ts'
import { bindSocketFile } from './socket-file.ts'

export type Place = { readonly host: string; readonly port: number } | { readonly path: string }

export interface Listening {
  /** `http://host:port`, `https://host:port`, or `unix:path`. */
  readonly address: string
  /** Takes no more connections, lets what is under way end, and cuts what is left after `drainMs`. */
  close(drainMs: number): Promise<void>
}

/** Milliseconds from the first byte of a request to the end of its headers; stops trickled headers, and handshakes. */
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
  /** Of the file of a unix socket. The default is its owner and its group. */
  readonly socketMode?: number | undefined
  /** TCP speaks TLS; a unix socket never does. */
  readonly tls?: Tls | undefined
}

interface Tls {
  readonly certificates: Certificates
  /** Whether a client without a certificate of the authorities is refused in the handshake. */
  readonly demandsClients: boolean
}

/** @throws Error of the system's: the address is taken, no such folder, ... */
export async function listen(
  app: Hono<{ Variables: Variables }>,
  place: Place,
  { lane, connectionsMax, socketMode = 0o660, tls }: ListenOptions = {},
): Promise<Listening> {
  const server = serverOf(app, 'path' in place ? undefined : tls)
  const underWay = new Line<ServerResponse>()
  const behind = new Behind()
  // First, so that an answer is known before it is begun.
  server.prependListener('request', ({ socket }: IncomingMessage, answer: ServerResponse) => {
    // What comes while the server closes came over a connection that was busy then.
    if (!server.listening) answer.shouldKeepAlive = false
    const place = underWay.enter(answer)
    answer.on('close', () => underWay.leave(place))
    behind.watch(socket, answer)
  })
  // Ahead of that: whether a request was to be the last one is its own word.
  partGently(server, underWay)
  server.closeIdleConnections = sparing(server, underWay)
  // Their bytes are bounded. A bound on their number would pass over what stands behind it without a word.
  server.maxHeadersCount = 0
  server.timeout = idleTimeoutMs
  if (connectionsMax !== undefined) server.maxConnections = connectionsMax
  lane?.attach(server, {
    firstByteMs: headersTimeoutMs,
    keepAliveMs: keepAliveTimeoutMs,
    idleMs: idleTimeoutMs,
  })
  const handshaking = handshakesOf(server)
  if ('path' in place) await bindSocketFile(() => bind(server, place), place.path, socketMode)
  else await bind(server, place)
  return {
    address: addressOf(server),
    close: (drainMs) => close({ server, underWay, lane, handshaking }, drainMs),
  }
}

function serverOf(app: Hono<{ Variables: Variables }>, tls: Tls | undefined): Server | TlsServer {
  const options = {
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // An import may last as long as it has something to say: the idle timeout is what bounds it.
    requestTimeout: 0,
    maxHeaderSize: 16_384,
    requireHostHeader: true,
  }
  const listener = getRequestListener(app.fetch)
  if (tls === undefined) return createServer(options, listener)
  const { certificates, demandsClients } = tls
  const server = createTlsServer(
    {
      ...options,
      ...certificates.current,
      handshakeTimeout: headersTimeoutMs,
      requestCert: certificates.asksClients,
      rejectUnauthorized: demandsClients,
    },
    listener,
  )
  // New keys for session tickets come with it: nobody resumes what an authority that is gone had allowed.
  const leave = certificates.follow((credentials) => server.setSecureContext(credentials))
  server.once('close', leave)
  server.on('secureConnection', readAsStream)
  return server
}

/**
 * Node's parser takes a connection's bytes below its stream, and TLS hands it on what it has decrypted also when the parser
 * was told to pause: whoever asked so much ahead that its answers waited was cut with a parse error. Somebody who
 * listens for data makes it read the stream, which does pause.
 */
function readAsStream(socket: Socket): void {
  socket.on('data', () => {})
}

/** Connections whose TLS is not there yet: the HTTP server knows nothing of them. */
function handshakesOf(server: Server | TlsServer): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  if (!isTls(server)) return sockets
  server.prependListener('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

function isTls(server: Server | TlsServer): server is TlsServer {
  return 'setSecureContext' in server
}

function bind(server: Server | TlsServer, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(place, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function addressOf(server: Server | TlsServer): string {
  const address = server.address()
  if (address === null || typeof address === 'string') return `unix:${address ?? ''}`
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `${isTls(server) ? 'https' : 'http'}://${host}:${address.port}`
}

/** How often connections that have become idle are looked for while draining, milliseconds. */
const drainStepMs = 20

interface Open {
  readonly server: Server | TlsServer
  readonly underWay: Iterable<ServerResponse>
  readonly lane: Lane | undefined
  readonly handshaking: ReadonlySet<Socket>
}

function close({ server, underWay, lane, handshaking }: Open, drainMs: number): Promise<void> {
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
      for (const socket of handshaking) socket.destroy()
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

/**
 * To Node a connection is idle once its answer was made: with the others that rest it would cut one whose client has yet to
 * take the answer. So none is ended while there is such a one; the closing lasts as long as the slowest anyway. A
 * replacement, as Node's own `close` calls it too.
 */
function sparing(server: Server | TlsServer, underWay: Iterable<ServerResponse>): () => void {
  const endIdle = server.closeIdleConnections.bind(server)
  return () => {
    for (const { writableEnded, writableFinished } of underWay) if (writableEnded && !writableFinished) return
    endIdle()
  }
}
