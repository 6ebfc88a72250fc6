/** The bytes of an answer, the same that node:http and the app would send. What is in the body is decided elsewhere. */
import { STATUS_CODES } from 'node:http'

export interface AnswerHead {
  readonly status: number
  readonly requestId: string
  /** Milliseconds the request took, whole. */
  readonly elapsed: number
  readonly store: string
  readonly zookie: string | undefined
  readonly model: string | undefined
  /** Seconds. */
  readonly retryAfter: number | undefined
  /** Bytes. */
  readonly bodyLength: number
  readonly date: string
  readonly keepAliveSeconds: number
}

/** Headers in the order of their names, then node:http's own. */
export function printHead(head: AnswerHead): string {
  const { requestId, zookie, model, retryAfter } = head
  return (
    `${statusLine(head.status)}content-type: application/json\r\n` +
    `fga-query-duration-ms: ${head.elapsed}\r\nfga-request-id: ${requestId}\r\n` +
    (zookie === undefined ? '' : `kith-zookie: ${zookie}\r\n`) +
    (model === undefined ? '' : `openfga-authorization-model-id: ${model}\r\n`) +
    `openfga-store-id: ${head.store}\r\n` +
    (retryAfter === undefined ? '' : `retry-after: ${retryAfter}\r\n`) +
    `x-request-id: ${requestId}\r\nContent-Length: ${head.bodyLength}\r\nDate: ${head.date}\r\n` +
    `Connection: keep-alive\r\nKeep-Alive: timeout=${head.keepAliveSeconds}\r\n\r\n`
  )
}

function statusLine(status: number): string {
  return status === 200 ? 'HTTP/1.1 200 OK\r\n' : `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`
}

/** The Date header, printed once a second however many answers carry it. */
export class DateHeader {
  #text = ''
  #until = Number.NEGATIVE_INFINITY

  /** `now` is performance.now(). */
  at(now: number): string {
    if (now < this.#until) return this.#text
    const wall = Date.now()
    this.#text = new Date(wall).toUTCString()
    this.#until = now + 1_000 - (wall % 1_000)
    return this.#text
  }
}
