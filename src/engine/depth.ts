/**
 * The depth limit. Membership knows no limit; an answer that rests on a chain of tuples longer than the limit is
 * refused. So what counts is the shortest proof: a deny needs none, and the order in which tuples are read or what
 * was asked before changes nothing.
 */
import { Fault } from '../lib/fault.ts'
import { answer, turn } from './drive.ts'
import { cheapest, type Way } from './explain/cheapest.ts'
import type { Reader } from './reader.ts'
import type { Scope } from './scope.ts'
import type { Target, Vertex } from './vertex.ts'
import { membershipOf } from './vertex.ts'
import { Walk } from './walk.ts'

/**
 * Least tuple hops of a proof that the subject is a member, which it is. Walks everything below the question.
 * @throws Fault deadline_exceeded
 */
export async function leastHops(
  scope: Scope,
  reader: Reader,
  { object, relation }: Pick<Target, 'object' | 'relation'>,
  subject: string,
): Promise<number> {
  const root = await answer(new Walk(scope, reader, subject, { exhaustive: true }), object, relation)
  if (typeof root === 'string') return 0
  const reached = await cheapest<Vertex, Way<Vertex>>(root, { waysTo, breathe: turn, total: 'most' })
  return reached.get(root)?.cost ?? 0
}

/** How a member comes to be one. */
function waysTo({ join, operands, targets }: Vertex): readonly Way<Vertex>[] {
  const cost = targets[0]?.hop ?? 0
  const members = operands.filter((operand) => membershipOf(operand) === 'member')
  const needs = members.filter((operand) => typeof operand !== 'string')
  if (join === 'any') {
    if (targets.length === 0 || needs.length < members.length) return [{ cost, needs: [] }]
    return needs.map((need) => ({ cost, needs: [need] }))
  }
  return [{ cost, needs: join === 'all' ? needs : needs.filter((need) => need === operands[0]) }]
}

/** The fault of an answer that rests on more tuples in a row than it may. */
export function tooDeep(): Fault {
  return new Fault(
    'authorization_model_resolution_too_complex',
    'Authorization Model resolution required too many rewrite rules to be resolved. ' +
      'Check your authorization model for infinite recursion or too much nesting',
  )
}
