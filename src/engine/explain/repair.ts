/**
 * Behind a deny: the ways in which changed facts could turn it, as an and/or graph of goals over the settled
 * vertices. A goal wants a vertex to be a member or to be none; facts are tuples to add, tuples to remove, and
 * conditions to hold. Only ideas: each is checked before it is shown (verify.ts).
 */
import { typeOf } from '../../tuple/object.ts'
import { shapeOf } from '../../tuple/subject.ts'
import { printTuple, type Tuple } from '../../tuple/tuple.ts'
import type { Scope } from '../scope.ts'
import { membershipOf, type Operand, type Vertex } from '../vertex.ts'
import type { Way } from './cheapest.ts'
import type { Evidence, Witness } from './evidence.ts'
import { type Graph, namesOf, type Uncrossed } from './graph.ts'

/**
 * `cut`: the operand at `position`, one tuple away, shall no longer grant. Positions after the last operand are those
 * of the usersets that the walk left out (Graph.eclipsed).
 */
export interface Goal {
  readonly want: 'member' | 'absent' | 'cut'
  readonly vertex: Vertex
  readonly position: number
}

export interface Fact {
  readonly change: 'add' | 'remove' | 'hold'
  readonly tuple: Tuple
  /** Whether the request alone can bring it about: a condition with parameters that the tuple leaves open. */
  readonly isContext: boolean
  /** Tuple hops from the question to where it matters: the more, the nearer to the subject. */
  readonly depth: number
}

export interface Repair extends Way<Goal> {
  readonly facts: readonly Fact[]
}

/** Facts of one idea: nobody reads more. */
export const factsMax = 5
/** Tuples behind failed conditions that are looked behind, over the whole graph and for one vertex. */
const blockedMax = 200
const blockedHereMax = 20
/** Objects the subject's own tuples name that are tried as parents and as groups, and where: near the question. */
const standingMax = 30
const linkDepthMax = 2

export class Repairs {
  readonly #scope: Scope
  readonly #graph: Graph
  readonly #witness: Witness
  readonly #subject: string
  readonly #goals = new Map<Vertex, Map<string, Goal>>()
  readonly #ways = new Map<Goal, readonly Repair[]>()
  readonly #blocked = new Map<Vertex, readonly Uncrossed[]>()
  readonly #eclipsed = new Map<Vertex, readonly Uncrossed[]>()
  readonly #links = new Map<Vertex, readonly Tuple[]>()

  constructor(scope: Scope, graph: Graph, witness: Witness, subject: string) {
    this.#scope = scope
    this.#graph = graph
    this.#witness = witness
    this.#subject = subject
  }

  /** Fetches what `waysTo` will need and the question's own walk did not visit: call it first. */
  async prepare(root: Vertex): Promise<void> {
    const queue = new Set<Vertex>([root])
    let budget = blockedMax
    // The set grows while it is read.
    for (const vertex of queue) {
      for (const operand of vertex.operands) if (typeof operand !== 'string') queue.add(operand)
      const eclipsed = await this.#graph.eclipsed(vertex, factsMax)
      if (eclipsed.length > 0) this.#eclipsed.set(vertex, eclipsed)
      for (const { operand } of eclipsed) if (typeof operand !== 'string') queue.add(operand)
      if (vertex.join !== 'any' || vertex.membership === 'member') continue
      if (vertex.depth <= linkDepthMax) await this.#link(vertex)
      if (budget === 0) continue
      const blocked = await this.#graph.blocked(vertex, Math.min(budget, blockedHereMax))
      if (blocked.length > 0) this.#blocked.set(vertex, blocked)
      budget -= blocked.length
      for (const { operand } of blocked) if (typeof operand !== 'string') queue.add(operand)
    }
  }

  goal(want: Goal['want'], vertex: Vertex, position = 0): Goal {
    const here = this.#goals.get(vertex) ?? new Map<string, Goal>()
    this.#goals.set(vertex, here)
    const name = `${want} ${position}`
    const goal = here.get(name) ?? { want, vertex, position }
    here.set(name, goal)
    return goal
  }

  /** What would reach a goal. */
  readonly waysTo = (goal: Goal): readonly Repair[] => {
    const known = this.#ways.get(goal)
    if (known !== undefined) return known
    const ways = this.#waysTo(goal).filter(({ cost }) => cost <= factsMax)
    this.#ways.set(goal, ways)
    return ways
  }

  #waysTo({ want, vertex, position }: Goal): readonly Repair[] {
    if (want === 'member') return this.#make(vertex)
    if (want === 'absent') return this.#unmake(vertex)
    return this.#cut(vertex, position)
  }

  #make(vertex: Vertex): readonly Repair[] {
    const { join, operands } = vertex
    if (join === 'all') return this.#together(operands.map((operand) => this.#needs('member', operand)))
    if (join === 'but-not') {
      const [base, subtract] = operands
      return this.#together([this.#needs('member', base), this.#needs('absent', subtract)])
    }
    const below = operands.flatMap((operand) => this.#together([this.#needs('member', operand)]))
    const behind = (this.#blocked.get(vertex) ?? []).flatMap(({ tuple, operand }) =>
      this.#together([this.#needs('member', operand)], [this.#held(tuple, vertex.depth)]),
    )
    const links = (this.#links.get(vertex) ?? []).map((tuple) => added(tuple, vertex.depth))
    return [...below, ...behind, ...this.#own(vertex), ...links]
  }

  /** The subject's own tuple, or everybody's where it is there and only its condition stands in the way. */
  #own({ rewrite, relation, object, depth }: Vertex): readonly Repair[] {
    if (rewrite.kind !== 'direct') return []
    const ways: Repair[] = []
    for (const name of namesOf(this.#subject)) {
      const { tuple, conditional } = this.#witness.of(relation, object, name)
      if (tuple !== undefined && conditional) ways.push(factual([this.#held(tuple, depth)]))
    }
    const shape = shapeOf(this.#subject)
    const key = { object, relation: relation.name, subject: this.#subject }
    for (const restriction of relation.restrictions) {
      if (restriction.shape !== shape) continue
      const name = restriction.condition
      ways.push(added(name === undefined ? key : { ...key, condition: { name } }, depth))
      if (name === undefined) continue
      const tuple = { ...key, condition: { name } }
      ways.push(factual([written('add', tuple, depth), this.#held(tuple, depth)]))
    }
    return ways
  }

  #held(tuple: Tuple, depth: number): Fact {
    return { change: 'hold', tuple, isContext: this.#witness.open(tuple).length > 0, depth }
  }

  #unmake(vertex: Vertex): readonly Repair[] {
    const { join, operands, targets } = vertex
    if (join === 'all') return operands.flatMap((operand) => this.#together([this.#needs('absent', operand)]))
    if (join === 'but-not') {
      const [base, subtract] = operands
      const ways = [this.#needs('absent', base), this.#needs('member', subtract)]
      return ways.flatMap((needs) => this.#together([needs]))
    }
    const own = this.#ownGrants(vertex)
    const needs = operands.map((operand, position) => {
      if (targets[position]?.hop === 0) return this.#needs('absent', operand)
      return membershipOf(operand) === 'absent' ? [] : [this.goal('cut', vertex, position)]
    })
    const eclipsed = this.#eclipsed.get(vertex) ?? []
    needs.push(eclipsed.map((_, index) => this.goal('cut', vertex, operands.length + index)))
    if (own.length + needs.flat().length > factsMax) return []
    return this.#together(
      needs,
      own.map((tuple) => written('remove', tuple, vertex.depth)),
    )
  }

  /** The subject's own tuples, and everybody's, that grant or might. */
  #ownGrants({ rewrite, relation, object }: Vertex): readonly Tuple[] {
    if (rewrite.kind !== 'direct') return []
    const found = namesOf(this.#subject).map((name) => this.#witness.of(relation, object, name))
    const mayGrant = ({ grants, conditional, reason }: Evidence) =>
      grants || (conditional && reason.startsWith('failed'))
    return found.flatMap((evidence) => (mayGrant(evidence) && evidence.tuple) || [])
  }

  #cut(vertex: Vertex, position: number): readonly Repair[] {
    const target = vertex.targets[position]
    const eclipsed = this.#eclipsed.get(vertex)?.[position - vertex.operands.length]
    const tuple = target === undefined ? eclipsed?.tuple : this.#witness.across(vertex, target)?.tuple
    const removal = tuple && factual([written('remove', tuple, vertex.depth)])
    const operand = vertex.operands[position] ?? eclipsed?.operand
    const below = this.#together([this.#needs('absent', operand)])
    return removal === undefined ? below : [removal, ...below]
  }

  /** The goals an operand needs; none when it is so already, undefined when it can never be. */
  #needs(want: 'member' | 'absent', operand: Operand | undefined): readonly Goal[] | undefined {
    if (operand === undefined) return undefined
    if (membershipOf(operand) === want) return []
    return typeof operand === 'string' ? undefined : [this.goal(want, operand)]
  }

  #together(all: readonly (readonly Goal[] | undefined)[], facts: readonly Fact[] = []): readonly Repair[] {
    const needs = all.flatMap((goals) => goals ?? [])
    return all.includes(undefined) ? [] : [{ cost: facts.length, needs, facts }]
  }

  /** Tuples that would lead from here to where the subject stands by tuples of its own. */
  async #link(vertex: Vertex): Promise<void> {
    const { rewrite, object, relation } = vertex
    const found: Tuple[] = []
    for (const at of this.#graph.standing(this.#subject, standingMax)) {
      const type = typeOf(at)
      if (rewrite.kind === 'tuple-to-userset') {
        if (!(await this.#isMember(at, rewrite.computed))) continue
        found.push({ object, relation: rewrite.tupleset, subject: at })
      } else if (rewrite.kind === 'direct') {
        for (const { relation: through, type: wanted, condition } of relation.restrictions) {
          if (through === undefined || wanted !== type || condition !== undefined) continue
          if (!(await this.#isMember(at, through))) continue
          found.push({ object, relation: relation.name, subject: `${at}#${through}` })
        }
      }
    }
    if (found.length > 0) this.#links.set(vertex, found)
  }

  async #isMember(object: string, relation: string): Promise<boolean> {
    if (this.#scope.model.relation(typeOf(object), relation) === undefined) return false
    const operand = await this.#graph.find(object, relation)
    return operand !== undefined && membershipOf(operand) === 'member'
  }
}

export function factKey({ change, tuple }: Fact): string {
  return `${change} ${printTuple(tuple)} ${tuple.condition?.name ?? ''}`
}

/** The same for the same set of facts. */
export function nameOf(facts: readonly Fact[]): string {
  return facts.map(factKey).sort().join('\n')
}

function factual(facts: readonly Fact[]): Repair {
  return { cost: facts.length, needs: [], facts }
}

function added(tuple: Tuple, depth: number): Repair {
  return factual([written('add', tuple, depth)])
}

function written(change: 'add' | 'remove', tuple: Tuple, depth: number): Fact {
  return { change, tuple, isContext: false, depth }
}
