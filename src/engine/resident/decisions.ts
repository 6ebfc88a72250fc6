/**
 * Decisions that took a walk, kept with what they were made from; what the graph decides alone is quicker decided again
 * (README.md). Valid while none of its stripes was marked and no edge between groups changed, at most for the window.
 */
import { Lru } from '../../lib/lru.ts'
import { pairOf } from './arena.ts'
import type { Graph } from './graph.ts'
import type { Reads } from './reads.ts'
import type { Sight } from './sight.ts'
import type { Stripes } from './stripes.ts'

export interface Kept {
  readonly allowed: boolean
  /** Tuple hops of the proof behind an allow. */
  readonly hops: number
}

/** What answers a check: the graph of tuples, a decision that was kept, or a walk. */
export type Source = 'graph' | 'kept' | 'walked'

/** From memory. */
export interface Recalled extends Kept {
  readonly source: 'graph' | 'kept'
  /** When it was decided, where it was kept. */
  readonly tick?: number
}

interface Entry extends Recalled {
  readonly stripes: Int32Array
  /** Commits applied when the state was read. */
  readonly since: number
  /** Commits applied when it was last found valid. */
  checkedAt: number
  /** Of the graph; undefined: it does not rest on how groups contain each other. */
  readonly epoch: number | undefined
  /** Milliseconds since the epoch; from then on it may be another. */
  readonly until: number
  readonly tick: number
}

/** An entry without its stripes. */
const entryBytes = 320

/** Where the making of a decision began. */
export interface Start {
  readonly since: number
  readonly epoch: number
  readonly tick: number
}

export class Decisions {
  readonly #stripes: Stripes
  readonly #bytesMax: number
  /** Made with the first entry: its tables are as large as they may get from the start. */
  #entries: Lru<number, Entry> | undefined

  constructor(stripes: Stripes, bytesMax: number) {
    this.#stripes = stripes
    this.#bytesMax = bytesMax
  }

  /** About. */
  get bytes(): number {
    return this.#entries?.weight ?? 0
  }

  /** To be called in the turn in which the state is read. */
  start(graph: Graph, tick: number): Start {
    return { since: this.#stripes.applied, epoch: graph.epoch, tick }
  }

  /** @param at - id of object#relation @param subject - id of the subject, a userset or wildcard included */
  find({ graph, view, tick }: Sight, at: number, subject: number): Recalled | undefined {
    const entry = this.#entries?.get(pairOf(at, subject))
    if (entry === undefined || entry.until <= view.now || !graph.isYoung(entry.tick, tick)) return undefined
    if (entry.epoch !== undefined && entry.epoch !== graph.epoch) return undefined
    if (entry.checkedAt !== this.#stripes.applied) {
      if (!this.#stripes.isUnmarked(entry.stripes, entry.since)) return undefined
      entry.checkedAt = this.#stripes.applied
    }
    return entry
  }

  /** Keeps a decision, unless what it rests on changed while it was made. */
  keep(at: number, subject: number, { allowed, hops }: Kept, reads: Reads, start: Start): void {
    const { told } = reads
    if (told === undefined || !this.#stripes.isUnmarked(told.stripes, start.since)) return
    const { stripes, until, usesGroups, readAt } = told
    const { since } = start
    // Ages do not add up: a decision is as old as the oldest of what it is made from.
    const tick = Math.min(start.tick, readAt)
    const epoch = usesGroups ? start.epoch : undefined
    this.#entries ??= newEntries(this.#bytesMax)
    this.#entries.set(pairOf(at, subject), {
      allowed,
      hops,
      source: 'kept',
      stripes,
      until,
      since,
      checkedAt: since,
      epoch,
      tick,
    })
  }
}

function newEntries(bytesMax: number): Lru<number, Entry> {
  const weigh = (entry: Entry) => entryBytes + entry.stripes.byteLength
  return new Lru(Math.ceil(bytesMax / entryBytes), { weightMax: bytesMax, weigh })
}
