/** Groups as they are shown: those that the acting user may know of, and of each as much as that user may see. */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { idOf } from '../../tuple/object.ts'
import type { Ground } from '../ground.ts'
import { type Page, type PageRequest, pageOf } from '../lists/page.ts'
import { discoveryOf } from '../lists/visible.ts'
import { type Looked, look, type Visit } from '../look.ts'
import type { ResourceKind } from '../preset/preset.ts'
import type { Sight } from '../sight.ts'
import { belongingsOf } from './belongings.ts'
import { type Group, groupAt, objectOf, reviewDueAt, type Status, statusOf, visibilityOf } from './group.ts'
import { type Named, shownChildren, shownParent } from './hierarchy.ts'
import { type Member, membersPage } from './member-list.ts'
import { linesOf, memberCount } from './membership.ts'

/** What everybody sees who may know that the group is there. */
export interface GroupRow extends JsonObject {
  readonly id: string
  readonly name: string
  readonly status: Status
}

/** Filters of the list. */
export interface GroupFilter {
  readonly category?: string
  readonly status?: Status
  /** Only those whose review is due. */
  readonly reviewDue?: boolean
}

/** Rows of each kind that one group's answer holds; the rest are on pages of their own. */
const shownMax = 50

/** In order of id; `q` finds by name and id. @throws Fault feature_not_in_preset */
export function listGroups(
  ground: Ground,
  visit: Visit & PageRequest & GroupFilter,
): Promise<Looked<Page<GroupRow>>> {
  return look(ground, visit, async (sight) => {
    const { type } = sight.group
    const discovers = discoveryOf(sight, type)
    const question = {
      actor: visit.actor,
      category: visit.category ?? '',
      status: visit.status ?? '',
      due: visit.reviewDue === true,
    }
    const row = (id: string, attributes: JsonObject) => {
      const group: Group = { id, object: objectOf(sight, id), attributes }
      return fits(sight, group, visit) ? rowOf(ground, sight, group) : undefined
    }
    return await pageOf(ground, sight, type, visit, question, row, { discovers })
  })
}

function fits(sight: Sight, { object, attributes }: Group, filter: GroupFilter): boolean {
  if (filter.category !== undefined && attributes.category !== filter.category) return false
  if (filter.status !== undefined && statusOf(sight, object) !== filter.status) return false
  const dueAt = reviewDueAt(sight, attributes)
  return filter.reviewDue !== true || (dueAt !== undefined && dueAt <= sight.view.now)
}

/** A group with what it has, as far as the acting user may see; each list is its first page. @throws Fault not_found */
export function getGroup(
  ground: Ground,
  visit: Visit & { readonly group: string },
): Promise<Looked<GroupRow>> {
  return look(ground, visit, async (sight) => {
    const group = await groupAt(sight, visit.group)
    const { object } = group
    const parent = await shownParent(sight, object)
    const row = await rowOf(ground, sight, group, parent)
    if (!(await allows(sight, 'view', object))) return row
    const children = await shownChildren(sight, object, shownMax)
    const resources: Record<string, readonly JsonObject[]> = {}
    for (const [id, kind] of Object.entries(sight.preset.resources)) {
      resources[id] = await shownBelongings(sight, kind, object)
    }
    const members = await shownMembers(ground, sight, object)
    return {
      ...row,
      ...(parent && { parent: { ...parent } }),
      children: children.map((each) => ({ ...each })),
      ...members,
      resources,
    }
  })
}

async function shownMembers(
  ground: Ground,
  sight: Sight,
  object: string,
): Promise<{ readonly members?: readonly Member[] }> {
  if (!(await allows(sight, 'members.view', object))) return {}
  return { members: (await membersPage(ground, sight, object, { pageSize: shownMax })).rows }
}

/** Names and levels; those that the acting user may know of. */
async function shownBelongings(
  sight: Sight,
  kind: ResourceKind,
  object: string,
): Promise<readonly JsonObject[]> {
  const rows: JsonObject[] = []
  for (const { object: resource, level } of await belongingsOf(sight, kind, object)) {
    if (rows.length === shownMax) break
    if (!(await sight.discovers(resource))) continue
    const id = idOf(resource)
    const name = sight.entity(kind.type, id)?.name
    rows.push({ id, ...(name === undefined ? {} : { name }), level: level.id })
  }
  return rows
}

async function allows(sight: Sight, action: 'view' | 'members.view', object: string): Promise<boolean> {
  const need = sight.group.actions[action]
  return need !== undefined && (await sight.may(need.relation, object))
}

/** With counts, where the acting user may see more than that it is there. */
async function rowOf(ground: Ground, sight: Sight, group: Group, known?: Named): Promise<GroupRow> {
  const { object } = group
  const parent = known ?? (await shownParent(sight, object))
  const row = brief(sight, group, parent?.id)
  if (!(await allows(sight, 'view', object))) return row
  const members = await memberCount(ground, sight.view, linesOf(sight, object))
  const resourceCounts: Record<string, number> = {}
  for (const [id, kind] of Object.entries(sight.preset.resources)) {
    resourceCounts[id] = (await belongingsOf(sight, kind, object)).length
  }
  return { ...row, memberCount: members, resourceCounts }
}

/** What it is, without what it has. @param parentId - that the acting user may know of */
export function brief(
  sight: Sight,
  { id, object, attributes }: Group,
  parentId: string | undefined,
): GroupRow {
  const { name, createdAt: _, reviewedAt: __, ...said } = attributes
  const visibility = visibilityOf(sight, object)
  return {
    id,
    name: String(name),
    ...said,
    status: statusOf(sight, object),
    ...(visibility === undefined ? {} : { visibility }),
    ...(parentId === undefined ? {} : { parentId }),
    ...timesOf(sight, attributes),
  }
}

function timesOf(sight: Sight, attributes: JsonObject): JsonObject {
  const dueAt = reviewDueAt(sight, attributes)
  const { createdAt, reviewedAt } = attributes
  return {
    ...(typeof createdAt === 'number' ? { createdAt: printed(createdAt) } : {}),
    ...(typeof reviewedAt === 'number' ? { reviewedAt: printed(reviewedAt) } : {}),
    ...(dueAt === undefined ? {} : { reviewDueAt: printed(dueAt) }),
  }
}

function printed(instant: number): string {
  return new Date(instant).toISOString()
}

/** @throws Fault invalid_field */
export function statusFilter(asked: string): Status {
  const found = (['Active', 'Archived'] as const).find((each) => each.toLowerCase() === asked.toLowerCase())
  if (found !== undefined) return found
  throw new Fault('invalid_field', '`status` is Active or Archived', { field: 'status' })
}
