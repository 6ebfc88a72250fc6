/**
 * The only door from a walk to tuples: one state of one store, overlaid by the request's contextual tuples, seen
 * through the model. A stored tuple that the model would not accept today is invisible, an expired one absent.
 * Synchronous; what would need an iterator is fetched by `scan` beforehand.
 */
import { assert } from '../lib/assert.ts'
import { type Fault, faultOf } from '../lib/fault.ts'
import { compareBytes, placeIn } from '../lib/order.ts'
import type { Relation } from '../model/model.ts'
import { visible } from '../model/tuple-check.ts'
import type { Edges, PinnedView, Placed, Placement, View } from '../storage/storage.ts'
import { isUserset, isWildcard } from '../tuple/subject.ts'
import { printTuple, type Tuple } from '../tuple/tuple.ts'
import type { Graph } from './resident/graph.ts'
import { listed } from './resident/listed.ts'
import type { Sight } from './resident/sight.ts'
import type { Scope } from './scope.ts'

export class Reader {
  readonly #scope: Scope
  #view: View
  #pinned: PinnedView | undefined
  /** By object#relation: what storage has there, kept for the length of the walk. */
  readonly #edges = new Map<string, Edges>()
  /** The place that was asked about last: the tuples of one are mostly asked for together. */
  #last: { readonly object: string; readonly relation: Relation; readonly edges: Edges } | undefined
  readonly #scanned = new Map<string, readonly string[]>()
  readonly #contextual = new Map<string, Map<string, Tuple>>()
  readonly #contextualBySubject = new Map<string, Tuple[]>()
  readonly #hidden: ReadonlySet<string> | undefined
  readonly #memory: Graph | undefined

  /** @param memory - asked before storage, as long as it is of the same revision */
  constructor(scope: Scope, memory?: Graph) {
    this.#scope = scope
    this.#memory = memory
    this.#view = scope.view
    this.#hidden = scope.hidden && new Set(scope.hidden.map(printTuple))
    for (const tuple of scope.contextual) {
      const at = `${tuple.object}#${tuple.relation}`
      const there = this.#contextual.get(at) ?? new Map<string, Tuple>()
      this.#contextual.set(at, there.set(tuple.subject, tuple))
    }
    for (const there of this.#contextual.values()) {
      for (const tuple of there.values()) {
        const placed = this.#contextualBySubject.get(tuple.subject)
        if (placed === undefined) this.#contextualBySubject.set(tuple.subject, [tuple])
        else placed.push(tuple)
      }
    }
  }

  get view(): View {
    return this.#view
  }

  /** Keeps the state readable when the question outlives the turn. */
  pin(): void {
    if (this.#pinned !== undefined) return
    this.#pinned = this.#view.pin()
    this.#view = this.#pinned
  }

  release(): void {
    this.#pinned?.release()
    this.#pinned = undefined
  }

  /** Whether the tuple object#relation@subject is there and holds; the fault when its condition cannot be evaluated. */
  grant(relation: Relation, object: string, subject: string): boolean | Fault {
    const tuple = this.tuple(relation, object, subject)
    return tuple !== undefined && this.#holds(tuple)
  }

  /** As `grant`, of a subject that `usersets` or `parents` told of: that it is there need not be found out again. */
  grantTold(relation: Relation, object: string, subject: string): boolean | Fault {
    const { plain, qualified } = this.#edgesOf(relation, object)
    const isListed = plain !== undefined || isUserset(subject)
    if (!isListed || !this.isPlain || qualified.has(subject)) return this.grant(relation, object, subject)
    const key = { object, relation: relation.name, subject }
    this.#scope.reads?.point(key)
    return visible(this.#scope.model, relation, key)
  }

  /** The tuple, where it is there and the model accepts it; its condition is not looked at. */
  tuple(relation: Relation, object: string, subject: string): Tuple | undefined {
    const at = `${object}#${relation.name}`
    const tuple = this.#contextual.get(at)?.get(subject) ?? this.#stored(at, relation, object, subject)
    return tuple !== undefined && visible(this.#scope.model, relation, tuple) ? tuple : undefined
  }

  /** Usersets and wildcards at object#relation, contextual ones first; each still to be asked for with `grant` or `tuple`. */
  usersets(relation: Relation, object: string): readonly string[] {
    const at = `${object}#${relation.name}`
    this.#scope.reads?.usersets(object, relation.name)
    const stored = this.#edgesAt(at, relation, object).usersets
    const contextual = this.#contextual.get(at)
    if (contextual === undefined) return stored
    const first = [...contextual.keys()].filter((subject) => isUserset(subject) || isWildcard(subject))
    return [...first, ...stored.filter((subject) => !contextual.has(subject))]
  }

  /**
   * Plain subjects at object#relation, contextual ones first; each still to be asked for with `grant` or `tuple`.
   * Undefined: they are spread over one key each, `scan` must run first.
   */
  parents(relation: Relation, object: string): readonly string[] | undefined {
    const at = `${object}#${relation.name}`
    this.#scope.reads?.subjects(object, relation.name)
    const stored = this.#edgesAt(at, relation, object).plain ?? this.#scanned.get(at)
    const contextual = this.#contextual.get(at)
    if (contextual === undefined || stored === undefined) return stored
    const first = [...contextual.keys()].filter((subject) => !isUserset(subject) && !isWildcard(subject))
    return [...first, ...stored.filter((subject) => !contextual.has(subject))]
  }

  /** `parents`, fetched where they are spread. */
  async plain(relation: Relation, object: string): Promise<readonly string[]> {
    const known = this.parents(relation, object)
    if (known !== undefined) return known
    this.pin()
    await this.scan({ object, relation: relation.name })
    return this.parents(relation, object) ?? []
  }

  /** Fetches the plain subjects of a spread relation. O(subjects). */
  async scan({ object, relation }: Placement): Promise<void> {
    const subjects: string[] = []
    for await (const page of this.#view.plain(object, relation)) subjects.push(...page)
    this.#scanned.set(`${object}#${relation}`, subjects)
  }

  /** Where contextual tuples put a subject; `stands` says what holds. */
  contextual(subject: string): readonly Placed[] {
    const tuples = this.#contextualBySubject.get(subject) ?? []
    return tuples.map(({ object, relation }) => ({ object, relation, qualified: true }))
  }

  /**
   * Whether the tuple behind a stored placement, or the contextual one in its stead, holds; the fault when its
   * condition cannot be evaluated. A point read where it is qualified, none where it is not.
   */
  stands(relation: Relation, { object, qualified }: Placed, subject: string): boolean | Fault {
    const { model } = this.#scope
    const { name } = relation
    if (this.#isOverlaid(object, name, subject)) return this.grant(relation, object, subject)
    if (!qualified) return visible(model, relation, { object, relation: name, subject })
    const stored = this.#view.tuple(object, name, subject)
    return stored !== undefined && visible(model, relation, stored) && this.#holds(stored)
  }

  /** Whether every stored tuple is seen as it is stored. */
  get isPlain(): boolean {
    return this.#contextual.size === 0 && this.#hidden === undefined
  }

  #isOverlaid(object: string, relation: string, subject: string): boolean {
    if (this.isPlain) return false
    const at = `${object}#${relation}`
    return this.#contextual.get(at)?.has(subject) === true || this.#hidden?.has(`${at}@${subject}`) === true
  }

  #stored(at: string, relation: Relation, object: string, subject: string): Tuple | undefined {
    if (this.#hidden?.has(`${at}@${subject}`)) return undefined
    const tuple = this.#find(at, relation, object, subject)
    this.#scope.reads?.point({ object, relation: relation.name, subject }, tuple)
    return tuple
  }

  #find(at: string, relation: Relation, object: string, subject: string): Tuple | undefined {
    const edges = this.#edgesAt(at, relation, object)
    const listed = isUserset(subject) || isWildcard(subject) ? edges.usersets : edges.plain
    if (edges.qualified.has(subject)) return this.#qualified(relation, object, subject)
    if (listed === undefined) return this.#view.tuple(object, relation.name, subject)
    return isListed(listed, subject) ? { object, relation: relation.name, subject } : undefined
  }

  #edgesOf(relation: Relation, object: string): Edges {
    const last = this.#last
    if (last !== undefined && last.object === object && last.relation === relation) return last.edges
    const edges = this.#edgesAt(`${object}#${relation.name}`, relation, object)
    this.#last = { object, relation, edges }
    return edges
  }

  #edgesAt(at: string, relation: Relation, object: string): Edges {
    const known = this.#edges.get(at)
    if (known !== undefined) return known
    const edges = this.#remembered(relation, object) ?? this.#view.edges(object, relation.name)
    this.#edges.set(at, edges)
    return edges
  }

  #remembered(relation: Relation, object: string): Edges | undefined {
    const sight = this.#sight()
    return sight && listed(sight, atIn(sight.graph, relation, object))
  }

  #qualified(relation: Relation, object: string, subject: string): Tuple | undefined {
    const sight = this.#sight()
    if (sight === undefined) return this.#view.tuple(object, relation.name, subject)
    const { graph } = sight
    return graph.tuple(sight, atIn(graph, relation, object), graph.subject(subject))
  }

  #sight(): Sight | undefined {
    if (this.#memory?.revision !== this.#view.revision || this.#memory.arena.isFull) return undefined
    return this.#memory.sight(this.#view, this.#scope.context, this.#scope.reads)
  }

  #holds(tuple: Tuple): boolean | Fault {
    if (tuple.condition === undefined) return true
    const condition = this.#scope.model.conditions.get(tuple.condition.name)
    assert(condition !== undefined, 'a visible tuple names a defined condition')
    try {
      return condition.holds(this.#scope.context, tuple.condition.context ?? {}, printTuple(tuple))
    } catch (thrown) {
      return faultOf(thrown)
    }
  }
}

/** Of so few, looking at each is quicker. */
const few = 32

/** Whether a name is among those that storage lists in the order of their bytes: a walk may ask for every one of them. */
function isListed(listed: readonly string[], name: string): boolean {
  if (listed.length <= few) return listed.includes(name)
  return listed[placeIn(listed, name, compareBytes)] === name
}

function atIn(graph: Graph, relation: Relation, object: string): number {
  return graph.id(object) + graph.lattice.rung(relation).ordinal
}
