/** Why an acting user may not: the fault that says as much as that user may know, and not more. */
import { Fault } from '../lib/fault.ts'
import { idOf, typeOf } from '../tuple/object.ts'
import type { Need, Plans } from './preset/preset.ts'
import type { Sight } from './sight.ts'

/** Hidden is not found; else what is missing is named: a plan, the archive's end, or the relation. */
export async function refusalOf(sight: Sight, action: string, need: Need, object: string): Promise<Fault> {
  if (!(await sight.discovers(object))) return notFound(object)
  if (need.entitlement !== undefined) {
    const plan = missingPlan(sight, need.entitlement)
    if (plan !== undefined) {
      return new Fault('plan_required', `${action} needs the plan \`${plan}\``, {
        word: `plan_required:${plan}`,
      })
    }
  }
  if (isArchived(sight, object) && restsOnArchive(sight, need, object)) {
    return new Fault('archived', `${object} is archived`, { hint: 'unarchive it first' })
  }
  const word = need.refusal === undefined ? {} : { word: need.refusal }
  return new Fault('forbidden', `${action} needs \`${need.relation}\` on ${object}`, word)
}

/** Whether the archive's end can give what is needed: a group that cannot be deleted cannot be when it is back, either. */
function restsOnArchive({ preset, model }: Sight, { relation }: Need, object: string): boolean {
  const type = typeOf(object)
  return model.relation(type, relation)?.reach.has(`${type}#${preset.group?.archive?.relation}`) === true
}

/** One answer for what is not there and for what is hidden. */
export function notFound(object: string): Fault {
  return new Fault('not_found', `there is no ${object}`)
}

export function isArchived(sight: Sight, object: string): boolean {
  const archive = sight.preset.group?.archive
  return archive !== undefined && sight.has(object, archive.relation, 'user:*')
}

/** Whether what an action needs is not in the organization's plan, whoever acts. */
export function lacksPlan(sight: Sight, need: Need | undefined): boolean {
  return need?.entitlement !== undefined && missingPlan(sight, need.entitlement) !== undefined
}

/** The cheapest plan that has the entitlement, where the organization's own does not. */
function missingPlan({ preset, view, organization }: Sight, entitlement: string): string | undefined {
  const { plans } = preset
  if (plans === undefined) return undefined
  const own = planOf(view.edges(organization, plans.relation).plain ?? [], plans)
  const has = (id: string | undefined) =>
    plans.ladder.find((plan) => plan.id === id)?.entitlements.includes(entitlement) === true
  return has(own) ? undefined : plans.ladder.find(({ id }) => has(id))?.id
}

/** @param subjects - of the organization's plan relation */
export function planOf(subjects: readonly string[], plans: Plans): string | undefined {
  return subjects.map(idOf).find((id) => plans.ladder.some((plan) => plan.id === id))
}
