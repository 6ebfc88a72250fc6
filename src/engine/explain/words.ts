/** Tuples and rewrites as people read them, and as JSON. Not evaluation. */
import type { JsonObject } from '../../lib/json.ts'
import type { Relation, Rewrite } from '../../model/model.ts'
import { printTuple, type Tuple } from '../../tuple/tuple.ts'
import type { Target } from '../vertex.ts'

/** `{object, relation, user, condition?, expires_at?}`, as tuples are written over HTTP. */
export function tupleJson({ object, relation, subject, condition, expiresAt }: Tuple): JsonObject {
  return {
    object,
    relation,
    user: subject,
    ...(condition && { condition: { ...condition } }),
    ...(expiresAt !== undefined && { expires_at: new Date(expiresAt).toISOString() }),
  }
}

/** A rewrite in the model's language: `[user, group#member] or editor`. */
export function printRewrite(rewrite: Rewrite, relation: Relation): string {
  switch (rewrite.kind) {
    case 'direct':
      return `[${relation.restrictions.map(printRestriction).join(', ')}]`
    case 'computed':
      return rewrite.relation
    case 'tuple-to-userset':
      return `${rewrite.computed} from ${rewrite.tupleset}`
    case 'union':
      return rewrite.children.map((child) => within(child, relation)).join(' or ')
    case 'intersection':
      return rewrite.children.map((child) => within(child, relation)).join(' and ')
    case 'exclusion':
      return `${within(rewrite.base, relation)} but not ${within(rewrite.subtract, relation)}`
  }
}

function printRestriction({ shape, condition }: Relation['restrictions'][number]): string {
  return condition === undefined ? shape : `${shape} with ${condition}`
}

function within(rewrite: Rewrite, relation: Relation): string {
  const text = printRewrite(rewrite, relation)
  const compound = rewrite.kind === 'union' || rewrite.kind === 'intersection' || rewrite.kind === 'exclusion'
  return compound ? `(${text})` : text
}

/** What a target is a question about: a relation by its name, an operator inside one by its text. */
export function printTarget({ object, relation, rewrite }: Target): string {
  if (rewrite === relation.rewrite) return `${object}#${relation.name}`
  if (rewrite.kind === 'computed') return `${object}#${rewrite.relation}`
  return `${within(rewrite, relation)} of ${object}`
}

/** `user:ann is member of group:eng (group:eng#member@user:ann)` */
export function tupleSentence(tuple: Tuple): string {
  return `${tuple.subject} is ${tuple.relation} of ${tuple.object} (${printTuple(tuple)})`
}
