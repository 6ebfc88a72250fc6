/**
 * One request of a connection after the other, from its body to what is decided. Not the socket: connection.ts; not what
 * answers look like: reply.ts.
 */
import { Fault } from '../../lib/fault.ts'
import type {
  BatchCheckAnswer,
  ChangeRequest,
  CheckAnswer,
  Prompt,
  StoreRequest,
  WriteAnswer,
} from '../../service/requests.ts'
import type { Provenance } from '../../tuple/tuple.ts'
import { encodeCheck, encodeObjects, printBatchCheck } from '../../wire/answers.ts'
import { parseJson } from '../../wire/json.ts'
import { decodeBatchCheck, decodeCheck, decodeListObjects } from '../../wire/question.ts'
import { decodeWrite } from '../../wire/store.ts'
import { demandBatch, demandCheck, demandQuestion, demandTuples, demandWrite } from '../permit.ts'
import { madeBy } from '../provenance.ts'
import type { Head } from './head.ts'
import type { Road } from './lane.ts'
import { type Owner, Reply } from './reply.ts'

/** What they are to the process; the same as in the table of routes. */
const works = { check: 'check', 'batch-check': 'check', 'list-objects': 'list', write: 'write' } as const

/** Lives as long as its connection, so that a request allocates no closures; one that was given up is not used again. */
export class Turn {
  readonly #road: Road
  readonly #reply: Reply

  constructor(owner: Owner, road: Road) {
    this.#road = road
    this.#reply = new Reply(owner, road)
  }

  /** On the lane's clock. */
  get arrivedAt(): number {
    return this.#reply.arrivedAt
  }

  /** Whether the lane's deadline is for it: of a write nobody says "too late" that may happen yet. */
  get isBounded(): boolean {
    return this.#reply.verb !== 'write'
  }

  get #work() {
    return works[this.#reply.verb]
  }

  /** Whatever is answered from now on, nobody hears it. */
  giveUp(): void {
    this.#reply.giveUp()
  }

  /**
   * Answers now where memory can, and what cannot be decoded; else in a later job, with a call of the owner's `go`.
   * Never throws. The body is `bytes` from `start` to `end`.
   */
  ask(head: Head, requestId: string, bytes: Buffer, start: number, end: number): void {
    this.#reply.begin(head, requestId)
    try {
      this.#road.admission?.demand(this.#work, this.#reply.caller.id, this.#reply.arrivedAt)
    } catch (thrown) {
      this.#reply.refuse(thrown)
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
      demandCheck(this.#reply.caller, request)
      this.#reply.asked = request
      answer = this.#road.kith.check(request)
    } catch (thrown) {
      this.#reply.refuse(thrown)
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
      demandBatch(this.#reply.caller, request)
      this.#reply.asked = request
      answer = this.#road.kith.batchCheck(request)
    } catch (thrown) {
      this.#reply.refuse(thrown)
      return
    }
    if (answer instanceof Promise) this.#later(answer, this.#batchCheckedLater)
    else this.#batchChecked(answer)
  }

  #write({ state }: Head, bytes: Buffer, start: number, end: number): void {
    let answer: Promise<WriteAnswer>
    try {
      const change = changeBy(state, madeBy(this.#reply.caller, this.#reply.requestId))
      const request = this.#road.bodies.write(change, bytes, start, end) ?? {
        ...decodeWrite(parseJson(bytes.subarray(start, end))),
        ...change,
      }
      demandWrite(this.#reply.caller, request)
      demandTuples(this.#reply.caller, request.store, this.#isGuarded)
      answer = this.#road.kith.write(request)
    } catch (thrown) {
      this.#reply.refuse(thrown)
      return
    }
    this.#later(answer, this.#writtenLater)
  }

  /** Its place comes before its body, as in the app. */
  #listObjects({ state }: Head, bytes: Buffer, start: number, end: number): void {
    let entering: undefined | Promise<void>
    try {
      entering = this.#road.admission?.enter('list', this.#reply.caller.id, this.#reply)
    } catch (thrown) {
      this.#reply.refuse(thrown)
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
      if (!this.#reply.isHeard) return
      const request = { ...state, ...decodeListObjects(parseJson(body)) }
      demandQuestion(this.#reply.caller, 'list', request.type, request)
      this.#reply.asked = request
      const answer = await this.#road.kith.listObjects(request)
      this.#reply.encode(answer, () => JSON.stringify(encodeObjects(answer, request)))
    } catch (thrown) {
      this.#reply.refuse(thrown)
    } finally {
      this.#road.admission?.leave('list', this.#reply.caller.id)
    }
    this.#reply.goOn()
  }

  #later<Result>(answer: Promise<Result>, take: (answer: Result) => void): void {
    void this.#road.admission?.enter(this.#work, this.#reply.caller.id)
    answer.then(take, this.#failedLater)
  }

  readonly #isGuarded = (store: string): boolean => this.#road.kith.isGuarded(store)

  readonly #checkedLater = (answer: CheckAnswer): void => {
    this.#road.admission?.leave(this.#work, this.#reply.caller.id)
    this.#checked(answer)
    this.#reply.goOn()
  }

  readonly #batchCheckedLater = (answer: BatchCheckAnswer): void => {
    this.#road.admission?.leave(this.#work, this.#reply.caller.id)
    this.#batchChecked(answer)
    this.#reply.goOn()
  }

  readonly #writtenLater = (answer: WriteAnswer): void => {
    this.#road.admission?.leave(this.#work, this.#reply.caller.id)
    this.#reply.common('written', answer)
    this.#reply.goOn()
  }

  readonly #failedLater = (thrown: unknown): void => {
    this.#road.admission?.leave(this.#work, this.#reply.caller.id)
    this.#refusedLater(thrown)
  }

  /** Refused where it had no place yet. */
  readonly #refusedLater = (thrown: unknown): void => {
    this.#reply.refuse(thrown)
    this.#reply.goOn()
  }

  #checked(answer: CheckAnswer): void {
    if (answer.resolution === '' && answer.trace === undefined) {
      this.#reply.common(answer.allowed ? 'allowed' : 'denied', answer)
    } else this.#reply.encode(answer, () => JSON.stringify(encodeCheck(answer)))
  }

  #batchChecked(answer: BatchCheckAnswer): void {
    this.#reply.encode(answer, () => printBatchCheck(answer.results))
  }

  /** The question took too long at the door: it is answered so, and given up. */
  late(): void {
    this.#reply.refuse(new Fault('deadline_exceeded', 'Request Deadline Exceeded'))
    this.giveUp()
  }
}

/** Of one shape where it can be: what a write reads of objects that differ in theirs costs more than the reading. */
function changeBy(state: StoreRequest, provenance: Provenance): ChangeRequest {
  const { store, atLeastAsFresh } = state
  return atLeastAsFresh === undefined ? { store, provenance } : { store, atLeastAsFresh, provenance }
}
