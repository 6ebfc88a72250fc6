/**
 * What the resident graph asks of a model, computed once: each operator that only grants, flattened to the tuples it
 * reads, and the relations through which one grant leads to another. Knows no tuples.
 */
import type { Model, Relation, Rewrite } from '../../model/model.ts'
import { leaves } from '../reverse.ts'

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

const known = new WeakMap<Model, Lattice>()

/** The lattice of a model, made once. */
export function latticeOf(model: Model): Lattice {
  const lattice = known.get(model) ?? new Lattice(model)
  known.set(model, lattice)
  return lattice
}

export class Lattice {
  readonly #model: Model
  /** By operator id; null: it does not only grant. Made when first asked for. */
  readonly #flat = new Map<number, Flat | null>()
  readonly #ascent = new Map<Relation, { computed: Relation[]; children: Map<Relation, Relation[]> }>()
  /** Relations that a tuple hop can end at, and those they read on the same object. */
  readonly #steps: ReadonlySet<Relation>
  /** Relations with a conditional type restriction somewhere below. */
  readonly #conditional: ReadonlySet<Relation>

  constructor(model: Model) {
    this.#model = model
    const relations = model.types.flatMap((type) => model.relations(type))
    const granting = relations.filter(({ decides }) => !decides)
    for (const relation of granting) this.#ascend(relation)
    const crossed = relations.flatMap((relation) => this.#crossed(relation))
    this.#steps = closure(
      crossed.filter(({ decides }) => !decides),
      (relation) => this.#computed(relation),
    )
    this.#conditional = this.#findConditional(relations)
  }

  /** Undefined for an operator with an intersection or an exclusion below: only the walk can tell. */
  flat(relation: Relation, rewrite: Rewrite = relation.rewrite): Flat | undefined {
    let known = this.#flat.get(rewrite.id)
    if (known === undefined) {
      known = this.#onlyGrants(relation, rewrite) ? this.#read(relation, rewrite) : null
      this.#flat.set(rewrite.id, known)
    }
    return known ?? undefined
  }

  ascent(relation: Relation): Ascent | undefined {
    return this.#ascent.get(relation)
  }

  /** Whether membership in it can be a step on the way to another object. */
  isStep(relation: Relation): boolean {
    return this.#steps.has(relation)
  }

  /** Whether a condition may stand on the way down: then nobody below is no proof that nothing fails there. */
  isConditional(relation: Relation): boolean {
    return this.#conditional.has(relation)
  }

  #onlyGrants(relation: Relation, rewrite: Rewrite): boolean {
    if (rewrite === relation.rewrite) return !relation.decides
    if (rewrite.kind === 'intersection' || rewrite.kind === 'exclusion') return false
    if (rewrite.kind === 'union') return rewrite.children.every((child) => this.#onlyGrants(relation, child))
    return this.#readBy(relation, rewrite).every(({ decides }) => !decides)
  }

  /** The relations whose members become members by one operator that is a leaf. */
  #readBy({ type, restrictions }: Relation, rewrite: Rewrite): readonly Relation[] {
    switch (rewrite.kind) {
      case 'direct':
        return restrictions.flatMap(({ type: of, relation }) =>
          relation === undefined ? [] : this.#named(of, relation),
        )
      case 'computed':
        return this.#named(type, rewrite.relation)
      case 'tuple-to-userset':
        return this.#named(type, rewrite.tupleset).flatMap((tupleset) =>
          tupleset.restrictions.flatMap((parent) => this.#named(parent.type, rewrite.computed)),
        )
      default:
        return []
    }
  }

  #named(type: string, name: string): readonly Relation[] {
    const relation = this.#model.relation(type, name)
    return relation === undefined ? [] : [relation]
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
      if (reading.kind === 'computed') for (const read of this.#readBy(at, reading)) push(read, read.rewrite)
      if (reading.kind !== 'tuple-to-userset') continue
      for (const tupleset of this.#named(at.type, reading.tupleset))
        parents.push({ tupleset, computed: reading.computed })
    }
    return { direct, parents }
  }

  /** Notes where the members of what `reader` reads go by it. */
  #ascend(reader: Relation): void {
    for (const leaf of leaves(reader.rewrite)) {
      if (leaf.kind === 'computed')
        for (const read of this.#readBy(reader, leaf)) this.#from(read).computed.push(reader)
      if (leaf.kind !== 'tuple-to-userset') continue
      for (const tupleset of this.#named(reader.type, leaf.tupleset)) {
        for (const read of this.#readBy(reader, leaf)) {
          const { children } = this.#from(read)
          const readers = children.get(tupleset)
          if (readers === undefined) children.set(tupleset, [reader])
          else if (!readers.includes(reader)) readers.push(reader)
        }
      }
    }
  }

  #from(relation: Relation) {
    const known = this.#ascent.get(relation) ?? { computed: [], children: new Map<Relation, Relation[]>() }
    this.#ascent.set(relation, known)
    return known
  }

  /** Relations that the tuples of a relation, and of the tuplesets it reads, lead to. */
  #crossed(relation: Relation): readonly Relation[] {
    const hops = leaves(relation.rewrite).filter(({ kind }) => kind !== 'computed')
    return hops.flatMap((leaf) => this.#readBy(relation, leaf))
  }

  #computed(relation: Relation): readonly Relation[] {
    return leaves(relation.rewrite)
      .filter(({ kind }) => kind === 'computed')
      .flatMap((leaf) => this.#readBy(relation, leaf))
  }

  #findConditional(relations: readonly Relation[]): ReadonlySet<Relation> {
    const readers = new Map<Relation, Relation[]>()
    const reads = (reader: Relation, read: Relation) => {
      const known = readers.get(read)
      if (known === undefined) readers.set(read, [reader])
      else known.push(reader)
    }
    for (const relation of relations) {
      for (const leaf of leaves(relation.rewrite)) {
        for (const read of this.#readBy(relation, leaf)) reads(relation, read)
        if (leaf.kind !== 'tuple-to-userset') continue
        for (const tupleset of this.#named(relation.type, leaf.tupleset)) reads(relation, tupleset)
      }
    }
    const restricted = relations.filter(({ restrictions }) =>
      restrictions.some(({ condition }) => condition !== undefined),
    )
    return closure(restricted, (relation) => readers.get(relation) ?? [])
  }
}

/** All that is reached from some by steps. Linear in the steps. */
function closure(
  from: readonly Relation[],
  next: (relation: Relation) => readonly Relation[],
): ReadonlySet<Relation> {
  const reached = new Set(from)
  // A set is read in the order of insertion, also of what is inserted meanwhile.
  for (const relation of reached) for (const one of next(relation)) reached.add(one)
  return reached
}
