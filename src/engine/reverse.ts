/**
 * The model's rewrites read backwards: which relations can a relation lead to. Computed once a model. It knows no
 * tuples, and treats every operand as if it granted: what it finds are candidates, a check decides.
 */
import type { Model, Relation, Rewrite } from '../model/model.ts'

/** An operator without operands, and the relation whose rewrite holds it. */
export interface Leaf {
  readonly by: Relation
  readonly rewrite: Rewrite
}

/** What reads membership in a relation, over no tuple or over one. */
export interface Upward {
  /** At the same object. */
  readonly computed: readonly Leaf[]
  /** At objects that point to this one, by the tupleset they point with. */
  readonly fromParent: ReadonlyMap<Relation, readonly Leaf[]>
}

const nowhere: Upward = { computed: [], fromParent: new Map() }
const known = new WeakMap<Model, ReadonlyMap<Relation, Upward>>()

/** What reads membership in a relation. */
export function upward(model: Model, relation: Relation): Upward {
  let all = known.get(model)
  if (all === undefined) {
    all = readBackwards(model)
    known.set(model, all)
  }
  return all.get(relation) ?? nowhere
}

/** The operators of a relation that its own tuples grant. */
export function directOf(relation: Relation): readonly Leaf[] {
  const direct = leaves(relation.rewrite).filter(({ kind }) => kind === 'direct')
  return direct.map((rewrite) => ({ by: relation, rewrite }))
}

/** Whether an operator that grants makes its relation grant: nothing but unions stands between them. */
export function suffices(rewrite: Rewrite, within: Rewrite): boolean {
  if (rewrite === within) return true
  return within.kind === 'union' && within.children.some((child) => suffices(rewrite, child))
}

/** Whether an operator is on the subtracted side of an exclusion: whom it alone reaches is no member. */
export function isSubtracted(rewrite: Rewrite, within: Rewrite): boolean {
  switch (within.kind) {
    case 'exclusion':
      return leaves(within.subtract).includes(rewrite) || isSubtracted(rewrite, within.base)
    case 'union':
    case 'intersection':
      return within.children.some((child) => isSubtracted(rewrite, child))
    default:
      return false
  }
}

function readBackwards(model: Model): ReadonlyMap<Relation, Upward> {
  const all = new Map<Relation, { computed: Leaf[]; fromParent: Map<Relation, Leaf[]> }>()
  const at = (relation: Relation) => {
    const there = all.get(relation) ?? { computed: [], fromParent: new Map<Relation, Leaf[]>() }
    all.set(relation, there)
    return there
  }
  for (const by of model.types.flatMap((type) => model.relations(type))) {
    for (const rewrite of leaves(by.rewrite)) {
      if (rewrite.kind === 'computed') {
        const read = model.relation(by.type, rewrite.relation)
        if (read !== undefined) at(read).computed.push({ by, rewrite })
      }
      if (rewrite.kind !== 'tuple-to-userset') continue
      const tupleset = model.relation(by.type, rewrite.tupleset)
      for (const type of new Set(tupleset?.restrictions.map((parent) => parent.type))) {
        const read = model.relation(type, rewrite.computed)
        if (read === undefined || tupleset === undefined) continue
        const { fromParent } = at(read)
        const readers = fromParent.get(tupleset)
        if (readers === undefined) fromParent.set(tupleset, [{ by, rewrite }])
        else readers.push({ by, rewrite })
      }
    }
  }
  return all
}

/** The operators of a rewrite that have no operands. */
export function leaves(rewrite: Rewrite): readonly Rewrite[] {
  switch (rewrite.kind) {
    case 'union':
    case 'intersection':
      return rewrite.children.flatMap(leaves)
    case 'exclusion':
      return [...leaves(rewrite.base), ...leaves(rewrite.subtract)]
    default:
      return [rewrite]
  }
}

/** The tuplesets a rewrite reads, and what it reads from each; distinct, in order. */
export function tuplesetsOf(rewrite: Rewrite): readonly Extract<Rewrite, { kind: 'tuple-to-userset' }>[] {
  const read = leaves(rewrite).filter((leaf) => leaf.kind === 'tuple-to-userset')
  return [...new Map(read.map((leaf) => [`${leaf.tupleset} ${leaf.computed}`, leaf])).values()]
}
