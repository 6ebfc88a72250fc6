/**
 * Walking a rewrite as JSON: its operands, and the questions every rule asks of it. Not evaluation, and no
 * knowledge of the types around it. Recursion is bounded by rewriteDepthMax (shape.ts).
 */
import type { UsersetJson } from './json.ts'

/** The operands of an operator in their order; none for a leaf. */
export function operands(rewrite: UsersetJson): readonly UsersetJson[] {
  if ('union' in rewrite) return rewrite.union.child
  if ('intersection' in rewrite) return rewrite.intersection.child
  if ('difference' in rewrite) return [rewrite.difference.base, rewrite.difference.subtract]
  return []
}

/** The rewrite and everything inside it, parents first, left to right. */
export function* operators(rewrite: UsersetJson): Generator<UsersetJson> {
  yield rewrite
  for (const operand of operands(rewrite)) yield* operators(operand)
}

/** Names of the relations that some of a type's rewrites read on the right of `from`. */
export function tuplesetsOf(rewrites: Iterable<UsersetJson>): ReadonlySet<string> {
  const found = new Set<string>()
  for (const rewrite of rewrites) {
    for (const operator of operators(rewrite)) {
      if ('tupleToUserset' in operator) found.add(operator.tupleToUserset.tupleset.relation)
    }
  }
  return found
}

/** Whether tuples can be written to a relation with this rewrite: some operator of it is `this`. */
export function isAssignable(rewrite: UsersetJson): boolean {
  for (const operator of operators(rewrite)) if ('this' in operator) return true
  return false
}
