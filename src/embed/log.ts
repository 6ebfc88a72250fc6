/** The log for callers in code: changes one by one, where the service gives pages. */
import { faultOf } from '../lib/fault.ts'
import type { Kith as Service } from '../service/kith.ts'
import type { Answer, LoggedChange, WatchPage } from '../service/requests.ts'
import type { Life } from './life.ts'
import type { HistoryRequest } from './requests.ts'

const pageSize = 100

/** The first page is read at once, so that what is wrong with the request is told at once. */
export async function historyOf(
  service: Service,
  life: Life,
  { after, ...asked }: HistoryRequest,
): Promise<Answer & { readonly changes: AsyncIterable<LoggedChange> }> {
  const token = after === undefined ? {} : { continuationToken: after }
  const first = await service.history({ ...asked, ...token, pageSize })
  async function* changes(): AsyncGenerator<LoggedChange> {
    for (let page = first; page.changes.length > 0; ) {
      yield* page.changes
      page = await service.history({ ...asked, continuationToken: page.continuationToken, pageSize })
    }
  }
  return { zookie: first.zookie, changes: life.stream(changes()) }
}

/** The changes of a watch. Its end does not wait for the next one. */
export class Watching implements AsyncIterableIterator<LoggedChange> {
  readonly #pages: AsyncIterableIterator<WatchPage>
  #at: Iterator<LoggedChange> = [][Symbol.iterator]()

  constructor(pages: AsyncIterableIterator<WatchPage>) {
    this.#pages = pages
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<LoggedChange, undefined>> {
    for (;;) {
      const next = this.#at.next()
      if (next.done !== true) return next
      const page = await this.#pages.next().catch((thrown: unknown) => {
        throw faultOf(thrown)
      })
      if (page.done === true) return { done: true, value: undefined }
      this.#at = page.value.changes[Symbol.iterator]()
    }
  }

  async return(): Promise<IteratorResult<LoggedChange, undefined>> {
    this.#at = [][Symbol.iterator]()
    await this.#pages.return?.()
    return { done: true, value: undefined }
  }
}
