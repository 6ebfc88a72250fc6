/**
 * The server's end of a connection within this process. How far the bytes of a client have come is known only there:
 * turns of the event loop, or a while, say nothing about it on a busy machine.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'

/** By the client's port. */
const ends = new Map<number, Socket>()

subscribe('net.server.socket', (message) => {
  const { socket } = message as { socket: Socket }
  const { remotePort } = socket
  if (remotePort === undefined) return
  ends.set(remotePort, socket)
  socket.once('close', () => {
    if (ends.get(remotePort) === socket) ends.delete(remotePort)
  })
})

/** Of a client that is connected; resolves when the server has taken the connection. */
export async function farEndOf(client: Socket): Promise<Socket> {
  while (!client.destroyed) {
    const end = ends.get(client.localPort ?? 0)
    if (end !== undefined) return end
    await turn()
  }
  throw new Error('the client has hung up')
}

/** Until the server has read so many bytes of this connection, or will read no more. */
export async function hasRead(end: Socket, bytes: number): Promise<void> {
  while (end.bytesRead < bytes && !end.destroyed) await turn()
}

/** Until the server knows that this connection is gone. */
export async function hasClosed(end: Socket): Promise<void> {
  while (!end.destroyed) await turn()
}
