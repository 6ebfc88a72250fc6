/** One kept-alive connection of the open loop: told when to ask, and free again once the answer is in. */
import { connect, type Socket } from 'node:net'
import { AnswerReader } from './answer.ts'
import type { Outcome } from './phase.ts'
import type { Request } from './requests.ts'

/** Told of each answer, before its connection is free. */
export type Told<Due> = (lane: OpenLane<Due>, verb: string, outcome: Outcome, what: () => string) => void

/** `Due` is what its question was asked for. */
export class OpenLane<Due> {
  due: Due | undefined
  readonly #requests: readonly Request[]
  readonly #told: Told<Due>
  readonly #answers = new AnswerReader()
  #socket: Socket | undefined
  #next = 0
  #pending: Buffer | undefined

  constructor(requests: readonly Request[], told: Told<Due>) {
    this.#requests = requests
    this.#told = told
  }

  open(host: string, port: number): Promise<void> {
    return new Promise((resolve) => {
      const chunk = Buffer.allocUnsafe(65_536)
      const callback = (length: number) => {
        this.#read(chunk.subarray(0, length))
        return true
      }
      const socket = connect({ host, port, noDelay: true, onread: { buffer: chunk, callback } }, resolve)
      socket.on('error', () => {})
      socket.on('close', () => {
        if (this.#socket !== undefined)
          this.#told(this, 'connection', 'failed', () => 'the connection was lost')
      })
      this.#socket = socket
    })
  }

  close(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.destroy()
  }

  ask(due: Due): void {
    this.due = due
    this.#socket?.write(this.#current.bytes)
  }

  get #current(): Request {
    const request = this.#requests[this.#next]
    if (request === undefined) throw new Error('a lane without requests')
    return request
  }

  /** @param chunk - memory that is read into again */
  #read(chunk: Buffer): void {
    const answer = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk])
    const isWhole = this.#answers.read(answer, answer.length)
    if (!isWhole) {
      this.#pending = this.#pending === undefined ? Buffer.from(chunk) : answer
      return
    }
    this.#pending = undefined
    const { bytes, from, to } = this.#answers
    const request = this.#current
    const outcome = outcomeOf(answer, request, bytes.subarray(from, to))
    // A write that was refused is sent again before the connection goes on, so what its checks expect stays true.
    if (outcome !== 'refused' || request.verb !== 'write')
      this.#next = (this.#next + 1) % this.#requests.length
    this.#told(this, request.verb, outcome, () => `${request.bytes}\n${answer}`)
  }
}

function outcomeOf(answer: Buffer, request: Request, body: Buffer): Outcome {
  const status = answer.toString('latin1', 9, 12)
  if (status.startsWith('2')) return request.judge(body) ? 'good' : 'failed'
  const isRefusal =
    (status === '503' || status === '429') && /\r\nretry-after: \d/i.test(answer.toString('latin1'))
  return isRefusal ? 'refused' : 'failed'
}
