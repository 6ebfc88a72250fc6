/**
 * What one answer was made from, noted while it is made: the stripes to watch, the instant until which it may stand,
 * and whether it may be kept at all. Every read of a tuple on the way to a decision passes one of these methods.
 */
import { assert } from '../../lib/assert.ts'
import { printTuple, type Tuple, type TupleKey } from '../../tuple/tuple.ts'
import type { Graph } from './graph.ts'
import { placementsStripe, pointStripe, subjectsStripe, usersetsStripe } from './stripes.ts'

/** Stripes of one answer, a thousand of which take 4 KiB and a microsecond to look over: more are not worth their room. */
const stripesMax = 1_000

/** What an answer rests on. */
interface Told {
  readonly stripes: Int32Array
  /** Milliseconds since the epoch. */
  readonly until: number
  readonly usesGroups: boolean
  /** The tick of the oldest record in memory that was used; Infinity: none was. */
  readonly readAt: number
}

export class Reads {
  readonly #store: string
  /** What was read, by its stripe. */
  readonly #noted = new Map<number, string>()
  #isKeepable = true
  /** More was read than is noted: whatever is read from now on is not looked at. */
  #isFull = false
  #until = Number.POSITIVE_INFINITY
  #usesGroups = false
  #readAt = Number.POSITIVE_INFINITY

  constructor(store: string) {
    this.#store = store
  }

  /** Whether a tuple is there, as `tuple` or as its absence. */
  point(key: TupleKey, tuple?: Tuple): void {
    if (this.#isFull) return
    this.#note(pointStripe(this.#store, key), `tuple ${printTuple(key)}`)
    // What a condition says hangs on the request.
    if (tuple?.condition !== undefined) this.#isKeepable = false
    if (tuple?.expiresAt !== undefined) this.#until = Math.min(this.#until, tuple.expiresAt)
  }

  /** Which usersets and wildcards are at a place. */
  usersets(object: string, relation: string): void {
    if (this.#isFull) return
    this.#note(usersetsStripe(this.#store, object, relation), `usersets of ${object}#${relation}`)
  }

  /** Which plain subjects are at a place. */
  subjects(object: string, relation: string): void {
    if (this.#isFull) return
    this.#note(subjectsStripe(this.#store, object, relation), `subjects of ${object}#${relation}`)
  }

  /** Where a subject is placed. */
  placements(subject: string): void {
    if (this.#isFull) return
    this.#note(placementsStripe(this.#store, subject), `placements of ${subject}`)
  }

  /** Whether an individual, or everybody like it, is named at object#relation. */
  points(graph: Graph, at: number, individual: number, everybody: number): void {
    if (this.#isFull) return
    const place = placeOf(graph, at)
    for (const subject of [individual, everybody]) this.point({ subject: graph.nameOf(subject), ...place })
  }

  usersetsOf(graph: Graph, at: number): void {
    if (this.#isFull) return
    const { object, relation } = placeOf(graph, at)
    this.usersets(object, relation)
  }

  subjectsOf(graph: Graph, at: number): void {
    if (this.#isFull) return
    const { object, relation } = placeOf(graph, at)
    this.subjects(object, relation)
  }

  /** What is above an individual: its own placements, and how groups contain each other, which the graph's epoch watches. */
  groups(graph: Graph, individual: number, everybody: number): void {
    this.placements(graph.nameOf(individual))
    this.placements(graph.nameOf(everybody))
    this.#usesGroups = true
  }

  /** What is in memory was read before: the answer is as old as the oldest of it. @param readAt - a tick */
  remembered(readAt: number): void {
    this.#readAt = Math.min(this.#readAt, readAt)
  }

  /** Undefined: the answer is not to be kept. */
  get told(): Told | undefined {
    if (!this.#isKeepable || this.#isFull) return undefined
    const stripes = Int32Array.from(this.#noted.keys())
    return { stripes, until: this.#until, usesGroups: this.#usesGroups, readAt: this.#readAt }
  }

  /** For people. */
  get texts(): readonly string[] {
    return [...this.#noted.values(), ...(this.#usesGroups ? ['edges between groups'] : [])]
  }

  #note(stripe: number, text: string): void {
    if (this.#noted.size < stripesMax) this.#noted.set(stripe, text)
    else if (!this.#noted.has(stripe)) this.#isFull = true
  }
}

function placeOf(graph: Graph, at: number): { readonly object: string; readonly relation: string } {
  const rung = graph.rung(at)
  assert(rung !== undefined, 'tuples are at relations')
  return { object: graph.arena.name(graph.arena.objectOf(at)), relation: rung.relation.name }
}
