/** Rule 4: what a rewrite refers to exists. Not its type restrictions, and not what the references lead to. */
import type { RelationReferenceJson, UsersetJson } from '../json.ts'
import { operands } from '../rewrite.ts'
import { type Draft, type DraftRelation, invalidModel, invalidRelation, undefinedRelation } from './draft.ts'

export function checkRewrite(draft: Draft, relation: DraftRelation, rewrite = relation.rewrite): void {
  if ('computedUserset' in rewrite) checkComputed(draft, relation, rewrite.computedUserset.relation)
  if ('tupleToUserset' in rewrite) checkTupleToUserset(draft, relation, rewrite.tupleToUserset)
  for (const operand of operands(rewrite)) checkRewrite(draft, relation, operand)
}

/**
 * Unions and intersections have two operands or more. Apart from the rest because it is applied after the type
 * restrictions, with the entry points.
 */
export function checkOperandCounts(relation: DraftRelation, rewrite = relation.rewrite): void {
  const { type, name } = relation
  if ('union' in rewrite && rewrite.union.child.length < 2) {
    throw invalidModel(`invalid relation: '${type}#${name}' as union has less than 2 children`)
  }
  if ('intersection' in rewrite && rewrite.intersection.child.length < 2) {
    throw invalidModel(`invalid relation: '${type}#${name}' as intersection has less than 2 children`)
  }
  for (const operand of operands(rewrite)) checkOperandCounts(relation, operand)
}

function checkComputed(draft: Draft, relation: DraftRelation, target: string): void {
  if (target === relation.name) throw invalidRelation(relation, 'invalid userset rewrite definition')
  if (!draft.types.get(relation.type)?.has(target)) throw undefinedRelation(relation.type, target)
}

function checkTupleToUserset(
  draft: Draft,
  { type }: DraftRelation,
  rewrite: Extract<UsersetJson, { tupleToUserset: unknown }>['tupleToUserset'],
): void {
  const tupleset = draft.types.get(type)?.get(rewrite.tupleset.relation)
  if (tupleset === undefined) throw undefinedRelation(type, rewrite.tupleset.relation)
  if (!('this' in tupleset.rewrite)) {
    const name = `${type}#${tupleset.name}`
    throw invalidModel(
      `the '${name}' relation is referenced in at least one tupleset and thus must be a direct relation`,
    )
  }
  const computed = rewrite.computedUserset.relation
  // Missing on some parent types is allowed and adds nobody there; missing on all of them is a mistake.
  if (tupleset.parents.some((parent) => draft.types.get(parent)?.has(computed))) return
  const parents = tupleset.references.map(printReference).join(' ')
  throw invalidModel(
    `undefined relation: ${computed} does not appear as a relation in any of the directly related user types [${parents}]`,
  )
}

/** As the text form of the protobuf message. */
function printReference({ type, relation, wildcard, condition }: RelationReferenceJson): string {
  const parts = [`type:"${type}"`]
  if (relation !== undefined) parts.push(`relation:"${relation}"`)
  if (wildcard !== undefined) parts.push('wildcard:{}')
  if (condition !== '') parts.push(`condition:"${condition}"`)
  return parts.join(' ')
}
