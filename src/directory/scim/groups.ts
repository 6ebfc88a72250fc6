/**
 * Groups by provisioning: the identity provider's, not the product's. Members come and go one by one, so that a change of
 * a group with 100,000 costs as much as it names.
 */
import { Fault } from '../../lib/fault.ts'
import { idOf } from '../../tuple/object.ts'
import { type Acted, actForPlatform } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { type Sight, userType } from '../sight.ts'
import { autoMap } from '../sso/auto-map.ts'
import {
  alterIdpGroup,
  dropIdpGroup,
  enterIdpGroup,
  findProvisioned,
  type IdpGroup,
  identityOf,
  isIn,
  isProvisioned,
  type Joining,
  join,
  leave,
  membersAt,
  membersChanged,
  subjectOf,
} from '../sso/idp-groups.ts'
import { index } from './found.ts'
import { demandVersion, type Precondition } from './precondition.ts'
import type { Meta, ProvideRequest } from './users.ts'

export interface MemberName {
  readonly id: string
  /** Undefined: whichever there is of that id. */
  readonly isGroup: boolean | undefined
}

/** In order, one after the other. */
interface MemberStep {
  readonly op: 'add' | 'remove' | 'replace'
  readonly members: readonly MemberName[]
}

/** Fields that are absent stay; `externalId: null` takes it away. */
export interface GroupFields {
  readonly displayName?: string
  readonly externalId?: string | null
  readonly members: readonly MemberStep[]
}

/** A group as clients read it; its members where they were asked for. */
export interface ProvidedGroup {
  readonly id: string
  readonly displayName: string
  readonly externalId?: string
  readonly members?: readonly Joining[]
  readonly meta: Meta
}

/** @returns the id. @throws Fault name_taken, unknown_reference: a member; feature_not_in_preset */
export function createGroup(
  ground: Ground,
  request: ProvideRequest & {
    readonly displayName: string
    readonly externalId?: string
    readonly members: readonly MemberName[]
  },
): Promise<Acted<string>> {
  return actForPlatform(ground, request, async (draft) => {
    const { displayName, externalId, members } = request
    const { now } = draft.view
    const attributes = { name: displayName, ...said(externalId), created: now, modified: now }
    const id = enterIdpGroup(draft, attributes)
    await autoMap(draft, `${identityOf(draft).type}:${id}`, displayName)
    index(draft, 'group', id, [], externalId === undefined ? [] : [externalId])
    await take(draft, `${identityOf(draft).type}:${id}`, [{ op: 'add', members }])
    return id
  })
}

/** @throws Fault not_found, name_taken, unknown_reference: a member; precondition_failed */
export function changeGroup(
  ground: Ground,
  request: ProvideRequest & Precondition & { readonly group: string; readonly change: GroupFields },
): Promise<Acted<undefined>> {
  return actForPlatform(ground, request, async (draft) => {
    const { id, object, attributes: before } = findProvisioned(draft, request.group)
    demandVersion(request, versionOf(draft, id))
    const {
      displayName = before.name,
      externalId = externalIdOf(before)[0] ?? null,
      members,
    } = request.change
    const { externalId: _, ...others } = before
    const after = Object.assign(others, { name: displayName }, said(externalId ?? undefined))
    if (after.name !== before.name || after.externalId !== before.externalId) {
      index(draft, 'group', id, externalIdOf(before), externalIdOf(after))
      alterIdpGroup(draft, id, before, { ...after, modified: draft.view.now })
    }
    await take(draft, object, members)
    return undefined
  })
}

/** With its mappings, and not the groups that it was mapped to. @throws Fault not_found, precondition_failed */
export function deleteGroup(
  ground: Ground,
  request: ProvideRequest & Precondition & { readonly group: string },
): Promise<Acted<undefined>> {
  return actForPlatform(ground, request, async (draft) => {
    const { id, attributes } = findProvisioned(draft, request.group)
    demandVersion(request, versionOf(draft, id))
    index(draft, 'group', id, externalIdOf(attributes), [])
    await dropIdpGroup(draft, id, attributes)
    return undefined
  })
}

function said(externalId: string | undefined): { readonly externalId?: string } {
  return externalId === undefined ? {} : { externalId }
}

function externalIdOf({ externalId }: IdpGroup): readonly string[] {
  return externalId === undefined ? [] : [externalId]
}

/** What comes of all steps, each member once; those that are there are read once at most. */
async function take(draft: Draft, object: string, steps: readonly MemberStep[]): Promise<void> {
  const ends = new Map<string, { readonly one: Joining; readonly isIn: boolean }>()
  const end = (one: Joining, isIn: boolean) => ends.set(`${one.isGroup} ${one.id}`, { one, isIn })
  // Of what comes before it nothing is left; but whom it names has to be there.
  const last = steps.findLastIndex(({ op }) => op === 'replace')
  for (const [at, { op, members }] of steps.entries()) {
    if (at === last) for await (const one of membersAt(draft, object)) end(one, false)
    for (const member of members) {
      const one = joiningOf(draft, member)
      if (one?.isGroup === true && one.id === idOf(object)) throw inItself()
      if (one === undefined && op !== 'remove') throw noMember(member.id)
      if (one !== undefined && at >= last) end(one, op !== 'remove')
    }
  }
  const all = [...ends.values()]
  const gone = all.flatMap(({ one, isIn }) => (!isIn && leave(draft, object, one) ? [one] : []))
  const come = all.flatMap(({ one, isIn }) => (isIn && join(draft, object, one) ? [one] : []))
  note(draft, object, 'member.add', come)
  note(draft, object, 'member.remove', gone)
}

/** Undefined: there is neither. */
function joiningOf(draft: Draft, { id, isGroup }: MemberName): Joining | undefined {
  const { type } = identityOf(draft)
  if (isGroup !== true && draft.entity(userType, id) !== undefined) return { id, isGroup: false }
  if (isGroup !== false && isProvisioned(id) && draft.entity(type, id) !== undefined)
    return { id, isGroup: true }
  return undefined
}

function noMember(id: string): Fault {
  return new Fault('unknown_reference', `there is no user or group \`${id}\``, { field: 'members' })
}

/** Everybody in it is in it already. */
function inItself(): Fault {
  return new Fault('invalid_field', 'a group is no member of itself', { field: 'members' })
}

function note(draft: Draft, target: string, action: string, members: readonly Joining[]): void {
  for (const one of members) draft.note({ action, target, subject: subjectOf(draft, one) })
}

/** Of all that is shown: the group, and who is in it. */
function versionOf(sight: Sight, id: string): string {
  const { type } = identityOf(sight)
  const { revision } = membersChanged(sight, `${type}:${id}`)
  return `${sight.stored(type, id)?.revision ?? 0}.${revision}`
}

/** Some point reads; without members. @throws Fault not_found */
export function providedGroup(sight: Sight, group: string): ProvidedGroup {
  const { id, object, attributes } = findProvisioned(sight, group)
  const { created, modified } = attributes
  const { at } = membersChanged(sight, object)
  return {
    id,
    displayName: attributes.name,
    ...said(externalIdOf(attributes)[0]),
    meta: {
      version: versionOf(sight, id),
      ...(created === undefined ? {} : { created }),
      ...(modified === undefined ? {} : { modified: Math.max(modified, at) }),
    },
  }
}

/** Everybody in a group, those who are inactive too. Costs as much as there are. @throws Fault tooMany */
export async function membersOf(sight: Sight, id: string, most: number): Promise<readonly Joining[]> {
  const members: Joining[] = []
  for await (const one of membersAt(sight, `${identityOf(sight).type}:${id}`)) {
    if (members.length === most) throw tooMany()
    members.push(one)
  }
  return members
}

/** Of some who are named, those who are in it: a point read each. */
export function membersAmong(sight: Sight, id: string, names: readonly string[]): readonly Joining[] {
  const object = `${identityOf(sight).type}:${id}`
  return names.flatMap((name) =>
    [false, true].map((isGroup) => ({ id: name, isGroup })).filter((one) => isIn(sight, object, one)),
  )
}

function tooMany(): Fault {
  return new Fault('validation_error', 'these groups have too many members for one answer', {
    word: 'tooMany',
    hint: 'leave members out: excludedAttributes=members',
  })
}
