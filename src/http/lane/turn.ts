/** One request of a connection after the other, from its body to its printed answer. Not the socket: connection.ts. */
import { Fault, faultOf } from '../../lib/fault.ts'
import type { Answer, BatchCheckAnswer, CheckAnswer } from '../../service/requests.ts'
import { encodeBatchCheck, encodeCheck } from '../../wire/answers.ts'
import { parseJson } from '../../wire/json.ts'
import { decodeBatchCheck, decodeCheck } from '../../wire/question.ts'
import { problemOf } from '../problem.ts'
import { printHead } from './answer.ts'
import type { Head } from './head.ts'
import type { Road } from './lane.ts'

/** Whose turn it is. */
export interface Owner {
  /** `now` is when the answer was printed. */
  answered(text: string, encoding: Encoding, now: number): void
  /** A request has been answered in a job of its own: what comes next? */
  go(): void
}

/** How the text becomes bytes; `latin1` is the cheaper one where all of it is ASCII. */
type Encoding = 'latin1' | 'utf8'

/** The commonest answers, printed once; ASCII. */
const allowed = JSON.stringify(encodeCheck({ allowed: true, resolution: '' }))
const denied = JSON.stringify(encodeCheck({ allowed: false, resolution: '' }))

/** Lives as long as its connection, so that a request allocates no closures; one that was given up is not used again. */
export class Turn {
  readonly #road: Road
  #owner: Owner | undefined
  #store = ''
  #requestId = ''
  #verb = ''
  #arrivedAt = 0

  constructor(owner: Owner, road: Road) {
    this.#owner = owner
    this.#road = road
  }

  /** On the lane's clock. */
  get arrivedAt(): number {
    return this.#arrivedAt
  }

  /** Whatever is answered from now on, nobody hears it. */
  giveUp(): void {
    this.#owner = undefined
  }

  /** To be called before `ask`. */
  begin(head: Head, requestId: string): void {
    this.#store = head.state.store
    this.#requestId = requestId
    this.#verb = head.verb
    this.#arrivedAt = this.#road.now()
  }

  /**
   * Answers now if the body cannot be decoded, or in a later job, with a call of the owner's `go`. Never throws.
   * The body is `bytes` from `start` to `end`.
   */
  ask({ verb, state }: Head, bytes: Buffer, start: number, end: number): void {
    const { kith, bodies } = this.#road
    try {
      if (verb === 'check') {
        const request = bodies.check(state, bytes, start, end)
        kith
          .check(request ?? { ...state, ...decodeCheck(parseJson(bytes.subarray(start, end))) })
          .then(this.#checked, this.#failed)
      } else {
        const request = bodies.batchCheck(state, bytes, start, end)
        kith
          .batchCheck(request ?? { ...state, ...decodeBatchCheck(parseJson(bytes.subarray(start, end))) })
          .then(this.#batchChecked, this.#failed)
      }
    } catch (thrown) {
      this.#refuse(thrown)
    }
  }

  readonly #checked = (answer: CheckAnswer): void => {
    if (answer.resolution === '' && answer.trace === undefined) {
      this.#print(200, answer.allowed ? allowed : denied, 'latin1', answer)
    } else this.#encode(answer, () => encodeCheck(answer))
    this.#owner?.go()
  }

  readonly #batchChecked = (answer: BatchCheckAnswer): void => {
    this.#encode(answer, () => encodeBatchCheck(answer.results))
    this.#owner?.go()
  }

  readonly #failed = (thrown: unknown): void => {
    this.#refuse(thrown)
    this.#owner?.go()
  }

  #encode(answer: Answer, body: () => unknown): void {
    let text: string
    try {
      text = JSON.stringify(body())
    } catch (thrown) {
      this.#refuse(thrown)
      return
    }
    this.#print(200, text, 'utf8', answer)
  }

  /** Answers with what was thrown; reports it where it is ours and somebody still listens. */
  #refuse(thrown: unknown): void {
    if (this.#owner === undefined) return
    const fault = faultOf(thrown)
    const { status, body, retryAfter } = problemOf(fault)
    if (fault.code === 'internal_error') {
      this.#road.report(fault, this.#requestId, `/stores/${this.#store}/${this.#verb}`)
    }
    this.#print(status, JSON.stringify(body), 'utf8', undefined, retryAfter)
  }

  /** The question took too long at the door: it is answered so, and given up. */
  late(): void {
    this.#refuse(new Fault('deadline_exceeded', 'Request Deadline Exceeded'))
    this.giveUp()
  }

  #print(status: number, body: string, encoding: Encoding, answer?: Answer, retryAfter?: number): void {
    const now = this.#road.now()
    const head = printHead({
      status,
      requestId: this.#requestId,
      elapsed: Math.round(now - this.#arrivedAt),
      store: this.#store,
      zookie: answer?.zookie,
      model: answer?.model,
      retryAfter,
      bodyLength: encoding === 'latin1' ? body.length : Buffer.byteLength(body),
      date: this.#road.date.at(now),
      keepAliveSeconds: this.#road.keepAliveSeconds,
    })
    this.#owner?.answered(head + body, encoding, now)
  }
}
