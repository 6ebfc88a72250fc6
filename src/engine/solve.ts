/**
 * Settles the pending vertices of one closed component: the well-founded model of their equations (Van Gelder, Ross
 * and Schlipf 1991, by its alternating fixpoint). Everything they rest on outside the component is settled already.
 *
 * `lower` holds what is certainly a member, `upper` what is not certainly absent. Grants that only rest on each
 * other are in neither. What is in `upper` alone rests on its own negation or on an error: never a member.
 * Linear in the operands of the component for each alternation; one suffices without negation inside it.
 */
import { assert } from '../lib/assert.ts'
import { hopsOf, hopsTogether, membershipOf, noteError, type Operand, type Vertex } from './vertex.ts'

type Bound = ReadonlySet<Vertex>
type Parents = ReadonlyMap<Vertex, readonly Vertex[]>

export function solve(pending: readonly Vertex[]): void {
  const parents = parentsOf(pending)
  let lower: Bound = new Set()
  let upper = least(pending, parents, possibly(lower))
  for (let before = -1; before < lower.size; ) {
    before = lower.size
    lower = least(pending, parents, certainly(upper), noteHops)
    if (lower.size > before) upper = least(pending, parents, possibly(lower))
  }
  const undecided: Vertex[] = []
  for (const vertex of pending) {
    if (lower.has(vertex)) vertex.membership = 'member'
    else if (!upper.has(vertex)) vertex.membership = 'absent'
    else undecided.push(vertex)
  }
  spreadErrors(undecided, parents)
}

/** Who reads whom, inside the component. */
function parentsOf(pending: readonly Vertex[]): Parents {
  const parents = new Map<Vertex, Vertex[]>(pending.map((vertex) => [vertex, []]))
  for (const vertex of pending) {
    for (const operand of vertex.operands) {
      if (typeof operand !== 'string') parents.get(operand)?.push(vertex)
    }
  }
  return parents
}

/** How a bound reads what its own least fixpoint does not decide. */
interface Reading {
  /** Whether an operand that is settled outside the component counts as a member. */
  counts(operand: Operand): boolean
  /** Whether a subtracted operand, wherever it is, counts as none. */
  clears(operand: Operand): boolean
  /** Whether a vertex with a tuple that could not be evaluated counts as a member by it. */
  readonly errorsCount: boolean
}

/** Membership that holds whatever the doubtful turns out to be; `upper` holds what may be a member. */
function certainly(upper: Bound): Reading {
  return {
    counts: (operand) => membershipOf(operand) === 'member',
    clears: (operand) => {
      const membership = membershipOf(operand)
      return membership === undefined ? !upper.has(operand as Vertex) : membership === 'absent'
    },
    errorsCount: false,
  }
}

/** Membership that cannot be ruled out; `lower` holds what is certainly a member. */
function possibly(lower: Bound): Reading {
  return {
    counts: (operand) => (membershipOf(operand) ?? 'absent') !== 'absent',
    clears: (operand) => {
      const membership = membershipOf(operand)
      return membership === undefined ? !lower.has(operand as Vertex) : membership !== 'member'
    },
    errorsCount: true,
  }
}

/** The least set of vertices closed under their operators; `added` hears of each, with the operand that sufficed. */
function least(
  pending: readonly Vertex[],
  parents: Parents,
  reading: Reading,
  added?: (vertex: Vertex, enough: Vertex | undefined) => void,
): Bound {
  const members = new Set<Vertex>()
  const queue: Vertex[] = []
  const consider = (vertex: Vertex, enough?: Vertex) => {
    if (members.has(vertex) || (enough === undefined && !joins(vertex, members, reading))) return
    members.add(vertex)
    queue.push(vertex)
    added?.(vertex, enough)
  }
  for (const vertex of pending) consider(vertex)
  // The queue grows while it is read.
  for (const vertex of queue) {
    for (const parent of parents.get(vertex) ?? []) {
      // One operand is enough for a union, however many it has; the others have as many as the model wrote.
      if (parent.join === 'any') consider(parent, vertex)
      else consider(parent)
    }
  }
  return members
}

/** A proof rests on members that were there before it: its hops are theirs, and the tuple it crosses. */
function noteHops(vertex: Vertex, enough: Vertex | undefined): void {
  if (vertex.join !== 'any') {
    vertex.hops = hopsTogether(vertex)
    return
  }
  const operand = enough ?? vertex.operands.find((one) => membershipOf(one) === 'member')
  vertex.hops = (vertex.targets[0]?.hop ?? 0) + (operand === undefined ? 0 : hopsOf(operand))
}

function joins({ join, operands, sawError }: Vertex, members: Bound, reading: Reading): boolean {
  const holds = (operand: Operand) =>
    reading.counts(operand) || (typeof operand !== 'string' && members.has(operand))
  switch (join) {
    case 'any':
      return (reading.errorsCount && sawError) || operands.some(holds)
    case 'all':
      return operands.every(holds)
    case 'but-not': {
      const [base, subtract] = operands
      assert(base !== undefined && subtract !== undefined, 'a pending exclusion has visited both operands')
      return holds(base) && reading.clears(subtract)
    }
  }
}

/** Of the undecided vertices, those that rest on an error fail aloud; the rest are undefined. */
function spreadErrors(open: readonly Vertex[], parents: ReadonlyMap<Vertex, readonly Vertex[]>): void {
  const failed = open.filter((vertex) => vertex.sawError)
  for (const vertex of failed) vertex.membership = 'error'
  for (const vertex of failed) {
    for (const parent of parents.get(vertex) ?? []) {
      if (parent.membership !== undefined) continue
      noteError(parent, vertex)
      parent.membership = 'error'
      failed.push(parent)
    }
  }
  for (const vertex of open) vertex.membership ??= 'undefined'
}
