/** Groups are made, changed, archived and deleted. What each of these needs is said by the preset and asked of the graph. */

import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { type Acted, type ActRequest, act } from '../act.ts'
import { forgetCounts } from '../analytics/counters.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { claim, free, holderOf } from '../lists/names.ts'
import { discoveryOf } from '../lists/visible.ts'
import { fill } from '../preset/fill.ts'
import type { GroupField } from '../preset/preset.ts'
import { isArchived } from '../refusal.ts'
import { give } from '../resources/levels.ts'
import { forgetObject } from '../resources/resource.ts'
import { platformActor, type Sight, userType } from '../sight.ts'
import { type Belonging, belongingsOf } from './belongings.ts'
import { type Group, groupAt, objectOf, type Visibility, visibilityOf } from './group.ts'
import { brief, type GroupRow } from './group-list.ts'
import { namedGroup, parentOf, setParent, shownParent } from './hierarchy.ts'

/** What can be said of a group; `null` takes it away. */
interface GroupFields {
  readonly description?: string | null
  readonly category?: string | null
  readonly tags?: readonly string[] | null
  readonly parentId?: string | null
  readonly visibility?: Visibility
}

export interface NewGroup extends GroupFields {
  readonly name: string
  /** A group whose resources it is given, too; its members are not taken over. */
  readonly copyFrom?: string
}

export interface GroupChange extends GroupFields {
  readonly name?: string
}

export interface GroupRequest extends ActRequest {
  readonly group: string
}

/** @throws Fault invalid_field, not_in_preset, name_taken, unknown_reference, cycle, too_deep, forbidden, plan_required */
export function createGroup(
  ground: Ground,
  request: ActRequest & { readonly group: NewGroup },
): Promise<Acted<GroupRow>> {
  return act(ground, request, async (draft) => {
    await demandCreation(draft)
    const { group, parentId } = await enterGroup(draft, request.group)
    return brief(draft, group, parentId)
  })
}

/** @throws Fault feature_not_in_preset, forbidden, plan_required */
export async function demandCreation(draft: Draft): Promise<void> {
  const need = draft.group && draft.preset.organization.actions['group.create']
  await draft.demand('group.create', need, draft.organization)
}

/** Whoever decided it. @throws Fault as createGroup, but for who may */
export async function enterGroup(
  draft: Draft,
  asked: NewGroup,
): Promise<{ readonly group: Group; readonly parentId: string | undefined }> {
  const { organization, actor } = draft
  const { copyFrom, parentId, visibility, name, ...said } = asked
  const kind = draft.group
  demandFields(draft, asked)
  demandRequired(draft, { ...asked })
  const id = draft.newId('grp')
  const object = objectOf(draft, id)
  const attributes = withSaid({ name, createdAt: draft.view.now }, said)
  const group = { id, object, attributes }
  claim(draft, nameIndex, id, name)
  draft.put(kind.type, id, attributes)
  for (const each of kind.tuples) {
    const { object: of, relation, subject } = fill(each, { organization, object, actor })
    // The platform has no place in what it makes.
    if (subject !== platformActor) draft.write(of, relation, subject)
  }
  await writeCreator(draft, object)
  setVisibility(draft, object, visibility ?? kind.visibility?.default)
  if (parentId != null) await setParent(draft, group, parentId)
  if (copyFrom !== undefined) await copyBelongings(draft, copyFrom, object)
  draft.note({ action: 'group.create', target: object, new: { ...asked } as JsonObject })
  return { group, parentId: parentId ?? undefined }
}

/** Whether a group has the name, in any case. */
export function isGroupName(sight: Sight, name: string): boolean {
  return holderOf(sight, nameIndex, name) !== undefined
}

/** @throws Fault as createGroup; archived */
export function updateGroup(
  ground: Ground,
  request: GroupRequest & { readonly change: GroupChange },
): Promise<Acted<GroupRow>> {
  return act(ground, request, async (draft) => {
    const group = await groupAt(draft, request.group)
    const { object, id } = group
    const { actions, type } = draft.group
    const { parentId, visibility, ...said } = request.change
    demandFields(draft, request.change)
    const old = await saidOf(draft, group, request.change)
    if (Object.keys(said).length > 0) {
      await draft.demand('update', actions.update, object)
      demandRequired(draft, { ...group.attributes, ...said }, Object.keys(said))
      const attributes = withSaid(group.attributes, said)
      if (said.name !== undefined) claim(draft, nameIndex, id, said.name, String(group.attributes.name))
      draft.put(type, id, attributes)
    }
    if (visibility !== undefined) {
      await draft.demand('visibility.update', actions['visibility.update'], object)
      setVisibility(draft, object, visibility)
    }
    if (parentId !== undefined) {
      await draft.demand('parent.update', actions['parent.update'], object)
      await setParent(draft, group, parentId)
    }
    draft.note({ action: 'group.update', target: object, old, new: { ...request.change } as JsonObject })
    const parent = parentId === undefined ? await shownParent(draft, object) : { id: parentId ?? undefined }
    return brief(draft, { ...group, attributes: draft.entity(type, id) ?? {} }, parent?.id)
  })
}

/**
 * With every tuple that names it, wherever it stands: as object, as subject, and in every userset of its type. Its name
 * is free then, and its children are at the top. Costs as much as it had tuples; storage does that in slices.
 */
export function deleteGroup(ground: Ground, request: GroupRequest): Promise<Acted<void>> {
  return act(ground, request, async (draft) => {
    const { object, id, attributes } = await groupAt(draft, request.group)
    const { actions, type } = draft.group
    await draft.demand('delete', actions.delete, object)
    await forgetObject(draft, object)
    forgetCounts(draft, object)
    draft.remove(type, id)
    free(draft, nameIndex, String(attributes.name))
    draft.note({ action: 'group.delete', target: object, old: attributes })
  })
}

/** Archived already, or not, is as good as done. @throws Fault not_in_preset, forbidden, plan_required */
export function archiveGroup(
  ground: Ground,
  request: GroupRequest & { readonly archived: boolean },
): Promise<Acted<GroupRow>> {
  return act(ground, request, async (draft) => {
    const group = await groupAt(draft, request.group)
    const { archive, actions } = draft.group
    await draft.demand('archive', archive === undefined ? undefined : actions.archive, group.object)
    if (archive !== undefined && isArchived(draft, group.object) !== request.archived) {
      if (request.archived) draft.write(group.object, archive.relation, everybody)
      else draft.delete(group.object, archive.relation, everybody)
      draft.note({ action: request.archived ? 'group.archive' : 'group.unarchive', target: group.object })
    }
    return brief(draft, group, (await shownParent(draft, group.object))?.id)
  })
}

const everybody = `${userType}:*`
const nameIndex = 'group'

/** @throws Fault not_in_preset: the product's groups have no such field; invalid_field: no such category */
function demandFields({ group, preset }: Draft, fields: GroupFields): void {
  for (const field of optionalFields) {
    if (fields[field] === undefined || group.fields.includes(field)) continue
    throw new Fault('not_in_preset', `groups have no \`${field}\` in \`${preset.id}\``, { field })
  }
  const { category } = fields
  if (category == null || group.categories.includes(category)) return
  throw new Fault('invalid_field', `\`category\` is one of ${group.categories.join(', ')}`, {
    field: 'category',
  })
}

const optionalFields: readonly GroupField[] = ['description', 'category', 'tags', 'parentId', 'visibility']

/** @param among - the fields that are looked at. @throws Fault invalid_field */
function demandRequired({ group }: Draft, fields: JsonObject, among?: readonly string[]): void {
  for (const field of group.requiredFields) {
    if (fields[field] != null || among?.includes(field) === false) continue
    throw new Fault('invalid_field', `\`${field}\` is required`, { field })
  }
}

function withSaid(attributes: JsonObject, said: JsonObject): JsonObject {
  const merged = Object.entries({ ...attributes, ...said }).filter(([, value]) => value != null)
  return Object.fromEntries(merged) as JsonObject
}

/** Whoever makes a group is in it, if the product says so and they are somebody here. */
async function writeCreator(draft: Draft, object: string): Promise<void> {
  const { creatorRole, memberRoles } = draft.group
  const role = memberRoles.find(({ id }) => id === creatorRole)
  if (role === undefined) return
  const { memberRelation } = draft.preset.organization
  if (await draft.may(memberRelation, draft.organization)) draft.write(object, role.relation, draft.actor)
}

function setVisibility(draft: Draft, object: string, wanted: Visibility | undefined): void {
  const { visibility } = draft.group
  if (visibility === undefined) return
  if (wanted === 'public') draft.write(object, visibility.relation, draft.organization)
  else draft.delete(object, visibility.relation, draft.organization)
}

/** What the fields of a change were before it. */
async function saidOf(draft: Draft, { object, attributes }: Group, change: GroupChange): Promise<JsonObject> {
  const parent = change.parentId === undefined ? undefined : await parentOf(draft.view, draft.group, object)
  const all: JsonObject = {
    ...attributes,
    parentId: parent ?? null,
    visibility: visibilityOf(draft, object) ?? null,
  }
  return Object.fromEntries(Object.keys(change).map((field) => [field, all[field] ?? null]))
}

/** Resources that one group can be given in the commit that makes it. */
const copiedMax = 1000

/**
 * Those that the acting user may know of: the others are neither copied nor named.
 * @throws Fault unknown_reference: no such group; forbidden: the acting user may not give one of its resources;
 * not_in_preset: a group without members is given nothing
 */
async function copyBelongings(draft: Draft, from: string, object: string): Promise<void> {
  const field = 'copyFrom'
  const { actions, assignableNeedsMember } = draft.group
  if (assignableNeedsMember) {
    throw new Fault('not_in_preset', 'a group without members is given nothing here', { field })
  }
  const source = await namedGroup(draft, from, field)
  let copied = 0
  for (const [id, kind] of Object.entries(draft.preset.resources)) {
    const all = await belongingsOf(draft, kind, source.object)
    const discovers = discoveryOf(draft, kind.type)
    const belongings: Belonging[] = []
    for (const each of all) if (await discovers(each.object)) belongings.push(each)
    if (belongings.length === 0) continue
    await draft.demand(`attach:${id}`, actions[`attach:${id}`], source.object)
    copied += belongings.length
    if (copied > copiedMax) {
      throw new Fault('invalid_field', `a group of more than ${copiedMax} resources is not copied`, { field })
    }
    for (const belonging of belongings) {
      await draft.demand('share', kind.actions.share, belonging.object)
      give(draft, kind, belonging.object, object, belonging.level)
    }
  }
}
