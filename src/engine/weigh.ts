/**
 * What a relation comes to at an object, of what the closure knows of that object: operators that are certain grant,
 * those that were not reached do not. Where that is not enough it says so, and a check decides. Reads nothing.
 */
import type { Model, Relation, Rewrite } from '../model/model.ts'
import { doubtful, type Reached } from './closure.ts'
import { latticeOf } from './resident/lattice.ts'

/** Tuple hops of a proof; `no`: certainly no member. */
export type Weight = number | 'no' | 'unsure'

/** Relations of one object read through one another; deeper ones, or such as read each other, are left to a check. */
const nestingMax = 16

/** Weighs objects for one relation. */
export class Scales {
  readonly #model: Model
  readonly #target: Relation
  readonly #conditional = new Map<Relation, boolean>()
  #nesting = 0
  /** Whether everything the subject reaches is known. */
  #whole = true

  constructor(model: Model, target: Relation) {
    this.#model = model
    this.#target = target
  }

  /** Once everything the subject reaches is known. */
  weigh(at: Reached): Weight {
    this.#whole = true
    return this.#operator(at, this.#target, this.#target.rewrite)
  }

  /** Before that: whether it would be a member if no more were reached. */
  promises(at: Reached): boolean {
    this.#whole = false
    return typeof this.#operator(at, this.#target, this.#target.rewrite) === 'number'
  }

  #operator(at: Reached, relation: Relation, rewrite: Rewrite): Weight {
    const hops = at.hops(rewrite.id)
    if (hops !== undefined && hops !== doubtful) return hops
    switch (rewrite.kind) {
      case 'union':
        return any(rewrite.children.map((child) => this.#operator(at, relation, child)))
      case 'intersection':
        return all(rewrite.children.map((child) => this.#operator(at, relation, child)))
      case 'exclusion':
        return butNot(this.#operator(at, relation, rewrite.base), () =>
          this.#operator(at, relation, rewrite.subtract),
        )
      case 'computed':
        return this.#computed(at, this.#model.relation(relation.type, rewrite.relation))
      default:
        if (!this.#whole) return 'no'
        // Who is not reached is absent, unless a condition below cannot be evaluated.
        return hops === doubtful || this.#isConditional(relation) ? 'unsure' : 'no'
    }
  }

  #computed(at: Reached, read: Relation | undefined): Weight {
    if (read === undefined || this.#nesting === nestingMax) return 'unsure'
    this.#nesting++
    const weight = this.#operator(at, read, read.rewrite)
    this.#nesting--
    return weight
  }

  #isConditional(relation: Relation): boolean {
    let known = this.#conditional.get(relation)
    if (known === undefined) {
      known = latticeOf(this.#model).rung(relation).isConditional
      this.#conditional.set(relation, known)
    }
    return known
  }
}

function any(operands: readonly Weight[]): Weight {
  const proofs = operands.filter((operand) => typeof operand === 'number')
  if (proofs.length > 0) return Math.min(...proofs)
  return operands.includes('unsure') ? 'unsure' : 'no'
}

function all(operands: readonly Weight[]): Weight {
  if (operands.includes('no')) return 'no'
  const proofs = operands.filter((operand) => typeof operand === 'number')
  return proofs.length < operands.length ? 'unsure' : Math.max(...proofs)
}

/** As a walk joins them: who is subtracted is absent, whatever the base. */
function butNot(base: Weight, subtracted: () => Weight): Weight {
  if (base === 'no') return 'no'
  const weight = subtracted()
  if (typeof weight === 'number') return 'no'
  return weight === 'no' ? base : 'unsure'
}
