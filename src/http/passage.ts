/**
 * The way of one request from the door to its answer: let in, in its turn, within its time, and told of. What each of these
 * means is decided elsewhere. One promise for all of it: a function around a function costs every request a promise,
 * a closure and a turn of the job queue each.
 */
import { Fault, faultOf } from '../lib/fault.ts'
import { countDecisions, type Meter, type Witness } from '../observe/witness.ts'
import type { Admission, Work } from './admission/admission.ts'
import type { Waiting } from './admission/slots.ts'
import type { Bounded, Deadline } from './before/deadline.ts'
import { answerFault, type Exchange, incomingOf, type Verb } from './exchange.ts'

/** What the requests of one route have in common. */
export interface Way {
  /** Of its verb, so there are as many as routes. */
  readonly name: string
  readonly answering: ReturnType<Verb>
  /** Finds out who asks, and whether they may; a promise only where that cannot be told now. @throws Fault */
  readonly admit: (c: Exchange) => Promise<void> | undefined
  readonly work: Work
  readonly admission: Admission | undefined
  /** Absent: nothing bounds it but the socket. */
  readonly deadline: Deadline | undefined
  readonly meter: Meter
  readonly witness: Witness
}

/** The answer of `c`, whose visit has begun: always one, also to a fault. */
export function pass(c: Exchange, way: Way): Promise<Response> {
  return new Promise((resolve, reject) => new Passage(c, way, resolve, reject).begin())
}

class Passage implements Bounded, Waiting {
  dueAt = 0
  place: Bounded['place']
  readonly #c: Exchange
  readonly #way: Way
  readonly #resolve: (response: Response) => void
  readonly #reject: (thrown: unknown) => void

  constructor(
    c: Exchange,
    way: Way,
    resolve: (response: Response) => void,
    reject: (thrown: unknown) => void,
  ) {
    this.#c = c
    this.#way = way
    this.#resolve = resolve
    this.#reject = reject
  }

  /** Neither answered by the deadline, nor left by its client. */
  get isHeard(): boolean {
    return !this.#c.get('visit').abandoned && incomingOf(this.#c)?.socket?.destroyed !== true
  }

  begin(): void {
    try {
      // Before a byte of the body is read.
      const admitted = this.#way.admit(this.#c)
      const entering = admitted === undefined ? this.#enter() : admitted.then(() => this.#enter())
      if (entering === undefined) this.#ask()
      else entering.then(() => this.#ask()).catch(this.#failed)
    } catch (thrown) {
      this.#failed(thrown)
    }
  }

  /** Once the process has room for it. */
  #enter(): undefined | Promise<void> {
    const { admission, deadline, work } = this.#way
    const { caller, arrivedAt } = this.#c.get('visit')
    admission?.demand(work, caller.id, arrivedAt)
    deadline?.begin(this)
    const entering = admission?.enter(work, caller.id, this)
    return entering === undefined ? this.#hold() : entering.then(() => this.#hold())
  }

  /** Until all of its answer is made. */
  #hold(): undefined | Promise<void> {
    const { admission, work } = this.#way
    if (admission === undefined || work === 'health') return undefined
    const visit = this.#c.get('visit')
    const { id } = visit.caller
    visit.release = () => admission.leave(work, id)
    visit.bodies = admission.bodies
    return admission.begin(work, this)
  }

  #ask(): void {
    this.#way.answering(this.#c).then(this.#answered, this.#failed)
  }

  readonly #answered = (response: Response): void => {
    this.#leave()
    if (!this.#c.get('visit').abandoned) this.#finish(response)
  }

  readonly #failed = (thrown: unknown): void => {
    this.#leave()
    if (!this.#c.get('visit').abandoned) this.#refuse(faultOf(thrown))
  }

  /** In the route's place; what that still makes, nobody will read. */
  giveUp(): void {
    const visit = this.#c.get('visit')
    visit.abandoned = true
    visit.onAbandoned?.()
    this.#refuse(new Fault('deadline_exceeded', 'Request Deadline Exceeded'))
  }

  #leave(): void {
    const visit = this.#c.get('visit')
    visit.release?.()
    if (visit.bodyBytes > 0) this.#way.admission?.bodies.give(visit.bodyBytes, visit.caller.id)
    visit.bodies = undefined
  }

  #refuse(fault: Fault): void {
    try {
      this.#finish(answerFault(this.#c, fault))
    } catch (thrown) {
      this.#reject(thrown)
    }
  }

  #finish(response: Response): void {
    this.#way.deadline?.end(this)
    try {
      tell(this.#c, this.#way, response)
    } catch (thrown) {
      this.#reject(thrown)
      return
    }
    this.#resolve(response)
  }
}

function tell(c: Exchange, { meter, witness, name }: Way, { status }: Response): void {
  const visit = c.get('visit')
  const elapsedMs = performance.now() - visit.arrivedAt
  meter.add(status, elapsedMs)
  if (visit.told !== undefined) countDecisions(witness, visit.told)
  witness.detail?.({ ...visit, name, lane: false, status, at: Date.now(), elapsedMs })
}
