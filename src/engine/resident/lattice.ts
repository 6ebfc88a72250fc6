/**
 * What the resident graph asks of a model, computed once: each operator that only grants, flattened to the tuples it
 * reads, and the relations through which one grant leads to another. Knows no tuples.
 */
import type { Model, Relation, Rewrite } from '../../model/model.ts'

/** An operator without intersections and exclusions below, as the tuples at one object that decide it. */
export interface Flat {
  /** Relations of the same object whose own tuples grant it. */
  readonly direct: readonly Relation[]
  /** Parents to ask, and what to ask them. */
  readonly parents: readonly { readonly tupleset: Relation; readonly computed: string }[]
}

/** Where being a member leads, over operators that only grant. */
export interface Ascent {
  /** Relations of the same object. */
  readonly computed: readonly Relation[]
  /** Relations of an object that points to this one, by the tupleset it points with. */
  readonly children: ReadonlyMap<Relation, readonly Relation[]>
}

export class Lattice {
  readonly #model: Model
  /** By operator id. */
  readonly #flat: (Flat | undefined)[] = []
  readonly #ascent = new Map<Relation, { computed: Relation[]; children: Map<Relation, Relation[]> }>()
  /** Relations that a tuple hop can end at, and those they read on the same object. */
  readonly #steps = new Set<Relation>()

  constructor(model: Model) {
    this.#model = model
    const relations = model.types.flatMap((type) => model.relations(type))
    for (const relation of relations) this.#flatten(relation, relation.rewrite)
    for (const relation of relations.filter((one) => !one.decides)) this.#ascend(relation)
    for (const relation of relations) this.#noteSteps(relation)
  }

  /** Undefined for an operator with an intersection or an exclusion below: only the walk can tell. */
  flat(rewrite: Rewrite): Flat | undefined {
    return this.#flat[rewrite.id]
  }

  ascent(relation: Relation): Ascent | undefined {
    return this.#ascent.get(relation)
  }

  /** Whether membership in it can be a step on the way to another object. */
  isStep(relation: Relation): boolean {
    return this.#steps.has(relation)
  }

  /** Every operator, from the leaves up. */
  #flatten(relation: Relation, rewrite: Rewrite): void {
    if (rewrite.kind === 'union' || rewrite.kind === 'intersection') {
      for (const child of rewrite.children) this.#flatten(relation, child)
    }
    if (rewrite.kind === 'exclusion') {
      this.#flatten(relation, rewrite.base)
      this.#flatten(relation, rewrite.subtract)
    }
    this.#flat[rewrite.id] = this.#onlyGrants(relation, rewrite) ? this.#read(relation, rewrite) : undefined
  }

  #onlyGrants({ type, restrictions }: Relation, rewrite: Rewrite): boolean {
    const granting = (relation: Relation | undefined) => relation?.decides !== true
    switch (rewrite.kind) {
      case 'direct':
        return restrictions.every(
          ({ type: of, relation }) => relation === undefined || granting(this.#model.relation(of, relation)),
        )
      case 'computed':
        return granting(this.#model.relation(type, rewrite.relation))
      case 'tuple-to-userset':
        return this.#parentTypes(type, rewrite.tupleset).every((parent) =>
          granting(this.#model.relation(parent, rewrite.computed)),
        )
      case 'union':
        return rewrite.children.every((child) => this.#flat[child.id] !== undefined)
      default:
        return false
    }
  }

  #parentTypes(type: string, tupleset: string): readonly string[] {
    return this.#model.relation(type, tupleset)?.restrictions.map((restriction) => restriction.type) ?? []
  }

  /** What an operator that only grants reads, through unions and the object's other relations. */
  #read(relation: Relation, rewrite: Rewrite): Flat {
    const direct: Relation[] = []
    const parents: { tupleset: Relation; computed: string }[] = []
    const seen = new Set<Rewrite>([rewrite])
    const queue: { readonly at: Relation; readonly rewrite: Rewrite }[] = [{ at: relation, rewrite }]
    const push = (at: Relation, next: Rewrite) => {
      if (seen.has(next)) return
      seen.add(next)
      queue.push({ at, rewrite: next })
    }
    // The queue grows while it is read.
    for (const { at, rewrite: reading } of queue) {
      if (reading.kind === 'direct') direct.push(at)
      if (reading.kind === 'union') for (const child of reading.children) push(at, child)
      const computed =
        reading.kind === 'computed' ? this.#model.relation(at.type, reading.relation) : undefined
      if (computed !== undefined) push(computed, computed.rewrite)
      if (reading.kind !== 'tuple-to-userset') continue
      const tupleset = this.#model.relation(at.type, reading.tupleset)
      if (tupleset !== undefined) parents.push({ tupleset, computed: reading.computed })
    }
    return { direct, parents }
  }

  #ascend(reader: Relation): void {
    const rewrites = [reader.rewrite]
    for (const rewrite of rewrites) {
      if (rewrite.kind === 'union') rewrites.push(...rewrite.children)
      if (rewrite.kind === 'computed') this.#from(reader.type, rewrite.relation)?.computed.push(reader)
      if (rewrite.kind !== 'tuple-to-userset') continue
      const tupleset = this.#model.relation(reader.type, rewrite.tupleset)
      for (const type of this.#parentTypes(reader.type, rewrite.tupleset)) {
        const children = this.#from(type, rewrite.computed)?.children
        if (children === undefined || tupleset === undefined) continue
        const readers = children.get(tupleset)
        if (readers === undefined) children.set(tupleset, [reader])
        else if (!readers.includes(reader)) readers.push(reader)
      }
    }
  }

  #from(type: string, name: string) {
    const relation = this.#model.relation(type, name)
    if (relation === undefined) return undefined
    const known = this.#ascent.get(relation) ?? { computed: [], children: new Map<Relation, Relation[]>() }
    this.#ascent.set(relation, known)
    return known
  }

  /** Where the tuples of a relation lead from: its usersets, and what is asked of parents. */
  #noteSteps({ type, restrictions, rewrite }: Relation): void {
    for (const restriction of restrictions) {
      if (restriction.relation !== undefined)
        this.#noteStep(this.#model.relation(restriction.type, restriction.relation))
    }
    const rewrites = [rewrite]
    for (const one of rewrites) {
      if (one.kind === 'union' || one.kind === 'intersection') rewrites.push(...one.children)
      if (one.kind === 'exclusion') rewrites.push(one.base, one.subtract)
      if (one.kind !== 'tuple-to-userset') continue
      for (const parent of this.#parentTypes(type, one.tupleset))
        this.#noteStep(this.#model.relation(parent, one.computed))
    }
  }

  #noteStep(relation: Relation | undefined): void {
    if (relation === undefined || relation.decides) return
    this.#steps.add(relation)
    for (const read of this.flat(relation.rewrite)?.direct ?? []) this.#steps.add(read)
  }
}
