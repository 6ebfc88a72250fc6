/**
 * Membership of an individual in a relation that only grants, decided over the resident graph: breadth first from
 * the object, with the group index for a shortcut at every hop. It never fails: where a condition, an expiry, a
 * spread relation or too long a search is in the way it does not know, and the walk decides.
 */
import type { Relation } from '../../model/model.ts'
import { visible } from '../../model/tuple-check.ts'
import type { View } from '../../storage/storage.ts'
import type { Graph, Node, NodeEdges, Thing } from './graph.ts'
import { hopsDown } from './groups.ts'
import type { Flat } from './lattice.ts'

/** Nodes a search may look at before it leaves the question to the walk, which gives the event loop its turns. */
const nodesMax = 500

/** No proof: the subject is certainly absent. */
export const absent = -1

/** What was asked of the graph; the graph and the view are of one revision. */
export interface Sight {
  readonly graph: Graph
  readonly view: View
  /** On performance.now(): what was read too long before is read again. */
  readonly now: number
}

/** Least tuple hops of a proof, or `absent`; undefined: the graph cannot tell. */
export function reach(sight: Sight, object: string, flat: Flat, subject: string): number | undefined {
  return new Search(sight, subject).from(sight.graph.thing(object), flat)
}

class Search {
  readonly #sight: Sight
  readonly #graph: Graph
  readonly #view: View
  readonly #subject: string
  readonly #individual: Thing
  readonly #everybody: Thing
  readonly #number: number
  #next: Node[] = []
  #least = absent
  #unsure = false

  constructor(sight: Sight, subject: string) {
    const { graph, view } = sight
    this.#sight = sight
    this.#graph = graph
    this.#view = view
    this.#subject = subject
    this.#individual = graph.thing(subject)
    this.#everybody = graph.everybody(this.#individual.type)
    this.#number = ++graph.search
  }

  from(start: Thing, flat: Flat): number | undefined {
    if (this.#look(start, flat, 0)) return 0
    let looked = 0
    for (let hops = 1; this.#next.length > 0 && !this.#isNearer(hops); hops++) {
      const level = this.#next
      this.#next = []
      for (const { thing, relation } of level) {
        if (++looked > nodesMax) return undefined
        const below = this.#graph.lattice.flat(relation)
        if (below === undefined) this.#unsure = true
        else if (this.#look(thing, below, hops)) return hops
      }
    }
    return this.#least === absent && this.#unsure ? undefined : this.#least
  }

  /** Whether a proof is known that nothing at this distance can shorten. */
  #isNearer(hops: number): boolean {
    return this.#least !== absent && this.#least <= hops
  }

  /** True when a tuple at this object names the subject; steps beyond it are noted. */
  #look(thing: Thing, flat: Flat, hops: number): boolean {
    for (const relation of flat.direct) if (this.#isNamed(thing, relation)) return true
    this.#step(thing, flat, hops)
    return false
  }

  #isNamed(thing: Thing, relation: Relation): boolean {
    const { named, spread, qualified } = this.#edges(thing, relation)
    if (named.has(this.#subject) || named.has(this.#everybody.name)) return true
    if (qualified.has(this.#subject) || qualified.has(this.#everybody.name)) this.#unsure = true
    if (!spread) return false
    const tuple = this.#view.tuple(thing.name, relation.name, this.#subject)
    if (tuple === undefined || !visible(this.#graph.model, relation, tuple)) return false
    if (tuple.condition === undefined && tuple.expiresAt === undefined) return true
    this.#unsure = true
    return false
  }

  /** Usersets and parents of an object, each asked of the index; what it cannot tell is searched next. */
  #step(thing: Thing, flat: Flat, hops: number): void {
    for (const relation of flat.direct) {
      const { usersets, usersetQualified } = this.#edges(thing, relation)
      this.#unsure ||= usersetQualified
      for (const target of usersets) this.#cross(target, hops + 1)
    }
    for (const { tupleset, computed } of flat.parents) {
      const { parents, spread, qualified } = this.#edges(thing, tupleset)
      this.#unsure ||= spread || qualified.size > 0
      for (const parent of parents) {
        const relation = this.#graph.model.relation(parent.type, computed)
        if (relation !== undefined) this.#cross(this.#graph.node(parent, relation), hops + 1)
      }
    }
  }

  #cross(target: Node, hops: number): void {
    if (target.mark === this.#number) return
    target.mark = this.#number
    const below = hopsDown(this.#sight, this.#individual, this.#everybody, target)
    // Nobody below is no answer where something below may fail: the search has to look.
    const unsure = below === absent && this.#graph.lattice.isConditional(target.relation)
    if (below === undefined || unsure) this.#next.push(target)
    else if (below !== absent && (this.#least === absent || hops + below < this.#least))
      this.#least = hops + below
  }

  #edges(thing: Thing, relation: Relation): NodeEdges {
    return this.#graph.edges(this.#graph.node(thing, relation), this.#view, this.#sight.now)
  }
}
