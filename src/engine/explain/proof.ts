/**
 * Behind an allow: the proof that rests on the fewest tuples, from the subject to the object. Every member of a
 * settled graph has one, since membership is a least fixpoint; a proof never rests on itself.
 */
import { assert } from '../../lib/assert.ts'
import type { JsonObject } from '../../lib/json.ts'
import { printTuple } from '../../tuple/tuple.ts'
import { membershipOf, type Operand, type Target, type Vertex } from '../vertex.ts'
import { type Cheapest, cheapest, type Way } from './cheapest.ts'
import { type Evidence, evidenceJson, type Witness } from './evidence.ts'
import { namesOf } from './graph.ts'
import { printRewrite, printTarget, tupleSentence } from './words.ts'

/** Steps a proof shows; one of more is cut, and says so. */
const stepsMax = 1_000
/** Steps its line of text shows. */
const sentencesMax = 12

export interface Proof {
  readonly path: readonly JsonObject[]
  /** One line. */
  readonly sentence: string
  /** The tuples it rests on, the subject's own first. */
  readonly tuples: readonly Evidence[]
  readonly truncated: boolean
}

/** By the position of the operand that grants; a way without one rests on the vertex's own tuple. */
interface Grant extends Way<Vertex> {
  readonly position?: number
}

interface Step {
  readonly json: JsonObject
  readonly sentence: string
  readonly evidence?: Evidence
}

/** @param operand - a member, reached by `target`. O(edges log edges) of the graph below. */
export async function proofOf(
  operand: Operand,
  { witness, subject, breathe }: { witness: Witness; subject: string; breathe: () => Promise<void> },
): Promise<Proof> {
  assert(membershipOf(operand) === 'member', 'only a member has a proof')
  if (typeof operand === 'string') return selfProof(subject)
  const reached = await cheapest<Vertex, Grant>(operand, { waysTo: grantsOf, breathe })
  const order = inOrder(operand, reached)
  const teller = new Teller(witness, subject)
  const steps = order.slice(-stepsMax).flatMap((vertex) => teller.stepsAt(vertex, wayAt(reached, vertex)))
  const sentences = steps.map(({ sentence }) => sentence).filter((sentence) => sentence !== '')
  const shown = sentences.slice(0, sentencesMax)
  if (sentences.length > shown.length) shown.push(`and ${sentences.length - shown.length} steps more`)
  return {
    path: steps.map(({ json }) => json),
    sentence: shown.join(', '),
    tuples: steps.flatMap(({ evidence }) => evidence ?? []),
    truncated: order.length > stepsMax,
  }
}

function selfProof(subject: string): Proof {
  const [object = '', relation = ''] = subject.split('#')
  const json = { object, relation, via: 'self' }
  return { path: [json], sentence: `${subject} is itself`, tuples: [], truncated: false }
}

/** What makes a member one, a tuple costing one. */
function grantsOf(vertex: Vertex): readonly Grant[] {
  const { join, operands, targets } = vertex
  const vertices = (list: readonly Operand[]) => list.filter((one) => typeof one !== 'string')
  switch (join) {
    case 'all':
      return [{ cost: 0, needs: vertices(operands) }]
    case 'but-not':
      return [{ cost: 0, needs: vertices(operands.slice(0, 1)), position: 0 }]
    case 'any':
      // A direct vertex that its own tuple grants has not looked at its usersets.
      if (vertex.decided === 'member' && targets.length === 0) return [{ cost: 1, needs: [] }]
      return operands.flatMap((operand, position) =>
        membershipOf(operand) === 'member'
          ? { cost: targets[position]?.hop ?? 0, needs: vertices([operand]), position }
          : [],
      )
  }
}

/** The vertices of a proof, each after those it rests on; by a loop, since a proof may be 100,000 groups long. */
function inOrder(root: Vertex, reached: ReadonlyMap<Vertex, Cheapest<Vertex, Grant>>): readonly Vertex[] {
  const order: Vertex[] = []
  const met = new Set<Vertex>([root])
  const path = [{ vertex: root, next: 0 }]
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const need = wayAt(reached, top.vertex).needs[top.next++]
    if (need === undefined) {
      order.push(top.vertex)
      path.pop()
    } else if (!met.has(need)) {
      met.add(need)
      path.push({ vertex: need, next: 0 })
    }
  }
  return order
}

function wayAt(reached: ReadonlyMap<Vertex, Cheapest<Vertex, Grant>>, vertex: Vertex): Grant {
  const known = reached.get(vertex)
  assert(known !== undefined, 'every member has a proof')
  return known.way
}

class Teller {
  readonly #witness: Witness
  readonly #subject: string

  constructor(witness: Witness, subject: string) {
    this.#witness = witness
    this.#subject = subject
  }

  /** The steps that a vertex adds to the proofs it rests on. */
  stepsAt(vertex: Vertex, { position }: Grant): readonly Step[] {
    if (position === undefined && vertex.join === 'any') return [this.#own(vertex)]
    const target = position === undefined ? undefined : vertex.targets[position]
    const isSelf = position !== undefined && vertex.operands[position] === 'member'
    const self: readonly Step[] =
      isSelf && target !== undefined
        ? [{ json: { object: target.object, relation: target.relation.name, via: 'self' }, sentence: '' }]
        : []
    return [...self, this.#step(vertex, target)]
  }

  #own(vertex: Vertex): Step {
    const { relation, object } = vertex
    const found = namesOf(this.#subject).map((name) => this.#witness.of(relation, object, name))
    const evidence = found.find(({ grants }) => grants)
    assert(evidence?.tuple !== undefined, 'the walk saw a tuple that grants')
    const wildcard = evidence.key.subject !== this.#subject
    const via = wildcard ? 'wildcard' : 'direct'
    return {
      json: { ...evidenceJson(evidence), grants: `${object}#${relation.name}`, via },
      sentence: tupleSentence(evidence.tuple),
      evidence,
    }
  }

  #step(vertex: Vertex, target: Target | undefined): Step {
    const { object, relation, rewrite } = vertex
    const grants = `${object}#${relation.name}`
    const evidence = target && this.#witness.across(vertex, target)
    if (evidence?.tuple !== undefined && target !== undefined) {
      if (rewrite.kind !== 'tuple-to-userset') {
        const json = { ...evidenceJson(evidence), grants, via: 'userset' }
        return { json, sentence: tupleSentence(evidence.tuple), evidence }
      }
      const of = `${target.object}#${rewrite.computed}`
      const sentence = `${of} is ${relation.name} of ${object} (${printTuple(evidence.tuple)})`
      return { json: { ...evidenceJson(evidence), grants, via: 'parent', of }, sentence, evidence }
    }
    const step = {
      object,
      relation: relation.name,
      via: rewrite.kind,
      rewrite: printRewrite(rewrite, relation),
    }
    if (rewrite.kind === 'computed') {
      const of = `${object}#${rewrite.relation}`
      return { json: { ...step, of }, sentence: `${of} is ${relation.name} of ${object}` }
    }
    if (rewrite.kind !== 'exclusion') {
      const of = rewrite.kind === 'union' && target !== undefined ? { of: printTarget(target) } : {}
      return { json: { ...step, ...of }, sentence: '' }
    }
    const subtracted = vertex.targets[1]
    const absent = subtracted === undefined ? '' : printTarget(subtracted)
    return { json: { ...step, absent: [absent] }, sentence: `not ${absent}` }
  }
}
