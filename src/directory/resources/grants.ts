/** What a user was given one by one: the same rows as a resource's shares, from the user's page. */
import { type Acted, type ActRequest, act } from '../act.ts'
import type { Ground } from '../ground.ts'
import type { Page, PageRequest } from '../lists/page.ts'
import { pageOfSegments } from '../lists/segments.ts'
import { discoveryOf } from '../lists/visible.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { demandUserView, findUser } from '../people/users.ts'
import { giveTo, takeFrom } from './giving.ts'
import { demandResources, type Item, itemOf } from './items.ts'
import { levelOf, subjectAt } from './levels.ts'

interface UserAndKind {
  readonly user: string
  /** By any word of the preset's. */
  readonly kind: string
}

/** All of them or none. @throws Fault not_found: the user; unknown_reference: `ids[2]`; and as `giveTo` */
export function grant(
  ground: Ground,
  request: ActRequest & UserAndKind & { readonly ids: readonly string[]; readonly level?: string },
): Promise<Acted<readonly Item[]>> {
  return act(ground, request, async (draft) => {
    const kind = draft.kind(request.kind)
    const { object: user } = findUser(draft, request.user)
    const level = levelOf(kind, request.level)
    const objects = await demandResources(draft, kind, request.ids)
    await giveTo(draft, kind, objects, user, level)
    return objects.map((object) => itemOf(draft, kind, object, level))
  })
}

/** @throws Fault not_found: the user does not have it; and as `takeFrom` */
export function revokeGrant(
  ground: Ground,
  request: ActRequest & UserAndKind & { readonly id: string },
): Promise<Acted<undefined>> {
  return act(ground, request, async (draft) => {
    const kind = draft.kind(request.kind)
    const { object: user } = findUser(draft, request.user)
    await takeFrom(draft, kind, `${kind.type}:${request.id}`, user)
    return undefined
  })
}

/** Highest level first; those that the acting user may know of. @throws Fault not_found, forbidden */
export function listGrants(
  ground: Ground,
  visit: Visit & UserAndKind & PageRequest,
): Promise<Looked<Page<Item>>> {
  return look(ground, visit, async (sight) => {
    const kind = sight.kind(visit.kind)
    await demandUserView(sight, visit.user)
    const { object: user } = findUser(sight, visit.user)
    const segments = kind.levels.flatMap((level) => {
      const subject = subjectAt(level, user)
      if (subject === undefined) return []
      return [{ filter: { type: kind.type, relation: level.relation, subject }, of: level }]
    })
    const discovers = discoveryOf(sight, kind.type)
    const question = { user, kind: kind.id, actor: visit.actor }
    return await pageOfSegments(ground, sight, segments, visit, question, async ({ object }, level) =>
      (await discovers(object)) ? itemOf(sight, kind, object, level) : undefined,
    )
  })
}
