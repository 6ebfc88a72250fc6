/**
 * Membership of an individual by an operator that only grants, decided over the resident graph: breadth first from
 * the object, with the group index for a shortcut at every hop. What may refuse further on is asked of somebody else.
 * It never fails: where a condition, an expiry, a spread relation or too long a search is in the way it does not know,
 * and the walk decides.
 */
import { assert } from '../../lib/assert.ts'
import { visible } from '../../model/tuple-check.ts'
import { printTuple, type Tuple } from '../../tuple/tuple.ts'
import type { Graph } from './graph.ts'
import { above } from './groups.ts'
import * as records from './records.ts'
import type { Flat, Rung } from './rung.ts'
import { type Individual, looksPerRead, type Sight, spend, spendOnIds } from './sight.ts'

/** No proof: the subject is certainly absent. */
export const absent = -1

/** Answers for object#relation where operators there join what tuples grant. */
export interface Beyond {
  /** Tuple hops of a proof, or `absent`; undefined: it cannot tell. */
  beyond(target: number, hopsMax: number): number | undefined
}

/**
 * Tuple hops of a proof, the least there is if `hopsMax` is passed, or `absent`; undefined: the graph cannot tell.
 * @param others - without them, what may refuse further on is left to the walk
 */
export function reach(
  sight: Sight,
  object: number,
  flat: Flat,
  individual: Individual,
  hopsMax: number,
  others?: Beyond,
): number | undefined {
  return new Search(sight, individual, hopsMax, others).from(object, flat)
}

class Search {
  readonly #sight: Sight
  readonly #graph: Graph
  readonly #individual: Individual
  readonly #hopsMax: number
  readonly #others: Beyond | undefined
  /** Addresses of what is above them; 0 until asked for. */
  #aboveOne = 0
  #aboveAll = 0
  /** Whether they are all there is; undefined until asked for. */
  #isClimbed: boolean | undefined
  /** What the index cannot tell, to be looked at from below; and how to tell that it was put there. */
  #next: number[] | undefined
  #crossed: Set<number> | undefined
  #least = absent
  #unsure = false

  constructor(sight: Sight, individual: Individual, hopsMax: number, others: Beyond | undefined) {
    this.#sight = sight
    this.#graph = sight.graph
    this.#individual = individual
    this.#hopsMax = hopsMax
    this.#others = others
  }

  from(object: number, flat: Flat): number | undefined {
    this.#look(object, flat, 0)
    for (let hops = 1; this.#next !== undefined && !this.#isDone(hops); hops++) {
      const level = this.#next
      this.#next = undefined
      for (const id of level) {
        const below = this.#graph.rung(id)?.flat
        if (below === undefined) this.#ask(id, hops)
        else if (this.#may(spendOnIds(this.#sight, below.direct.length)))
          this.#look(this.#graph.arena.objectOf(id), below, hops)
        if (this.#isDone(hops)) break
      }
    }
    return this.#least === absent && this.#unsure ? undefined : this.#least
  }

  /** Whether a proof is known that is short enough, or that nothing at this distance can shorten. */
  #isDone(hops: number): boolean {
    return this.#least !== absent && (this.#least < this.#hopsMax || this.#least <= hops)
  }

  /** Operators there join what its tuples grant. */
  #ask(id: number, hops: number): void {
    const below = this.#others?.beyond(id, this.#hopsMax - hops)
    if (below === undefined) this.#unsure = true
    else this.#foundBelow(hops, below)
  }

  /** @param below - hops from there, where somebody else knows; `absent`: there is no way */
  #foundBelow(hops: number, below: number): void {
    if (below !== absent) this.#found(hops + below)
  }

  #found(hops: number): void {
    if (this.#least === absent || hops < this.#least) this.#least = hops
  }

  /** The tuples at one object: those that name the individual, and the steps beyond. */
  #look(object: number, { direct, parents }: Flat, hops: number): void {
    let crosses = false
    for (const rung of direct) {
      const at = object + rung.ordinal
      const edges = this.#edges(at)
      if (edges === 0) continue
      const flags = records.flagsOf(this.#graph.arena.slab, edges)
      if (this.#isNamed(at, rung, edges, flags)) {
        this.#found(hops)
        return
      }
      if ((flags & records.crossing) !== 0) crosses = true
      else this.#sight.reads?.usersetsOf(this.#graph, at)
    }
    if (crosses) {
      for (const { ordinal } of direct) {
        this.#crossUsersets(object + ordinal, hops + 1)
        if (this.#isDone(hops)) return
      }
    }
    for (const { tupleset, computed } of parents) {
      this.#crossParents(object + tupleset.ordinal, computed, hops + 1)
      if (this.#isDone(hops)) return
    }
  }

  #isNamed(at: number, rung: Rung, edges: number, flags: number): boolean {
    const { id, everybody } = this.#individual
    const { slab } = this.#graph.arena
    this.#sight.reads?.points(this.#graph, at, id, everybody)
    if (records.isNamed(slab, edges, id)) return true
    if ((flags & (records.wildcard | records.doubt | records.spread)) === 0) return false
    if (records.isNamed(slab, edges, everybody)) return true
    if (records.isDoubtful(slab, edges, id) && this.#holds(at, id)) return true
    if (records.isDoubtful(slab, edges, everybody) && this.#holds(at, everybody)) return true
    return (flags & records.spread) !== 0 && this.#isNamedApart(at, rung)
  }

  /** Where plain subjects have a key each. */
  #isNamedApart(at: number, { relation, isStep }: Rung): boolean {
    const { graph, view } = this.#sight
    const { slab } = graph.arena
    // Where membership leads on, the individual's own placements tell.
    const placed = isStep ? graph.placements(this.#sight, this.#individual.id) : 0
    if (placed !== 0 && (records.flagsOf(slab, placed) & records.partial) === 0) {
      this.#sight.reads?.remembered(records.readAt(slab, placed))
      return records.isNamed(slab, placed, at)
    }
    if (!this.#may(spend(this.#sight, looksPerRead))) return false
    const tuple = view.tuple(
      graph.arena.name(graph.arena.objectOf(at)),
      relation.name,
      graph.nameOf(this.#individual.id),
    )
    if (tuple === undefined || !visible(graph.model, relation, tuple)) return false
    return this.#isInForce(tuple)
  }

  /** Whether a tuple with a condition or an expiry is there and holds. It is a look like any other. */
  #holds(at: number, subject: number): boolean {
    if (!this.#may(spend(this.#sight, 1))) return false
    const tuple = this.#graph.tuple(this.#sight, at, subject)
    return tuple !== undefined && this.#isInForce(tuple)
  }

  /** @param isLeft - what it takes; without it nothing more is said of those who are not found */
  #may(isLeft: boolean): boolean {
    if (!isLeft) this.#unsure = true
    return isLeft
  }

  #isInForce(tuple: Tuple): boolean {
    this.#sight.reads?.point(tuple, tuple)
    if (tuple.condition === undefined) return true
    const condition = this.#graph.model.conditions.get(tuple.condition.name)
    assert(condition !== undefined, 'a visible tuple names a defined condition')
    if (this.#sight.evaluations-- <= 0) {
      this.#unsure = true
      return false
    }
    try {
      return condition.holds(this.#sight.context, tuple.condition.context ?? {}, printTuple(tuple))
    } catch {
      // The walk fails in the same way, and tells which of several failures counts.
      this.#unsure = true
      return false
    }
  }

  #crossUsersets(id: number, hops: number): void {
    const edges = this.#edges(id)
    if (edges === 0) return
    const { slab } = this.#graph.arena
    const flags = records.flagsOf(slab, edges)
    if ((flags & records.crossing) === 0) return
    this.#sight.reads?.usersetsOf(this.#graph, id)
    const doubtful = records.doubtfulUsersetCount(slab, edges)
    for (let i = 0; i < doubtful; i++)
      this.#crossDoubtful(id, records.doubtfulUsersetAt(slab, edges, i), hops)
    const usersets = records.usersetCount(slab, edges)
    if (usersets === 0 || this.#isDone(hops)) return
    const isKnown = this.#climb()
    this.#foundAbove(this.#aboveOne, edges, hops)
    this.#foundAbove(this.#aboveAll, edges, hops)
    // Nobody below is no answer where something below may fail or refuse: the search has to look.
    const isIndexed = (flags & records.unindexed) === 0
    if (this.#isDone(hops) || (isKnown && isIndexed)) return
    if (!this.#may(spendOnIds(this.#sight, usersets))) return
    for (let i = 0; i < usersets; i++) this.#push(records.usersetAt(slab, edges, i), isKnown)
  }

  /** @param above - of the individual or of everybody; 0: not known */
  #foundAbove(above: number, edges: number, hops: number): void {
    const { slab } = this.#graph.arena
    if (above === 0 || !this.#may(spendOnIds(this.#sight, records.lookups(slab, above, edges)))) return
    this.#foundBelow(hops, records.hopsToUsersets(slab, above, edges))
  }

  #crossDoubtful(at: number, userset: number, hops: number): void {
    if (this.#holds(at, userset)) this.#cross(userset, hops)
  }

  #cross(target: number, hops: number): void {
    const { slab } = this.#graph.arena
    const isKnown = this.#climb()
    if (this.#aboveOne !== 0) this.#foundBelow(hops, records.hopsTo(slab, this.#aboveOne, target))
    if (this.#aboveAll !== 0) this.#foundBelow(hops, records.hopsTo(slab, this.#aboveAll, target))
    if (!this.#isDone(hops)) this.#push(target, isKnown)
  }

  #crossParents(id: number, computed: readonly (Rung | undefined)[], hops: number): void {
    const edges = this.#edges(id)
    if (edges === 0) return
    const { slab } = this.#graph.arena
    this.#sight.reads?.subjectsOf(this.#graph, id)
    // A parent may be missing from the list, or hang on a condition.
    if ((records.flagsOf(slab, edges) & (records.spread | records.doubt)) !== 0) this.#unsure = true
    const parents = records.count(slab, edges)
    if (!this.#may(spendOnIds(this.#sight, parents))) return
    for (let i = 0; i < parents && !this.#isDone(hops); i++) {
      const parent = records.idAt(slab, edges, i)
      const rung = computed[this.#graph.arena.typeOf(parent)]
      if (rung !== undefined) this.#cross(parent + rung.ordinal, hops)
    }
  }

  /** To be looked at from below, unless the index has said all there is to say. */
  #push(id: number, isKnown: boolean): void {
    if (isKnown && this.#graph.rung(id)?.isIndexed === true) return
    this.#crossed ??= new Set()
    if (this.#crossed.has(id) || !this.#may(spend(this.#sight, 1))) return
    this.#crossed.add(id)
    this.#next ??= []
    this.#next.push(id)
  }

  /** Asks the group index, once; true when it knows all that is above. */
  #climb(): boolean {
    this.#isClimbed ??= this.#climbBoth()
    return this.#isClimbed
  }

  #climbBoth(): boolean {
    const { id, everybody } = this.#individual
    const { reads } = this.#sight
    reads?.groups(this.#graph, id, everybody)
    this.#aboveOne = above(this.#sight, id)
    this.#aboveAll = above(this.#sight, everybody)
    const { slab } = this.#graph.arena
    let flags = 0
    for (const climbed of [this.#aboveOne, this.#aboveAll]) {
      if (climbed === 0) flags |= records.partial
      else {
        reads?.remembered(records.readAt(slab, climbed))
        flags |= records.flagsOf(slab, climbed)
      }
    }
    return (flags & records.partial) === 0
  }

  /** 0: too much has been fetched, and nothing here is known. */
  #edges(id: number): number {
    const edges = this.#graph.edges(this.#sight, id)
    if (edges === 0) this.#unsure = true
    else this.#sight.reads?.remembered(records.readAt(this.#graph.arena.slab, edges))
    return edges
  }
}
