/** Rules 5 to 7: which subjects a relation takes, and under which conditions. */
import type { RelationReferenceJson } from '../json.ts'
import { isAssignable } from '../rewrite.ts'
import { type Draft, type DraftRelation, invalidModel } from './draft.ts'

export function checkRestrictions(draft: Draft, relation: DraftRelation): void {
  const { type, name, references } = relation
  const where = `relation '${name}' in object type '${type}'`
  const assignable = isAssignable(relation.rewrite)
  if (assignable && references.length === 0) {
    throw invalidModel(`the assignable ${where} must contain at least one relation type`)
  }
  if (!assignable && references.length > 0) {
    throw invalidModel(`the non-assignable ${where} should not contain a relation type`)
  }
  for (const reference of references) {
    if (!isValid(draft, relation, reference)) {
      const shape = reference.type + (reference.relation === undefined ? '' : `#${reference.relation}`)
      throw invalidModel(`the relation type '${shape}' on '${name}' in object type '${type}' is not valid`)
    }
    if (reference.condition !== '' && !draft.conditions.has(reference.condition)) {
      throw invalidModel(`condition ${reference.condition} is undefined for relation ${name}`)
    }
  }
}

function isValid(draft: Draft, { isTupleset }: DraftRelation, reference: RelationReferenceJson): boolean {
  const relations = draft.types.get(reference.type)
  if (relations === undefined) return false
  const plain = reference.relation === undefined && reference.wildcard === undefined
  // The tuples of a tupleset name parents: a set of them, or everybody, is no parent.
  if (isTupleset && !plain) return false
  return reference.relation === undefined || relations.has(reference.relation)
}
