/** The members of a group as they are shown: page by page, found by name, with their role and why they are in it. */
import type { JsonObject } from '../../lib/json.ts'
import type { Ground } from '../ground.ts'
import { type Page, type PageRequest, pageOf } from '../lists/page.ts'
import { demandInside, type Looked, look, openSight, type Visit } from '../look.ts'
import { notFound } from '../refusal.ts'
import { type Sight, userType } from '../sight.ts'
import { groupAt } from './group.ts'
import { gathered, type Line, linesOf, type Membership, memberIds, membershipOf } from './membership.ts'
import { type Via, viaOf } from './sources.ts'

export interface Member extends JsonObject {
  readonly id: string
  readonly sources: readonly string[]
  /** Each reason. */
  readonly via: readonly Via[]
  readonly addedAt: string
}

/** Members of a group up to which it is read whole; beyond it those of the organization are looked through. */
const gatheredMax = 10_000

/** In order of id. @throws Fault not_found, forbidden */
export function listMembers(
  ground: Ground,
  visit: Visit & PageRequest & { readonly group: string },
): Promise<Looked<Page<Member>>> {
  return look(ground, visit, async (sight) => {
    const { object } = await groupAt(sight, visit.group)
    await sight.demand('members.view', sight.group.actions['members.view'], object)
    return await membersPage(ground, sight, object, visit)
  })
}

/** All of them at one revision, in order of id. End the iteration. @throws Fault not_found, forbidden */
export async function* allMembers(
  ground: Ground,
  visit: Visit & { readonly group: string },
): AsyncGenerator<Member> {
  const { sight, release } = await openSight(ground, visit)
  try {
    await demandInside(sight)
    const { object } = await groupAt(sight, visit.group)
    await sight.demand('members.view', sight.group.actions['members.view'], object)
    const lines = linesOf(sight, object)
    for (const id of [...(await gathered(sight.view, lines))].sort()) {
      const row = memberRow(sight, lines, id)
      if (row !== undefined) yield row
    }
  } finally {
    release()
  }
}

/** Of a group whose members the acting user may see. */
export async function membersPage(
  ground: Ground,
  sight: Sight,
  object: string,
  request: PageRequest,
): Promise<Page<Member>> {
  const lines = linesOf(sight, object)
  const among = await memberIds(sight.view, lines, gatheredMax)
  const row = (id: string) => memberRow(sight, lines, id)
  return await pageOf(ground, sight, userType, request, { group: object }, row, { among })
}

/** @throws Fault not_found, forbidden */
export function getMember(
  ground: Ground,
  visit: Visit & { readonly group: string; readonly user: string },
): Promise<Looked<Member>> {
  return look(ground, visit, async (sight) => {
    const { object } = await groupAt(sight, visit.group)
    await sight.demand('members.view', sight.group.actions['members.view'], object)
    const row = memberRow(sight, linesOf(sight, object), visit.user)
    if (row === undefined) throw notFound(`member ${visit.user} of ${object}`)
    return row
  })
}

/** Undefined: not in it. */
export function memberRow(sight: Sight, lines: readonly Line[], id: string): Member | undefined {
  const membership = membershipOf(sight, lines, id)
  return membership === undefined ? undefined : memberOf(sight, id, membership)
}

function memberOf(sight: Sight, id: string, { role, sources, reasons, addedAt }: Membership): Member {
  const { memberRoles } = sight.group
  // Who came without a role is what everybody is.
  const shown = memberRoles.length > 1 ? (role ?? memberRoles.at(-1)) : undefined
  return {
    id,
    ...personOf(sight, id),
    ...(shown === undefined ? {} : { role: shown.id }),
    sources,
    via: reasons.map((reason) => viaOf(sight, reason)),
    addedAt: new Date(addedAt).toISOString(),
  }
}

/** What pickers and lists show of a user. */
function personOf(sight: Sight, id: string): JsonObject {
  const { name, email, avatarUrl } = sight.entity(userType, id) ?? {}
  return {
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...(avatarUrl === undefined ? {} : { avatarUrl }),
  }
}
