/**
 * How a connection of node:http ends. Who says `Connection: close` is answered whole, what it sends behind that is not
 * (RFC 9112, 9.6): to Node's parser such bytes are a mistake, for which it would cut the connection with its answers still to
 * come; and bytes that nobody read become a reset, which takes from the client what it has not read yet.
 */
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'

/** Milliseconds for which a connection is read on after its last answer; clients that take it close long before. */
const lingerMs = 500

/** @param underWay - answers that are to be made, or taken */
export function partGently(server: Server | TlsServer, underWay: Iterable<ServerResponse>): void {
  server.prependListener('request', ({ socket }: IncomingMessage, { shouldKeepAlive }: ServerResponse) => {
    if (!shouldKeepAlive) socket.destroySoon = linger
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // What is not answered: those before it are on their way.
    if (error.code === 'HPE_CLOSED_CONNECTION') return
    if (socket.writable && !hasBegun(socket, underWay)) socket.write(refusalOf(error.code))
    socket.destroy(error)
  })
}

/** In place of `destroySoon`: says that nothing follows, and reads what the client had yet to say. */
function linger(this: Socket): void {
  this.end()
  this.resume()
  const timer = setTimeout(() => this.destroy(), lingerMs).unref()
  this.once('close', () => clearTimeout(timer))
}

/** Whether an answer is on its way, into which nothing may be written. */
function hasBegun(socket: Socket, underWay: Iterable<ServerResponse>): boolean {
  for (const answer of underWay) if (answer.socket === socket && answer.headersSent) return true
  return false
}

const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** As Node answers what it cannot read, where nobody listens for that. */
function refusalOf(code: string | undefined): string {
  const status = statuses[code ?? ''] ?? 400
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`
}
