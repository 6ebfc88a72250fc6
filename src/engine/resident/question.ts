/**
 * One question about an individual: the operators of an object's relation joined as a walk joins them, each that reads
 * tuples decided by glance or reach. Where those lead to what only operators at another object can tell, that is a
 * question within the question.
 *
 * INVARIANT: yes and no rest on yes and no alone. What fails, what is past a bound and what meets itself is unknown, and
 * joined as such; what follows from none of it is what the walk would say, whatever the unknown comes to.
 */
import { glance, unclear } from './glance.ts'
import type { Plan } from './plan.ts'
import { absent, type Beyond, reach } from './reach.ts'
import type { Flat } from './rung.ts'
import { type Individual, type Sight, spend, spendOnIds } from './sight.ts'

/** Operators within one another, those of other objects included: each is calls within a call. Some 60 groups deep. */
const depthMax = 256

export class Question implements Beyond {
  readonly #sight: Sight
  readonly #individual: Individual
  /** Number of the individual's type. */
  readonly #type: number
  /** What was met at other objects, by object#relation; undefined: it is unknown, or being asked. */
  #met: Map<number, number | undefined> | undefined
  #depth = 0

  constructor(sight: Sight, individual: Individual) {
    this.#sight = sight
    this.#individual = individual
    this.#type = sight.graph.arena.typeOf(individual.id)
  }

  /** Tuple hops of a proof, fewer than `hopsMax` if one is known, or `absent`; undefined: unknown. */
  ask(object: number, plan: Plan, hopsMax: number): number | undefined {
    if (this.#sight.looksLeft < 0) return undefined
    this.#depth++
    const hops = this.#join(object, plan, hopsMax)
    this.#depth--
    return hops
  }

  beyond(target: number, hopsMax: number): number | undefined {
    this.#met ??= new Map()
    if (this.#met.has(target)) return this.#met.get(target)
    const { arena, lattice } = this.#sight.graph
    const rung = this.#sight.graph.rung(target)
    if (rung === undefined || this.#depth >= depthMax) return undefined
    this.#met.set(target, undefined)
    const hops = this.ask(arena.objectOf(target), lattice.plans.of(rung.relation), hopsMax)
    this.#met.set(target, hops)
    return hops
  }

  #join(object: number, plan: Plan, hopsMax: number): number | undefined {
    switch (plan.kind) {
      case 'gate':
        return plan.reachable[this.#type] === true ? this.ask(object, plan.plan, hopsMax) : absent
      case 'flat':
        return this.#seen(object, plan.flat, hopsMax)
      case 'any':
        return this.#any(object, plan.operands, hopsMax)
      case 'all':
        return this.#all(object, plan.operands, hopsMax)
      case 'but-not':
        return this.#butNot(object, plan.base, plan.subtract, hopsMax)
      case 'unknown':
        return undefined
    }
  }

  #seen(object: number, flat: Flat, hopsMax: number): number | undefined {
    const sight = this.#sight
    if (!spend(sight, 1) || !spendOnIds(sight, flat.direct.length)) return undefined
    const hops = sight.reads === undefined ? glance(sight, object, flat, this.#individual, hopsMax) : unclear
    return hops === unclear ? reach(sight, object, flat, this.#individual, hopsMax, this) : hops
  }

  #any(object: number, operands: readonly Plan[], hopsMax: number): number | undefined {
    let sure = true
    let least = absent
    for (const operand of operands) {
      const hops = this.ask(object, operand, hopsMax)
      if (hops === undefined) sure = false
      else if (hops !== absent) {
        if (hops < hopsMax) return hops
        least = least === absent ? hops : Math.min(least, hops)
      }
    }
    return sure || least !== absent ? least : undefined
  }

  #all(object: number, operands: readonly Plan[], hopsMax: number): number | undefined {
    let most: number | undefined = 0
    for (const operand of operands) {
      const hops = this.ask(object, operand, hopsMax)
      if (hops === absent) return absent
      most = hops === undefined || most === undefined ? undefined : Math.max(most, hops)
    }
    return most
  }

  #butNot(object: number, base: Plan, subtract: Plan, hopsMax: number): number | undefined {
    const hops = this.ask(object, base, hopsMax)
    if (hops === absent) return absent
    const excluded = this.ask(object, subtract, hopsMax)
    if (excluded === undefined) return undefined
    return excluded === absent ? hops : absent
  }
}
