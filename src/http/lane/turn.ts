/** One request of a connection after the other, from its body to its printed answer. Not the socket: connection.ts. */
import { anonymous, type Caller } from '../../callers/caller.ts'
import { Fault, type FaultCode, faultOf } from '../../lib/fault.ts'
import { countDecisions, type Told } from '../../observe/witness.ts'
import type {
  BatchCheckAnswer,
  BatchCheckRequest,
  CheckAnswer,
  CheckRequest,
  ListObjectsAnswer,
  ListObjectsRequest,
  Prompt,
  StoreRequest,
  WriteAnswer,
} from '../../service/requests.ts'
import { encodeCheck, encodeObjects, printBatchCheck } from '../../wire/answers.ts'
import { parseJson } from '../../wire/json.ts'
import { decodeBatchCheck, decodeCheck, decodeListObjects } from '../../wire/question.ts'
import { decodeWrite } from '../../wire/store.ts'
import { demandBatch, demandCheck, demandQuestion, demandTuples, demandWrite } from '../permit.ts'
import { problemOf } from '../problem.ts'
import { madeBy } from '../provenance.ts'
import { type CommonBodies, printHead } from './answer.ts'
import type { Head } from './head.ts'
import type { Road } from './lane.ts'

/** Whose turn it is. */
export interface Owner {
  /** Whether nothing follows the answer that is being made; it says so. */
  readonly isEnding: boolean
  /** `now` is when the answer was printed. */
  answered(text: string, encoding: Encoding, now: number): void
  /** The same, of bytes that are the printer's. */
  answeredBytes(bytes: Buffer, now: number): void
  /** A request has been answered in a job of its own: what comes next? */
  go(): void
}

type Given = CheckAnswer | BatchCheckAnswer | ListObjectsAnswer | WriteAnswer

/** How the text becomes bytes; `latin1` is the cheaper one where all of it is ASCII. */
type Encoding = 'latin1' | 'utf8'

/** The commonest answers. */
export const commonBodies: CommonBodies = {
  allowed: JSON.stringify(encodeCheck({ allowed: true, resolution: '' })),
  denied: JSON.stringify(encodeCheck({ allowed: false, resolution: '' })),
  written: '{}',
}

/** Of the verbs, as the app's routes tell them. */
export const names = {
  check: 'check',
  'batch-check': 'batchCheck',
  'list-objects': 'listObjects',
  write: 'write',
} as const

/** What they are to the process; the same as in the table of routes. */
const works = { check: 'check', 'batch-check': 'check', 'list-objects': 'list', write: 'write' } as const

/** Lives as long as its connection, so that a request allocates no closures; one that was given up is not used again. */
export class Turn {
  readonly #road: Road
  #owner: Owner | undefined
  #store = ''
  #requestId = ''
  #caller: Caller = anonymous
  #verb: Head['verb'] = 'check'
  /** What was asked, once it was decoded. */
  #asked: CheckRequest | BatchCheckRequest | ListObjectsRequest | undefined
  #arrivedAt = 0

  constructor(owner: Owner, road: Road) {
    this.#owner = owner
    this.#road = road
  }

  /** On the lane's clock. */
  get arrivedAt(): number {
    return this.#arrivedAt
  }

  /** Who asks. */
  get caller(): Caller {
    return this.#caller
  }

  /** Whether the lane's deadline is for it: of a write nobody says "too late" that may happen yet. */
  get isBounded(): boolean {
    return this.#verb !== 'write'
  }

  get #work() {
    return works[this.#verb]
  }

  /** Whatever is answered from now on, nobody hears it. */
  giveUp(): void {
    this.#owner = undefined
  }

  /** To be called before `ask`. */
  begin(head: Head, requestId: string): void {
    this.#store = head.state.store
    this.#requestId = requestId
    this.#caller = head.caller
    this.#verb = head.verb
    this.#asked = undefined
    this.#arrivedAt = this.#road.now()
  }

  /**
   * Answers now where memory can, and what cannot be decoded; else in a later job, with a call of the owner's `go`.
   * Never throws. The body is `bytes` from `start` to `end`.
   */
  ask(head: Head, bytes: Buffer, start: number, end: number): void {
    try {
      this.#road.admission?.demand(this.#work, this.#caller.id, this.#arrivedAt)
    } catch (thrown) {
      this.#refuse(thrown)
      return
    }
    if (head.verb === 'check') this.#check(head, bytes, start, end)
    else if (head.verb === 'write') this.#write(head, bytes, start, end)
    else if (head.verb === 'list-objects') this.#listObjects(head, bytes, start, end)
    else this.#batchCheck(head, bytes, start, end)
  }

  #check({ state }: Head, bytes: Buffer, start: number, end: number): void {
    let answer: Prompt<CheckAnswer>
    try {
      const request = this.#road.bodies.check(state, bytes, start, end) ?? {
        ...state,
        ...decodeCheck(parseJson(bytes.subarray(start, end))),
      }
      demandCheck(this.#caller, request)
      this.#asked = request
      answer = this.#road.kith.check(request)
    } catch (thrown) {
      this.#refuse(thrown)
      return
    }
    if (answer instanceof Promise) this.#later(answer, this.#checkedLater)
    else this.#checked(answer)
  }

  #batchCheck({ state }: Head, bytes: Buffer, start: number, end: number): void {
    let answer: Prompt<BatchCheckAnswer>
    try {
      const request = this.#road.bodies.batchCheck(state, bytes, start, end) ?? {
        ...state,
        ...decodeBatchCheck(parseJson(bytes.subarray(start, end))),
      }
      demandBatch(this.#caller, request)
      this.#asked = request
      answer = this.#road.kith.batchCheck(request)
    } catch (thrown) {
      this.#refuse(thrown)
      return
    }
    if (answer instanceof Promise) this.#later(answer, this.#batchCheckedLater)
    else this.#batchChecked(answer)
  }

  #write({ state }: Head, bytes: Buffer, start: number, end: number): void {
    let answer: Promise<WriteAnswer>
    try {
      const request = this.#road.bodies.write(state, bytes, start, end) ?? {
        ...state,
        ...decodeWrite(parseJson(bytes.subarray(start, end))),
      }
      demandWrite(this.#caller, request)
      demandTuples(this.#caller, request.store, this.#isGuarded)
      answer = this.#road.kith.write({ ...request, provenance: madeBy(this.#caller, this.#requestId) })
    } catch (thrown) {
      this.#refuse(thrown)
      return
    }
    this.#later(answer, this.#writtenLater)
  }

  /** Its place comes before its body, as in the app. */
  #listObjects({ state }: Head, bytes: Buffer, start: number, end: number): void {
    let entering: undefined | Promise<void>
    try {
      entering = this.#road.admission?.enter('list', this.#caller.id)
    } catch (thrown) {
      this.#refuse(thrown)
      return
    }
    if (entering === undefined) void this.#list(state, bytes.subarray(start, end))
    else entering.then(() => this.#list(state, bytes.subarray(start, end)), this.#refusedLater)
  }

  /** With a place, which it gives back. */
  async #list(state: StoreRequest, body: Buffer): Promise<void> {
    try {
      // INVARIANT: before anything is answered a job is over: what follows is for `go`, once.
      await undefined
      // Who was told meanwhile that it is too late, or hung up, wants no list.
      if (this.#owner === undefined) return
      const request = { ...state, ...decodeListObjects(parseJson(body)) }
      demandQuestion(this.#caller, 'list', request.type, request)
      this.#asked = request
      const answer = await this.#road.kith.listObjects(request)
      this.#encode(answer, () => JSON.stringify(encodeObjects(answer, request)))
    } catch (thrown) {
      this.#refuse(thrown)
    } finally {
      this.#road.admission?.leave('list', this.#caller.id)
    }
    this.#owner?.go()
  }

  #later<Result>(answer: Promise<Result>, take: (answer: Result) => void): void {
    void this.#road.admission?.enter(this.#work, this.#caller.id)
    answer.then(take, this.#failedLater)
  }

  readonly #isGuarded = (store: string): boolean => this.#road.kith.isGuarded(store)

  readonly #checkedLater = (answer: CheckAnswer): void => {
    this.#road.admission?.leave(this.#work, this.#caller.id)
    this.#checked(answer)
    this.#owner?.go()
  }

  readonly #batchCheckedLater = (answer: BatchCheckAnswer): void => {
    this.#road.admission?.leave(this.#work, this.#caller.id)
    this.#batchChecked(answer)
    this.#owner?.go()
  }

  readonly #writtenLater = (answer: WriteAnswer): void => {
    this.#road.admission?.leave(this.#work, this.#caller.id)
    this.#printCommon('written', answer)
    this.#owner?.go()
  }

  readonly #failedLater = (thrown: unknown): void => {
    this.#road.admission?.leave(this.#work, this.#caller.id)
    this.#refusedLater(thrown)
  }

  /** Refused where it had no place yet. */
  readonly #refusedLater = (thrown: unknown): void => {
    this.#refuse(thrown)
    this.#owner?.go()
  }

  #checked(answer: CheckAnswer): void {
    if (answer.resolution === '' && answer.trace === undefined) {
      this.#printCommon(answer.allowed ? 'allowed' : 'denied', answer)
    } else this.#encode(answer, () => JSON.stringify(encodeCheck(answer)))
  }

  #batchChecked(answer: BatchCheckAnswer): void {
    this.#encode(answer, () => printBatchCheck(answer.results))
  }

  #encode(answer: Given, print: () => string): void {
    let text: string
    try {
      text = print()
    } catch (thrown) {
      this.#refuse(thrown)
      return
    }
    this.#print(200, text, answer)
  }

  /** Answers with what was thrown; reports it where it is ours and somebody still listens. */
  #refuse(thrown: unknown): void {
    if (this.#owner === undefined) return
    const fault = faultOf(thrown)
    const { status, body, retryAfter } = problemOf(fault)
    if (fault.code === 'internal_error') {
      this.#road.report(fault, this.#requestId, `/stores/${this.#store}/${this.#verb}`)
    }
    this.#print(status, JSON.stringify(body), undefined, retryAfter, fault.code)
  }

  /** The question took too long at the door: it is answered so, and given up. */
  late(): void {
    this.#refuse(new Fault('deadline_exceeded', 'Request Deadline Exceeded'))
    this.giveUp()
  }

  #printCommon(said: keyof CommonBodies, answer: Given): void {
    const owner = this.#owner
    if (owner === undefined) return
    if (owner.isEnding) {
      this.#print(200, commonBodies[said], answer)
      return
    }
    const { printer, date } = this.#road
    const now = this.#road.now()
    const elapsed = Math.round(now - this.#arrivedAt)
    const bytes = printer.print(said, answer, this.#store, this.#requestId, elapsed, date.at(now))
    this.#witness(200, now, answer)
    owner.answeredBytes(bytes, now)
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
    const asked = this.#asked
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
