/** One group where it stands: found for its acting user, and what its tuples say of it. Not who is in it. */
import type { JsonObject } from '../../lib/json.ts'
import { parseObject } from '../../tuple/object.ts'
import { isArchived, notFound } from '../refusal.ts'
import type { Sight } from '../sight.ts'

export interface Group {
  readonly id: string
  /** `group:ID` */
  readonly object: string
  /** What is not a relationship: name, description, category, tags, and when. */
  readonly attributes: JsonObject
}

/** @throws Fault not_found: there is none, or the acting user may not know; feature_not_in_preset */
export async function groupAt(sight: Sight, id: string): Promise<Group> {
  const object = objectOf(sight, id)
  const attributes = parseObject(object) === undefined ? undefined : sight.entity(sight.group.type, id)
  if (attributes === undefined || !(await sight.discovers(object))) throw notFound(object)
  return { id, object, attributes }
}

/** @throws Fault feature_not_in_preset */
export function objectOf({ group }: Sight, id: string): string {
  return `${group.type}:${id}`
}

export type Status = 'Active' | 'Archived'

export function statusOf(sight: Sight, object: string): Status {
  return isArchived(sight, object) ? 'Archived' : 'Active'
}

export type Visibility = 'public' | 'private'

/** Undefined where the product does not tell them apart. */
export function visibilityOf(sight: Sight, object: string): Visibility | undefined {
  const { visibility } = sight.group
  if (visibility === undefined) return undefined
  return sight.has(object, visibility.relation, sight.organization) ? 'public' : 'private'
}

/** When the members are to be looked through again, in milliseconds since the epoch; undefined: never. */
export function reviewDueAt({ group }: Sight, { createdAt, reviewedAt }: JsonObject): number | undefined {
  const since = typeof reviewedAt === 'number' ? reviewedAt : createdAt
  if (group.reviewDays === undefined || typeof since !== 'number') return undefined
  return since + group.reviewDays * dayMs
}

const dayMs = 24 * 60 * 60 * 1000
