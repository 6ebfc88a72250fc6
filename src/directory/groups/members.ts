/**
 * People come into a group by hand, change their role, and go. Who may is asked twice: for the act, and for each role
 * that is given or taken, so that nobody gives more than they may.
 */

import { assert } from '../../lib/assert.ts'
import { Fault } from '../../lib/fault.ts'
import { type Acted, type ActRequest, act } from '../act.ts'
import type { Draft, Happening } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { isInactive } from '../people/activation.ts'
import { forgetParked, isParked } from '../people/parked.ts'
import { demandActiveUser, isActor } from '../people/users.ts'
import type { Role } from '../preset/preset.ts'
import { notFound } from '../refusal.ts'
import { excludeMember, isByRule } from '../rules/assign.ts'
import { ruleAt } from '../rules/kept.ts'
import { userType } from '../sight.ts'
import { type Group, groupAt } from './group.ts'
import { type Member, memberRow } from './member-list.ts'
import { linesOf, memberRole, membershipOf, rolesByHand } from './membership.ts'

/** About members of one group. */
export interface MembersRequest extends ActRequest {
  readonly group: string
}

export interface NewMember {
  readonly user: string
  /** Where the product has roles in groups. */
  readonly role?: string
}

/** The row, and whether it was made just now. */
export interface Added {
  readonly member: Member
  readonly isNew: boolean
}

/** All or none; who is there already in that role, or is given no other, stays. @throws Fault see `addAll` */
export function addMembers(
  ground: Ground,
  request: MembersRequest & { readonly members: readonly NewMember[] },
): Promise<Acted<readonly Added[]>> {
  return act(ground, request, async (draft) =>
    addAll(draft, await groupAt(draft, request.group), request.members),
  )
}

/**
 * @throws Fault forbidden, self_join, unknown_reference: the user; invalid_field, not_in_preset: the role;
 * already_exists: a member in another role
 */
async function addAll(draft: Draft, group: Group, members: readonly NewMember[]): Promise<readonly Added[]> {
  const joins = await demandAdding(draft, group, members)
  const given = new Set<Role>()
  const added: Added[] = []
  for (const [index, { user, role: asked }] of members.entries()) {
    const field = members.length === 1 ? 'user' : `users[${index}]`
    const id = demandActiveUser(draft, user, field)
    const held = asked === undefined ? rolesByHand(draft, group.object, id)[0] : undefined
    const role = held ?? memberRole(draft.group, asked)
    if (!joins || role !== draft.group.memberRoles.at(-1)) {
      if (!given.has(role))
        await draft.demand(`giving the role ${role.id}`, { relation: role.give }, group.object)
      given.add(role)
    }
    added.push(add(draft, group, id, role))
  }
  return added
}

function add(draft: Draft, group: Group, id: string, role: Role): Added {
  const subject = `${userType}:${id}`
  const [held] = rolesByHand(draft, group.object, id)
  if (held !== undefined && held !== role) {
    throw new Fault('already_exists', `${subject} is in ${group.object} already, as ${held.id}`, {
      field: 'role',
      hint: 'change the role of the member instead',
    })
  }
  if (held === undefined) place(draft, group, id, role)
  return { member: shownAs(draft, group, id), isNew: held === undefined }
}

/** A role by hand, in place of any other, and noted; whoever asked whether it may be. */
export function place(
  draft: Draft,
  { object: target }: Group,
  id: string,
  role: Role,
  of: Pick<Happening, 'importId'> = {},
): void {
  const subject = `${userType}:${id}`
  const others = rolesByHand(draft, target, id).filter((each) => each !== role)
  for (const { relation } of others) draft.delete(target, relation, subject)
  draft.write(target, role.relation, subject)
  const said = { target, subject, new: { role: role.id }, ...of }
  if (others.length === 0) draft.note({ action: 'member.add', ...said })
  else
    draft.note({ action: 'member.change', ...said, old: { role: others.map((each) => each.id).join(', ') } })
}

/**
 * Adding oneself is the same as adding anybody, but where the product lets everybody in.
 * @returns whether the acting user joins by that, and so gets the lowest role without being allowed to give it
 */
async function demandAdding(draft: Draft, group: Group, members: readonly NewMember[]): Promise<boolean> {
  const { actions, selfJoin } = draft.group
  const isSelf = members.length === 1 && members.every(({ user }) => isActor(draft, user))
  try {
    await draft.demand('member.add', actions['member.add'], group.object)
    return false
  } catch (thrown) {
    if (!isSelf || !(thrown instanceof Fault) || thrown.code !== 'forbidden') throw thrown
  }
  if (selfJoin) return true
  throw new Fault('self_join', 'nobody adds themselves to a group', {
    hint: 'ask somebody who may add members',
  })
}

/** @throws Fault not_found: no such member; forbidden; invalid_field; last_holder */
export function changeRole(
  ground: Ground,
  request: MembersRequest & { readonly user: string; readonly role: string },
): Promise<Acted<Member>> {
  return act(ground, request, async (draft) => {
    const group = await groupAt(draft, request.group)
    const role = memberRole(draft.group, request.role)
    const demandChange = (each: Role) =>
      draft.demand(`changing the role ${each.id}`, { relation: each.change }, group.object)
    // Before anything is said of who is in the group.
    await demandChange(role)
    const held = rolesByHand(draft, group.object, request.user)
    if (held.length === 0) throw notByHand(draft, group, request.user)
    for (const each of held) await demandChange(each)
    if (held.some((each) => each !== role)) place(draft, group, request.user, role)
    return shownAs(draft, group, request.user)
  })
}

/**
 * What a rule or the identity provider says of them stays; with `exclude`, what the rule says goes too, now and until that is
 * taken back.
 * @returns who is in it still, and by what
 * @throws Fault not_found, forbidden, last_holder
 */
export function removeMember(
  ground: Ground,
  request: MembersRequest & { readonly user: string; readonly exclude?: boolean },
): Promise<Acted<Member | undefined>> {
  return act(ground, request, async (draft) => {
    const group = await groupAt(draft, request.group)
    if (request.exclude === true) await removeAndExclude(draft, group, request.user)
    else await remove(draft, group, request.user)
    return await remaining(draft, group, request.user)
  })
}

/** @throws Fault as removeMember; not_found: no rule, and not by hand in it */
async function removeAndExclude(draft: Draft, group: Group, id: string): Promise<void> {
  const { actions } = draft.group
  await draft.demand('member.remove', actions['member.remove'], group.object)
  const isByHand = rolesToTake(draft, group, id).length > 0
  // Whoever is inactive is in no group by a rule, and may be again.
  const isAway = isInactive(draft.entity(userType, id)) && ruleAt(draft, group.id) !== undefined
  if (!isByHand && !isAway && !isByRule(draft, group.id, id))
    throw notFound(`member ${id} of ${group.object} by its rule`)
  excludeMember(draft, group.id, id)
  if (isByHand) await remove(draft, group, id)
}

/** @throws Fault as removeMember */
export async function remove(draft: Draft, group: Group, id: string): Promise<void> {
  const { actions } = draft.group
  await draft.demand('member.remove', actions['member.remove'], group.object)
  const subject = `${userType}:${id}`
  const roles = rolesToTake(draft, group, id)
  if (roles.length === 0) throw notByHand(draft, group, id)
  for (const role of roles) {
    const { relation } = role
    await draft.demand(`taking the role ${role.id}`, { relation: role.take }, group.object)
    draft.delete(group.object, relation, subject)
    forgetParked(draft, id, { object: group.object, relation })
    draft.note({ action: 'member.remove', target: group.object, subject, old: { role: role.id } })
  }
}

/** By hand; also those that somebody inactive would have again. */
function rolesToTake(draft: Draft, { object }: Group, id: string): readonly Role[] {
  const held = rolesByHand(draft, object, id)
  if (held.length > 0) return held
  return draft.group.memberRoles.filter(({ relation }) => isParked(draft, id, { object, relation }))
}

/** not_found: not in it; managed_elsewhere: in it, but by nobody's hand */
function notByHand(draft: Draft, group: Group, id: string): Fault {
  const membership = membershipOf(draft, linesOf(draft, group.object), id)
  if (membership === undefined) return notFound(`member ${id} of ${group.object}`)
  const by = membership.sources.join(', ')
  const hint = isByRule(draft, group.id, id)
    ? 'with ?exclude=true they go, and the rule leaves them out'
    : `end it there: ${by}`
  return new Fault(
    'managed_elsewhere',
    `${userType}:${id} is in ${group.object} by ${by}, by nobody's hand`,
    {
      hint,
    },
  )
}

/** As it will be, of somebody who is in it by then. */
function shownAs(draft: Draft, { object }: Group, id: string): Member {
  const row = memberRow(draft, linesOf(draft, object), id)
  assert(row !== undefined, 'whoever was just put in is in')
  return row
}

/** As it will be, where the acting user may see it; undefined: they are out. */
async function remaining(draft: Draft, { object }: Group, id: string): Promise<Member | undefined> {
  const view = draft.group.actions['members.view']
  const isShown = view !== undefined && (await draft.may(view.relation, object))
  return isShown ? memberRow(draft, linesOf(draft, object), id) : undefined
}
