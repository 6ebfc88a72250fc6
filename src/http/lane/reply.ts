/** One request of the lane and its printed answer, whatever it asks. What is decided, and when, is turn.ts's. */
import { anonymous, type Caller } from '../../callers/caller.ts'
import { type Fault, type FaultCode, faultOf } from '../../lib/fault.ts'
import { countDecisions, type Told } from '../../observe/witness.ts'
import type {
  BatchCheckAnswer,
  BatchCheckRequest,
  CheckAnswer,
  CheckRequest,
  ListObjectsAnswer,
  ListObjectsRequest,
  WriteAnswer,
} from '../../service/requests.ts'
import { encodeCheck } from '../../wire/answers.ts'
import { overloaded, tooOften } from '../admission/refusals.ts'
import { problemOf } from '../problem.ts'
import { type AnswerPrinter, type Common, printHead } from './answer.ts'
import type { Head } from './head.ts'
import type { Road } from './lane.ts'

/** Whose turn it is. */
export interface Owner {
  /** Whether nothing follows the answer that is being made; it says so. */
  readonly isEnding: boolean
  /** `now` is when the answer was printed. */
  answered(text: string, encoding: Encoding, now: number): void
  /** The same, of bytes that are the printer's. */
  answeredBytes(bytes: Buffer, printer: Pick<AnswerPrinter<string>, 'giveAway'>, now: number): void
  /** A request has been answered in a job of its own: what comes next? */
  go(): void
}

type Given = CheckAnswer | BatchCheckAnswer | ListObjectsAnswer | WriteAnswer

/** How the text becomes bytes; `latin1` is the cheaper one where all of it is ASCII. */
type Encoding = 'latin1' | 'utf8'

type Answered = 'allowed' | 'denied' | 'written'
type Refused = 'overloaded' | 'tooOften'

/** The commonest answers. */
export const commonAnswers: Common<Answered> = {
  allowed: { status: 200, body: JSON.stringify(encodeCheck({ allowed: true, resolution: '' })) },
  denied: { status: 200, body: JSON.stringify(encodeCheck({ allowed: false, resolution: '' })) },
  written: { status: 200, body: '{}' },
}

/** The refusals that come by the thousands: they have to cost less than answers. */
export const commonRefusals = {
  overloaded: refusalOf(overloaded),
  tooOften: refusalOf(tooOften),
} satisfies Common<Refused>

function refusalOf(fault: Fault) {
  const { status, body, retryAfter } = problemOf(fault)
  return { status, body: JSON.stringify(body), retryAfter, code: fault.code }
}

/** Nothing was decided. */
const undecided = {}

/** Of the verbs, as the app's routes tell them. */
export const names = {
  check: 'check',
  'batch-check': 'batchCheck',
  'list-objects': 'listObjects',
  write: 'write',
} as const

/** Lives as long as its turn, for one request after the other. */
export class Reply {
  readonly #road: Road
  #owner: Owner | undefined
  #store = ''
  #requestId = ''
  #caller: Caller = anonymous
  #verb: Head['verb'] = 'check'
  /** What was asked, once it was decoded. */
  asked: CheckRequest | BatchCheckRequest | ListObjectsRequest | undefined
  #arrivedAt = 0

  constructor(owner: Owner, road: Road) {
    this.#owner = owner
    this.#road = road
  }

  /** To be called before all else, of each request. */
  begin(head: Head, requestId: string): void {
    this.#store = head.state.store
    this.#requestId = requestId
    this.#caller = head.caller
    this.#verb = head.verb
    this.asked = undefined
    this.#arrivedAt = this.#road.now()
  }

  /** On the lane's clock. */
  get arrivedAt(): number {
    return this.#arrivedAt
  }

  /** Who asks. */
  get caller(): Caller {
    return this.#caller
  }

  get requestId(): string {
    return this.#requestId
  }

  get verb(): Head['verb'] {
    return this.#verb
  }

  /** Nobody hears what is answered, once it was given up. */
  get isHeard(): boolean {
    return this.#owner !== undefined
  }

  giveUp(): void {
    this.#owner = undefined
  }

  /** It has been answered in a job of its own. */
  goOn(): void {
    this.#owner?.go()
  }

  /** Answers with what `print` makes of it, or with the fault it throws. */
  encode(answer: Given, print: () => string): void {
    let text: string
    try {
      text = print()
    } catch (thrown) {
      this.refuse(thrown)
      return
    }
    this.#print(200, text, answer)
  }

  /** Answers with what was thrown; reports it where it is ours and somebody still listens. */
  refuse(thrown: unknown): void {
    const owner = this.#owner
    if (owner === undefined) return
    const said = thrown === overloaded ? 'overloaded' : thrown === tooOften ? 'tooOften' : undefined
    if (said !== undefined && !owner.isEnding) {
      this.#refuseShortly(said, owner)
      return
    }
    const fault = faultOf(thrown)
    const { status, body, retryAfter } = problemOf(fault)
    if (fault.code === 'internal_error') {
      this.#road.report(fault, this.#requestId, `/stores/${this.#store}/${this.#verb}`)
    }
    this.#print(status, JSON.stringify(body), undefined, retryAfter, fault.code)
  }

  #refuseShortly(said: Refused, owner: Owner): void {
    const { refusals, date } = this.#road
    const now = this.#road.now()
    const elapsed = Math.round(now - this.#arrivedAt)
    const bytes = refusals.print(said, undecided, this.#store, this.#requestId, elapsed, date.at(now))
    const { status, code } = commonRefusals[said]
    this.#witness(status, now, undefined, code)
    owner.answeredBytes(bytes, refusals, now)
  }

  /** Answers with one of the commonest bodies. */
  common(said: Answered, answer: CheckAnswer | WriteAnswer): void {
    const owner = this.#owner
    if (owner === undefined) return
    if (owner.isEnding) {
      this.#print(200, commonAnswers[said].body, answer)
      return
    }
    const { printer, date } = this.#road
    const now = this.#road.now()
    const elapsed = Math.round(now - this.#arrivedAt)
    const bytes = printer.print(said, answer, this.#store, this.#requestId, elapsed, date.at(now))
    this.#witness(200, now, answer)
    owner.answeredBytes(bytes, printer, now)
  }

  #print(status: number, body: string, answer?: Given, retryAfter?: number, fault?: FaultCode): void {
    const owner = this.#owner
    if (owner === undefined) return
    const now = this.#road.now()
    const bodyLength = Buffer.byteLength(body)
    const head = printHead({
      status,
      requestId: this.#requestId,
      elapsed: Math.round(now - this.#arrivedAt),
      store: this.#store,
      zookie: answer?.zookie,
      model: answer?.model,
      retryAfter,
      bodyLength,
      date: this.#road.date.at(now),
      keepAliveSeconds: owner.isEnding ? undefined : this.#road.keepAliveSeconds,
    })
    this.#witness(status, now, answer, fault)
    // As many bytes as characters: all of it is ASCII.
    owner.answered(head + body, bodyLength === body.length ? 'latin1' : 'utf8', now)
  }

  /** A few additions, unless somebody wants to know more. */
  #witness(status: number, now: number, answer: Given | undefined, fault?: FaultCode): void {
    const { witness, meters } = this.#road
    const elapsedMs = now - this.#arrivedAt
    meters[this.#verb].add(status, elapsedMs)
    if (answer !== undefined && 'allowed' in answer && witness.detail === undefined) {
      witness.decided(answer.allowed)
      return
    }
    const told = this.#told(answer)
    if (told !== undefined) countDecisions(witness, told)
    witness.detail?.({
      name: names[this.#verb],
      lane: true,
      status,
      at: Date.now(),
      elapsedMs,
      requestId: this.#requestId,
      caller: this.#caller,
      store: this.#store,
      zookie: answer?.zookie,
      model: answer?.model,
      traceparent: undefined,
      tracestate: undefined,
      fault,
      told,
    })
  }

  #told(answer: Given | undefined): Told | undefined {
    const asked = this.asked
    if (asked === undefined) return undefined
    // The answer is of the request's kind: one turn, one request.
    if ('type' in asked) {
      const count = answer === undefined ? {} : { count: (answer as ListObjectsAnswer).objects.length }
      return { verb: 'list-objects', request: asked, ...count }
    }
    const given = answer === undefined ? {} : { answer }
    const told =
      'tuple' in asked ? { verb: 'check', request: asked } : { verb: 'batch-check', request: asked }
    return { ...told, ...given } as Told
  }
}
