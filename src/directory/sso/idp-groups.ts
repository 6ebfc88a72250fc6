/**
 * Groups as the identity provider has them, beside the product's own: an entity each, and a tuple a member, who may be a
 * group too. Which group of the product one gives is a mapping (sso/). What provisioning and sign-ins are made of; neither
 * touches what is the other's.
 */
import { createHash } from 'node:crypto'
import { Fault } from '../../lib/fault.ts'
import { idOf, parseObject, typeOf } from '../../tuple/object.ts'
import { isUserset } from '../../tuple/subject.ts'
import { Entities } from '../documents.ts'
import type { Draft } from '../draft.ts'
import { claim, free, holderOf } from '../lists/names.ts'
import { isInactive } from '../people/activation.ts'
import { isParked, park, parkedAt, parkedOf, unpark } from '../people/parked.ts'
import { fill } from '../preset/fill.ts'
import type { IdentityKind } from '../preset/preset.ts'
import { notFound } from '../refusal.ts'
import { forgetObject } from '../resources/resource.ts'
import { type Sight, userType } from '../sight.ts'

/** A group as it is kept. */
export interface IdpGroup {
  readonly name: string
  /** Whose claims name it, when people sign in; absent: it is provisioned. */
  readonly provider?: string
  /** Of one that is provisioned: the provider's id of it, and when it came and changed, in milliseconds since the epoch. */
  readonly externalId?: string
  readonly created?: number
  readonly modified?: number
}

/** @throws Fault feature_not_in_preset */
export function identityOf({ preset }: Sight): IdentityKind {
  if (preset.identity !== undefined) return preset.identity
  throw new Fault('feature_not_in_preset', `\`${preset.id}\` takes no groups from an identity provider`, {
    word: 'not_in_preset',
  })
}

/** Those of the organization; nobody else puts any of them. @throws Fault feature_not_in_preset */
export function idpGroups(sight: Sight): Entities<IdpGroup> {
  return new Entities(identityOf(sight).type)
}

/** When who is in one changed last; milliseconds since the epoch, in which there may be several revisions. */
const stamps = new Entities<{ readonly at: number; readonly revision: number }>('@idp-members')

/** @throws Fault not_found */
export function findIdpGroup(
  sight: Sight,
  id: string,
): { readonly id: string; readonly object: string; readonly attributes: IdpGroup } {
  const groups = idpGroups(sight)
  const object = `${groups.type}:${id}`
  const attributes = parseObject(object) === undefined ? undefined : groups.at(sight, id)
  if (attributes === undefined) throw notFound(object)
  return { id, object, attributes }
}

/** One that is provisioned: those that came of sign-ins are nobody else's to see or to change. @throws Fault not_found */
export function findProvisioned(sight: Sight, id: string): ReturnType<typeof findIdpGroup> {
  if (!isProvisioned(id)) throw notFound(`${identityOf(sight).type}:${id}`)
  return findIdpGroup(sight, id)
}

/** Ids say it, so that lists need not look. */
export function isProvisioned(id: string): boolean {
  return !id.startsWith(`${claimedPrefix}_`)
}

const provisionedPrefix = 'idp'
const claimedPrefix = 'sso'

/** One that is provisioned, by its name in any case; undefined: there is none. */
export function idpGroupNamed(sight: Sight, name: string): string | undefined {
  return holderOf(sight, nameIndex, name)
}

/** One that sign-ins name, to the letter; undefined: nobody signed in with it. */
export function idpGroupClaimed(sight: Sight, provider: string, name: string): string | undefined {
  return holderOf(sight, ...claimed(provider, name))
}

/** Whoever decided it. @returns its id. @throws Fault name_taken */
export function enterIdpGroup(draft: Draft, attributes: IdpGroup): string {
  const { type, tuples } = identityOf(draft)
  const id = draft.newId(attributes.provider === undefined ? provisionedPrefix : claimedPrefix)
  const object = `${type}:${id}`
  const [index, name] = namedBy(attributes)
  claim(draft, index, id, name)
  idpGroups(draft).put(draft, id, attributes)
  for (const template of tuples) {
    const { object: at, relation, subject } = fill(template, { object, organization: draft.organization })
    draft.write(at, relation, subject)
  }
  draft.note({ action: 'idp-group.create', target: object, new: { id, ...attributes } })
  return id
}

/** Its id, and so what is mapped to it, stays. @throws Fault name_taken */
export function alterIdpGroup(draft: Draft, id: string, before: IdpGroup, attributes: IdpGroup): void {
  const groups = idpGroups(draft)
  const [index, name] = namedBy(attributes)
  claim(draft, index, id, name, namedBy(before)[1])
  groups.put(draft, id, attributes)
  const target = `${groups.type}:${id}`
  draft.note({ action: 'idp-group.update', target, old: { id, ...before }, new: { id, ...attributes } })
}

/** With its members and its mappings, and not the groups that it was mapped to. */
export async function dropIdpGroup(draft: Draft, id: string, attributes: IdpGroup): Promise<void> {
  const groups = idpGroups(draft)
  const object = `${groups.type}:${id}`
  groups.remove(draft, id)
  stamps.remove(draft, id)
  free(draft, ...namedBy(attributes))
  for (const above of await groupsAbove(draft, id)) stamp(draft, above)
  await forgetObject(draft, object)
  draft.note({ action: 'idp-group.delete', target: object, old: { id, ...attributes } })
}

/** One who may be in a group: a user, or all members of another. */
export interface Joining {
  readonly id: string
  readonly isGroup: boolean
}

/** Who is in already stays; who is inactive will be in it again. @returns whether anything changes */
export function join(draft: Draft, group: string, { id, isGroup }: Joining): boolean {
  const { memberRelation: relation } = identityOf(draft)
  const place = { object: group, relation }
  const subject = subjectOf(draft, { id, isGroup })
  const awaits = !isGroup && isInactive(draft.entity(userType, id))
  if (awaits ? isParked(draft, id, place) : draft.has(group, relation, subject)) return false
  if (awaits) park(draft, id, place)
  else draft.write(group, relation, subject)
  stamp(draft, group)
  return true
}

/** @returns whether anything changes: who is not in it is left as they are */
export function leave(draft: Draft, group: string, { id, isGroup }: Joining): boolean {
  const { memberRelation: relation } = identityOf(draft)
  const place = { object: group, relation }
  const subject = subjectOf(draft, { id, isGroup })
  const awaits = !isGroup && isParked(draft, id, place)
  if (!awaits && !draft.has(group, relation, subject)) return false
  if (awaits) unpark(draft, id, place)
  draft.delete(group, relation, subject)
  stamp(draft, group)
  return true
}

/** Of a user who is about to go. Costs as much as they are in. */
export async function leaveAll(draft: Draft, id: string): Promise<void> {
  for (const object of await idpGroupsOf(draft, id)) leave(draft, object, { id, isGroup: false })
}

/** Those that name a user, also while they are inactive; in order. Of the state before. */
export async function idpGroupsOf(sight: Sight, id: string): Promise<readonly string[]> {
  const { identity } = sight.preset
  if (identity === undefined) return []
  const { type, memberRelation } = identity
  const objects = new Set<string>()
  for await (const page of sight.view.placements(`${userType}:${id}`, type)) {
    for (const { object, relation } of page) if (relation === memberRelation) objects.add(object)
  }
  // Nothing of theirs is parked while they are active, and looking for it costs a scan.
  if (!isInactive(sight.stored(userType, id)?.attributes)) return [...objects].sort()
  for await (const { object, relation } of parkedOf(sight, id)) {
    if (relation === memberRelation && typeOf(object) === type) objects.add(object)
  }
  return [...objects].sort()
}

/** Those that name a group, in order. Of the state before. */
export async function groupsAbove(sight: Sight, id: string): Promise<readonly string[]> {
  const { type, memberRelation } = identityOf(sight)
  const objects = new Set<string>()
  for await (const page of sight.view.placements(subjectOf(sight, { id, isGroup: true }), type)) {
    for (const { object, relation } of page) if (relation === memberRelation) objects.add(object)
  }
  return [...objects].sort()
}

/** Everybody and every group in it, those who are inactive too. Of the state before; costs as much as there are. */
export async function* membersAt(sight: Sight, group: string): AsyncGenerator<Joining> {
  const { memberRelation: relation } = identityOf(sight)
  const edges = sight.view.edges(group, relation)
  for (const userset of edges.usersets) {
    if (isUserset(userset)) yield { id: idOf(userset.slice(0, userset.lastIndexOf('#'))), isGroup: true }
  }
  for await (const page of edges.plain === undefined ? sight.view.plain(group, relation) : [edges.plain]) {
    for (const subject of page) yield { id: idOf(subject), isGroup: false }
  }
  for await (const id of parkedAt(sight, { object: group, relation })) yield { id, isGroup: false }
}

/** Whether somebody is, or will be when they are active. */
export function isIn(sight: Sight, group: string, one: Joining): boolean {
  const { memberRelation: relation } = identityOf(sight)
  if (sight.has(group, relation, subjectOf(sight, one))) return true
  return !one.isGroup && isParked(sight, one.id, { object: group, relation })
}

/** When who is in it changed last, apart from the group: that would have all of its members looked at again. */
export function membersChanged(
  sight: Sight,
  group: string,
): { readonly at: number; readonly revision: number } {
  const found = sight.stored(stamps.type, idOf(group))
  return found === undefined
    ? { at: 0, revision: 0 }
    : { at: stamps.of(found.attributes).at, revision: found.revision }
}

function stamp(draft: Draft, group: string): void {
  const { now, revision } = draft.view
  stamps.put(draft, idOf(group), { at: now, revision: revision + 1 })
}

/** As a tuple names them. */
export function subjectOf(sight: Sight, { id, isGroup }: Joining): string {
  const { type, memberRelation } = identityOf(sight)
  return isGroup ? `${type}:${id}#${memberRelation}` : `${userType}:${id}`
}

const nameIndex = 'idp-group'

/** Index and name. */
function namedBy({ name, provider }: IdpGroup): readonly [string, string] {
  return provider === undefined ? [nameIndex, name] : claimed(provider, name)
}

/** Of a digest, which every letter of the claim counts in: names compare in any case. */
function claimed(provider: string, name: string): readonly [string, string] {
  return [
    'claim',
    createHash('sha256')
      .update(JSON.stringify([provider, name]))
      .digest('hex'),
  ]
}
