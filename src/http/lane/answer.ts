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

/** Nothing of it where nothing was decided. */
interface Decided {
  readonly zookie?: string
  readonly model?: string
}

/** What many answers have in common, by what they say. */
export type Common<Said extends string> = Readonly<
  Record<
    Said,
    {
      readonly status: number
      /** ASCII. */
      readonly body: string
      readonly retryAfter?: number | undefined
    }
  >
>

interface State {
  readonly store: string
  readonly zookie: string | undefined
  readonly model: string | undefined
}

/** An answer as bytes, where all that may differ from the next one is in place. */
interface Form {
  readonly bytes: Buffer
  readonly store: string
  readonly model: string | undefined
  readonly idLength: number
  /** Of the milliseconds. */
  readonly digits: number
  readonly elapsedAt: number
  readonly zookieAt: number
  readonly idAgainAt: number
  readonly dateAt: number
  /** What the bytes say. */
  zookie: string | undefined
  date: string
}

/**
 * Prints answers whose bodies are common ones. What differs little from answer to answer is kept printed: an answer is a
 * few bytes put into the one before, which the socket has copied by then. Where it has not, `giveAway`. A commit changes the
 * zookie of every answer, so that is put in as well: forms made anew for each lived just long enough to be collected
 * with the old generation.
 */
export class AnswerPrinter<Said extends string> {
  readonly #keepAliveSeconds: number
  /** Replaced and never cleared: a table that was cleared leads to the next, and keeps alive what comes after it. */
  #forms = new Map<Said, Form>()
  readonly #common: Common<Said>

  constructor(keepAliveSeconds: number, common: Common<Said>) {
    this.#keepAliveSeconds = keepAliveSeconds
    this.#common = common
  }

  /** The whole of an answer; its bytes are the printer's, and change with the next. @param requestId - ASCII */
  print(
    said: Said,
    { zookie, model }: Decided,
    store: string,
    requestId: string,
    elapsed: number,
    date: string,
  ): Buffer {
    const digits = digitsOf(elapsed)
    let form = this.#forms.get(said)
    if (
      form === undefined ||
      form.digits !== digits ||
      form.idLength !== requestId.length ||
      form.store !== store ||
      form.model !== model ||
      form.zookie?.length !== zookie?.length ||
      form.date.length !== date.length
    ) {
      form = this.#make(said, { store, zookie, model }, date, digits, requestId.length)
    }
    if (zookie !== undefined && form.zookie !== zookie) {
      form.bytes.write(zookie, form.zookieAt, 'latin1')
      form.zookie = zookie
    }
    if (form.date !== date) {
      form.bytes.write(date, form.dateAt, 'latin1')
      form.date = date
    }
    fill(form, requestId, elapsed)
    return form.bytes
  }

  /** Bytes that were printed last are somebody else's: the next are others. */
  giveAway(): void {
    this.#forms = new Map()
  }

  #make(said: Said, state: State, date: string, digits: number, idLength: number): Form {
    const { status, body, retryAfter } = this.#common[said]
    const id = '-'.repeat(idLength)
    const head = printHead({
      ...state,
      status,
      requestId: id,
      elapsed: 10 ** (digits - 1),
      retryAfter,
      bodyLength: body.length,
      date,
      keepAliveSeconds: this.#keepAliveSeconds,
    })
    const elapsedAt = statusLine(status).length + beforeElapsed.length
    const form = {
      ...state,
      date,
      bytes: Buffer.from(head + body, 'latin1'),
      idLength,
      digits,
      elapsedAt,
      zookieAt: elapsedAt + digits + beforeId.length + idLength + beforeZookie.length,
      idAgainAt: head.lastIndexOf(`${beforeIdAgain}${id}`) + beforeIdAgain.length,
      dateAt: head.lastIndexOf(beforeDate) + beforeDate.length,
    }
    this.#forms.set(said, form)
    return form
  }
}

const beforeElapsed = 'content-type: application/json\r\nfga-query-duration-ms: '
const beforeId = '\r\nfga-request-id: '
const beforeZookie = '\r\nkith-zookie: '
const beforeIdAgain = 'x-request-id: '
const beforeDate = '\r\nDate: '

function fill(
  { bytes, idLength, digits, elapsedAt, idAgainAt }: Form,
  requestId: string,
  elapsed: number,
): void {
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
    (zookie === undefined ? '\r\n' : `${beforeZookie}${zookie}\r\n`) +
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
  return `\r\nContent-Length: ${bodyLength}${beforeDate}${date}\r\n${connection}\r\n`
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
