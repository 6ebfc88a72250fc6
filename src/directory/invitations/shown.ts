/** Invitations as those see them who look after them: what each gives, and what became of its letter. Never a token. */
import type { JsonObject } from '../../lib/json.ts'
import type { Ground } from '../ground.ts'
import { type Page, type PageRequest, pageOf } from '../lists/page.ts'
import { type Looked, look, type Visit } from '../look.ts'
import type { Sight } from '../sight.ts'
import {
  type Delivery,
  demandKept,
  type GroupGift,
  invitations,
  type KeptInvitation,
  type ResourceGift,
  stateAt,
} from './kept.ts'

export type InvitationStatus = KeptInvitation['state']

/** Instants are milliseconds since the epoch. */
export interface Invitation extends JsonObject {
  readonly id: string
  readonly email: string
  readonly role: string
  readonly status: InvitationStatus
  /** Those that the acting user may know of. */
  readonly groups: readonly GroupGift[]
  readonly resources: readonly ResourceGift[]
  readonly inviter: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly sends: number
  readonly delivery: Delivery
  readonly endedAt?: number
  /** `user:anne`. */
  readonly acceptedBy?: string
}

/** In order of id; `q` finds by address and id. @throws Fault forbidden, not_in_preset, invalid_continuation_token */
export function listInvitations(
  ground: Ground,
  request: Visit & PageRequest & { readonly status?: InvitationStatus },
): Promise<Looked<Page<Invitation>>> {
  return look(ground, request, async (sight) => {
    await demandViewing(sight)
    const { status } = request
    const question = status === undefined ? {} : { status }
    return await pageOf(ground, sight, invitations.type, request, question, (id, attributes) => {
      const kept = invitations.of(attributes)
      if (status !== undefined && stateAt(kept, sight.view.now) !== status) return undefined
      return shownInvitation(sight, id, kept)
    })
  })
}

/** @throws Fault not_found, forbidden, not_in_preset */
export function getInvitation(
  ground: Ground,
  request: Visit & { readonly invitation: string },
): Promise<Looked<Invitation>> {
  return look(ground, request, async (sight) => {
    await demandViewing(sight)
    return await shownInvitation(sight, request.invitation, demandKept(sight, request.invitation))
  })
}

export async function shownInvitation(sight: Sight, id: string, kept: KeptInvitation): Promise<Invitation> {
  const { email, role, inviter, createdAt, expiresAt, sends, delivery, endedAt, acceptedBy } = kept
  const status = stateAt(kept, sight.view.now)
  const known = async (type: string, each: string) => await sight.discovers(`${type}:${each}`)
  const groups: GroupGift[] = []
  const resources: ResourceGift[] = []
  for (const each of kept.groups) if (await known(sight.group.type, each.id)) groups.push(each)
  for (const each of kept.resources) {
    if (await known(sight.kind(each.type).type, each.id)) resources.push(each)
  }
  return {
    id,
    email,
    role,
    status,
    groups,
    resources,
    inviter,
    createdAt,
    expiresAt,
    sends,
    delivery,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(acceptedBy === undefined ? {} : { acceptedBy }),
  }
}

async function demandViewing(sight: Sight): Promise<void> {
  const { actions } = sight.preset.organization
  await sight.demand('invitation.view', actions['invitation.view'], sight.organization)
}
