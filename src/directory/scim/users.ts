/**
 * Users by provisioning: the directory's users, as the identity provider keeps them. Nobody acts: the caller's right is to
 * all of it. Each change is one commit, decided from the state that it lands on.
 */
import { isDeepStrictEqual } from 'node:util'
import { Slices } from '../../engine/drive.ts'
import type { JsonObject } from '../../lib/json.ts'
import { idOf } from '../../tuple/object.ts'
import { type Acted, type ActRequest, actForPlatform } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { newId } from '../new-id.ts'
import { alterUser, dropUser, enterUser, findUser, roleOf } from '../people/users.ts'
import type { Sight } from '../sight.ts'
import { identityOf, idpGroupsOf, isProvisioned } from '../sso/idp-groups.ts'
import { keep, keptOf, ownVersionOf, type ShownGroup, userNameOf, versionOf, versionWith } from './kept.ts'
import { documentOf, splitOf } from './person.ts'
import { demandVersion, type Precondition } from './precondition.ts'

/** A user as clients read them. */
export interface ProvidedUser {
  readonly id: string
  readonly document: JsonObject
  /** Of the provider's groups, those that name the user; empty in one that is without. */
  readonly groups: readonly ShownGroup[]
  /** Its version is of the groups too. */
  readonly meta: Meta
}

export interface Meta {
  /** Milliseconds since the epoch; of what came otherwise it is not known. */
  readonly created?: number
  readonly modified?: number
  readonly version: string
}

export type ProvideRequest = Omit<ActRequest, 'actor' | 'dryRun'>

/**
 * With the preset's default role; inactive where the document says so.
 * @returns the user as this commit leaves them, whom no group names yet: nothing has to be read again to show it
 * @throws Fault name_taken: userName, e-mail; invalid_field
 */
export function createUser(
  ground: Ground,
  request: ProvideRequest & { readonly document: JsonObject },
): Promise<Acted<ProvidedUser>> {
  return actForPlatform(ground, request, (draft) => {
    const id = newId('usr')
    const { document } = request
    const { attributes, kept } = splitOf(document, { attributes: {}, document: {} })
    const { now, revision } = draft.view
    const made = { userName: String(document.userName), created: now, modified: now, document: kept }
    keep(draft, id, undefined, made)
    enterUser(draft, id, attributes, roleOf(draft.preset))
    return {
      id,
      document: documentOf(made.userName, attributes, kept),
      groups: [],
      meta: { version: versionOf(revision + 1, revision + 1), created: now, modified: now },
    }
  })
}

export interface UserChange extends ProvideRequest, Precondition {
  readonly user: string
  /** From the user as read to the user as it is to be. @throws Fault: nothing is changed then */
  readonly change: (document: JsonObject) => JsonObject
  /** Whether what it makes is all there is, and owes nothing to what was. */
  readonly isWhole: boolean
}

/** Also whether they are active. @throws Fault not_found, name_taken, invalid_field, last_holder, precondition_failed */
export function changeUser(ground: Ground, request: UserChange): Promise<Acted<undefined>> {
  return actForPlatform(ground, request, async (draft) => {
    const { id, attributes: before } = findUser(draft, request.user)
    await demandSeen(draft, id, request)
    const kept = keptOf(draft, id)
    const old = documentOf(userNameOf(draft, id, before), before, kept?.document)
    const document = request.change(old)
    if (isDeepStrictEqual(document, old)) return undefined
    const split = splitOf(document, { attributes: before, document: request.isWhole ? {} : old })
    const { now } = draft.view
    const made = {
      userName: String(document.userName),
      created: kept?.created ?? now,
      modified: now,
      document: split.kept,
    }
    keep(draft, id, kept, made)
    if (!isDeepStrictEqual(split.attributes, before)) await alterUser(draft, id, before, split.attributes)
    return undefined
  })
}

/** As any user who is deleted. @throws Fault not_found, last_holder, precondition_failed */
export function deleteUser(
  ground: Ground,
  request: ProvideRequest & Precondition & { readonly user: string },
): Promise<Acted<undefined>> {
  return actForPlatform(ground, request, async (draft) => {
    const { id, attributes } = findUser(draft, request.user)
    await demandSeen(draft, id, request)
    await dropUser(draft, id, attributes)
    return undefined
  })
}

/** Looks groups up only where somebody says what they saw. @throws Fault precondition_failed */
async function demandSeen(draft: Draft, id: string, { ifMatch }: Precondition): Promise<void> {
  if (ifMatch === undefined) return
  demandVersion({ ifMatch }, versionWith(ownVersionOf(draft, id), await groupsOf(draft, id)))
}

/** As it is shown: costs a read for each group besides. @throws Fault not_found */
export function providedUser(sight: Sight, user: string): Promise<ProvidedUser> {
  return withGroups(sight, withoutGroups(sight, user))
}

/**
 * With their groups, and the version that is of these too.
 * @param names - of groups, by id, that were read of the sight before: a list reads each group once
 */
export async function withGroups(
  sight: Sight,
  provided: ProvidedUser,
  names: Map<string, string> = new Map(),
): Promise<ProvidedUser> {
  const groups = await groupsOf(sight, provided.id, names)
  const { meta } = provided
  return { ...provided, groups, meta: { ...meta, version: versionWith(meta.version, groups) } }
}

/** Some point reads: for filters that ask for neither groups nor a version. @throws Fault not_found */
export function withoutGroups(sight: Sight, user: string): ProvidedUser {
  const { id, attributes } = findUser(sight, user)
  const kept = keptOf(sight, id)
  return {
    id,
    document: documentOf(userNameOf(sight, id, attributes), attributes, kept?.document),
    groups: [],
    meta: {
      version: ownVersionOf(sight, id),
      ...(kept === undefined ? {} : { created: kept.created, modified: kept.modified }),
    },
  }
}

/** The provider's groups that name a user, also while they are inactive; in order of id. Of thousands others have their turns meanwhile. */
async function groupsOf(
  sight: Sight,
  id: string,
  names: Map<string, string> = new Map(),
): Promise<ProvidedUser['groups']> {
  const slices = new Slices()
  const groups: ShownGroup[] = []
  for (const group of (await idpGroupsOf(sight, id)).map(idOf)) {
    if (!isProvisioned(group)) continue
    if (slices.isOver) await slices.rest()
    const name = names.get(group) ?? nameOf(sight, group)
    names.set(group, name)
    groups.push({ id: group, name })
  }
  return groups
}

function nameOf(sight: Sight, group: string): string {
  const name = sight.entity(identityOf(sight).type, group)?.name
  return typeof name === 'string' ? name : group
}
