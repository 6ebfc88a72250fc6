/**
 * The other end of a link: what it is an invitation to, and coming in by it. Said by the application's own sign-in, which
 * knows who holds it; nobody acts here, and what is given is given by the right that whoever invited has now.
 *
 * What was never a token, and what has ended, are answered alike.
 */
import { isSameEmail } from '../../lib/email.ts'
import { Fault, faultOf } from '../../lib/fault.ts'
import { idOf } from '../../tuple/object.ts'
import type { Provenance } from '../../tuple/tuple.ts'
import { type Acted, act } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { groupAt } from '../groups/group.ts'
import { place } from '../groups/members.ts'
import { memberRole } from '../groups/membership.ts'
import { holderOf } from '../lists/names.ts'
import { type Looked, look } from '../look.ts'
import { newId } from '../new-id.ts'
import { enterUser, type User } from '../people/users.ts'
import { giveTo } from '../resources/giving.ts'
import { levelOf } from '../resources/levels.ts'
import { type Sight, userType } from '../sight.ts'
import { demandGifts, type Gifts, keptRole, stillThere } from './gifts.ts'
import { noted, targetOf } from './invite.ts'
import { close, invitationOf, type KeptInvitation, keptAt, stateAt } from './kept.ts'
import { hashOf } from './token.ts'

/** What whoever holds a link may know before they come in. */
export interface Offer {
  readonly organization: { readonly id: string; readonly name: string }
  readonly email: string
  readonly inviter: { readonly name: string }
  readonly role: { readonly id: string; readonly label: string }
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Who comes in, as the application's sign-in knows them. */
export interface Newcomer {
  /** By which the identity provider or the application knows them; made up where absent. */
  readonly id?: string
  readonly name?: string
  /** Verified by the sign-in; absent: holding the link is the proof. */
  readonly email?: string
}

interface TokenRequest {
  readonly org: string
  readonly token: string
}

/** Changes nothing, so that what opens links before people do ends no invitation. @throws Fault gone */
export async function lookAtInvitation(ground: Ground, { org, token }: TokenRequest): Promise<Looked<Offer>> {
  const { inviter } = heldBy(ground, org, token)
  return await byInviter(() =>
    look(ground, { org, actor: inviter }, async (sight) => {
      const { kept } = demandOpen(sight, token)
      await demandStillGiven(sight, kept)
      const { id, label } = keptRole(sight, kept)
      return {
        organization: { id: org, name: organizationName(ground, org) },
        email: kept.email,
        inviter: { name: nameOf(sight, kept.inviter) },
        role: { id, label },
        expiresAt: kept.expiresAt,
      }
    }),
  )
}

/**
 * User, role, groups, resources, and the end of the token in one commit: of many at once one comes in.
 * @throws Fault gone: the token opens nothing, or no longer what it gave; forbidden: `email_differs`; already_exists:
 * `already_member`
 */
export async function acceptInvitation(
  ground: Ground,
  {
    org,
    token,
    user,
    provenance,
  }: TokenRequest & { readonly user: Newcomer; readonly provenance: Provenance },
): Promise<Acted<User>> {
  const { inviter } = heldBy(ground, org, token)
  const id = user.id ?? newId('usr')
  const request = { org, actor: inviter, provenance: { ...provenance, actor: `${userType}:${id}` } }
  return await byInviter(() =>
    act(ground, request, async (draft) => {
      const { invitation, kept } = demandOpen(draft, token)
      demandSamePerson(kept, user)
      demandNewcomer(draft, kept, id)
      const gifts = await demandStillGiven(draft, kept)
      const attributes = { email: kept.email, ...(user.name === undefined ? {} : { name: user.name }) }
      const entered = enterUser(draft, id, attributes, keptRole(draft, kept))
      await giveAll(draft, id, gifts)
      const subject = `${userType}:${id}`
      const closed = close(draft, invitation, kept, 'accepted', subject)
      const target = targetOf(invitation)
      draft.note({ action: 'invitation.accept', target, subject, old: noted(kept), new: noted(closed) })
      return entered
    }),
  )
}

/** In words of a letter: a name, else an address, else an id. */
export function nameOf(sight: Sight, object: string): string {
  const { name, email } = sight.entity(userType, idOf(object)) ?? {}
  if (typeof name === 'string') return name
  return typeof email === 'string' ? email : idOf(object)
}

export function organizationName({ service }: Ground, org: string): string {
  return service.storage.store(org)?.name ?? ''
}

/** By whose right a token gives, before the state is held in which it is asked again. @throws Fault gone */
function heldBy(
  { service: { storage } }: Ground,
  org: string,
  token: string,
): Pick<KeptInvitation, 'inviter'> {
  if (storage.store(org) === undefined) throw closedDoor()
  const view = storage.view(org)
  const entityOf = (type: string, id: string) => view.entity(type, id)?.attributes
  const found = keptOf({ entity: entityOf }, token)
  if (found === undefined) throw closedDoor()
  return found.kept
}

/** @throws Fault gone */
function demandOpen(sight: Sight, token: string) {
  const found = keptOf(sight, token)
  if (found === undefined || stateAt(found.kept, sight.view.now) !== 'pending') throw closedDoor()
  return found
}

function keptOf(
  sight: Pick<Sight, 'entity'>,
  token: string,
): { readonly invitation: string; readonly kept: KeptInvitation } | undefined {
  const hash = hashOf(token)
  const invitation = invitationOf(sight, hash)
  const kept = invitation === undefined ? undefined : keptAt(sight, invitation)
  return invitation !== undefined && kept?.hash === hash ? { invitation, kept } : undefined
}

/** One answer for what was never a token, for one that was used, revoked or replaced, and for one that is too old. */
export function closedDoor(): Fault {
  return new Fault('gone', 'the invitation is not there, or no longer', { hint: 'ask for another one' })
}

/** @throws Fault gone: who invited was demoted; who was deleted or made inactive is nobody here, and found out before */
async function demandStillGiven(sight: Sight, kept: KeptInvitation): Promise<Gifts> {
  try {
    const { actions } = sight.preset.organization
    await sight.demand('invitation.create', actions['invitation.create'], sight.organization)
    return await demandGifts(sight, stillThere(sight, kept))
  } catch (thrown) {
    const { code, message } = faultOf(thrown)
    if (code === 'internal_error' || code === 'deadline_exceeded' || code === 'unavailable') throw thrown
    throw noLongerGiven(message)
  }
}

/** Who invited may not be in the organization any more, or the organization may be gone. */
async function byInviter<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (thrown) {
    const { code } = faultOf(thrown)
    if (code === 'store_id_not_found') throw closedDoor()
    if (code === 'not_found') throw noLongerGiven('they are not in the organization any more')
    throw thrown
  }
}

/** To whoever holds a token that is right. */
function noLongerGiven(why: string): Fault {
  return new Fault('gone', `whoever sent the invitation can no longer give what it gives: ${why}`, {
    word: 'invitation_invalid',
    hint: 'ask for another one',
  })
}

function demandSamePerson(kept: KeptInvitation, { email }: Newcomer): void {
  if (email === undefined || isSameEmail(email, kept.email)) return
  throw new Fault('forbidden', 'the invitation is for another e-mail address', {
    word: 'email_differs',
    field: 'user.email',
    hint: 'sign in with the address that was invited, or ask for an invitation to this one',
  })
}

function demandNewcomer(draft: Draft, { email }: KeptInvitation, id: string): void {
  if (holderOf(draft, 'email', email) === undefined && draft.entity(userType, id) === undefined) return
  throw new Fault('already_exists', 'they are in the organization already', { word: 'already_member' })
}

async function giveAll(draft: Draft, id: string, { groups, resources }: Gifts): Promise<void> {
  for (const gift of groups) {
    const group = await groupAt(draft, gift.id)
    place(draft, group, id, memberRole(draft.group, gift.role))
  }
  for (const { type, id: resource, level } of resources) {
    const kind = draft.kind(type)
    await giveTo(draft, kind, [`${kind.type}:${resource}`], `${userType}:${id}`, levelOf(kind, level))
  }
}
