/** An organization's own settings: its name and its switches, changed by its people; its plan and operators, by the platform. */
import { Fault } from '../../lib/fault.ts'
import { typeOf } from '../../tuple/object.ts'
import { type Acted, type ActRequest, act, actForPlatform } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { fill } from '../preset/fill.ts'
import { planOf } from '../refusal.ts'
import { userType } from '../sight.ts'
import { type Organization, shownAfter } from './organizations.ts'

export interface OrganizationChange {
  readonly name?: string
  /** Switches of the preset, by id. */
  readonly settings?: Readonly<Record<string, boolean>>
}

/** Tuples of a plan: no raw tuple names one. */
const includedMax = 1_000

type PlatformRequest = Omit<ActRequest, 'actor'>

/** The name is the store's, and in the same commit. @throws Fault forbidden, not_in_preset: a switch */
export function updateOrganization(
  ground: Ground,
  request: ActRequest & { readonly change: OrganizationChange },
): Promise<Acted<Organization>> {
  return act(ground, request, async (draft) => {
    const { actions } = draft.preset.organization
    await draft.demand('organization.update', actions['organization.update'], draft.organization)
    const { name, settings = {} } = request.change
    for (const [id, on] of Object.entries(settings)) flip(draft, id, on)
    const before = ground.service.storage.store(request.org)?.name ?? ''
    if (name === undefined || name === before) return shownAfter(draft, before)
    draft.rename(name)
    const [old, now] = [{ name: before }, { name }]
    draft.note({ action: 'organization.rename', target: draft.organization, old, new: now })
    return shownAfter(draft, name)
  })
}

/**
 * In place of the one before. What that one allowed stays, and is frozen where the new one does not. It includes what the preset
 * says by now: set again, it brings an organization of before to that. @throws Fault not_found, not_in_preset
 */
export async function setPlan(
  ground: Ground,
  request: PlatformRequest & { readonly plan: string },
): Promise<Acted<Organization>> {
  const name = ground.service.storage.store(request.org)?.name ?? ''
  return await actForPlatform(ground, request, async (draft) => {
    const { preset, organization, view } = draft
    const { plans } = preset
    if (plans === undefined) throw new Fault('not_in_preset', `\`${preset.id}\` has no plans`)
    const plan = plans.ladder.find(({ id }) => id === request.plan)
    if (plan === undefined) {
      const known = plans.ladder.map(({ id }) => id).join(', ')
      throw new Fault('not_in_preset', `there is no plan \`${request.plan}\`: it is one of ${known}`, {
        field: 'plan',
      })
    }
    const held = view.edges(organization, plans.relation).plain ?? []
    for (const subject of held) draft.delete(organization, plans.relation, subject)
    draft.write(organization, plans.relation, `${plans.type}:${request.plan}`)
    await include(draft, `${plans.type}:${request.plan}`, plan.entitlements)
    const before = planOf(held, plans)
    const old = before === undefined ? {} : { old: { plan: before } }
    draft.note({ action: 'plan.set', target: organization, ...old, new: { plan: request.plan } })
    return shownAfter(draft, name)
  })
}

/** Everybody's, as far as the organization's model has a relation for it: that is older than the preset may be. */
async function include(draft: Draft, plan: string, entitlements: readonly string[]): Promise<void> {
  const { rows } = await draft.view.tuples({ object: plan }, includedMax)
  for (const { relation, subject } of rows) {
    if (!entitlements.includes(relation)) draft.delete(plan, relation, subject)
  }
  for (const relation of entitlements) {
    if (draft.model.relation(typeOf(plan), relation) !== undefined)
      draft.write(plan, relation, `${userType}:*`)
  }
}

/** @throws Fault not_found, not_in_preset: the product has none */
export function addOperator(
  ground: Ground,
  request: PlatformRequest & { readonly user: string },
): Promise<Acted<undefined>> {
  return actForPlatform(ground, request, (draft) => {
    const { relation, subject } = operatorOf(draft, request.user)
    if (draft.has(draft.organization, relation, subject)) return undefined
    draft.write(draft.organization, relation, subject)
    draft.note({ action: 'operator.add', target: draft.organization, subject })
    return undefined
  })
}

/** @throws Fault not_found: no such operator; not_in_preset: the product has none */
export function removeOperator(
  ground: Ground,
  request: PlatformRequest & { readonly user: string },
): Promise<Acted<undefined>> {
  return actForPlatform(ground, request, (draft) => {
    const { relation, subject } = operatorOf(draft, request.user)
    if (!draft.has(draft.organization, relation, subject)) {
      throw new Fault('not_found', `${subject} is no operator`)
    }
    draft.delete(draft.organization, relation, subject)
    draft.note({ action: 'operator.remove', target: draft.organization, subject })
    return undefined
  })
}

function flip(draft: Draft, id: string, on: boolean): void {
  const { preset, organization } = draft
  const found = Object.hasOwn(preset.switches, id) ? preset.switches[id] : undefined
  if (found === undefined) {
    const known = Object.keys(preset.switches).join(', ') || 'none'
    throw new Fault('not_in_preset', `\`${preset.id}\` has no setting \`${id}\`; there is ${known}`, {
      field: `settings.${id}`,
    })
  }
  const tuples = found.tuples.map((template) => fill(template, { organization }))
  const before = tuples.every((each) => draft.has(each.object, each.relation, each.subject))
  for (const { object, relation, subject } of tuples) {
    if (on) draft.write(object, relation, subject)
    else draft.delete(object, relation, subject)
  }
  if (before === on) return
  draft.note({
    action: 'organization.update',
    target: organization,
    old: { [id]: before },
    new: { [id]: on },
  })
}

/** Operators are the platform's people: nobody has to have made them users of the organization. */
function operatorOf(
  { preset }: Draft,
  user: string,
): { readonly relation: string; readonly subject: string } {
  const { operatorRelation } = preset.organization
  if (operatorRelation !== undefined) return { relation: operatorRelation, subject: `${userType}:${user}` }
  throw new Fault('not_in_preset', `\`${preset.id}\` has no operators`)
}
