/** The people of an organization: an entity each, and one role. What they may is in the graph. */
import { Fault } from '../../lib/fault.ts'
import type { Json, JsonObject } from '../../lib/json.ts'
import type { Change } from '../../storage/storage.ts'
import { idOf, parseObject } from '../../tuple/object.ts'
import { type Acted, type ActRequest, act } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { inactiveUser } from '../guards/references.ts'
import { claim, claimed, free } from '../lists/names.ts'
import { type Page, type PageRequest, pageOf } from '../lists/page.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { newId } from '../new-id.ts'
import type { Preset, Role } from '../preset/preset.ts'
import { notFound } from '../refusal.ts'
import { forgetObject } from '../resources/resource.ts'
import { forgetKept } from '../scim/kept.ts'
import { type Sight, userType } from '../sight.ts'
import { leaveAll } from '../sso/idp-groups.ts'
import { giveBackAll, isInactive, keepOperator, parkAll } from './activation.ts'
import { forgetParkedOf, isParked, park, unpark } from './parked.ts'
import { type Places, placesOf } from './user-places.ts'

export interface NewUser {
  /** The id by which the identity provider or the platform knows them; made up where absent. */
  readonly id?: string
  readonly email?: string
  readonly name?: string
  readonly avatarUrl?: string
  readonly attributes?: JsonObject
  /** Of the organization; absent: the preset's default. */
  readonly role?: string
}

export interface User extends JsonObject {
  readonly id: string
  readonly role: string
}

/** @throws Fault invalid_field, not_in_preset: the role; name_taken: the e-mail address; already_exists: the id; forbidden */
export function createUser(
  ground: Ground,
  request: ActRequest & { readonly user: NewUser },
): Promise<Acted<User>> {
  return act(ground, request, async (draft) => {
    const { user } = request
    await draft.demand('user.create', draft.preset.organization.actions['user.create'], draft.organization)
    const role = roleOf(draft.preset, user.role)
    await draft.demand(`giving the role ${role.id}`, { relation: role.give }, draft.organization)
    return enterUser(draft, user.id ?? draft.newId('usr'), attributesOf(user), role)
  })
}

/** Whoever decided it; inactive where the attributes say so. @throws Fault name_taken: the e-mail address; already_exists: the id */
export function enterUser(draft: Draft, id: string, attributes: JsonObject, role: Role): User {
  if (draft.entity(userType, id) !== undefined) {
    throw new Fault('already_exists', `there is a user ${id} already`, { field: 'id' })
  }
  changeEmail(draft, id, undefined, attributes.email)
  draft.put(userType, id, attributes)
  giveRole(draft, id, role)
  const shown = { id, ...attributes, role: role.id }
  draft.note({ action: 'user.create', target: `${userType}:${id}`, new: shown })
  return shown
}

export interface UsersRequest extends Visit, PageRequest {
  /** Only those who are, or are not; absent: all. */
  readonly active?: boolean
}

/** In order of id; `q` finds by name, e-mail address and id. @throws Fault forbidden */
export function listUsers(ground: Ground, request: UsersRequest): Promise<Looked<Page<User>>> {
  return look(ground, request, async (sight) => {
    await sight.demand('user.list', sight.preset.organization.actions['user.list'], sight.organization)
    const { active } = request
    const question = active === undefined ? {} : { active }
    return await pageOf(ground, sight, userType, request, question, (id, attributes) =>
      active === isInactive(attributes) ? undefined : userOf(sight, id, attributes),
    )
  })
}

/** Of the user's own page, also for the user. @throws Fault not_found: there is none; forbidden */
export function getUser(
  ground: Ground,
  visit: Visit & { readonly user: string },
): Promise<Looked<User & Places>> {
  return look(ground, visit, async (sight) => {
    await demandUserView(sight, visit.user)
    const { id, object, attributes } = findUser(sight, visit.user)
    return { ...userOf(sight, id, attributes), ...(await placesOf(sight, object)) }
  })
}

/** `null` takes a field away. */
export interface UserChange {
  readonly email?: string | null
  readonly name?: string | null
  readonly avatarUrl?: string | null
  readonly attributes?: JsonObject | null
  readonly role?: string
  /** `false` takes all that they have until they are active again. */
  readonly active?: boolean
}

/**
 * Also of an account: whose address is changed is who will come in by it, so it takes what changing the role takes.
 * @throws Fault not_found, forbidden, invalid_field: the role; name_taken: the e-mail address; last_holder
 */
export function updateUser(
  ground: Ground,
  request: ActRequest & { readonly user: string; readonly change: UserChange },
): Promise<Acted<User>> {
  return act(ground, request, async (draft) => {
    const { organization } = draft
    await draft.demand('user.update', draft.preset.organization.actions['user.update'], organization)
    const { id, attributes: before } = findUser(draft, request.user)
    const { role: asked, active = !isInactive(before), ...fields } = request.change
    const held = heldRole(draft, id)
    const role = asked === undefined ? held : roleOf(draft.preset, asked)
    for (const each of new Set([held, role])) {
      if (each === undefined) continue
      await draft.demand(`changing the role ${each.id}`, { relation: each.change }, organization)
    }
    if (active === isInactive(before)) await demandActivity(draft, active, active ? role : held)
    const attributes = { ...changed(before, fields), ...(active ? {} : { active }) }
    return await alterUser(draft, id, before, attributes, role)
  })
}

/** Without their role they have nothing: it is as if it were taken, or given. @throws Fault forbidden */
async function demandActivity(draft: Draft, active: boolean, role: Role | undefined): Promise<void> {
  if (role === undefined) return
  const [act, relation] = active ? ['giving', role.give] : ['taking', role.take]
  await draft.demand(`${act} the role ${role.id}`, { relation }, draft.organization)
}

/**
 * Whoever decided it; once in a draft, and before anything else is written for the user. Where the attributes make them
 * inactive, all that they have is parked; where they make them active, it is given back.
 * @param role - from now on; undefined: the one before
 * @throws Fault name_taken: the e-mail address
 */
export async function alterUser(
  draft: Draft,
  id: string,
  before: JsonObject,
  attributes: JsonObject,
  role = heldRole(draft, id),
): Promise<User> {
  const target = `${userType}:${id}`
  const old = userOf(draft, id, before)
  const shown = { id, ...attributes, role: role?.id ?? '' }
  const [wasActive, isActive] = [!isInactive(before), !isInactive(attributes)]
  changeEmail(draft, id, before.email, attributes.email)
  draft.put(userType, id, attributes)
  if (wasActive && !isActive) await parkAll(draft, id)
  const returned = isActive && !wasActive ? await giveBackAll(draft, id) : {}
  // What came back with a term or a condition keeps it.
  if (role !== undefined && role.id !== old.role) giveRole(draft, id, role)
  const ended = isActive ? 'user.reactivate' : 'user.deactivate'
  const action = wasActive === isActive ? 'user.update' : ended
  draft.note({ action, target, old, new: { ...shown, ...returned } })
  return shown
}

/** With every tuple that names them, and their e-mail address free again. @throws Fault not_found, forbidden, last_holder */
export function deleteUser(
  ground: Ground,
  request: ActRequest & { readonly user: string },
): Promise<Acted<undefined>> {
  return act(ground, request, async (draft) => {
    const { organization } = draft
    await draft.demand('user.delete', draft.preset.organization.actions['user.delete'], organization)
    const { id, attributes } = findUser(draft, request.user)
    const role = heldRole(draft, id)
    if (role !== undefined) {
      await draft.demand(`taking the role ${role.id}`, { relation: role.take }, organization)
    }
    await dropUser(draft, id, attributes)
    return undefined
  })
}

/** Whoever decided it. */
export async function dropUser(draft: Draft, id: string, attributes: JsonObject): Promise<void> {
  const object = `${userType}:${id}`
  const old = userOf(draft, id, attributes)
  await leaveAll(draft, id)
  draft.remove(userType, id)
  changeEmail(draft, id, attributes.email, undefined)
  forgetKept(draft, id)
  await forgetObject(draft, object)
  await forgetParkedOf(draft, id)
  keepOperator(draft, object)
  draft.note({ action: 'user.delete', target: object, old })
}

/** A user that a path names. @throws Fault not_found */
export function findUser(
  sight: Sight,
  id: string,
): { readonly id: string; readonly object: string; readonly attributes: JsonObject } {
  const object = `${userType}:${id}`
  const attributes = parseObject(object) === undefined ? undefined : sight.entity(userType, id)
  if (attributes === undefined) throw notFound(object)
  return { id, object, attributes }
}

/** Everybody may see themselves. @throws Fault forbidden */
export async function demandUserView(sight: Sight, id: string): Promise<void> {
  if (sight.actor === `${userType}:${id}`) return
  await sight.demand('user.view', sight.preset.organization.actions['user.view'], sight.organization)
}

function userOf(sight: Sight, id: string, attributes: JsonObject): User {
  const role = heldRole(sight, id)
  return { id, ...attributes, role: role?.id ?? '' }
}

/**
 * The role of a user in the organization, the highest where raw tuples gave more; of one who is inactive, the one they will
 * have again. Undefined: none, so not in it.
 */
export function heldRole(sight: Sight, id: string): Role | undefined {
  const { preset, organization: object } = sight
  const { roles } = preset.organization
  return (
    roles.find(({ relation }) => sight.storedTuple(object, relation, `${userType}:${id}`) !== undefined) ??
    roles.find(({ relation }) => isParked(sight, id, { object, relation }))
  )
}

/** In place of every other; of one who is inactive, for when they are back. */
function giveRole(draft: Draft, id: string, { relation }: Role): void {
  const { organization: object } = draft
  const user = `${userType}:${id}`
  const awaits = isInactive(draft.entity(userType, id))
  for (const other of draft.preset.organization.roles) {
    if (awaits) unpark(draft, id, { object, relation: other.relation })
    else if (draft.has(object, other.relation, user)) draft.delete(object, other.relation, user)
  }
  if (awaits) park(draft, id, { object, relation })
  else draft.write(object, relation, user)
}

function changeEmail(draft: Draft, id: string, before: Json | undefined, after: Json | undefined): void {
  const old = typeof before === 'string' ? before : undefined
  if (typeof after === 'string') claim(draft, 'email', id, after, old)
  else if (old !== undefined) free(draft, 'email', old)
}

function changed({ active: _, ...attributes }: JsonObject, fields: Omit<UserChange, 'role'>): JsonObject {
  const all = { ...attributes, ...fields } as JsonObject
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
}

/** @throws Fault invalid_field, naming the roles there are */
export function roleOf({ organization: { roles, defaultRole } }: Preset, asked = defaultRole): Role {
  const folded = asked.toLowerCase()
  const found = roles.find(({ id, aliases }) => id === folded || aliases.includes(folded))
  if (found !== undefined) return found
  const known = roles.map(({ id }) => id).join(', ')
  throw new Fault('invalid_field', `there is no role \`${asked}\`: it is one of ${known}`, { field: 'role' })
}

/** What a store begins with, where somebody is named to begin. */
export function firstUser(
  preset: Preset,
  organization: string,
  user: NewUser,
): Pick<Required<Change>, 'writes' | 'putEntities'> {
  const [highest] = preset.organization.roles
  const role = user.role === undefined && highest !== undefined ? highest : roleOf(preset, user.role)
  const id = user.id ?? newId('usr')
  return {
    writes: [{ object: organization, relation: role.relation, subject: `${userType}:${id}` }],
    putEntities: [
      { type: userType, id, attributes: attributesOf(user) },
      ...(user.email === undefined ? [] : [claimed('email', id, user.email)]),
    ],
  }
}

function attributesOf({ id: _, role: __, ...attributes }: NewUser): JsonObject {
  return attributes
}

/** The entity of a user that a request names in its body. @throws Fault unknown_reference */
export function demandUser(draft: Sight | Draft, id: string, field: string): string {
  const plain = id.startsWith(`${userType}:`) ? idOf(id) : id
  if (draft.entity(userType, plain) === undefined) {
    throw new Fault('unknown_reference', `there is no user \`${plain}\` in this organization`, { field })
  }
  return plain
}

/** The same, of one to whom something is given. @throws Fault unknown_reference, inactive_user */
export function demandActiveUser(draft: Sight, id: string, field: string): string {
  const plain = demandUser(draft, id, field)
  if (!isInactive(draft.entity(userType, plain))) return plain
  throw inactiveUser(`${userType}:${plain}`, field)
}

/** Whether a user that a request names, by id or as an object, is the one who acts. */
export function isActor({ actor }: Sight, user: string): boolean {
  return user === actor || `${userType}:${user}` === actor
}
