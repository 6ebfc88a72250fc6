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
    `${statusLine(head.status)}${beforeElapsed}${head.elapsed}${beforeId}${requestId}${printState(head)}` +
    (retryAfter === undefined ? '' : `retry-after: ${retryAfter}\r\n`) +
    `${beforeIdAgain}${requestId}${printEnd(head)}`
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

/** An answer as bytes, where all that may differ from the next one is in place. */
interface Form {
  readonly bytes: Buffer
  readonly idLength: number
  /** Of the milliseconds. */
  readonly digits: number
  readonly idAgainAt: number
}

/**
 * Prints answers whose bodies are common ones. What differs little from answer to answer is kept printed: an answer is a
 * few bytes put into the one before, which the socket has copied by then. Where it has not, `giveAway`.
 */
export class AnswerPrinter {
  readonly #keepAliveSeconds: number
  #state: State = { store: '', zookie: undefined, model: undefined }
  #date = ''
  readonly #forms: Record<keyof CommonBodies, Form | undefined> = {
    allowed: undefined,
    denied: undefined,
    written: undefined,
  }
  readonly #bodies: CommonBodies

  constructor(keepAliveSeconds: number, bodies: CommonBodies) {
    this.#keepAliveSeconds = keepAliveSeconds
    this.#bodies = bodies
  }

  /** The whole of an answer; its bytes are the printer's, and change with the next. @param requestId - ASCII */
  print(
    said: keyof CommonBodies,
    answer: Decided,
    store: string,
    requestId: string,
    elapsed: number,
    date: string,
  ): Buffer {
    const { zookie, model } = this.#state
    const isOther = zookie !== answer.zookie || model !== answer.model || this.#state.store !== store
    if (isOther || date !== this.#date) {
      this.#state = { store, zookie: answer.zookie, model: answer.model }
      this.#date = date
      this.#forget()
    }
    const digits = digitsOf(elapsed)
    const known = this.#forms[said]
    const idLength = requestId.length
    const form =
      known !== undefined && known.digits === digits && known.idLength === idLength
        ? known
        : this.#make(said, digits, idLength)
    fill(form, requestId, elapsed)
    return form.bytes
  }

  /** Bytes that were printed last are somebody else's: the next are others. */
  giveAway(): void {
    this.#forget()
  }

  #forget(): void {
    this.#forms.allowed = undefined
    this.#forms.denied = undefined
    this.#forms.written = undefined
  }

  #make(said: keyof CommonBodies, digits: number, idLength: number): Form {
    const body = this.#bodies[said]
    const head = printHead({
      ...this.#state,
      status: 200,
      requestId: '-'.repeat(idLength),
      elapsed: 10 ** (digits - 1),
      retryAfter: undefined,
      bodyLength: body.length,
      date: this.#date,
      keepAliveSeconds: this.#keepAliveSeconds,
    })
    const state = printState(this.#state).length
    const idAgainAt = elapsedAt + digits + beforeId.length + idLength + state + beforeIdAgain.length
    const form = { bytes: Buffer.from(head + body, 'latin1'), idLength, digits, idAgainAt }
    this.#forms[said] = form
    return form
  }
}

const beforeElapsed = 'content-type: application/json\r\nfga-query-duration-ms: '
const beforeId = '\r\nfga-request-id: '
const beforeIdAgain = 'x-request-id: '
const elapsedAt = statusLine(200).length + beforeElapsed.length

function fill({ bytes, idLength, digits, idAgainAt }: Form, requestId: string, elapsed: number): void {
  let left = elapsed
  for (let at = elapsedAt + digits - 1; at >= elapsedAt; at--) {
    bytes[at] = zero + (left % 10)
    left = Math.trunc(left / 10)
  }
  const idAt = elapsedAt + digits + beforeId.length
  bytes.write(requestId, idAt, 'latin1')
  bytes.copyWithin(idAgainAt, idAt, idAt + idLength)
}

const zero = 48

function digitsOf(whole: number): number {
  let digits = 1
  for (let left = whole; left >= 10; left /= 10) digits++
  return digits
}

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
