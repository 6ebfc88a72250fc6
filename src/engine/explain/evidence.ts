/**
 * What there is under a tuple's key, and why it does or does not grant. The walk only asks whether; an explanation
 * has to say what it met, so this looks at the very state the walk saw, through the same Reader.
 */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import type { Relation } from '../../model/model.ts'
import { checkTuple } from '../../model/tuple-check.ts'
import { isUserset, isWildcard } from '../../tuple/subject.ts'
import type { StoredTuple, Tuple, TupleKey } from '../../tuple/tuple.ts'
import type { Reader } from '../reader.ts'
import type { Scope } from '../scope.ts'
import type { Target, Vertex } from '../vertex.ts'
import { tupleJson } from './words.ts'

export interface Evidence {
  readonly key: TupleKey
  /** What the request brought, or storage holds; undefined when there is nothing. */
  readonly tuple: Tuple | undefined
  /** Where and when it was written; a contextual tuple has none. */
  readonly stored: StoredTuple | undefined
  readonly grants: boolean
  /** Its condition is false or cannot be evaluated: with another context it could grant. */
  readonly conditional: boolean
  /** Why it does not grant; empty when it does. */
  readonly reason: string
}

export class Witness {
  readonly #scope: Scope
  readonly #reader: Reader

  constructor(scope: Scope, reader: Reader) {
    this.#scope = scope
    this.#reader = reader
  }

  /** What is under object#relation@subject. A few point reads. */
  of(relation: Relation, object: string, subject: string): Evidence {
    const key = { object, relation: relation.name, subject }
    const contextual = this.#scope.contextual.findLast((one) => sameKey(one, key))
    const stored =
      contextual === undefined ? this.#reader.view.tuple(object, key.relation, subject) : undefined
    const found = { key, tuple: contextual ?? stored, stored }
    const silent = { ...found, grants: false, conditional: false }
    if (found.tuple === undefined) return { ...silent, reason: this.#missing(key) }
    if (this.#reader.tuple(relation, object, subject) === undefined)
      return { ...silent, reason: `the model does not accept it: ${this.#refusal(found.tuple)}` }
    const grant = this.#reader.grant(relation, object, subject)
    if (grant === true) return { ...found, grants: true, conditional: false, reason: '' }
    const reason =
      grant instanceof Fault ? grant.message : `condition ${found.tuple.condition?.name} is false`
    return { ...silent, conditional: true, reason }
  }

  /** The tuple that a vertex crosses to reach an operand; undefined where it crosses none. */
  across(vertex: Vertex, target: Target): Evidence | undefined {
    if (target.hop === 0) return undefined
    const { rewrite, object, relation } = vertex
    if (rewrite.kind !== 'tuple-to-userset')
      return this.of(relation, object, `${target.object}#${target.relation.name}`)
    const tupleset = this.#scope.model.relation(relation.type, rewrite.tupleset)
    return tupleset && this.of(tupleset, object, target.object)
  }

  /** The declared parameters of a tuple's condition that the tuple itself does not settle: a request could. */
  open({ condition }: Tuple): readonly string[] {
    const declared = this.#scope.model.conditions.get(condition?.name ?? '')?.parameters ?? []
    return declared.filter((parameter) => !Object.hasOwn(condition?.context ?? {}, parameter))
  }

  /** Of those, the ones that the request did not give. */
  unanswered(tuple: Tuple): readonly string[] {
    return this.open(tuple).filter((parameter) => !Object.hasOwn(this.#scope.context, parameter))
  }

  #missing({ object, relation, subject }: TupleKey): string {
    const { usersets, plain = [], qualified } = this.#reader.view.edges(object, relation)
    const listed = isUserset(subject) || isWildcard(subject) ? usersets : plain
    return listed.includes(subject) || qualified.has(subject) ? 'expired' : 'no such tuple'
  }

  #refusal(tuple: Tuple): string {
    return checkTuple(this.#scope.model, tuple) ?? 'no type restriction fits'
  }
}

/** `{tuple, provenance}` or `{tuple, contextual: true}`: a tuple, and where it came from. */
export function evidenceJson({ key, tuple, stored }: Evidence): JsonObject {
  if (tuple === undefined) return { tuple: tupleJson(key) }
  if (stored === undefined) return { tuple: tupleJson(tuple), contextual: true }
  const { revision, timestamp, provenance } = stored
  return {
    tuple: tupleJson(tuple),
    provenance: { revision, timestamp: new Date(timestamp).toISOString(), ...provenance },
  }
}

export function sameKey(one: TupleKey, other: TupleKey): boolean {
  return one.object === other.object && one.relation === other.relation && one.subject === other.subject
}
