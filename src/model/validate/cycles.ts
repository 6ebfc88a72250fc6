/**
 * Rule 9: no relation leads to a cycle made of computed usersets alone, through whatever operators: it would be
 * defined by itself with no tuple in between. Cycles through tuples are fine.
 */
import { operators } from '../rewrite.ts'
import { type Draft, type DraftRelation, invalidRelation } from './draft.ts'

export class Cycles {
  /** `type#relation` of the relations that lead to no cycle. */
  readonly #free = new Set<string>()

  /** Peels the graph of computed usersets from its leaves; what cannot be peeled leads to a cycle. O(edges). */
  constructor(draft: Draft) {
    const left = new Map<string, number>()
    const above = new Map<string, string[]>()
    const leaves: string[] = []
    for (const relations of draft.types.values()) {
      for (const relation of relations.values()) {
        const name = `${relation.type}#${relation.name}`
        const targets = computedBy(relation)
        left.set(name, targets.size)
        if (targets.size === 0) leaves.push(name)
        for (const target of targets) {
          const names = above.get(target)
          if (names === undefined) above.set(target, [name])
          else names.push(name)
        }
      }
    }
    for (let leaf = leaves.pop(); leaf !== undefined; leaf = leaves.pop()) {
      this.#free.add(leaf)
      for (const name of above.get(leaf) ?? []) {
        const rest = (left.get(name) ?? 0) - 1
        left.set(name, rest)
        if (rest === 0) leaves.push(name)
      }
    }
  }

  check(relation: DraftRelation): void {
    if (this.#free.has(`${relation.type}#${relation.name}`)) return
    throw invalidRelation(relation, 'an authorization model cannot contain a cycle')
  }
}

function computedBy({ type, rewrite }: DraftRelation): Set<string> {
  const targets = new Set<string>()
  for (const operator of operators(rewrite)) {
    if ('computedUserset' in operator) targets.add(`${type}#${operator.computedUserset.relation}`)
  }
  return targets
}
