/** From open to closed: what may begin, what is waited for, what is cut. Not what any of it does. */
import { Fault, faultOf } from '../lib/fault.ts'

export class Life {
  #over: { readonly why: string; readonly cause?: unknown } | undefined
  #ended: Promise<void> | undefined
  #underWay = 0
  #idle: () => void = () => {}

  /** Why nothing more is answered; undefined while it lives. */
  get over(): string | undefined {
    return this.#over?.why
  }

  /** @throws Fault unavailable */
  demand(): void {
    if (this.#over !== undefined) throw new Fault('unavailable', this.#over.why, { cause: this.#over.cause })
  }

  /** One request, which the end waits for. `work` begins within the turn. Rejects with a Fault, and nothing else. */
  during<Answer>(work: () => Answer | Promise<Answer>): Promise<Answer> {
    try {
      this.demand()
      const answer = work()
      // What is at hand is given at once: to await it would cost as much as a check.
      return answer instanceof Promise ? this.#waitedFor(answer) : Promise.resolve(answer)
    } catch (thrown) {
      return Promise.reject(faultOf(thrown))
    }
  }

  async #waitedFor<Answer>(answer: Promise<Answer>): Promise<Answer> {
    this.#underWay++
    try {
      return await answer
    } catch (thrown) {
      throw faultOf(thrown)
    } finally {
      if (--this.#underWay === 0) this.#idle()
    }
  }

  /** Items of an iteration that may outlive its request: the next one is refused once it is over. */
  stream<Item>(items: AsyncIterable<Item>): AsyncIterable<Item> {
    const demand = () => this.demand()
    return {
      [Symbol.asyncIterator]() {
        const iterator = items[Symbol.asyncIterator]()
        return {
          async next() {
            demand()
            return iterator.next()
          },
          // For `break`: it releases what the iteration holds, over or not.
          return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
        }
      },
    }
  }

  /** Something below failed that cannot be mended in place: nobody may be answered from what it left. */
  fail(cause: unknown): void {
    const said = cause instanceof Error ? cause.message : String(cause)
    this.#over ??= { why: `kith has failed (${said}): close it and open it again`, cause }
  }

  /** Refuses from now on, waits for the requests under way, then closes. Again: the same promise. */
  end(close: () => Promise<void>): Promise<void> {
    this.#over ??= { why: 'kith is closed' }
    this.#ended ??= this.#whenIdle().then(close)
    return this.#ended
  }

  async #whenIdle(): Promise<void> {
    if (this.#underWay === 0) return
    await new Promise<void>((resolve) => {
      this.#idle = resolve
    })
  }
}
