/**
 * Answers that stand behind others on their connection, as pipelined requests have them. When it ends, Node tells the one whose
 * turn it is, and nobody behind it: they would be held for ever, with whatever they hold themselves.
 */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Line } from '../lib/line.ts'

export class Behind {
  readonly #lines = new WeakMap<Socket, Line<ServerResponse>>()

  /** To be told of each answer when its request has come. */
  watch(socket: Socket, answer: ServerResponse): void {
    if (answer.socket !== null) return
    const line = this.#lines.get(socket) ?? this.#begin(socket)
    const place = line.enter(answer)
    answer.once('close', () => line.leave(place))
  }

  #begin(socket: Socket): Line<ServerResponse> {
    const line = new Line<ServerResponse>()
    this.#lines.set(socket, line)
    socket.once('close', () => {
      for (const answer of [...line]) {
        // Whose turn it had become, Node tells.
        if (answer.socket !== null) continue
        answer.destroy()
        answer.emit('close')
      }
    })
    return line
  }
}
