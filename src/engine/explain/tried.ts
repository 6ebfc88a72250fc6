/**
 * Behind a deny: what was evaluated, as a tree from the question down, each operand with its outcome and the reason.
 * Breadth first within a budget, so that what is near the question is always there. An operand met before is
 * named again but not drawn again.
 */
import type { Json, JsonObject } from '../../lib/json.ts'
import { printTuple } from '../../tuple/tuple.ts'
import { membershipOf, type Operand, type Target, Vertex } from '../vertex.ts'
import { type Evidence, evidenceJson, type Witness } from './evidence.ts'
import { type Graph, namesOf } from './graph.ts'
import { printRewrite, printTarget } from './words.ts'

/** Operands drawn in all, operands drawn of one vertex, and tuples named at one vertex. */
const nodesMax = 200
const operandsMax = 20
const tuplesMax = 20
/** Exclusions whose subtracted side is proved. */
const proofsMax = 10

interface Draft {
  readonly operand: Operand
  readonly target: Target
  readonly above: Draft | undefined
  readonly json: { [key: string]: Json }
  readonly below: Draft[]
}

export interface TriedOptions {
  readonly graph: Graph
  readonly witness: Witness
  readonly subject: string
  /** The proof of a subtracted member, as its first tuple. */
  readonly blame: (operand: Operand) => Promise<string>
}

export interface Tried {
  readonly tree: JsonObject
  readonly truncated: boolean
}

export async function tried(root: Operand, target: Target, options: TriedOptions): Promise<Tried> {
  const first: Draft = { operand: root, target, above: undefined, json: {}, below: [] }
  const queue = [first]
  const met = new Set<Vertex>()
  let truncated = false
  let proofs = 0
  // The queue grows while it is read.
  for (const draft of queue) {
    const { operand } = draft
    Object.assign(draft.json, headOf(draft, options.subject))
    if (typeof operand === 'string') continue
    if (met.has(operand)) {
      Object.assign(draft.json, { seen: true }, isCircle(draft) ? { reason: 'cycle' } : {})
      continue
    }
    met.add(operand)
    const excluded = isExcluded(operand) && proofs++ < proofsMax
    const blame = excluded && operand.operands[1] ? await options.blame(operand.operands[1]) : undefined
    Object.assign(draft.json, bodyOf(operand, options), blame ? { reason: `excluded by ${blame}` } : {})
    for (const [position, below] of operand.operands.entries()) {
      const next = operand.targets[position]
      if (next === undefined) break
      if (position >= operandsMax || queue.length >= nodesMax) {
        Object.assign(draft.json, { more: operand.operands.length - position })
        truncated = true
        break
      }
      const crossed = options.witness.across(operand, next)
      const json = crossed?.tuple === undefined ? {} : { through: printTuple(crossed.tuple) }
      const child = { operand: below, target: next, above: draft, json, below: [] }
      draft.below.push(child)
      queue.push(child)
    }
  }
  return { tree: treeOf(queue), truncated }
}

/** Built from the last draft to the first: a draft comes after the one above it, and no recursion is needed. */
function treeOf(queue: readonly Draft[]): JsonObject {
  const built = new Map<Draft, JsonObject>()
  for (const draft of [...queue].reverse()) {
    const operands = draft.below.map((child) => built.get(child) ?? {})
    built.set(draft, operands.length === 0 ? draft.json : { ...draft.json, operands })
  }
  return (queue[0] && built.get(queue[0])) ?? {}
}

function headOf({ operand, target }: Draft, subject: string): JsonObject {
  const { object, relation, rewrite } = target
  const outcome = operand instanceof Vertex && isExcluded(operand) ? 'excluded' : membershipOf(operand)
  const head = { object, relation: relation.name, rewrite: printRewrite(rewrite, relation) }
  if (operand === 'member') return { ...head, outcome: 'member', reason: `${subject} is itself` }
  if (operand !== 'absent') return { ...head, outcome: outcome ?? 'undefined' }
  const reason = `the model lets no subject like ${subject} be ${relation.name} of a ${relation.type}`
  return { ...head, outcome: 'absent', reason }
}

function isCircle({ operand, above }: Draft): boolean {
  for (let up = above; up !== undefined; up = up.above) if (up.operand === operand) return true
  return false
}

function isExcluded({ join, membership, operands }: Vertex): boolean {
  const [base, subtract] = operands
  if (join !== 'but-not' || membership !== 'absent' || base === undefined || subtract === undefined)
    return false
  return membershipOf(base) === 'member' && membershipOf(subtract) === 'member'
}

function bodyOf(vertex: Vertex, options: TriedOptions): JsonObject {
  const tuples = ownEvidence(vertex, options).slice(0, tuplesMax).map(standing)
  const reason = reasonOf(vertex)
  return { ...(reason !== '' && { reason }), ...(tuples.length > 0 && { tuples }) }
}

function standing(evidence: Evidence): JsonObject {
  const { reason, grants } = evidence
  const outcome = grants ? 'grants' : reason
  return { ...evidenceJson(evidence), outcome }
}

function reasonOf({ membership, join, fault, operands, targets }: Vertex): string {
  if (membership === 'error') return fault?.message ?? ''
  if (membership === 'undefined') return 'it rests on its own negation'
  if (membership === 'member' || join === 'any') return ''
  const missing = operands.flatMap((operand, position) => {
    const target = targets[position]
    const wanted = join === 'all' || position === 0
    return wanted && target !== undefined && membershipOf(operand) !== 'member' ? printTarget(target) : []
  })
  return missing.length === 0 ? '' : `not ${missing.join(', not ')}`
}

/** Of a vertex's own tuples: those that would name the subject, and those that were not crossed. */
function ownEvidence({ rewrite, relation, object }: Vertex, options: TriedOptions): readonly Evidence[] {
  const { graph, witness, subject } = options
  if (rewrite.kind === 'direct') {
    const named = namesOf(subject).map((name) => witness.of(relation, object, name))
    const others = graph.reader.usersets(relation, object).filter((one) => !namesOf(subject).includes(one))
    const [own, ...rest] = named
    const met = rest.filter(({ tuple, reason }) => tuple !== undefined || reason === 'expired')
    const left = others.map((one) => witness.of(relation, object, one)).filter(({ grants }) => !grants)
    return [...(own === undefined ? [] : [own]), ...met, ...left]
  }
  if (rewrite.kind !== 'tuple-to-userset') return []
  const tupleset = graph.tupleset(relation, rewrite.tupleset)
  const parents = (tupleset && graph.reader.parents(tupleset, object)) ?? []
  return parents.flatMap((parent) => {
    const found = tupleset && witness.of(tupleset, object, parent)
    return found === undefined || found.grants ? [] : [found]
  })
}
