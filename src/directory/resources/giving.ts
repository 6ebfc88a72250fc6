/**
 * Giving resources to holders and taking them back, the one way for all pages of a product: a resource's shares, a group's
 * items, a user's grants. What it takes is asked of the resource, and of the group where the holder is one.
 */
import { Fault } from '../../lib/fault.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import type { Draft } from '../draft.ts'
import type { Level } from '../preset/preset.ts'
import { isArchived } from '../refusal.ts'
import { type Sight, userType } from '../sight.ts'
import { give, takeBack } from './levels.ts'
import type { Found } from './resource.ts'

type Kind = Found['kind']

/** A row as it stands now. */
export interface Given {
  readonly level: Level
  /** Whether the holder had nothing on the resource before. */
  readonly isNew: boolean
}

/**
 * @param holder - `user:anne`, `group:g`; it is there
 * @throws Fault forbidden, plan_required, archived, no_members, feature_not_in_preset, type_restriction
 */
export async function giveTo(
  draft: Draft,
  kind: Kind,
  objects: readonly string[],
  holder: string,
  level: Level,
): Promise<Given[]> {
  const given: Given[] = []
  if (typeOf(holder) !== userType) await demandAssignable(draft, kind, holder)
  for (const object of objects) {
    await draft.demand('share', kind.actions.share, object)
    const old = give(draft, kind, object, holder, level)
    given.push({ level, isNew: old === undefined })
    if (old?.id === level.id) continue
    const before = old === undefined ? {} : { old: { level: old.id } }
    draft.note({ action: 'share', target: object, subject: holder, ...before, new: { level: level.id } })
  }
  return given
}

/** @throws Fault not_found: the holder has nothing on it; forbidden, plan_required, archived */
export async function takeFrom(draft: Draft, kind: Kind, object: string, holder: string): Promise<void> {
  if (typeOf(holder) !== userType) {
    const action = `detach:${kind.id}` as const
    await draft.demand(action, draft.group.actions[action], holder)
  }
  await draft.demand('share', kind.actions.share, object)
  const old = takeBack(draft, kind, object, holder)
  if (old === undefined) throw new Fault('not_found', `${holder} was not given ${object}`)
  draft.note({ action: 'unshare', target: object, subject: holder, old: { level: old.id } })
}

/** Why a group can be given nothing; undefined: it can, by those who may. */
export async function unassignable(
  sight: Sight,
  object: string,
): Promise<'archived' | 'no_members' | undefined> {
  const { assignableNeedsMember, memberRelation } = sight.group
  if (isArchived(sight, object)) return 'archived'
  if (assignableNeedsMember && !(await sight.hasAny(memberRelation, object, userType))) return 'no_members'
  return undefined
}

/** The object of a group that a body names; a hidden one is like none. @throws Fault unknown_reference */
export async function demandGroup(sight: Sight, id: string, field: string): Promise<string> {
  const { type } = sight.group
  const plain = id.startsWith(`${type}:`) ? idOf(id) : id
  const object = `${type}:${plain}`
  if (sight.entity(type, plain) !== undefined && (await sight.discovers(object))) return object
  throw new Fault('unknown_reference', `there is no group \`${plain}\` in this organization`, { field })
}

async function demandAssignable(draft: Draft, kind: Kind, group: string): Promise<void> {
  const action = `attach:${kind.id}` as const
  await draft.demand(action, draft.group.actions[action], group)
  const reason = await unassignable(draft, group)
  if (reason === 'archived')
    throw new Fault('archived', `${group} is archived`, { hint: 'unarchive it first' })
  if (reason === 'no_members') {
    throw new Fault('no_members', `${group} has no members`, { hint: 'add a member first' })
  }
}
