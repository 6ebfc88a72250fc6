/**
 * What a relation comes to at an object, of what the closure knows of that object: operators that are certain grant,
 * those that were not reached do not. Where that is not enough it says so, and a check decides. Reads nothing.
 */
import type { Model, Relation, Rewrite } from '../model/model.ts'
import { doubtful, type Reached } from './reached.ts'
import { latticeOf } from './resident/lattice.ts'

/** Tuple hops of a proof; `no`: certainly no member. */
export type Weight = number | 'no' | 'unsure'

/**
 * Operators looked at for one object: relations that read each other in layers make as many as there are paths. Past it
 * a check decides, which looks at each once and in slices.
 */
const operatorsMax = 1_000
/** Relations of one object read through one another; deeper ones, or such as read each other, are left to a check. */
const nestingMax = 16

/** Weighs objects for one relation. */
export class Scales {
  readonly #model: Model
  readonly #target: Relation
  readonly #conditional = new Map<Relation, boolean>()
  #nesting = 0
  /** Operators that may still be looked at. */
  #left = 0
  /** Whether everything the subject reaches is known. */
  #whole = true

  constructor(model: Model, target: Relation) {
    this.#model = model
    this.#target = target
  }

  /** Once everything the subject reaches is known. */
  weigh(at: Reached): Weight {
    this.#whole = true
    this.#left = operatorsMax
    return this.#operator(at, this.#target, this.#target.rewrite)
  }

  /** Before that: whether it would be a member if no more were reached. */
  promises(at: Reached): boolean {
    this.#whole = false
    this.#left = operatorsMax
    return typeof this.#operator(at, this.#target, this.#target.rewrite) === 'number'
  }

  #operator(at: Reached, relation: Relation, rewrite: Rewrite): Weight {
    const hops = at.hops(rewrite.id)
    if (hops !== undefined && hops !== doubtful) return hops
    if (this.#left-- <= 0) return 'unsure'
    switch (rewrite.kind) {
      case 'union':
        return this.#any(at, relation, rewrite.children)
      case 'intersection':
        return this.#all(at, relation, rewrite.children)
      case 'exclusion': {
        const base = this.#operator(at, relation, rewrite.base)
        return base === 'no' ? 'no' : butNot(base, this.#operator(at, relation, rewrite.subtract))
      }
      case 'computed':
        return this.#computed(at, this.#model.relation(relation.type, rewrite.relation))
      default:
        if (!this.#whole) return 'no'
        // Who is not reached is absent, unless a condition below cannot be evaluated.
        return hops === doubtful || this.#isConditional(relation) ? 'unsure' : 'no'
    }
  }

  #any(at: Reached, relation: Relation, operands: readonly Rewrite[]): Weight {
    let least: Weight = 'no'
    for (const operand of operands) {
      const weight = this.#operator(at, relation, operand)
      if (typeof weight === 'number') least = typeof least === 'number' ? Math.min(least, weight) : weight
      else if (weight === 'unsure' && least === 'no') least = weight
    }
    return least
  }

  #all(at: Reached, relation: Relation, operands: readonly Rewrite[]): Weight {
    let most: number | 'unsure' = 0 as number | 'unsure'
    for (const operand of operands) {
      const weight = this.#operator(at, relation, operand)
      if (weight === 'no') return weight
      most = weight === 'unsure' || most === 'unsure' ? 'unsure' : Math.max(most, weight)
    }
    return most
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

/** As a walk joins them: who is subtracted is absent, whatever the base. */
function butNot(base: Exclude<Weight, 'no'>, subtracted: Weight): Weight {
  if (typeof subtracted === 'number') return 'no'
  return subtracted === 'no' ? base : 'unsure'
}
