/**
 * Invitations made, sent again and revoked. The commit that makes one leaves the errand that mails it (outbox.ts): what is
 * acknowledged is mailed, whenever the process ends.
 */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { isMailAddress } from '../../lib/mail-address.ts'
import { type Acted, type ActRequest, act } from '../act.ts'
import type { Draft, Happening } from '../draft.ts'
import { leaveErrand } from '../errands.ts'
import type { Ground } from '../ground.ts'
import { holderOf } from '../lists/names.ts'
import type { Invitations } from '../preset/preset.ts'
import { type AskedGifts, demandGifts, stillThere } from './gifts.ts'
import {
  close,
  type Delivery,
  demandKept,
  type KeptInvitation,
  keptAt,
  open,
  pendingFor,
  reopen,
  stateAt,
} from './kept.ts'
import { keepPace } from './pace.ts'
import { type Invitation, shownInvitation } from './shown.ts'
import { leaveSweep } from './sweep.ts'
import { hashOf, newWord, tokenOf } from './token.ts'

export interface NewInvitation extends AskedGifts {
  readonly email: string
  /** Days until it ends; absent: as many as the preset says. */
  readonly expiresInDays?: number
  /** Absent: where mail is configured. `false`: whoever invites passes the link on. */
  readonly sendMail?: boolean
}

/** An invitation, and where nothing is mailed its token, this once. */
export type Invited = Invitation & Partial<Pass>

interface Pass {
  readonly token: string
  /** Where the page is known that it leads to. */
  readonly link: string
}

/** @throws Fault as `invite`, and forbidden */
export function createInvitation(
  ground: Ground,
  request: ActRequest & { readonly invitation: NewInvitation },
): Promise<Acted<Invited>> {
  return act(ground, request, async (draft) => {
    const { id, kept, token } = await invite(ground, draft, request.invitation)
    return await passed(ground, request, draft, { id, kept, token })
  })
}

/**
 * Within a change that does more than that, such as an import: as the acting user of the draft, who is asked for all of it.
 * @param of - what the change log says of it besides
 * @throws Fault not_in_preset, forbidden, invalid_field: the address, the role; unknown_reference: `groups[0]`;
 * already_exists: `already_member`, `already_invited`; rate_limited
 */
export async function invite(
  ground: Ground,
  draft: Draft,
  asked: NewInvitation,
  of: Pick<Happening, 'importId'> = {},
): Promise<{ readonly id: string; readonly kept: KeptInvitation; readonly token: string }> {
  const settings = await demandInviting(draft)
  const email = mailAddress(asked.email)
  const gifts = await demandGifts(draft, asked)
  demandNew(draft, email)
  const isMailed = isMailedBy(ground, asked.sendMail)
  const { now, store: org } = draft.view
  keepPace(draft, `actor ${draft.actor}`, { what: 'invitations by one person', most: settings.perPerson })
  keepPace(draft, 'organization', { what: 'invitations', most: settings.perOrganization })
  if (isMailed) keepPace(draft, addressPace(email), { what: lettersWhat, most: lettersPerDay })
  const id = draft.newId('inv')
  const word = newWord()
  const token = tokenOf(ground.service.storage, { org, invitation: id, word })
  const lastsMs = (asked.expiresInDays ?? settings.days) * dayMs
  const kept = {
    email,
    ...gifts,
    inviter: draft.actor,
    createdAt: now,
    lastsMs,
    expiresAt: now + lastsMs,
    state: 'pending',
    hash: hashOf(token),
    sends: 1,
    delivery: deliveryAt(now, isMailed),
  } as const
  open(draft, id, kept)
  leave(draft, id, kept, word)
  draft.note({ action: 'invitation.create', target: targetOf(id), new: noted(kept), ...of })
  return { id, kept, token }
}

/**
 * A new token in place of the one before, for as long again, by the right of whoever sends it now.
 * @throws Fault as `invite`; not_found; precondition_failed: it has been accepted or revoked
 */
export function resendInvitation(
  ground: Ground,
  request: ActRequest & { readonly invitation: string; readonly sendMail?: boolean },
): Promise<Acted<Invited>> {
  return act(ground, request, async (draft) => {
    const id = request.invitation
    await demandInviting(draft)
    const before = demandKept(draft, id)
    const state = stateAt(before, draft.view.now)
    if (state === 'accepted' || state === 'revoked') {
      throw new Fault('precondition_failed', `the invitation is ${state}`, { hint: 'make a new one' })
    }
    const gifts = await demandGifts(draft, stillThere(draft, before))
    demandNew(draft, before.email, id)
    const isMailed = isMailedBy(ground, request.sendMail)
    if (isMailed) {
      keepPace(draft, addressPace(before.email), {
        what: lettersWhat,
        most: lettersPerDay,
        gapMs: letterGapMs,
      })
    }
    const { now, store: org } = draft.view
    const word = newWord()
    const token = tokenOf(ground.service.storage, { org, invitation: id, word })
    const kept = {
      ...before,
      ...gifts,
      inviter: draft.actor,
      expiresAt: now + before.lastsMs,
      state: 'pending',
      hash: hashOf(token),
      sends: before.sends + 1,
      delivery: deliveryAt(now, isMailed),
    } as const
    reopen(draft, id, before, kept)
    leave(draft, id, kept, word)
    draft.note({ action: 'invitation.resend', target: targetOf(id), old: noted(before), new: noted(kept) })
    return await passed(ground, request, draft, { id, kept, token })
  })
}

/** Its link opens nothing from here on, and a letter under way is not sent. @throws Fault not_found, forbidden, precondition_failed */
export function revokeInvitation(
  ground: Ground,
  request: ActRequest & { readonly invitation: string },
): Promise<Acted<Invitation>> {
  return act(ground, request, async (draft) => {
    const { actions } = draft.preset.organization
    await draft.demand('invitation.revoke', actions['invitation.revoke'], draft.organization)
    const id = request.invitation
    const before = demandKept(draft, id)
    if (before.state === 'accepted') {
      throw new Fault('precondition_failed', 'the invitation is accepted', {
        hint: 'delete the user, or change the role',
      })
    }
    if (before.state === 'revoked') return await shownInvitation(draft, id, before)
    const kept = close(draft, id, before, 'revoked')
    draft.note({ action: 'invitation.revoke', target: targetOf(id), old: noted(before), new: noted(kept) })
    return await shownInvitation(draft, id, kept)
  })
}

/** What the change log calls one. */
export function targetOf(id: string): string {
  return `invitation:${id}`
}

/** What the change log keeps of one: no hash of a token, and nothing of its way. */
export function noted({ email, role, groups, resources, expiresAt, state }: KeptInvitation): JsonObject {
  return { email, role, groups, resources, expiresAt, status: state }
}

/** Of an address: letters that anybody sends there. */
export function addressPace(email: string): string {
  return `address ${email}`
}

/** What waits with a letter until it is sent. The errand stays until the invitation has ended, to note that. */
function errandIdOf(id: string): string {
  return `invitation/${id}`
}

const dayMs = 24 * 60 * 60 * 1000
/** To one address in a day, however often it is invited, revoked and invited again. */
const lettersPerDay = 5
const letterGapMs = 60_000
const lettersWhat = 'invitations to this address'

async function demandInviting(draft: Draft): Promise<Invitations> {
  const { actions } = draft.preset.organization
  await draft.demand('invitation.create', actions['invitation.create'], draft.organization)
  const { invitations } = draft.preset
  if (invitations === undefined) throw new Fault('not_in_preset', 'nobody is invited here')
  return invitations
}

/** @throws Fault invalid_field */
function mailAddress(email: string): string {
  if (isMailAddress(email)) return email
  throw new Fault('invalid_field', '`email` must be one e-mail address, a domain in ASCII (xn--...)', {
    field: 'email',
  })
}

/** @param own - the invitation that waits for the address itself. @throws Fault already_exists */
function demandNew(draft: Draft, email: string, own?: string): void {
  if (holderOf(draft, 'email', email) !== undefined) {
    throw new Fault('already_exists', `${email} is in the organization already`, {
      word: 'already_member',
      field: 'email',
    })
  }
  const pending = pendingFor(draft, email)
  const kept = pending === undefined || pending === own ? undefined : keptAt(draft, pending)
  if (pending === undefined || kept === undefined) return
  if (stateAt(kept, draft.view.now) === 'expired') {
    close(draft, pending, kept, 'expired')
    return
  }
  throw new Fault('already_exists', `${email} is invited already`, {
    word: 'already_invited',
    field: 'email',
    hint: `resend it: POST /v1/orgs/${draft.view.store}/invitations/${pending}/resend`,
  })
}

/** @throws Fault invalid_field: there is no mail to send */
function isMailedBy({ post }: Ground, asked: boolean | undefined): boolean {
  if (asked === true && !post.sends) {
    throw new Fault('invalid_field', '`sendMail`: no mail is configured', {
      field: 'sendMail',
      hint: 'leave it out and pass the link on, or start Kith with --mail',
    })
  }
  return asked ?? post.sends
}

function deliveryAt(now: number, isMailed: boolean): Delivery {
  return { status: isMailed ? 'queued' : 'link', at: now, tries: 0 }
}

/** The letter now, where there is one; the end of the invitation in its time. */
function leave(draft: Draft, id: string, { delivery, sends, expiresAt }: KeptInvitation, word: string): void {
  leaveSweep(draft)
  if (delivery.status === 'queued') leaveErrand(draft, errandIdOf(id), { send: sends, word })
  else leaveErrand(draft, errandIdOf(id), {}, expiresAt)
}

/** A token that was mailed is shown to nobody else; one that a dry run made opens nothing. */
async function passed(
  { post }: Ground,
  { dryRun }: ActRequest,
  draft: Draft,
  { id, kept, token }: { readonly id: string; readonly kept: KeptInvitation; readonly token: string },
): Promise<Invited> {
  const shown = await shownInvitation(draft, id, kept)
  if (kept.delivery.status !== 'link' || dryRun !== undefined) return shown
  const link = post.linkOf(token)
  return { ...shown, token, ...(link === undefined ? {} : { link }) }
}
