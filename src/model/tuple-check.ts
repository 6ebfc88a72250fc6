/**
 * Whether a tuple or a question fits a model. Two strictnesses on purpose: `checkTuple` refuses what is written and
 * takes what OpenFGA takes; `visible` filters what is read and takes only what fits a type restriction exactly,
 * because models change after tuples were written. Neither looks at stored data.
 */
import { assert } from '../lib/assert.ts'
import { parseObject, typeOf } from '../tuple/object.ts'
import { isRelationName } from '../tuple/relation.ts'
import { isUserset, isWildcard, parseSubject, type SubjectRef, shapeOf } from '../tuple/subject.ts'
import type { Tuple, TupleCondition, TupleKey } from '../tuple/tuple.ts'
import type { Model, Relation, Restriction } from './model.ts'

/**
 * Why a tuple cannot be written under this model, as the reason of an `invalid tuple` message; undefined when it
 * can. The first rule that fails decides: subject, object, relation, tupleset, type restriction, condition.
 */
export function checkTuple(model: Model, tuple: Tuple): string | undefined {
  const subject = parseSubject(tuple.subject)
  const question = checkParsed(model, subject) ?? checkObject(model, tuple.object, tuple.relation)
  if (question !== undefined) return question
  const relation = model.relation(typeOf(tuple.object), tuple.relation)
  assert(subject !== undefined && relation !== undefined, 'the question was checked')
  return (
    checkTupleset(relation, tuple.subject) ??
    checkRestriction(relation, tuple.subject, subject) ??
    checkCondition(model, relation, tuple, subject)
  )
}

/** Why a question makes no sense under this model: types and relations exist, texts are well formed. */
export function checkQuestion(model: Model, question: TupleKey): string | undefined {
  return checkSubject(model, question.subject) ?? checkObject(model, question.object, question.relation)
}

/** Why a subject cannot be asked about. */
export function checkSubject(model: Model, text: string): string | undefined {
  return checkParsed(model, parseSubject(text))
}

function checkParsed(model: Model, subject: SubjectRef | undefined): string | undefined {
  if (subject === undefined) return "the 'user' field is malformed"
  if (!model.hasType(subject.type)) return `type '${subject.type}' not found`
  if (subject.relation === undefined || model.relation(subject.type, subject.relation)) return undefined
  return `relation '${subject.type}#${subject.relation}' not found`
}

/** Why object and relation cannot be asked about. */
export function checkObject(model: Model, text: string, relation: string): string | undefined {
  const object = parseObject(text)
  if (object === undefined) {
    const wildcard = parseSubject(text)?.id === '*'
    return wildcard ? "the 'object' field cannot reference a typed wildcard" : "invalid 'object' field format"
  }
  if (!model.hasType(object.type)) return `type '${object.type}' not found`
  if (!isRelationName(relation)) return "the 'relation' field is malformed"
  if (model.relation(object.type, relation)) return undefined
  return `relation '${object.type}#${relation}' not found`
}

/** The tuples of a tupleset name parents: everybody, or a set of them, is no parent. */
function checkTupleset({ type, name, isTupleset }: Relation, subject: string): string | undefined {
  if (!isTupleset) return undefined
  if (isWildcard(subject)) {
    return `unexpected wildcard relationship with tupleset relation '${type}#${name}'`
  }
  if (isUserset(subject)) return `unexpected user '${subject}' with tupleset relation '${type}#${name}'`
  return undefined
}

function checkRestriction(relation: Relation, text: string, subject: SubjectRef): string | undefined {
  const shape = shapeOf(text)
  if (relation.restrictions.some((restriction) => restriction.shape === shape)) return undefined
  const tail = `is not an allowed type restriction for '${relation.type}#${relation.name}'`
  if (subject.relation !== undefined) return `'${shape}' ${tail}`
  return isWildcard(text) ? `the typed wildcard '${shape}' ${tail}` : `type '${shape}' ${tail}`
}

function checkCondition(
  model: Model,
  relation: Relation,
  { subject: text, condition }: Tuple,
  subject: SubjectRef,
): string | undefined {
  if (condition === undefined) {
    const shape = shapeOf(text)
    const bare = (restriction: Restriction): boolean =>
      restriction.shape === shape && restriction.condition === undefined
    return relation.restrictions.some(bare) ? undefined : 'condition is missing'
  }
  const definition = model.conditions.get(condition.name)
  if (definition === undefined) return 'undefined condition'
  // OpenFGA compares the type alone here: `[user:* with c, user]` takes `user:ann with c`. So do we, on writes only:
  // such a tuple is not visible.
  const carries = (restriction: Restriction): boolean =>
    restriction.type === subject.type && restriction.condition === condition.name
  if (!relation.restrictions.some(carries)) return 'invalid condition for type restriction'
  return definition.refuse(condition.context ?? {})
}

/**
 * Whether a stored or contextual tuple exists for this model: its shape is one the relation takes, with exactly
 * this condition or exactly none. A wildcard under a condition opens nothing to a plain restriction beside it, nor
 * the reverse. No allocation: this runs for every tuple a walk reads.
 */
export function visible(
  _model: Model,
  relation: Relation,
  tuple: TupleKey & { readonly condition?: Pick<TupleCondition, 'name'> },
): boolean {
  return isVisible(relation, tuple.subject, tuple.condition?.name)
}

/** The same of a tuple that is told by its subject: who reads a list of them makes none. @param condition - its name */
export function isVisible(relation: Relation, subject: string, condition?: string): boolean {
  const facets = facetsOf(relation)
  const kind = isWildcard(subject) ? 'wildcard' : isUserset(subject) ? 'userset' : 'plain'
  for (const facet of facets) {
    if (facet.kind !== kind || !subject.startsWith(facet.prefix) || !subject.endsWith(facet.suffix)) continue
    return facet.conditions.has(condition)
  }
  return false
}

/** The restrictions of one shape. */
interface Facet {
  readonly kind: 'plain' | 'wildcard' | 'userset'
  /** `user:` */
  readonly prefix: string
  /** `#member` for a userset, else empty. */
  readonly suffix: string
  /** Conditions it may carry; undefined stands for none. */
  readonly conditions: Set<string | undefined>
}

const known = new WeakMap<Relation, readonly Facet[]>()

/** One facet a shape, made at the first tuple of the relation. */
function facetsOf(relation: Relation): readonly Facet[] {
  const found = known.get(relation)
  if (found !== undefined) return found
  const facets = new Map<string, Facet>()
  for (const { shape, type, relation: name, wildcard, condition } of relation.restrictions) {
    const facet = facets.get(shape)
    if (facet !== undefined) {
      facet.conditions.add(condition)
      continue
    }
    const kind = wildcard ? 'wildcard' : name === undefined ? 'plain' : 'userset'
    const suffix = name === undefined ? '' : `#${name}`
    facets.set(shape, { kind, prefix: `${type}:`, suffix, conditions: new Set([condition]) })
  }
  const made = [...facets.values()]
  known.set(relation, made)
  return made
}
