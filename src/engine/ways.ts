/**
 * Where the model lets a grant lead, of all relations those on the way to one: for the closure of one subject.
 * Computed at the first question for each relation and shape. Knows no tuples.
 */
import type { Model, Relation } from '../model/model.ts'
import { directOf, isSubtracted, type Leaf, suffices, upward } from './reverse.ts'

/** A way on: the operators that the tuples of `over` grant to some kind of subject. */
export interface Step {
  readonly over: Relation
  readonly leaves: readonly Leaf[]
}

/** Makes it grant, may make it grant together with others, or can only keep it from granting. */
type Bearing = 'suffices' | 'helps' | 'refuses'

/** By the object's type and the tuple's relation. */
export type Steps = ReadonlyMap<string, ReadonlyMap<string, Step>>

/** Where being a member of a relation leads, as far as that is on the way to the target. */
export interface Ways {
  readonly computed: readonly Leaf[]
  /** As a userset. */
  readonly direct: Steps
  /** As a parent. */
  readonly children: Steps
}

export class Atlas {
  readonly #model: Model
  readonly #target: Relation
  readonly #direct = new Map<string, Steps>()
  readonly #ways = new Map<Relation, Ways>()
  readonly #bearings = new Map<number, Bearing>()

  constructor(model: Model, target: Relation) {
    this.#model = model
    this.#target = target
  }

  /** What an operator that grants does for its relation. */
  bearing({ by, rewrite }: Leaf): Bearing {
    let known = this.#bearings.get(rewrite.id)
    if (known === undefined) {
      known = suffices(rewrite, by.rewrite)
        ? 'suffices'
        : isSubtracted(rewrite, by.rewrite)
          ? 'refuses'
          : 'helps'
      this.#bearings.set(rewrite.id, known)
    }
    return known
  }

  /** Whether members of a relation get anywhere by it. */
  leadsOn(relation: Relation): boolean {
    const { computed, direct, children } = this.waysFrom(relation)
    return computed.length > 0 || direct.size > 0 || children.size > 0
  }

  waysFrom(relation: Relation): Ways {
    let known = this.#ways.get(relation)
    if (known === undefined) {
      const { computed, fromParent } = upward(this.#model, relation)
      const leading = (leaves: readonly Leaf[]) => leaves.filter(({ by }) => this.leads(by))
      known = {
        // What only refuses is found at the relation it reads.
        computed: leading(computed).filter((leaf) => this.bearing(leaf) !== 'refuses'),
        direct: this.stepsOf(`${relation.type}#${relation.name}`),
        children: grouped([...fromParent].map(([over, leaves]) => ({ over, leaves: leading(leaves) }))),
      }
      this.#ways.set(relation, known)
    }
    return known
  }

  /** What tuples grant directly to a subject of this shape. */
  stepsOf(shape: string): Steps {
    let known = this.#direct.get(shape)
    if (known === undefined) {
      const takes = this.#model.types
        .flatMap((type) => this.#model.relations(type))
        .filter((over) => this.leads(over) && over.restrictions.some((one) => one.shape === shape))
      known = grouped(takes.map((over) => ({ over, leaves: directOf(over) })))
      this.#direct.set(shape, known)
    }
    return known
  }

  /** Whether the target reads it, however far below. */
  leads({ type, name }: Relation): boolean {
    return this.#target.reach.has(`${type}#${name}`)
  }
}

function grouped(steps: readonly Step[]): Steps {
  const all = new Map<string, Map<string, Step>>()
  for (const step of steps) {
    if (step.leaves.length === 0) continue
    const { type, name } = step.over
    const there = all.get(type)
    if (there === undefined) all.set(type, new Map([[name, step]]))
    else there.set(name, step)
  }
  return all
}
