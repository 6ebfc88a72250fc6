/**
 * What an invitation gives: a role, and groups and resources with it. Whether somebody may give all of it is asked when
 * they invite, when they invite again, and when it is accepted, of the state then.
 */
import { Fault } from '../../lib/fault.ts'
import { idOf } from '../../tuple/object.ts'
import { memberRole } from '../groups/membership.ts'
import { roleOf } from '../people/users.ts'
import type { Role } from '../preset/preset.ts'
import { demandGroup } from '../resources/giving.ts'
import { demandDirect, levelOf } from '../resources/levels.ts'
import { demandResource } from '../resources/resource.ts'
import type { Sight } from '../sight.ts'
import type { GroupGift, KeptInvitation, ResourceGift } from './kept.ts'

/** As requests say it. */
export interface AskedGifts {
  readonly role?: string
  readonly groups?: readonly { readonly id: string; readonly role?: string }[]
  readonly resources?: readonly { readonly type: string; readonly id: string; readonly level?: string }[]
}

export type Gifts = Pick<KeptInvitation, 'role' | 'groups' | 'resources'>

/**
 * In the words that are kept, each group and resource once.
 * @throws Fault forbidden, archived, plan_required, unknown_reference, invalid_field, not_in_preset: the first that the acting
 * user may not give, or that is not there
 */
export async function demandGifts(sight: Sight, asked: AskedGifts): Promise<Gifts> {
  const role = roleOf(sight.preset, asked.role)
  await sight.demand(`giving the role ${role.id}`, { relation: role.give }, sight.organization)
  const groups: GroupGift[] = []
  for (const [index, each] of (asked.groups ?? []).entries()) {
    groups.push(await demandGroupGift(sight, each, `groups[${index}]`))
  }
  const resources: ResourceGift[] = []
  for (const [index, each] of (asked.resources ?? []).entries()) {
    resources.push(await demandResourceGift(sight, each, `resources[${index}]`))
  }
  demandOnce(groups, 'groups')
  demandOnce(resources, 'resources')
  return { role: role.id, groups, resources }
}

/** Without what was deleted since: the rest can still be given. */
export function stillThere(sight: Sight, { role, groups, resources }: Gifts): Gifts {
  const { group } = sight.preset
  return {
    role,
    groups: groups.filter(({ id }) => group !== undefined && sight.entity(group.type, id) !== undefined),
    resources: resources.filter(({ type, id }) => sight.entity(sight.kind(type).type, id) !== undefined),
  }
}

async function demandGroupGift(
  sight: Sight,
  { id, role: asked }: NonNullable<AskedGifts['groups']>[number],
  field: string,
): Promise<GroupGift> {
  const object = await demandGroup(sight, id, field)
  const role = within(field, () => memberRole(sight.group, asked))
  await sight.demand('member.add', sight.group.actions['member.add'], object)
  await sight.demand(`giving the role ${role.id}`, { relation: role.give }, object)
  return { id: idOf(object), ...(sight.group.memberRoles.length === 1 ? {} : { role: role.id }) }
}

async function demandResourceGift(
  sight: Sight,
  { type, id, level: asked }: NonNullable<AskedGifts['resources']>[number],
  field: string,
): Promise<ResourceGift> {
  const kind = within(field, () => sight.kind(type))
  const object = await demandResource(sight, kind, id, field)
  const level = within(field, () => levelOf(kind, asked))
  demandDirect(sight, kind, level)
  await sight.demand('share', kind.actions.share, object)
  return { type: kind.id, id, level: level.id }
}

/** A refusal names its field from where it stands. */
function within<Value>(field: string, read: () => Value): Value {
  try {
    return read()
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.field === undefined) throw thrown
    const { code, message, hint, word } = thrown
    throw new Fault(code, message, {
      field: `${field}.${thrown.field}`,
      ...(hint === undefined ? {} : { hint }),
      ...(word === undefined ? {} : { word }),
    })
  }
}

function demandOnce(gifts: readonly { readonly id: string; readonly type?: string }[], field: string): void {
  const seen = new Set<string>()
  for (const { type = '', id } of gifts) {
    const key = `${type}:${id}`
    if (seen.has(key)) throw new Fault('invalid_field', `\`${field}\` names ${id} twice`, { field })
    seen.add(key)
  }
}

/** The role that was kept, as the preset has it. @throws Fault invalid_field: it has it no more */
export function keptRole({ preset }: Sight, { role }: Gifts): Role {
  return roleOf(preset, role)
}
