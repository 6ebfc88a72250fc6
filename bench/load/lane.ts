/**
 * One kept-alive connection that asks, waits for the whole answer, judges it, and asks again, resting where told to: never two
 * requests under way. Sockets without streams, answers read where they arrive: the generator has to stay well below its core.
 */
import { connect, type Socket } from 'node:net'
import { AnswerReader } from './answer.ts'
import type { Request } from './requests.ts'

export interface Tally {
  /** Of every answer: nanoseconds, questions, and whether status and body were what they had to be. */
  took(nanoseconds: number, checks: number): void
  failed(kind: 'status' | 'answer' | 'connection', what: string): void
}

export class Lane {
  readonly #requests: readonly Request[]
  readonly #tally: Tally
  readonly #answers = new AnswerReader()
  #socket: Socket | undefined
  #next = 0
  #sentAt = 0
  /** What came of an answer that is not whole yet. */
  #pending: Buffer | undefined
  #stopped: (() => void) | undefined
  #rested: (() => void) | undefined
  /** Connected, told to rest, and nothing under way. */
  #isResting = false
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
    const chunk = Buffer.allocUnsafe(65_536)
    const onread = {
      buffer: chunk,
      callback: (length: number) => {
        this.#read(chunk, length)
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

  /** Resolves when the answer under way is in; the connection stays open until `go` or `stop`. */
  rest(): Promise<void> {
    if (this.#socket === undefined || this.#isResting) return Promise.resolve()
    return new Promise((resolve) => {
      this.#rested = resolve
    })
  }

  /** Goes on with the next request, after `rest` has resolved. */
  go(): void {
    if (!this.#isResting) return
    this.#isResting = false
    this.#send()
  }

  /** Resolves when the answer under way is in, and the connection closed. */
  stop(): Promise<void> {
    if (this.#isResting) this.#end()
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
    if (this.#rested !== undefined) {
      this.#isResting = true
      this.#rested()
      this.#rested = undefined
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
    this.#rested?.()
    this.#stopped?.()
    this.#finish()
  }

  /** @param chunk - memory that is read into again */
  #read(chunk: Buffer, length: number): void {
    const pending = this.#pending
    const answer = pending === undefined ? chunk : Buffer.concat([pending, chunk.subarray(0, length)])
    const end = pending === undefined ? length : answer.length
    if (!this.#answers.read(answer, end)) {
      this.#pending = pending === undefined ? Buffer.from(chunk.subarray(0, length)) : answer
      return
    }
    const nanoseconds = Math.max(1, Math.round((performance.now() - this.#sentAt) * 1e6))
    this.#pending = undefined
    this.#take(answer, end, nanoseconds)
    this.#send()
  }

  #take(answer: Buffer, end: number, nanoseconds: number): void {
    const request = this.#requests[this.#next] as Request
    this.#next = (this.#next + 1) % this.#requests.length
    if (this.#next === 0) this.#times--
    this.#tally.took(nanoseconds, request.checks)
    const { bytes, from, to } = this.#answers
    // `HTTP/1.1 200`: any status of two hundred and something.
    if (answer[9] !== 0x32) this.#tally.failed('status', answer.toString('utf8', 0, end))
    else if (!request.judge(bytes, from, to))
      this.#tally.failed('answer', `${request.bytes}\n${bytes.toString('utf8', from, to)}`)
  }
}
