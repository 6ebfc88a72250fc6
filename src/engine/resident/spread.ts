/**
 * Placements of subjects whose placements are spread, as the pages that lists read: kept by subject and by the type of
 * the objects, unloaded by any commit that changes one of them. The rows as they are, whatever the model says of them.
 */
import type { Placed, View } from '../../storage/storage.ts'
import { type Arena, pairOf } from './arena.ts'
import type { Graph } from './graph.ts'

export type Pages = readonly (readonly Placed[])[]

/** Pages on their way to being kept. */
export interface Fill {
  take(page: readonly Placed[]): void
  /** All of them were taken. */
  end(): void
}

/** A placement in a page: three fields, and a name without its letters. */
const placedBytes = 96
/** No list takes more than this part of what a generation may. */
const share = 8

interface Kept {
  readonly revision: number
  /** A tick. */
  readonly readAt: number
  bytes: number
  /** Undefined while they are being read. */
  pages: Pages | undefined
}

export class Spread {
  readonly #arena: Arena
  /** By subject and type. */
  readonly #lists = new Map<number, Kept>()

  constructor(arena: Arena) {
    this.#arena = arena
  }

  get(key: number): Kept | undefined {
    return this.#lists.get(key)
  }

  /** Keeps what is read at the graph's own revision, unless a commit changes it before the end. */
  fill(key: number, revision: number, readAt: number): Fill {
    const arena = this.#arena
    const list: Kept = { revision, readAt, bytes: 0, pages: undefined }
    const pages: (readonly Placed[])[] = []
    this.unload(key)
    this.#lists.set(key, list)
    return {
      take: (page) => {
        if (isTooLarge(list, arena)) return
        pages.push(page)
        for (const { object } of page) list.bytes += placedBytes + object.length
      },
      end: () => {
        if (this.#lists.get(key) !== list) return
        if (isTooLarge(list, arena)) this.#lists.delete(key)
        else this.#keep(list, pages)
      },
    }
  }

  unload(key: number): void {
    const kept = this.#lists.get(key)
    if (kept === undefined) return
    this.#lists.delete(key)
    if (kept.pages !== undefined) this.#arena.keepTable(-kept.bytes)
  }

  #keep(list: Kept, pages: Pages): void {
    list.pages = pages
    this.#arena.keepTable(list.bytes)
  }
}

function isTooLarge({ bytes }: Kept, { bytesMax }: Arena): boolean {
  return bytes > bytesMax / share
}

/**
 * Where a spread subject is placed at objects of a type: the pages, where memory has them, else what keeps them while
 * they are read from the view. A list that was read at one revision and stands at the graph's is that of all between.
 */
export function spreadIn(graph: Graph, view: View, subject: string, type: string): Pages | Fill | undefined {
  const kind = graph.lattice.kind(type)
  if (kind === undefined || !(view.revision <= graph.revision)) return undefined
  const key = pairOf(graph.subject(subject), kind.number)
  const kept = graph.spread.get(key)
  const { tick } = graph
  if (kept?.pages !== undefined && kept.revision <= view.revision && graph.isYoung(kept.readAt, tick))
    return kept.pages
  if (view.revision !== graph.revision || graph.arena.isFull) return undefined
  return graph.spread.fill(key, view.revision, tick)
}
