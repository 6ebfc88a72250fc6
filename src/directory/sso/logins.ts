/**
 * Sign-ins, as the application tells of them, for those who are not provisioned: whoever signs in becomes a user where the
 * organization lets them, and is in exactly those of the provider's groups that the claims name. What people were given by
 * hand or by a rule, and who is in groups that are provisioned, stays as it is.
 */
import { Slices } from '../../engine/drive.ts'
import { isSameEmail } from '../../lib/email.ts'
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { idOf } from '../../tuple/object.ts'
import { type Acted, type ActRequest, actForPlatform } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { holderOf } from '../lists/names.ts'
import { hasOn } from '../organizations/organizations.ts'
import { isInactive } from '../people/activation.ts'
import { enterUser, findUser, type NewUser, roleOf } from '../people/users.ts'
import { type Sight, userType } from '../sight.ts'
import { autoMap } from './auto-map.ts'
import { claimedGroup, defaultProvider, isProvisionedName } from './claims.ts'
import { identityOf, join, leave } from './idp-groups.ts'

export interface Login {
  /** Found by `id`, else by `email`; the other fields are those of a user who is made. */
  readonly user: Omit<NewUser, 'role'>
  /** As the provider spells them; absent: it says nothing of groups, and all stays. */
  readonly groups?: readonly string[]
  /** Whose claims they are; those of others stay. */
  readonly provider?: string
}

/** What a sign-in changed. */
export interface LoggedIn {
  readonly id: string
  readonly isNew: boolean
  /** Names of the provider's groups. */
  readonly joined: readonly string[]
  readonly left: readonly string[]
  /** Claims that name what is provisioned. */
  readonly provisioned: readonly string[]
}

/** @throws Fault invalid_field: nobody is named; forbidden: `inactive`, `unknown_user`; name_taken; feature_not_in_preset */
export function logIn(
  ground: Ground,
  request: Omit<ActRequest, 'actor'> & { readonly login: Login },
): Promise<Acted<LoggedIn>> {
  return actForPlatform(ground, request, async (draft) => {
    identityOf(draft)
    const { user, groups, provider = defaultProvider } = request.login
    const { id, isNew } = signedIn(draft, user)
    const claims = [...new Set(groups)]
    const provisioned = claims.filter((name) => isProvisionedName(draft, name))
    const claimed = claims.filter((name) => !provisioned.includes(name))
    const changed =
      groups === undefined ? { joined: [], left: [] } : await follow(draft, id, provider, claimed)
    if (changed.joined.length + changed.left.length > 0) {
      const [left, joined] = [{ groups: changed.left }, { groups: changed.joined }]
      draft.note({
        action: 'sso.login',
        target: `${userType}:${id}`,
        old: left,
        new: { provider, ...joined },
      })
    }
    return { id, isNew, ...changed, provisioned }
  })
}

/** The user, who is made where there is none. */
function signedIn(draft: Draft, user: Login['user']): { readonly id: string; readonly isNew: boolean } {
  const known = userSigningIn(draft, user)
  if (known !== undefined) {
    demandActive(draft, known)
    return { id: known, isNew: false }
  }
  if (!hasOn(draft, identityOf(draft).createsUsers)) {
    throw new Fault('forbidden', 'whoever signed in is no user of this organization', {
      word: 'unknown_user',
      hint: 'add them, or switch on that sign-ins make users',
    })
  }
  const { id = draft.newId('usr'), ...attributes } = user
  enterUser(draft, id, attributes as JsonObject, roleOf(draft.preset))
  return { id, isNew: true }
}

/**
 * By the id, where there is one: an address may have changed hands. One that only looks like a user's is not theirs.
 * @throws Fault invalid_field
 */
function userSigningIn(sight: Sight, { id, email }: Login['user']): string | undefined {
  if (id !== undefined) return sight.entity(userType, id) === undefined ? undefined : id
  if (email !== undefined) {
    const holder = holderOf(sight, 'email', email)
    const own = holder === undefined ? undefined : sight.entity(userType, holder)?.email
    return typeof own === 'string' && isSameEmail(own, email) ? holder : undefined
  }
  throw new Fault('invalid_field', 'either `user.id` or `user.email` is required', { field: 'user.id' })
}

/** @throws Fault forbidden: `inactive`; not_found */
export function demandActive(sight: Sight, id: string): void {
  const { object, attributes } = findUser(sight, id)
  if (!isInactive(attributes)) return
  throw new Fault('forbidden', `${object} is inactive`, { word: 'inactive' })
}

/** Into those of a provider that are claimed, and out of its others. Costs as much as the user is in, and claims. */
async function follow(
  draft: Draft,
  id: string,
  provider: string,
  claims: readonly string[],
): Promise<{ readonly joined: readonly string[]; readonly left: readonly string[] }> {
  const { type, memberRelation } = identityOf(draft)
  const before = await draft.objectsOf(type, memberRelation, `${userType}:${id}`)
  const [joined, left]: [string[], string[]] = [[], []]
  const stay = new Set<string>()
  for (const name of claims) {
    const { object, isNew } = claimedGroup(draft, provider, name)
    if (isNew) await autoMap(draft, object, name)
    stay.add(object)
    if (join(draft, object, { id, isGroup: false })) joined.push(name)
  }
  const slices = new Slices()
  for (const object of before) {
    // Of many thousands: writers here wait for all of them, and nobody else for more than a few.
    if (slices.isOver) await slices.rest()
    const group = draft.entity(type, idOf(object))
    if (group?.provider !== provider || stay.has(object)) continue
    if (leave(draft, object, { id, isGroup: false })) left.push(String(group.name))
  }
  return { joined, left }
}
