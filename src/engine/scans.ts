/**
 * Scans of subjects whose placements are spread. Several are read at once and take turns, so that a long one does not
 * hold up what another would find at once; each reads a page ahead of what is taken. What memory has is not read.
 */
import type { Placed } from '../storage/storage.ts'
import type { Reader } from './reader.ts'
import type { Graph } from './resident/graph.ts'
import { type Fill, type Pages, spreadIn } from './resident/spread.ts'

/** What is scanned for: the placements of a subject at objects of one type. */
export interface Scanned {
  readonly subject: string
  readonly type: string
}

const scansAtOnce = 4

interface Source {
  next(): Promise<readonly Placed[] | undefined>
  close(): Promise<unknown> | undefined
}

interface Scan<Wanted> {
  readonly wanted: Wanted
  readonly source: Source
}

export class Scans<Wanted extends Scanned> {
  readonly #reader: Reader
  readonly #graph: Graph | undefined
  readonly #waiting: Wanted[] = []
  readonly #open: Scan<Wanted>[] = []
  #turn = 0

  /** @param reader - pinned before the first page is asked for @param graph - what is kept in memory */
  constructor(reader: Reader, graph: Graph | undefined) {
    this.#reader = reader
    this.#graph = graph
  }

  /** @param leadsOn - what it finds leads to more: it comes before what arrives */
  add(wanted: Wanted, leadsOn: boolean): void {
    if (leadsOn) this.#waiting.unshift(wanted)
    else this.#waiting.push(wanted)
  }

  /** A page of one scan; undefined: all is read. */
  async next(): Promise<{ readonly wanted: Wanted; readonly page: readonly Placed[] } | undefined> {
    for (;;) {
      this.#fill()
      const scan = this.#open[this.#turn % Math.max(1, this.#open.length)]
      if (scan === undefined) return undefined
      const page = await scan.source.next()
      if (page === undefined) this.#open.splice(this.#open.indexOf(scan), 1)
      else {
        this.#turn = (this.#open.indexOf(scan) + 1) % this.#open.length
        return { wanted: scan.wanted, page }
      }
    }
  }

  /** Ends what was not read to its end. */
  async close(): Promise<void> {
    for (const { source } of this.#open) await source.close()
  }

  #fill(): void {
    while (this.#open.length < scansAtOnce) {
      const wanted = this.#waiting.shift()
      if (wanted === undefined) return
      // Whoever is new is next.
      this.#open.splice(this.#turn, 0, { wanted, source: this.#source(wanted) })
    }
  }

  #source({ subject, type }: Wanted): Source {
    const { view } = this.#reader
    const memory = this.#graph && spreadIn(this.#graph, view, subject, type)
    if (memory !== undefined && !('take' in memory)) return new KeptPages(memory)
    return new StoredPages(view.placements(subject, type)[Symbol.asyncIterator](), memory)
  }
}

class KeptPages implements Source {
  readonly #pages: Pages
  #taken = 0

  constructor(pages: Pages) {
    this.#pages = pages
  }

  async next(): Promise<readonly Placed[] | undefined> {
    return this.#pages[this.#taken++]
  }

  close(): undefined {}
}

class StoredPages implements Source {
  readonly #pages: AsyncIterator<readonly Placed[]>
  readonly #fill: Fill | undefined
  #ahead: Promise<IteratorResult<readonly Placed[]>>

  constructor(pages: AsyncIterator<readonly Placed[]>, fill: Fill | undefined) {
    this.#pages = pages
    this.#fill = fill
    this.#ahead = this.#ask()
  }

  async next(): Promise<readonly Placed[] | undefined> {
    const { done, value } = await this.#ahead
    if (done === true) {
      this.#fill?.end()
      return undefined
    }
    this.#fill?.take(value)
    this.#ahead = this.#ask()
    return value
  }

  close(): Promise<unknown> | undefined {
    return this.#pages.return?.()
  }

  #ask(): Promise<IteratorResult<readonly Placed[]>> {
    const asked = this.#pages.next()
    // Whoever takes the page is told of the failure; nobody may come for it.
    asked.catch(() => {})
    return asked
  }
}
