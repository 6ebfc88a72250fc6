/**
 * Sets of facts that might turn a deny, the smallest first: best-first over partial plans, guided by what each
 * open goal costs at least. Bounded in breadth and steps, so it may miss ideas; the cheapest plan of all is always among them.
 */

import { Heap } from '../../lib/heap.ts'
import { type Cheapest, cheapest } from './cheapest.ts'
import { type Fact, factKey, factsMax, type Goal, nameOf, type Repair, type Repairs } from './repair.ts'

/** Plans taken up, plans kept, goals one plan may go through. */
const stepsMax = 4_000
const plansMax = 40
const goalsMax = 64
/** Ways to one goal that are followed into the same relation: ten thousand groups alike are one idea. */
const waysAlikeMax = 4
/** Ways looked at in all. */
const waysMax = 200_000

type Costs = ReadonlyMap<Goal, Cheapest<Goal, Repair>>
type Facts = readonly Fact[]

interface Plan {
  readonly facts: Facts
  readonly open: readonly Goal[]
  readonly met: ReadonlySet<Goal>
}

export interface Ideas {
  /** Fewest facts first, then fewest writes, then nearest to the subject. */
  readonly ideas: readonly Facts[]
  readonly truncated: boolean
}

export async function ideasFor(root: Goal, repairs: Repairs, breathe: () => Promise<void>): Promise<Ideas> {
  let ways = 0
  const waysTo = (goal: Goal) => {
    const found = repairs.waysTo(goal)
    ways += found.length
    return found
  }
  const costs = await cheapest<Goal, Repair>(root, { waysTo, breathe, waysMax })
  const { plans, truncated } = search(root, repairs, costs)
  const found = new Map([...plans, ...best(root, costs)].map((facts) => [nameOf(facts), facts]))
  return { ideas: [...found.values()].sort(byNearness), truncated: truncated || ways >= waysMax }
}

function search(root: Goal, repairs: Repairs, costs: Costs): { plans: readonly Facts[]; truncated: boolean } {
  const plans: Facts[] = []
  const heap = new Heap<Plan>()
  if (costs.has(root)) heap.push({ facts: [], open: [root], met: new Set() }, 0)
  for (let step = 0; plans.length < plansMax; step++) {
    const plan = heap.pop()
    if (plan === undefined) return { plans, truncated: false }
    if (step >= stepsMax) return { plans, truncated: true }
    const [goal, ...open] = plan.open
    if (goal === undefined) {
      plans.push(plan.facts)
      continue
    }
    if (plan.met.size >= goalsMax) continue
    const met = new Set([...plan.met, goal])
    for (const way of promising(repairs.waysTo(goal), costs)) {
      // A goal once reached stays so; met above itself it is a circle, which the costs make no better.
      const next = [...new Set([...way.needs, ...open])].filter((need) => !met.has(need))
      const facts = merged(plan.facts, way.facts)
      const total = facts.length + next.reduce((sum, need) => sum + costOf(need, costs), 0)
      if (total <= factsMax) heap.push({ facts, open: next, met }, total)
    }
  }
  return { plans, truncated: false }
}

/** Of the ways that can be completed, the cheapest few into each relation; in their order. */
function promising(ways: readonly Repair[], costs: Costs): readonly Repair[] {
  const complete = ways
    .map((way) => ({ way, cost: way.needs.reduce((sum, need) => sum + costOf(need, costs), way.cost) }))
    .filter(({ cost }) => cost <= factsMax)
    .sort((one, other) => one.cost - other.cost)
  const alike = new Map<string, number>()
  return complete.flatMap(({ way }) => {
    const place = way.needs[0]?.vertex.rewrite.id ?? way.facts[0]?.tuple.relation ?? ''
    const kind = `${way.facts[0]?.change} ${place}`
    const count = (alike.get(kind) ?? 0) + 1
    alike.set(kind, count)
    return count > waysAlikeMax ? [] : [way]
  })
}

function costOf(goal: Goal, costs: Costs): number {
  return costs.get(goal)?.cost ?? Number.POSITIVE_INFINITY
}

/** The plan that takes the cheapest way everywhere, however deep. */
function best(root: Goal, costs: Costs): readonly Facts[] {
  if (!costs.has(root)) return []
  let facts: Facts = []
  const goals = new Set([root])
  // The set grows while it is read.
  for (const goal of goals) {
    const way = costs.get(goal)?.way
    facts = merged(facts, way?.facts ?? [])
    for (const need of way?.needs ?? []) goals.add(need)
  }
  return facts.length <= factsMax ? [facts] : []
}

function merged(one: Facts, other: Facts): Facts {
  return [...new Map([...one, ...other].map((fact) => [factKey(fact), fact])).values()]
}

/** Fewest facts; of these the ones that need fewer writes, since a context only has to be sent; then the nearest. */
function byNearness(one: Facts, other: Facts): number {
  const writes = (facts: Facts) => facts.filter(({ isContext }) => !isContext).length
  const depth = (facts: Facts) => Math.max(...facts.map((fact) => fact.depth))
  const [left, right] = [nameOf(one), nameOf(other)]
  const nearer = depth(other) - depth(one) || (left < right ? -1 : 1)
  return one.length - other.length || writes(one) - writes(other) || nearer
}
