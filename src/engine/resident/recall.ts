/**
 * An answer from memory alone, where there is one: the operators of the question's own object joined as a walk joins
 * them, each that only grants decided by reach. Undefined leaves the question to the walk.
 */
import type { View } from '../../storage/storage.ts'
import { isUserset, isWildcard } from '../../tuple/subject.ts'
import type { Scope } from '../scope.ts'
import { glance, unclear } from './glance.ts'
import type { Graph } from './graph.ts'
import type { Plan } from './plan.ts'
import { absent, reach } from './reach.ts'
import type { Flat, Rung } from './rung.ts'
import type { Individual, Sight } from './sight.ts'

/**
 * The graph that may answer for a scope: it knows stored tuples of the applied revision, and no others. One that was
 * filled by a long walk is done with: it would grow for as long as the walk takes.
 */
export function currentGraph({ resident, contextual, hidden }: Scope, view: View): Graph | undefined {
  if (resident === undefined || resident.revision !== view.revision || resident.arena.isFull) return undefined
  return contextual.length > 0 || hidden !== undefined ? undefined : resident
}

/** The same, where individuals are asked about: only those the graph can find by itself. */
export function graphFor(scope: Scope, view: View, subject: string): Graph | undefined {
  return isUserset(subject) || isWildcard(subject) ? undefined : currentGraph(scope, view)
}

/** Tuple hops of a proof, the least there is if `hopsMax` is passed, or `absent`; undefined: only a walk can tell. */
export function recall(
  sight: Sight,
  object: number,
  rung: Rung,
  individual: Individual,
  hopsMax: number,
): number | undefined {
  const { graph } = sight
  const asked = { sight, object, individual, hopsMax, type: graph.arena.typeOf(individual.id) }
  return join(asked, graph.lattice.plans.of(rung.relation))
}

interface Asked {
  readonly sight: Sight
  readonly object: number
  readonly individual: Individual
  /** Number of the individual's type. */
  readonly type: number
  readonly hopsMax: number
}

function join(asked: Asked, plan: Plan): number | undefined {
  switch (plan.kind) {
    case 'gate':
      return plan.reachable[asked.type] === true ? join(asked, plan.plan) : absent
    case 'flat':
      return seen(asked, plan.flat)
    case 'any':
      return any(asked, plan.operands)
    case 'all':
      return all(asked, plan.operands)
    case 'but-not':
      return butNot(asked, plan.base, plan.subtract)
    case 'unknown':
      return undefined
  }
}

function seen({ sight, object, individual, hopsMax }: Asked, flat: Flat): number | undefined {
  const hops = sight.reads === undefined ? glance(sight, object, flat, individual, hopsMax) : unclear
  return hops === unclear ? reach(sight, object, flat, individual, hopsMax) : hops
}

function any(asked: Asked, operands: readonly Plan[]): number | undefined {
  let sure = true
  let least = absent
  for (const operand of operands) {
    const hops = join(asked, operand)
    if (hops === undefined) sure = false
    else if (hops !== absent) {
      if (hops < asked.hopsMax) return hops
      least = least === absent ? hops : Math.min(least, hops)
    }
  }
  return sure || least !== absent ? least : undefined
}

function all(asked: Asked, operands: readonly Plan[]): number | undefined {
  let most: number | undefined = 0
  for (const operand of operands) {
    const hops = join(asked, operand)
    if (hops === absent) return absent
    most = hops === undefined || most === undefined ? undefined : Math.max(most, hops)
  }
  return most
}

function butNot(asked: Asked, base: Plan, subtract: Plan): number | undefined {
  const hops = join(asked, base)
  if (hops === absent) return absent
  const excluded = join(asked, subtract)
  if (excluded === undefined) return undefined
  return excluded === absent ? hops : absent
}
