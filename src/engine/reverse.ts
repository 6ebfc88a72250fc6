/**
 * The model's rewrites read backwards: which relations can a relation lead to. Computed once a model. It knows no
 * tuples, and treats every operand as if it granted: what it finds are candidates, a check decides.
 */
import type { Model, Relation, Rewrite } from '../model/model.ts'

/** Where membership in a relation may lead, over no tuple or over one. */
export interface Upward {
  /** Relations of the same object that read it. */
  readonly computed: readonly Relation[]
  /** Relations that read it from their parents, by the tupleset that points to the parent: `type#tupleset`. */
  readonly fromParent: ReadonlyMap<string, readonly Relation[]>
}

const nowhere: Upward = { computed: [], fromParent: new Map() }
const known = new WeakMap<Model, ReadonlyMap<string, Upward>>()

/** Where membership in type#relation may lead. */
export function upward(model: Model, type: string, relation: string): Upward {
  let all = known.get(model)
  if (all === undefined) {
    all = readBackwards(model)
    known.set(model, all)
  }
  return all.get(`${type}#${relation}`) ?? nowhere
}

/** The relations whose rewrite holds the tuples of their own: only those can be granted by one. */
export function isDirect(rewrite: Rewrite): boolean {
  return leaves(rewrite).some((leaf) => leaf.kind === 'direct')
}

function readBackwards(model: Model): ReadonlyMap<string, Upward> {
  const all = new Map<string, { computed: Relation[]; fromParent: Map<string, Relation[]> }>()
  const at = (type: string, relation: string) => {
    const name = `${type}#${relation}`
    const there = all.get(name) ?? { computed: [], fromParent: new Map<string, Relation[]>() }
    all.set(name, there)
    return there
  }
  for (const reader of model.types.flatMap((type) => model.relations(type))) {
    for (const leaf of leaves(reader.rewrite)) {
      if (leaf.kind === 'computed') at(reader.type, leaf.relation).computed.push(reader)
      if (leaf.kind !== 'tuple-to-userset') continue
      const by = `${reader.type}#${leaf.tupleset}`
      for (const parent of model.relation(reader.type, leaf.tupleset)?.restrictions ?? []) {
        const { fromParent } = at(parent.type, leaf.computed)
        const readers = fromParent.get(by)
        if (readers === undefined) fromParent.set(by, [reader])
        else if (!readers.includes(reader)) readers.push(reader)
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
