/**
 * Membership of an individual in a relation that only grants, decided over the resident graph: breadth first from
 * the object, with the group index for a shortcut at every hop. It never fails: where a condition, an expiry, a
 * spread relation or too long a search is in the way it does not know, and the walk decides.
 */
import { visible } from '../../model/tuple-check.ts'
import type { Graph, Individual, Sight } from './graph.ts'
import { above } from './groups.ts'
import * as records from './records.ts'
import type { Flat, Rung } from './rung.ts'

/** Objects a search may look at before it leaves the question to the walk, which gives the event loop its turns. */
const looksMax = 500

/** No proof: the subject is certainly absent. */
export const absent = -1

/** Tuple hops of a proof, the least there is if `hopsMax` is passed, or `absent`; undefined: the graph cannot tell. */
export function reach(
  sight: Sight,
  object: number,
  flat: Flat,
  individual: Individual,
  hopsMax: number,
): number | undefined {
  return new Search(sight, individual, hopsMax).from(object, flat)
}

class Search {
  readonly #sight: Sight
  readonly #graph: Graph
  readonly #individual: Individual
  readonly #hopsMax: number
  /** Addresses of what is above them; 0 until asked for. */
  #aboveOne = 0
  #aboveAll = 0
  /** What the index cannot tell, to be looked at from below; and how to tell that it was put there. */
  #next: number[] | undefined
  #crossed: Set<number> | undefined
  #least = absent
  #unsure = false

  constructor(sight: Sight, individual: Individual, hopsMax: number) {
    this.#sight = sight
    this.#graph = sight.graph
    this.#individual = individual
    this.#hopsMax = hopsMax
  }

  from(object: number, flat: Flat): number | undefined {
    this.#look(object, flat, 0)
    for (let hops = 1, looked = 0; this.#next !== undefined && !this.#isDone(hops); hops++) {
      const level = this.#next
      this.#next = undefined
      for (const id of level) {
        if (++looked > looksMax) return undefined
        const below = this.#graph.rung(id)?.flat
        if (below === undefined) this.#unsure = true
        else this.#look(this.#graph.arena.objects[id] as number, below, hops)
        if (this.#isDone(hops)) break
      }
    }
    return this.#least === absent && this.#unsure ? undefined : this.#least
  }

  /** Whether a proof is known that is short enough, or that nothing at this distance can shorten. */
  #isDone(hops: number): boolean {
    return this.#least !== absent && (this.#least < this.#hopsMax || this.#least <= hops)
  }

  #found(hops: number): void {
    if (this.#least === absent || hops < this.#least) this.#least = hops
  }

  /** The tuples at one object: those that name the individual, and the steps beyond. */
  #look(object: number, { direct, parents }: Flat, hops: number): void {
    for (const rung of direct) {
      if (this.#isNamed(object, rung)) {
        this.#found(hops)
        return
      }
    }
    for (const rung of direct) {
      this.#crossUsersets(object + rung.ordinal, hops + 1)
      if (this.#isDone(hops)) return
    }
    for (const { tupleset, computed } of parents) {
      this.#crossParents(object + tupleset.ordinal, computed, hops + 1)
      if (this.#isDone(hops)) return
    }
  }

  #isNamed(object: number, rung: Rung): boolean {
    const { id, everybody } = this.#individual
    const edges = this.#edges(object + rung.ordinal)
    if (edges === 0) return false
    const { slab } = this.#graph.arena
    if (records.isNamed(slab, edges, id) || records.isNamed(slab, edges, everybody)) return true
    if (records.isQualified(slab, edges, id) || records.isQualified(slab, edges, everybody))
      this.#unsure = true
    if ((records.flagsOf(slab, edges) & records.spread) === 0) return false
    return this.#isNamedApart(object, rung)
  }

  /** Where plain subjects have a key each. */
  #isNamedApart(object: number, { relation }: Rung): boolean {
    const { arena, model } = this.#graph
    const tuple = this.#sight.view.tuple(arena.name(object), relation.name, arena.name(this.#individual.id))
    if (tuple === undefined || !visible(model, relation, tuple)) return false
    if (tuple.condition === undefined && tuple.expiresAt === undefined) return true
    this.#unsure = true
    return false
  }

  #crossUsersets(id: number, hops: number): void {
    const edges = this.#edges(id)
    if (edges === 0) return
    const { slab } = this.#graph.arena
    const flags = records.flagsOf(slab, edges)
    if ((flags & records.usersetQualified) !== 0) this.#unsure = true
    const usersets = records.usersetCount(slab, edges)
    if (usersets === 0) return
    const isKnown = this.#climb()
    for (const climbed of [this.#aboveOne, this.#aboveAll]) {
      const below = climbed === 0 ? -1 : records.hopsToUsersets(slab, climbed, edges)
      if (below !== -1) this.#found(hops + below)
    }
    // Nobody below is no answer where something below may fail: the search has to look.
    if (this.#isDone(hops) || (isKnown && (flags & records.conditional) === 0)) return
    for (let i = 0; i < usersets; i++) this.#push(records.usersetAt(slab, edges, i), isKnown)
  }

  #crossParents(id: number, computed: readonly (Rung | undefined)[], hops: number): void {
    const edges = this.#edges(id)
    if (edges === 0) return
    const { slab, types } = this.#graph.arena
    if ((records.flagsOf(slab, edges) & records.spread) !== 0 || records.hasQualified(slab, edges)) {
      this.#unsure = true
    }
    for (let i = 0; i < records.count(slab, edges); i++) {
      const parent = records.idAt(slab, edges, i)
      const rung = computed[types[parent] as number]
      if (rung === undefined) continue
      const isKnown = this.#climb()
      const target = parent + rung.ordinal
      for (const climbed of [this.#aboveOne, this.#aboveAll]) {
        const below = climbed === 0 ? -1 : records.hopsTo(slab, climbed, target)
        if (below !== -1) this.#found(hops + below)
      }
      if (this.#isDone(hops)) return
      this.#push(target, isKnown)
    }
  }

  /** To be looked at from below, unless the index has said all there is to say. */
  #push(id: number, isKnown: boolean): void {
    if (isKnown && this.#graph.rung(id)?.isConditional === false) return
    this.#crossed ??= new Set()
    if (this.#crossed.has(id)) return
    this.#crossed.add(id)
    this.#next ??= []
    this.#next.push(id)
  }

  /** Asks the group index; true when it knows all that is above. */
  #climb(): boolean {
    const { id, everybody } = this.#individual
    const { slab } = this.#graph.arena
    if (this.#aboveOne === 0) this.#aboveOne = above(this.#sight, id)
    if (this.#aboveAll === 0) this.#aboveAll = above(this.#sight, everybody)
    if (this.#aboveOne === 0 || this.#aboveAll === 0) return false
    const flags = records.flagsOf(slab, this.#aboveOne) | records.flagsOf(slab, this.#aboveAll)
    return (flags & records.partial) === 0
  }

  /** 0: too much has been fetched, and nothing here is known. */
  #edges(id: number): number {
    const edges = this.#graph.edges(this.#sight, id)
    if (edges === 0) this.#unsure = true
    return edges
  }
}
