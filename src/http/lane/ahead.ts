/**
 * A socket's chunks as they are read, ahead of its stream, which spends a tick and three calls on each. Not a stream of its own:
 * what is not taken, and the end, goes the usual way, and where a Node did not push what it reads, all of it would.
 */
import { Socket } from 'node:net'

/** `take` says whether it took the chunk. Answers what ends that. */
export function readAhead(socket: Socket, take: (chunk: Buffer) => boolean): () => void {
  // Other streams do not read on by themselves: they wait until what they pushed has gone through.
  if (!(socket instanceof Socket)) return () => {}
  const push = socket.push
  socket.push = (chunk: Buffer | null, encoding) => {
    // INVARIANT: what waits in the stream came first.
    const isTaken = chunk !== null && socket.readableLength === 0 && take(chunk)
    return isTaken || push.call(socket, chunk, encoding)
  }
  return () => {
    socket.push = push
  }
}
