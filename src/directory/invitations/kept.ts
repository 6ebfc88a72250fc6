/** What is kept of an invitation, where, and what it is at an instant. Who may do what with it is not known here. */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { Entities } from '../documents.ts'
import type { Draft } from '../draft.ts'
import { claim, free, holderOf } from '../lists/names.ts'
import type { Sight } from '../sight.ts'

/** Instants are milliseconds since the epoch. */
export interface KeptInvitation {
  readonly email: string
  /** Of the organization, by id. */
  readonly role: string
  readonly groups: readonly GroupGift[]
  readonly resources: readonly ResourceGift[]
  /** `user:anne`: by whose right it gives what it gives; who sent it last. */
  readonly inviter: string
  readonly createdAt: number
  /** From each sending on. */
  readonly lastsMs: number
  readonly expiresAt: number
  readonly state: 'pending' | 'accepted' | 'revoked' | 'expired'
  /** When it ended, and whom it made: `user:anne`. */
  readonly endedAt?: number
  readonly acceptedBy?: string
  /** Of the token that opens it; absent: none does. */
  readonly hash?: string
  /** Tokens so far. */
  readonly sends: number
  readonly delivery: Delivery
}

export interface GroupGift extends JsonObject {
  readonly id: string
  /** Absent: the product has one. */
  readonly role?: string
}

export interface ResourceGift extends JsonObject {
  /** The canonical kind. */
  readonly type: string
  readonly id: string
  readonly level: string
}

/** Of the letter with the latest token. */
export interface Delivery extends JsonObject {
  /** `link`: nothing is mailed, whoever invited passes the link on. */
  readonly status: 'link' | 'queued' | 'sending' | 'sent' | 'failed'
  readonly at: number
  readonly tries: number
  /** What the mail server said last. */
  readonly answer?: string
}

export const invitations = new Entities<KeptInvitation>('@invitation')
/** By their hash. */
const tokens = new Entities<{ readonly invitation: string }>('@invitation-token')
/** One that is pending for an address. */
const addressIndex = 'invitation'

export function keptAt(sight: Pick<Sight, 'entity'>, id: string): KeptInvitation | undefined {
  return invitations.at(sight, id)
}

/** @throws Fault not_found */
export function demandKept(sight: Sight, id: string): KeptInvitation {
  const kept = keptAt(sight, id)
  if (kept === undefined) throw new Fault('not_found', `there is no invitation ${id.slice(0, 64)}`)
  return kept
}

export function keep(draft: Draft, id: string, kept: KeptInvitation): void {
  invitations.put(draft, id, kept)
}

/** It may have expired before anybody noted it. */
export function stateAt({ state, expiresAt }: KeptInvitation, now: number): KeptInvitation['state'] {
  return state === 'pending' && expiresAt <= now ? 'expired' : state
}

/** Milliseconds for which one that ended is kept, and can be looked at. */
const keptMs = 90 * 24 * 60 * 60 * 1000

/** Whether it ended so long ago that it is forgotten. */
export function isLongOver({ state, endedAt }: KeptInvitation, now: number): boolean {
  return state !== 'pending' && endedAt !== undefined && endedAt + keptMs <= now
}

/** The invitation of a token's hash; undefined: none, or not any more. */
export function invitationOf(sight: Pick<Sight, 'entity'>, hash: string): string | undefined {
  return tokens.at(sight, hash)?.invitation
}

/** The invitation that waits for an address, in any spelling of it. */
export function pendingFor(sight: Sight, email: string): string | undefined {
  return holderOf(sight, addressIndex, email)
}

/** Begins to wait for its address, with a token. @throws Fault name_taken: another one waits for it */
export function open(draft: Draft, id: string, kept: KeptInvitation & { readonly hash: string }): void {
  claim(draft, addressIndex, id, kept.email)
  tokens.put(draft, kept.hash, { invitation: id })
  keep(draft, id, kept)
}

/** In place of the token it had. */
export function reopen(
  draft: Draft,
  id: string,
  before: KeptInvitation,
  kept: KeptInvitation & { readonly hash: string },
): void {
  if (before.hash !== undefined) tokens.remove(draft, before.hash)
  open(draft, id, kept)
}

/** No token opens it from here on, and its address is free for another. */
export function close(
  draft: Draft,
  id: string,
  { hash, ...kept }: KeptInvitation,
  state: Exclude<KeptInvitation['state'], 'pending'>,
  acceptedBy?: string,
): KeptInvitation {
  if (hash !== undefined) tokens.remove(draft, hash)
  if (pendingFor(draft, kept.email) === id) free(draft, addressIndex, kept.email)
  const closed: KeptInvitation = {
    ...kept,
    state,
    endedAt: draft.view.now,
    ...(acceptedBy === undefined ? {} : { acceptedBy }),
  }
  keep(draft, id, closed)
  return closed
}
