/**
 * Why may, or may not, this subject do this to that object? The same walk as check, made to visit every operand;
 * what it settled is read back: the smallest proof behind an allow, what was tried and the smallest missing facts
 * behind a deny. Never a second opinion: the decision is check's, under check's limits.
 *
 * Answers:
 *   resolution  one line for people
 *   path        behind an allow, from the subject to the object: {tuple, provenance | contextual, grants, via} for a
 *               tuple, {object, relation, via, rewrite, of?, absent?} for a step that crosses none
 *   tried       otherwise: {object, relation, rewrite, outcome, reason?, through?, tuples?, operands?, seen?, more?}
 *   missing     otherwise: [{add?, remove?, context?, conditions?}], each one checked to allow on a copy
 *   error       {code, message} where the check fails
 *   truncated   a budget cut any of it; whatever is shown is true all the same
 */
import { assert } from '../lib/assert.ts'
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import { typeOf } from '../tuple/object.ts'
import { printTuple, type TupleKey } from '../tuple/tuple.ts'
import { decide } from './decide.ts'
import { answer, Slices } from './drive.ts'
import { Witness } from './explain/evidence.ts'
import { Graph } from './explain/graph.ts'
import { missingFacts, sentenceOf } from './explain/missing.ts'
import { proofOf } from './explain/proof.ts'
import { tried } from './explain/tried.ts'
import { Reader } from './reader.ts'
import type { Scope } from './scope.ts'
import type { Operand, Target } from './vertex.ts'
import { Walk } from './walk.ts'

export type Explanation = {
  readonly allowed: boolean
  readonly resolution: string
  readonly path?: readonly JsonObject[]
  readonly tried?: JsonObject
  readonly missing?: readonly JsonObject[]
  readonly error?: { readonly code: string; readonly message: string }
  readonly truncated: boolean
}

/**
 * @param key - an object, relation and subject that the model knows
 * @throws only what is no answer of the engine: storage that cannot be read
 */
export async function explain(scope: Scope, key: TupleKey): Promise<Explanation> {
  const view = scope.view.pin()
  try {
    return await explainAt({ ...scope, view }, key)
  } finally {
    view.release()
  }
}

async function explainAt(scope: Scope, key: TupleKey): Promise<Explanation> {
  const relation = scope.model.relation(typeOf(key.object), key.relation)
  assert(relation !== undefined, 'the relation was looked up at the door')
  const reader = new Reader(scope)
  const graph = new Graph(scope, key.subject)
  try {
    const walk = new Walk(scope, reader, key.subject)
    const verdict = await verdictOf(scope, walk, key)
    const plain = await answer(walk, key.object, relation)
    const target: Target = { object: key.object, relation, rewrite: relation.rewrite, hop: 0 }
    const whole = await graph.find(key.object, key.relation)
    return await new Explainer(scope, key, graph, target).explain(verdict, whole ?? plain)
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return failed(thrown, { truncated: true })
  } finally {
    reader.release()
    graph.reader.release()
  }
}

class Explainer {
  readonly #scope: Scope
  readonly #key: TupleKey
  readonly #graph: Graph
  readonly #target: Target
  readonly #witness: Witness
  readonly #slices = new Slices()

  constructor(scope: Scope, key: TupleKey, graph: Graph, target: Target) {
    this.#scope = scope
    this.#key = key
    this.#graph = graph
    this.#target = target
    this.#witness = new Witness(scope, graph.reader)
  }

  /** @param verdict - check's; @param root - the same question, every operand visited where that fits */
  async explain(verdict: Verdict, root: Operand): Promise<Explanation> {
    if (verdict === 'allowed') {
      const { path, sentence, truncated } = await this.#proof(root)
      return { allowed: true, resolution: sentence, path, truncated: truncated || this.#graph.cut }
    }
    const blame = async (operand: Operand) => {
      const [first] = (await this.#proof(operand)).tuples
      return first === undefined ? `${this.#key.subject} itself` : printTuple(first.key)
    }
    const { subject } = this.#key
    const graph = this.#graph
    const tree = await tried(root, this.#target, { graph, witness: this.#witness, subject, blame })
    const found = await missingFacts(root, {
      scope: this.#scope,
      key: this.#key,
      graph,
      witness: this.#witness,
      breathe: this.#breathe,
    })
    const rest = {
      tried: tree.tree,
      missing: found.missing,
      truncated: tree.truncated || found.truncated || graph.cut,
    }
    if (verdict !== 'denied') return failed(verdict, rest)
    const { object, relation } = this.#key
    const resolution = `${subject} is not ${relation} of ${object}: ${sentenceOf(found.facts, this.#key)}`
    return { allowed: false, resolution, ...rest }
  }

  #proof(operand: Operand) {
    return proofOf(operand, { witness: this.#witness, subject: this.#key.subject, breathe: this.#breathe })
  }

  readonly #breathe = (): Promise<void> => this.#slices.breathe(this.#graph.reader)
}

type Verdict = 'allowed' | 'denied' | Fault

async function verdictOf(scope: Scope, walk: Walk, key: TupleKey): Promise<Verdict> {
  try {
    return (await decide(scope, walk, key)).allowed ? 'allowed' : 'denied'
  } catch (thrown) {
    // Past the deadline the walk stands where it stood: there is nothing to read back.
    if (thrown instanceof Fault && thrown.code !== 'deadline_exceeded') return thrown
    throw thrown
  }
}

/** An error is no answer: never an allow, and never a plain deny. */
function failed(
  { code, message }: Fault,
  rest: Pick<Explanation, 'tried' | 'missing' | 'truncated'>,
): Explanation {
  return { allowed: false, resolution: `${code}: ${message}`, error: { code, message }, ...rest }
}
