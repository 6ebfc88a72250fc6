/**
 * A vertex of the walk: one operator of one relation's rewrite, at one object. The walk's subject is fixed, so
 * (object, operator) says it all. A vertex is open while the walk is below it, pending while its answer rests on
 * an open vertex, and settled once `membership` is set; settled vertices never change.
 */
import type { Fault } from '../lib/fault.ts'
import type { Relation, Rewrite } from '../model/model.ts'
import type { Join, Membership } from './membership.ts'
import type { Crossing } from './operator.ts'

/** A visited operand: a vertex, or what the model alone says of it. */
export type Operand = Vertex | 'member' | 'absent'

/** An operand not yet visited. A relation's own rewrite is reached by `hop` tuples: 1 over a tuple, 0 otherwise. */
export interface Target {
  readonly object: string
  readonly relation: Relation
  readonly rewrite: Rewrite
  readonly hop: 0 | 1
}

export class Vertex {
  readonly object: string
  readonly relation: Relation
  readonly rewrite: Rewrite
  /** Tuple hops from the question to here, on the path that came first. */
  readonly depth: number

  join: Join = 'any'
  targets: readonly Target[] = []
  /** What the targets visited so far came to, by position. */
  readonly operands: Operand[] = []
  cursor = 0
  opened = false
  /** What opening it came to, where time was over before its end. */
  rest: Crossing | undefined

  /** A membership that follows from this vertex's own tuples or from one operand. */
  decided: Membership | undefined
  membership: Membership | undefined
  /** The first fault met, in the order of the operands; set where `membership` is `error`, and maybe elsewhere. */
  fault: Fault | undefined
  sawError = false
  sawUndefined = false
  sawPending = false

  /** Tarjan's numbers: order of discovery, and the earliest open vertex that this one leads back to. */
  readonly index: number
  low: number
  onStack = true
  /** Of a member: tuple hops of the proof that was found, not always the shortest there is (depth.ts). */
  hops = 0

  constructor(target: Target, depth: number, index: number) {
    this.object = target.object
    this.relation = target.relation
    this.rewrite = target.rewrite
    this.depth = depth
    this.index = index
    this.low = index
  }
}

/** What an operand is; undefined while it is open or pending. */
export function membershipOf(operand: Operand): Membership | undefined {
  return typeof operand === 'string' ? operand : operand.membership
}

/** Keeps the first fault among the operands. */
export function noteError(vertex: Vertex, operand: Vertex): void {
  vertex.sawError = true
  vertex.fault ??= operand.fault
}

/** Tuple hops of the proof behind an operand that is a member. */
export function hopsOf(operand: Operand): number {
  return typeof operand === 'string' ? 0 : operand.hops
}

/** Tuple hops of a proof that needs its operands together: the deepest counts, and what is absent has no depth. */
export function hopsTogether({ join, operands }: Vertex): number {
  const needed = join === 'but-not' ? operands.slice(0, 1) : operands
  return needed.reduce((most, operand) => Math.max(most, hopsOf(operand)), 0)
}
