/** One kept-alive connection of the open loop: told when to ask, and free again once the answer is in. */
import { connect, type Socket } from 'node:net'
import { AnswerReader } from './answer.ts'
import type { Request } from './requests.ts'

interface OpenTally {
  answered(verb: string, dueAt: number, outcome: 'good' | 'refused' | 'failed', what: () => string): void
}

export class OpenLane {
  readonly #requests: readonly Request[]
  readonly #tally: OpenTally
  readonly #free: (lane: OpenLane) => void
  readonly #answers = new AnswerReader()
  #socket: Socket | undefined
  #next = 0
  #dueAt = 0
  #pending: Buffer | undefined

  constructor(requests: readonly Request[], tally: OpenTally, free: (lane: OpenLane) => void) {
    this.#requests = requests
    this.#tally = tally
    this.#free = free
  }

  open(host: string, port: number): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect({ host, port, noDelay: true }, resolve)
      socket.on('data', (chunk) => this.#read(chunk))
      socket.on('error', () => {})
      socket.on('close', () => {
        if (this.#socket !== undefined)
          this.#tally.answered('connection', 0, 'failed', () => 'the connection was lost')
      })
      this.#socket = socket
    })
  }

  close(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.destroy()
  }

  ask(dueAt: number): void {
    this.#dueAt = dueAt
    this.#socket?.write(this.#current.bytes)
  }

  get #current(): Request {
    const request = this.#requests[this.#next]
    if (request === undefined) throw new Error('a lane without requests')
    return request
  }

  #read(chunk: Buffer): void {
    const answer = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk])
    const isWhole = this.#answers.read(answer, answer.length)
    this.#pending = isWhole ? undefined : answer
    if (!isWhole) return
    const { bytes, from, to } = this.#answers
    const body = bytes.subarray(from, to)
    const request = this.#current
    const outcome = outcomeOf(answer, request, body)
    this.#tally.answered(request.verb, this.#dueAt, outcome, () => `${request.bytes}\n${answer}`)
    if (outcome !== 'refused' || request.verb !== 'write')
      this.#next = (this.#next + 1) % this.#requests.length
    this.#free(this)
  }
}

function outcomeOf(answer: Buffer, request: Request, body: Buffer): 'good' | 'refused' | 'failed' {
  const status = answer.toString('latin1', 9, 12)
  if (status.startsWith('2')) return request.judge(body) ? 'good' : 'failed'
  const isRefusal =
    (status === '503' || status === '429') && /\r\nretry-after: \d/i.test(answer.toString('latin1'))
  return isRefusal ? 'refused' : 'failed'
}
