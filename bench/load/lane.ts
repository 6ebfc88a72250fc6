/**
 * One kept-alive connection that asks, waits for the whole answer, judges it, and asks again: never two requests under
 * way. Sockets without streams, answers read where they arrive: the generator has to stay well below its core.
 */
import { connect, type Socket } from 'node:net'
import { bodyOf } from './answer.ts'
import type { Request } from './requests.ts'

export interface Tally {
  /** Of every answer: nanoseconds, questions, and whether status and body were what they had to be. */
  took(nanoseconds: number, checks: number): void
  failed(kind: 'status' | 'answer' | 'connection', what: string): void
}

export class Lane {
  readonly #requests: readonly Request[]
  readonly #tally: Tally
  #socket: Socket | undefined
  #next = 0
  #sentAt = 0
  /** What came of an answer that is not whole yet. */
  #pending: Buffer | undefined
  #stopped: (() => void) | undefined
  /** Times that all requests are still to be sent. */
  #times: number
  #finish: () => void = () => {}
  /** Resolves when the last of them is answered, or the connection is lost. */
  readonly done = new Promise<void>((resolve) => {
    this.#finish = resolve
  })

  constructor(requests: readonly Request[], tally: Tally, times = Number.POSITIVE_INFINITY) {
    this.#requests = requests
    this.#tally = tally
    this.#times = times
  }

  start(host: string, port: number): void {
    const onread = {
      buffer: Buffer.allocUnsafe(65_536),
      callback: (length: number, buffer: Uint8Array) => {
        this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, length))
        return true
      },
    }
    const socket = connect({ host, port, noDelay: true, onread }, () => this.#send())
    const lost = (why: string) => {
      if (this.#socket === undefined) return
      this.#tally.failed('connection', why)
      this.#end()
    }
    socket.on('error', (error) => lost(error.message))
    socket.on('close', () => lost('the server closed the connection'))
    this.#socket = socket
  }

  /** Resolves when the answer under way is in. */
  stop(): Promise<void> {
    if (this.#socket === undefined) return Promise.resolve()
    return new Promise((resolve) => {
      this.#stopped = resolve
    })
  }

  #send(): void {
    if (this.#stopped !== undefined || this.#times === 0) {
      this.#end()
      return
    }
    const request = this.#requests[this.#next]
    if (request === undefined) throw new Error('a lane without requests')
    this.#sentAt = performance.now()
    this.#socket?.write(request.bytes)
  }

  #end(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.destroy()
    this.#stopped?.()
    this.#finish()
  }

  #read(chunk: Buffer): void {
    const answer = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk])
    const body = bodyOf(answer)
    if (body === undefined) {
      // The chunk's memory is read into again.
      this.#pending = answer === chunk ? Buffer.from(chunk) : answer
      return
    }
    const nanoseconds = Math.max(1, Math.round((performance.now() - this.#sentAt) * 1e6))
    this.#pending = undefined
    this.#take(answer, body, nanoseconds)
    this.#send()
  }

  #take(answer: Buffer, body: Buffer, nanoseconds: number): void {
    const request = this.#requests[this.#next] as Request
    this.#next = (this.#next + 1) % this.#requests.length
    if (this.#next === 0) this.#times--
    this.#tally.took(nanoseconds, request.checks)
    // `HTTP/1.1 200`: any status of two hundred and something.
    if (answer[9] !== 0x32) this.#tally.failed('status', answer.toString())
    else if (!request.judge(body)) this.#tally.failed('answer', `${request.bytes}\n${body}`)
  }
}
