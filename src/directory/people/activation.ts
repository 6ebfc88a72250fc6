/**
 * Users who are inactive: there, and without a single tuple, so that nothing is allowed to them by whatever way. What they
 * had is parked in the commit that takes it, and comes back with them as far as it still can. That no tuple names them
 * meanwhile is held by guards/references.ts.
 */
import type { JsonObject } from '../../lib/json.ts'
import { demandWritable } from '../../service/writable.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import type { Tuple } from '../../tuple/tuple.ts'
import type { Draft } from '../draft.ts'
import { thereIn } from '../guards/references.ts'
import { type Sight, userType } from '../sight.ts'
import { park, parkedOf, unpark } from './parked.ts'

export function isInactive(attributes: JsonObject | undefined): boolean {
  return attributes?.active === false
}

/**
 * Takes every tuple that has the user as its subject, and parks them. Two kinds are not parked: what a rule says is said
 * anew, and operators are the platform's. Costs a read, a delete and two small entities a tuple.
 */
export async function parkAll(draft: Draft, id: string): Promise<void> {
  const subject = `${userType}:${id}`
  for await (const tuple of tuplesOf(draft, subject)) {
    if (!isByRule(draft, tuple) && !isOperator(draft, tuple)) park(draft, id, tuple)
  }
  draft.deleteAll({ subject })
  keepOperator(draft, subject)
}

/**
 * Gives back what is parked. What has expired meanwhile, what the model no longer takes, and what was at something that is
 * gone, is gone. @returns how many tuples are there again, and how many are not
 */
export async function giveBackAll(
  draft: Draft,
  id: string,
): Promise<{ readonly restored: number; readonly lost: number }> {
  const subject = `${userType}:${id}`
  const isThere = thereIn(draft, (object) => draft.entity(typeOf(object), idOf(object)))
  let [restored, lost] = [0, 0]
  for await (const parked of parkedOf(draft, id)) {
    unpark(draft, id, parked)
    const tuple = { ...parked, subject }
    if (isThere(tuple.object) && isTaken(draft, tuple)) {
      draft.writeTuple(tuple)
      restored++
    } else lost++
  }
  return { restored, lost }
}

/** Operators are the platform's: whatever becomes of them in the organization, that stays as it is. */
export function keepOperator(draft: Draft, user: string): void {
  const { operatorRelation } = draft.preset.organization
  if (operatorRelation === undefined) return
  const tuple = draft.storedTuple(draft.organization, operatorRelation, user)
  if (tuple !== undefined) draft.writeTuple(tuple)
}

const pageRows = 1000

async function* tuplesOf({ view }: Sight, subject: string): AsyncGenerator<Tuple> {
  let after: Uint8Array | undefined
  do {
    const { rows, next } = await view.tuples({ subject }, pageRows, after)
    yield* rows
    after = next
  } while (after !== undefined)
}

/** By the model as it is now, and as long as it lasts. */
function isTaken({ model, view }: Sight, tuple: Tuple): boolean {
  try {
    demandWritable(model, tuple, view.now)
    return true
  } catch {
    return false
  }
}

function isByRule({ preset: { group } }: Sight, { object, relation }: Tuple): boolean {
  return group !== undefined && typeOf(object) === group.type && relation === group.sources.rule
}

function isOperator({ preset, organization }: Sight, { object, relation }: Tuple): boolean {
  return object === organization && relation === preset.organization.operatorRelation
}
