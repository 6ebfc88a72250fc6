/**
 * What the resident graph asks of a model, computed once: each operator that only grants, flattened to the tuples it
 * reads, and the relations through which one grant leads to another. Knows no tuples.
 */
import { assert } from '../../lib/assert.ts'
import type { Model, Relation, Rewrite } from '../../model/model.ts'
import { leaves } from '../reverse.ts'
import { Plans } from './plan.ts'
import type { Flat, Kind, Layout, Rung } from './rung.ts'

/** Operators that one step may flatten: a chain of thousands of relations would make as many lists of thousands. */
const operatorsMax = 256

const known = new WeakMap<Model, Lattice>()

/** The lattice of a model, made once. */
export function latticeOf(model: Model): Lattice {
  const lattice = known.get(model) ?? new Lattice(model)
  known.set(model, lattice)
  return lattice
}

/** A kind while its steps are still unknown. */
interface DraftKind extends Kind {
  layout: Layout
}

/** A rung while its neighbours are still unknown. */
interface Draft extends Rung {
  isStep: boolean
  isConditional: boolean
  isIndexed: boolean
  flat: Flat | undefined
  readonly computed: Rung[]
  readonly children: { readonly tupleset: Rung; readonly readers: Rung[] }[]
}

export class Lattice {
  /** By number. */
  readonly kinds: readonly DraftKind[]
  readonly plans: Plans
  readonly #model: Model
  readonly #kinds = new Map<string, Kind>()
  readonly #drafts = new Map<Relation, Draft>()
  /** By operator id; null: it does not only grant, or is too much. Made when first asked for. */
  readonly #flat = new Map<number, Flat | null>()

  constructor(model: Model) {
    this.#model = model
    this.plans = new Plans(model, this)
    this.kinds = model.types.map((name, number) => this.#draft(name, number))
    const relations = [...this.#drafts.keys()]
    const crossed = relations.flatMap((relation) => this.#crossed(relation))
    const steps = closure(
      crossed.filter(({ decides }) => !decides),
      (relation) => this.#computed(relation),
    )
    const conditional = this.#findConditional(relations)
    for (const [relation, draft] of this.#drafts) {
      draft.isStep = steps.has(relation)
      draft.isConditional = conditional.has(relation)
      draft.isIndexed = !draft.isConditional && !relation.decides
    }
    for (const kind of this.kinds) kind.layout = layoutOf(kind.rungs)
    for (const relation of relations) draftFlat(this.#drafts.get(relation), this.flat(relation))
    for (const relation of steps) if (!relation.decides) this.#ascend(relation)
  }

  kind(type: string): Kind | undefined {
    return this.#kinds.get(type)
  }

  rung(relation: Relation): Rung {
    // By name: a model that was compiled again has other objects for the same relations.
    const rung = this.#kinds.get(relation.type)?.byName.get(relation.name)
    assert(rung !== undefined, 'a relation of this model')
    return rung
  }

  /** Undefined for an operator with an intersection or an exclusion below, or with too much. */
  flat(relation: Relation, rewrite: Rewrite = relation.rewrite): Flat | undefined {
    let flat = this.#flat.get(rewrite.id)
    if (flat === undefined) {
      flat = this.#onlyGrants(relation, rewrite) ? this.#read(relation, rewrite) : null
      this.#flat.set(rewrite.id, flat)
    }
    return flat ?? undefined
  }

  /** An operator that reads tuples, whatever those lead to. */
  leaf(relation: Relation, rewrite: Rewrite): Flat | undefined {
    return this.#read(relation, rewrite) ?? undefined
  }

  #draft(name: string, number: number): DraftKind {
    const rungs = this.#model.relations(name).map((relation, index): Draft => {
      const draft = {
        relation,
        type: number,
        ordinal: index + 1,
        flat: undefined,
        computed: [],
        children: [],
      }
      const made: Draft = { ...draft, isStep: false, isConditional: false, isIndexed: false }
      this.#drafts.set(relation, made)
      return made
    })
    const byName = new Map(rungs.map((rung) => [rung.relation.name, rung]))
    const kind = { name, number, rungs, byName, layout: layoutOf(rungs) }
    this.#kinds.set(name, kind)
    return kind
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

  /** What an operator that only grants, or a leaf, reads, through unions and the object's other relations; null: too much. */
  #read(relation: Relation, rewrite: Rewrite): Flat | null {
    const direct: Rung[] = []
    const parents: { tupleset: Rung; computed: readonly (Rung | undefined)[] }[] = []
    const seen = new Set<Rewrite>([rewrite])
    const queue: { readonly at: Relation; readonly rewrite: Rewrite }[] = [{ at: relation, rewrite }]
    const push = (at: Relation, next: Rewrite) => {
      if (seen.has(next)) return
      seen.add(next)
      queue.push({ at, rewrite: next })
    }
    // The queue grows while it is read.
    for (const { at, rewrite: reading } of queue) {
      if (queue.length > operatorsMax) return null
      if (reading.kind === 'direct') direct.push(this.rung(at))
      if (reading.kind === 'union') for (const child of reading.children) push(at, child)
      if (reading.kind === 'computed') for (const read of this.#readBy(at, reading)) push(read, read.rewrite)
      if (reading.kind !== 'tuple-to-userset') continue
      const computed = this.kinds.map(({ byName }) => byName.get(reading.computed))
      for (const tupleset of this.#named(at.type, reading.tupleset))
        parents.push({ tupleset: this.rung(tupleset), computed })
    }
    return { direct, parents }
  }

  /** Notes where the members of what a step reads go by it. */
  #ascend(reader: Relation): void {
    const rung = this.rung(reader)
    for (const leaf of leaves(reader.rewrite)) {
      if (leaf.kind === 'computed')
        for (const read of this.#readBy(reader, leaf)) this.#drafts.get(read)?.computed.push(rung)
      if (leaf.kind !== 'tuple-to-userset') continue
      for (const tupleset of this.#named(reader.type, leaf.tupleset)) {
        for (const read of this.#readBy(reader, leaf)) this.#point(read, this.rung(tupleset), rung)
      }
    }
  }

  #point(read: Relation, tupleset: Rung, reader: Rung): void {
    const children = this.#drafts.get(read)?.children ?? []
    const there = children.find((child) => child.tupleset === tupleset)
    if (there === undefined) children.push({ tupleset, readers: [reader] })
    else if (!there.readers.includes(reader)) there.readers.push(reader)
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

function layoutOf(rungs: readonly Rung[]): Layout {
  const above = rungs.length + 1
  let last = above
  const placements = [++last, ...rungs.map(({ isStep }) => (isStep ? ++last : 0))]
  return { slots: last, placements, above }
}

function draftFlat(draft: Draft | undefined, flat: Flat | undefined): void {
  if (draft !== undefined) draft.flat = flat
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
