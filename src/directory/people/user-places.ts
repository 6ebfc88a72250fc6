/** Where a user stands: groups, with every source of it, and what was given to the user alone. */
import type { JsonObject } from '../../lib/json.ts'
import { compareBytes } from '../../lib/order.ts'
import type { Placed } from '../../storage/storage.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import { linesOf, membershipOf } from '../groups/membership.ts'
import { type Via, viaOf } from '../groups/sources.ts'
import type { Sight } from '../sight.ts'

interface GroupPlace extends JsonObject {
  readonly id: string
  readonly name: string
  /** The highest; absent: it came without one. */
  readonly role?: string
  readonly sources: readonly string[]
  /** Each reason. */
  readonly via: readonly Via[]
}

export interface Places extends JsonObject {
  /** In order of id, without those that the acting user may not know of. */
  readonly groups: readonly GroupPlace[]
  /** By kind: how many resources were given to the user alone. */
  readonly grants: Readonly<Record<string, number>>
}

/** Costs as much as the user has tuples, and a few reads for each group. @param user - `user:anne` */
export async function placesOf(sight: Sight, user: string): Promise<Places> {
  const { preset } = sight
  const groups = new Set<string>()
  const grants: Record<string, number> = {}
  const lists = [user]
  // Also lists of somebody else's, which groups name as a whole, and lists of such lists.
  for (const list of lists) {
    for await (const { object, relation } of placed(sight, list)) {
      const type = typeOf(object)
      const kind = Object.entries(preset.resources).find(([, each]) => each.type === type)
      if (type === preset.group?.type) groups.add(object)
      else if (kind !== undefined) {
        const [id, { levels }] = kind
        const isGrant = list === user && levels.some((level) => level.relation === relation)
        if (isGrant) grants[id] = (grants[id] ?? 0) + 1
      } else if (type !== preset.organization.type) {
        const next = `${object}#${relation}`
        if (!lists.includes(next)) lists.push(next)
      }
    }
  }
  const shown: GroupPlace[] = []
  for (const object of [...groups].sort(compareBytes)) {
    const place = (await sight.discovers(object)) ? placeOf(sight, object, idOf(user)) : undefined
    if (place !== undefined) shown.push(place)
  }
  return { groups: shown, grants }
}

/** Undefined: what they have there makes them no member. */
function placeOf(sight: Sight, object: string, id: string): GroupPlace | undefined {
  const membership = membershipOf(sight, linesOf(sight, object), id)
  if (membership === undefined) return undefined
  const { role, sources, reasons } = membership
  const name = sight.entity(typeOf(object), idOf(object))?.name
  return {
    id: idOf(object),
    name: typeof name === 'string' ? name : idOf(object),
    ...(role === undefined ? {} : { role: role.id }),
    sources,
    via: reasons.map((reason) => viaOf(sight, reason)),
  }
}

/** Where tuples put a subject. What has expired is still placed, and left out. */
export async function* placed({ view }: Sight, subject: string): AsyncGenerator<Placed> {
  const few = view.reverse(subject)
  for await (const page of few === undefined ? view.placements(subject) : [few]) {
    for (const each of page) {
      if (!each.qualified || view.tuple(each.object, each.relation, subject) !== undefined) yield each
    }
  }
}
