/**
 * Which link of a product's chain is missing, in its words: people are in groups, groups are given resources at a level.
 * Beside the engine's own explanation, which names the tuples.
 */
import { typeOf } from '../../tuple/object.ts'
import { isUserset } from '../../tuple/subject.ts'
import type { TupleKey } from '../../tuple/tuple.ts'
import type { GroupKind, ResourceKind } from '../preset/preset.ts'
import { isArchived } from '../refusal.ts'
import type { Sight } from '../sight.ts'
import { objectOf } from './chain.ts'

/**
 * - `membership`: the subject is not in the group, or in none that is given the resource, or not in the organization
 * - `assignment`: nobody who could pass it on is given the resource
 * - `archived`: the group that would give it is
 * - `publication`: the resource is not published
 * - `level`: given, but not with enough
 * - `role`: inside, but not with enough
 */
export type MissingLink = 'membership' | 'assignment' | 'archived' | 'publication' | 'level' | 'role'

/** Groups of one resource that are looked at. */
const groupsMax = 200

/** @param key - of a check that denies. Some hundred checks at most. */
export async function missingLink(sight: Sight, { subject, object }: TupleKey): Promise<MissingLink> {
  const { preset } = sight
  const kind = sight.kindOfType(typeOf(object))
  if (kind !== undefined) return await missingOfResource(sight, kind, { subject, object })
  const { group } = preset
  if (typeOf(object) === group?.type) {
    if (!isListed(sight, group, object, subject)) return 'membership'
    return isArchived(sight, object) ? 'archived' : 'role'
  }
  const inside = preset.organization.memberRelation
  return (await sight.may(inside, sight.organization, subject)) ? 'role' : 'membership'
}

async function missingOfResource(
  sight: Sight,
  kind: ResourceKind,
  { subject, object }: Pick<TupleKey, 'subject' | 'object'>,
): Promise<MissingLink> {
  const { group } = sight.preset
  const isGiven = kind.levels.some((level) => sight.has(object, level.relation, subject))
  const groups = group === undefined ? [] : groupsGiven(sight, kind, group, object)
  if (!isGiven && groups.length === 0) return 'assignment'
  if (isUnpublished(sight, kind, object) && isGiven) return 'publication'
  if (isGiven || group === undefined) return 'level'
  const found = new Set<MissingLink>()
  for (const each of groups) {
    // An archived group passes nothing on, so who is in it is asked of what is written.
    if (isListed(sight, group, each, subject) && isArchived(sight, each)) found.add('archived')
    else if (await sight.may(group.memberRelation, each, subject)) found.add('level')
    else found.add('membership')
  }
  // The one that is nearest to an allow.
  const order: readonly MissingLink[] = ['archived', 'level', 'membership']
  const nearest = order.find((link) => found.has(link)) ?? 'membership'
  return nearest === 'level' && isUnpublished(sight, kind, object) ? 'publication' : nearest
}

/** The groups that a resource is given to, at whatever level; some of them where they are very many. */
export function groupsGiven(
  { view }: Sight,
  kind: ResourceKind,
  group: GroupKind,
  object: string,
): readonly string[] {
  const subjects = kind.levels.flatMap(({ relation }) => {
    const { usersets, plain = [] } = view.edges(object, relation)
    return [...usersets.filter(isUserset).map(objectOf), ...plain]
  })
  return [...new Set(subjects)].filter((subject) => typeOf(subject) === group.type).slice(0, groupsMax)
}

/** Whether a tuple puts the subject into the group, by role or by source. */
function isListed(
  sight: Sight,
  { memberRoles, sources }: GroupKind,
  group: string,
  subject: string,
): boolean {
  const relations = [...memberRoles.map(({ relation }) => relation), ...Object.values(sources)]
  return relations.some((relation) => sight.has(group, relation, subject))
}

function isUnpublished(sight: Sight, { publish }: ResourceKind, object: string): boolean {
  return publish !== undefined && !sight.has(object, publish.relation, 'user:*')
}
