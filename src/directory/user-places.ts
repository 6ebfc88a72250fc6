/** Where a user stands: groups by hand, by rule or through the identity provider, and what was given to the user alone. */
import type { JsonObject } from '../lib/json.ts'
import type { Placed } from '../storage/storage.ts'
import { idOf, typeOf } from '../tuple/object.ts'
import type { Sight } from './sight.ts'

interface GroupPlace extends JsonObject {
  readonly id: string
  readonly name: string
  /** The highest given by hand; absent: none was. */
  readonly role?: string
}

export interface Places extends JsonObject {
  /** In order of id, without those that the acting user may not know of. */
  readonly groups: readonly GroupPlace[]
  /** By kind: how many resources were given to the user alone. */
  readonly grants: Readonly<Record<string, number>>
}

/** Costs as much as the user has tuples. @param user - `user:anne` */
export async function placesOf(sight: Sight, user: string): Promise<Places> {
  const { preset } = sight
  const groups = new Map<string, readonly string[]>()
  const grants: Record<string, number> = {}
  const stand = (group: string, relation: string) =>
    groups.set(group, [...(groups.get(group) ?? []), relation])
  for await (const { object, relation } of placed(sight, user)) {
    const type = typeOf(object)
    const kind = Object.entries(preset.resources).find(([, each]) => each.type === type)
    if (type === preset.group?.type) stand(object, relation)
    else if (kind !== undefined) {
      const [id, { levels }] = kind
      if (levels.some((level) => level.relation === relation)) grants[id] = (grants[id] ?? 0) + 1
    } else if (type !== preset.organization.type) {
      // A list of somebody else's, which groups name as a whole.
      for await (const through of placed(sight, `${object}#${relation}`)) {
        if (typeOf(through.object) === preset.group?.type) stand(through.object, through.relation)
      }
    }
  }
  const shown: GroupPlace[] = []
  for (const object of [...groups.keys()].sort()) {
    if (await sight.discovers(object)) shown.push(placeOf(sight, object, groups.get(object) ?? []))
  }
  return { groups: shown, grants }
}

function placeOf(sight: Sight, object: string, relations: readonly string[]): GroupPlace {
  const name = sight.entity(typeOf(object), idOf(object))?.name
  const role = sight.group.memberRoles.find(({ relation }) => relations.includes(relation))
  const shown = { id: idOf(object), name: typeof name === 'string' ? name : idOf(object) }
  return role === undefined ? shown : { ...shown, role: role.id }
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
