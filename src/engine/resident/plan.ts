/**
 * A relation's rewrite as the resident graph answers it: operators that only grant are one step, flattened, and so is
 * each that reads tuples, whatever those lead to; the others join steps. Made once a relation; knows no tuples.
 */
import type { Model, Relation, Rewrite } from '../../model/model.ts'
import type { Lattice } from './lattice.ts'
import type { Flat } from './rung.ts'

export type Plan = Step | Join | Exclusion | Gate | { readonly kind: 'unknown' }

interface Step {
  readonly kind: 'flat'
  readonly flat: Flat
}

interface Join {
  readonly kind: 'any' | 'all'
  readonly operands: readonly Plan[]
}

interface Exclusion {
  readonly kind: 'but-not'
  readonly base: Plan
  readonly subtract: Plan
}

/** A relation that individuals of some types never reach, whatever the tuples. */
interface Gate {
  readonly kind: 'gate'
  /** By the number of the individual's type. */
  readonly reachable: readonly boolean[]
  readonly plan: Plan
  /** Operators that answering it may come to. */
  readonly size: number
}

/**
 * Operators that one answer may come to, those that several read counted each time: relations that read each other in
 * layers make as many as there are paths. What is more is left to the walk, which visits each once and in slices.
 */
const operatorsMax = 512

/** Relations of one object read through one another: each is a call within a call. */
const depthMax = 64

const unknown = { kind: 'unknown' } as const

export class Plans {
  readonly #model: Model
  readonly #lattice: Lattice
  readonly #plans = new Map<Relation, Plan>()
  #depth = 0

  constructor(model: Model, lattice: Lattice) {
    this.#model = model
    this.#lattice = lattice
  }

  of(relation: Relation): Plan {
    const known = this.#plans.get(relation)
    if (known !== undefined) return known
    if (this.#depth === depthMax) return unknown
    // A relation that reads itself over no tuple is no valid model; here it would not end.
    this.#plans.set(relation, unknown)
    const reachable = this.#model.types.map(
      (type) => relation.reach.has(type) || relation.reach.has(`${type}:*`),
    )
    this.#depth++
    const read = this.#read(relation, relation.rewrite)
    this.#depth--
    const size = sizeOf(read)
    const plan: Gate =
      size > operatorsMax
        ? { kind: 'gate', reachable, plan: unknown, size: 1 }
        : { kind: 'gate', reachable, plan: read, size }
    this.#plans.set(relation, plan)
    return plan
  }

  #read(relation: Relation, rewrite: Rewrite): Plan {
    const flat = this.#lattice.flat(relation, rewrite)
    if (flat !== undefined) return { kind: 'flat', flat }
    switch (rewrite.kind) {
      case 'computed': {
        const read = this.#model.relation(relation.type, rewrite.relation)
        return read === undefined ? unknown : this.of(read)
      }
      case 'union':
        return { kind: 'any', operands: rewrite.children.map((child) => this.#read(relation, child)) }
      case 'intersection':
        return { kind: 'all', operands: rewrite.children.map((child) => this.#read(relation, child)) }
      case 'exclusion':
        return {
          kind: 'but-not',
          base: this.#read(relation, rewrite.base),
          subtract: this.#read(relation, rewrite.subtract),
        }
      default: {
        const leaf = this.#lattice.leaf(relation, rewrite)
        return leaf === undefined ? unknown : { kind: 'flat', flat: leaf }
      }
    }
  }
}

/** O(operators of the relation itself) */
function sizeOf(plan: Plan): number {
  switch (plan.kind) {
    case 'gate':
      return plan.size
    case 'any':
    case 'all':
      return plan.operands.reduce((sum, operand) => sum + sizeOf(operand), 1)
    case 'but-not':
      return 1 + sizeOf(plan.base) + sizeOf(plan.subtract)
    default:
      return 1
  }
}
