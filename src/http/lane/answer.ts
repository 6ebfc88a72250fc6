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
  /** How long the connection is kept, seconds; undefined: it ends with this answer. */
  readonly keepAliveSeconds: number | undefined
}

/** Headers in the order of their names, then node:http's own. */
export function printHead(head: AnswerHead): string {
  const { requestId, retryAfter } = head
  return (
    `${statusLine(head.status)}${beforeElapsed}${head.elapsed}\r\nfga-request-id: ${requestId}${printState(head)}` +
    (retryAfter === undefined ? '' : `retry-after: ${retryAfter}\r\n`) +
    `x-request-id: ${requestId}${printEnd(head)}`
  )
}

interface Decided {
  readonly zookie: string
  readonly model?: string
}

/** Bodies that many answers have, by what they say. ASCII. */
export type CommonBodies = Readonly<Record<'allowed' | 'denied' | 'written', string>>

interface State {
  readonly store: string
  readonly zookie: string | undefined
  readonly model: string | undefined
}

/**
 * Prints answers whose bodies are common ones. What differs little from answer to answer
 * is kept printed, so that an answer is seven strings put together, not thirty.
 */
export class AnswerPrinter {
  readonly #keepAliveSeconds: number
  #state: State = { store: '', zookie: undefined, model: undefined }
  #printedState = ''
  #date = ''
  #ends: CommonBodies = { allowed: '', denied: '', written: '' }
  readonly #bodies: CommonBodies

  constructor(keepAliveSeconds: number, bodies: CommonBodies) {
    this.#keepAliveSeconds = keepAliveSeconds
    this.#bodies = bodies
  }

  /** The whole of an answer, ASCII. */
  print(
    said: keyof CommonBodies,
    answer: Decided,
    store: string,
    requestId: string,
    elapsed: number,
    date: string,
  ): string {
    const state = this.#printed(store, answer.zookie, answer.model)
    if (date !== this.#date) this.#printEnds(date)
    const end = this.#ends[said]
    return `${ok}${elapsed}\r\nfga-request-id: ${requestId}${state}x-request-id: ${requestId}${end}`
  }

  #printed(store: string, zookie: string, model: string | undefined): string {
    const known = this.#state
    if (known.zookie !== zookie || known.model !== model || known.store !== store) {
      this.#state = { store, zookie, model }
      this.#printedState = printState(this.#state)
    }
    return this.#printedState
  }

  #printEnds(date: string): void {
    this.#date = date
    const end = (body: string) =>
      flat(printEnd({ bodyLength: body.length, date, keepAliveSeconds: this.#keepAliveSeconds }) + body)
    const { allowed, denied, written } = this.#bodies
    this.#ends = { allowed: end(allowed), denied: end(denied), written: end(written) }
  }
}

const beforeElapsed = 'content-type: application/json\r\nfga-query-duration-ms: '

/** From one header with the request's id to the other. */
function printState({ store, zookie, model }: State): string {
  return (
    (zookie === undefined ? '\r\n' : `\r\nkith-zookie: ${zookie}\r\n`) +
    (model === undefined ? '' : `openfga-authorization-model-id: ${model}\r\n`) +
    `openfga-store-id: ${store}\r\n`
  )
}

/** From the last of the app's headers to the body. */
function printEnd({
  bodyLength,
  date,
  keepAliveSeconds,
}: Pick<AnswerHead, 'bodyLength' | 'date' | 'keepAliveSeconds'>): string {
  const connection =
    keepAliveSeconds === undefined
      ? 'Connection: close\r\n'
      : `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}\r\n`
  return `\r\nContent-Length: ${bodyLength}\r\nDate: ${date}\r\n${connection}\r\n`
}

function statusLine(status: number): string {
  return status === 200 ? 'HTTP/1.1 200 OK\r\n' : `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`
}

const ok = statusLine(200) + beforeElapsed

/** The same string in one piece, so that it is not put together again in every answer. */
function flat(ascii: string): string {
  return Buffer.from(ascii, 'latin1').toString('latin1')
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
