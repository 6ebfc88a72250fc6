/** States that have a verb of their own, which asks who may: no raw tuple brings them about. */
import { Fault } from '../../lib/fault.ts'
import { typeOf } from '../../tuple/object.ts'
import { isWildcard } from '../../tuple/subject.ts'
import { printTuple, type TupleKey } from '../../tuple/tuple.ts'
import type { Preset } from '../preset.ts'
import type { Sight } from '../sight.ts'
import type { Outcome } from './outcome.ts'

/** @throws Fault reserved: archiving, publishing, what a plan includes, and which plan it is */
export function demandUnreserved({ preset }: Sight, outcome: Outcome): void {
  const taken = [...outcome.writes, ...outcome.deletes].find((key) => isReserved(preset, key))
  if (taken === undefined) return
  throw new Fault('reserved', `${printTuple(taken)} has a request of its own in organizations`)
}

function isReserved(
  { group, plans, resources, organization }: Preset,
  { object, relation, subject }: TupleKey,
): boolean {
  const type = typeOf(object)
  if (plans !== undefined && type === plans.type) return true
  if (plans !== undefined && type === organization.type && relation === plans.relation) return true
  if (!isWildcard(subject)) return false
  if (type === group?.type) return relation === group.archive?.relation
  return Object.values(resources).some((kind) => kind.type === type && kind.publish?.relation === relation)
}
