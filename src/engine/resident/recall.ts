/**
 * An answer from memory alone, where there is one: the operators of the question's own object joined as a walk joins
 * them, each that only grants decided by reach. Undefined leaves the question to the walk.
 */
import type { Model, Relation, Rewrite } from '../../model/model.ts'
import type { View } from '../../storage/storage.ts'
import { typeOf } from '../../tuple/object.ts'
import { isUserset, isWildcard } from '../../tuple/subject.ts'
import type { Scope } from '../scope.ts'
import type { Graph } from './graph.ts'
import { absent, reach, type Sight } from './reach.ts'

/**
 * The graph that may answer for a scope: it knows individuals, stored tuples, and the applied revision.
 * Undefined when the question is about anything else.
 */
export function graphFor(
  { resident, contextual, hidden }: Scope,
  view: View,
  subject: string,
): Graph | undefined {
  if (resident === undefined || resident.revision !== view.revision) return undefined
  if (contextual.length > 0 || hidden !== undefined) return undefined
  return isUserset(subject) || isWildcard(subject) ? undefined : resident
}

/** Tuple hops of a proof, or `absent`; undefined: only a walk can tell. */
export function recall(
  scope: Scope,
  view: View,
  { object, relation }: { readonly object: string; readonly relation: Relation },
  subject: string,
): number | undefined {
  const graph = graphFor(scope, view, subject)
  if (graph === undefined) return undefined
  const type = typeOf(subject)
  const { model } = scope
  const sight = { graph, view, now: performance.now() }
  return join({ sight, model, object, subject, shapes: [type, `${type}:*`] }, relation, relation.rewrite)
}

interface Asked {
  readonly sight: Sight
  readonly model: Model
  readonly object: string
  readonly subject: string
  readonly shapes: readonly string[]
}

function join(asked: Asked, relation: Relation, rewrite: Rewrite): number | undefined {
  if (rewrite === relation.rewrite && !asked.shapes.some((shape) => relation.reach.has(shape))) return absent
  const flat = asked.sight.graph.lattice.flat(relation, rewrite)
  if (flat !== undefined) return reach(asked.sight, asked.object, flat, asked.subject)
  switch (rewrite.kind) {
    case 'computed':
      return computed(asked, relation, rewrite.relation)
    case 'union':
      return any(asked, relation, rewrite.children)
    case 'intersection':
      return all(asked, relation, rewrite.children)
    case 'exclusion':
      return butNot(asked, relation, rewrite)
    default:
      return undefined
  }
}

function computed(asked: Asked, { type }: Relation, name: string): number | undefined {
  const relation = asked.model.relation(type, name)
  return relation && join(asked, relation, relation.rewrite)
}

function any(asked: Asked, relation: Relation, operands: readonly Rewrite[]): number | undefined {
  let sure = true
  for (const operand of operands) {
    const hops = join(asked, relation, operand)
    if (hops === undefined) sure = false
    else if (hops !== absent) return hops
  }
  return sure ? absent : undefined
}

function all(asked: Asked, relation: Relation, operands: readonly Rewrite[]): number | undefined {
  let most: number | undefined = 0
  for (const operand of operands) {
    const hops = join(asked, relation, operand)
    if (hops === absent) return absent
    most = hops === undefined || most === undefined ? undefined : Math.max(most, hops)
  }
  return most
}

function butNot(
  asked: Asked,
  relation: Relation,
  { base, subtract }: Extract<Rewrite, { kind: 'exclusion' }>,
): number | undefined {
  const hops = join(asked, relation, base)
  if (hops === absent) return absent
  const excluded = join(asked, relation, subtract)
  if (excluded === undefined) return undefined
  return excluded === absent ? hops : absent
}
