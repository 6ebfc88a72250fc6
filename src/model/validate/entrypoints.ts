/**
 * Rule 8: every relation can get a member from some tuple. The set of relations that can is a least fixpoint,
 * computed once a model in O(its size): each operator waits for one operand (union) or for all, each relation
 * wakes those who wait for it.
 */
import type { UsersetJson } from '../json.ts'
import { operands } from '../rewrite.ts'
import { type Draft, type DraftRelation, invalidRelation, undefinedRelation } from './draft.ts'

export class Entrypoints {
  readonly #draft: Draft
  /** `type#relation` of the relations that have one. */
  readonly #found = new Set<string>()
  readonly #waiting = new Map<string, (() => void)[]>()
  readonly #woken: string[] = []

  constructor(draft: Draft) {
    this.#draft = draft
    for (const relations of draft.types.values()) {
      for (const relation of relations.values()) {
        this.#await(relation, relation.rewrite, () => this.#find(`${relation.type}#${relation.name}`))
      }
    }
    for (let name = this.#woken.pop(); name !== undefined; name = this.#woken.pop()) {
      for (const wake of this.#waiting.get(name) ?? []) wake()
    }
  }

  /** @throws Fault when the relation has none; the cause tells a loop of relations from a plain lack. */
  check(relation: DraftRelation): void {
    if (this.#found.has(`${relation.type}#${relation.name}`)) return
    const cause = this.#loops(relation) ? 'potential loop' : 'no entrypoints defined'
    throw invalidRelation(relation, cause)
  }

  #find(name: string): void {
    if (this.#found.has(name)) return
    this.#found.add(name)
    this.#woken.push(name)
  }

  /** Calls `enter` once at the latest when the rewrite is known to have an entry point, maybe more often. */
  #await(relation: DraftRelation, rewrite: UsersetJson, enter: () => void): void {
    if ('this' in rewrite) {
      for (const { type, relation: name } of relation.references) {
        if (name === undefined) enter()
        else this.#waitFor(`${type}#${name}`, enter)
      }
    } else if ('computedUserset' in rewrite) {
      this.#waitFor(`${relation.type}#${rewrite.computedUserset.relation}`, enter)
    } else if ('tupleToUserset' in rewrite) {
      for (const name of this.#targets(relation, rewrite)) this.#waitFor(name, enter)
    } else if ('union' in rewrite) {
      for (const child of rewrite.union.child) this.#await(relation, child, enter)
    } else {
      const all = operands(rewrite)
      let missing = all.length
      for (const operand of all) {
        let entered = false
        this.#await(relation, operand, () => {
          if (!entered) missing -= 1
          entered = true
          if (missing === 0) enter()
        })
      }
    }
  }

  #waitFor(name: string, wake: () => void): void {
    const waiting = this.#waiting.get(name)
    if (waiting === undefined) this.#waiting.set(name, [wake])
    else waiting.push(wake)
  }

  #targets(
    { type }: DraftRelation,
    { tupleToUserset }: Extract<UsersetJson, { tupleToUserset: unknown }>,
  ): readonly string[] {
    const { tupleset, computedUserset } = tupleToUserset
    const parents = this.#draft.types.get(type)?.get(tupleset.relation)?.parents ?? []
    return parents.map((parent) => `${parent}#${computedUserset.relation}`)
  }

  /** Whether computed usersets alone lead from a relation without entry point to one met before. */
  #loops(relation: DraftRelation): boolean {
    const seen = new Set([relation.name])
    const open = [relation.rewrite]
    for (let rewrite = open.pop(); rewrite !== undefined; rewrite = open.pop()) {
      if ('union' in rewrite) open.push(...rewrite.union.child)
      else if ('computedUserset' in rewrite) {
        const name = rewrite.computedUserset.relation
        if (seen.has(name)) return true
        seen.add(name)
        const target = this.#draft.types.get(relation.type)?.get(name)
        if (target === undefined) throw undefinedRelation(relation.type, name)
        open.push(target.rewrite)
      } else {
        const failing = operands(rewrite).find((operand) => !this.#enters(relation, operand))
        if (failing !== undefined) open.push(failing)
      }
    }
    return false
  }

  /** Whether a rewrite has an entry point, from what was found. */
  #enters(relation: DraftRelation, rewrite: UsersetJson): boolean {
    if ('this' in rewrite) {
      return relation.references.some(
        ({ type, relation: name }) => name === undefined || this.#found.has(`${type}#${name}`),
      )
    }
    if ('computedUserset' in rewrite) {
      return this.#found.has(`${relation.type}#${rewrite.computedUserset.relation}`)
    }
    if ('tupleToUserset' in rewrite) {
      return this.#targets(relation, rewrite).some((name) => this.#found.has(name))
    }
    const all = operands(rewrite)
    return 'union' in rewrite
      ? all.some((operand) => this.#enters(relation, operand))
      : all.every((operand) => this.#enters(relation, operand))
  }
}
