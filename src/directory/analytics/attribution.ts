/**
 * Which groups an event counts for: those that its user is in when it arrives, by hand, by rule or through a list of the
 * identity provider. Not those above them, which the user only has something of; and none that archiving has suspended.
 */
import type { Placed } from '../../storage/storage.ts'
import { typeOf } from '../../tuple/object.ts'
import { placed } from '../people/user-places.ts'
import { isArchived } from '../refusal.ts'
import type { Sight } from '../sight.ts'

/** Objects, each once. Costs as much as the user has tuples. @param user - `user:anne` */
export async function groupsOf(sight: Sight, user: string): Promise<readonly string[]> {
  const { group, identity } = sight.preset
  if (group === undefined) return []
  const memberships = new Set([
    ...group.memberRoles.map(({ relation }) => relation),
    ...Object.values(group.sources),
  ])
  const found = new Set<string>()
  const stand = ({ object, relation }: Placed): void => {
    if (typeOf(object) === group.type && memberships.has(relation)) found.add(object)
  }
  const lists = new Set([user])
  // Also lists of somebody else's, which groups name as a whole, and lists of such lists: what is added is met, and once.
  for (const list of lists) {
    for await (const place of placed(sight, list)) {
      stand(place)
      const next = `${place.object}#${place.relation}`
      const isList = typeOf(place.object) === identity?.type && place.relation === identity.memberRelation
      if (isList) lists.add(next)
    }
  }
  const counted: string[] = []
  for (const object of found) {
    // An archived group has members where the product, or the organization, lets it go on giving.
    if (!isArchived(sight, object) || (await sight.may(group.memberRelation, object, user)))
      counted.push(object)
  }
  return counted
}
