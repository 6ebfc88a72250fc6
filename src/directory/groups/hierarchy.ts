/**
 * Groups below groups: a tuple `parent#relation@child`, whose child has one parent. What a parent may do, the members
 * below it may do; that is the model's doing.
 */
import { Fault } from '../../lib/fault.ts'
import type { Placed, View } from '../../storage/storage.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import type { Draft } from '../draft.ts'
import type { GroupKind } from '../preset/preset.ts'
import type { Sight } from '../sight.ts'
import { type Group, groupAt, objectOf } from './group.ts'

export type Hierarchy = NonNullable<GroupKind['hierarchy']>

/** The parent, as an object; undefined: it is at the top. */
export async function parentOf(
  view: View,
  { type, hierarchy }: Pick<GroupKind, 'type' | 'hierarchy'>,
  object: string,
): Promise<string | undefined> {
  if (hierarchy === undefined) return undefined
  const isParent = (each: Placed) => each.relation === hierarchy.relation && typeOf(each.object) === type
  const few = view.reverse(object)
  if (few !== undefined) return few.find(isParent)?.object
  // In a group's reverse list are its parent and what it was given: the type leaves the latter out.
  for await (const page of view.placements(object, type)) {
    const found = page.find(isParent)
    if (found !== undefined) return found.object
  }
  return undefined
}

/** A group as others name it. */
export interface Named {
  readonly id: string
  readonly name: string
}

/** Undefined at the top, and where the acting user may not know of it. */
export async function shownParent(sight: Sight, object: string): Promise<Named | undefined> {
  const parent = await parentOf(sight.view, sight.group, object)
  if (parent === undefined || !(await sight.discovers(parent))) return undefined
  return namedAs(sight, parent)
}

function namedAs(sight: Sight, object: string): Named {
  const id = idOf(object)
  return { id, name: String(sight.entity(sight.group.type, id)?.name ?? '') }
}

/** As objects, in the order of their ids. */
export async function childrenOf(
  view: View,
  { relation }: Hierarchy,
  object: string,
): Promise<readonly string[]> {
  const { plain } = view.edges(object, relation)
  if (plain !== undefined) return plain
  const children: string[] = []
  for await (const page of view.plain(object, relation)) children.push(...page)
  return children
}

/** Those that the acting user may know of. @param most - looked at */
export async function shownChildren(sight: Sight, object: string, most: number): Promise<readonly Named[]> {
  const { hierarchy } = sight.group
  if (hierarchy === undefined) return []
  const shown: Named[] = []
  for (const child of (await childrenOf(sight.view, hierarchy, object)).slice(0, most)) {
    if (await sight.discovers(child)) shown.push(namedAs(sight, child))
  }
  return shown
}

/**
 * Puts a group below another, or at the top. Who may is asked of the parent, too: what it may do is given on.
 * @param parentId - null: the top
 * @throws Fault unknown_reference, forbidden, not_in_preset; cycle and too_deep come from the guards
 */
export async function setParent(draft: Draft, group: Group, parentId: string | null): Promise<void> {
  const { hierarchy, actions } = draft.group
  if (hierarchy === undefined) throw new Fault('not_in_preset', 'groups have no parents here')
  const before = await parentOf(draft.view, draft.group, group.object)
  const after = parentId === null ? undefined : (await namedGroup(draft, parentId, 'parentId')).object
  if (before === after) return
  if (after !== undefined) {
    await draft.demand('parent.update', actions['parent.update'], after)
    draft.write(after, hierarchy.relation, group.object)
  }
  if (before !== undefined) draft.delete(before, hierarchy.relation, group.object)
}

/** A group that a body names. @throws Fault unknown_reference: there is none, or it is hidden */
export async function namedGroup(draft: Draft, id: string, field: string): Promise<Group> {
  try {
    return await groupAt(draft, id)
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'not_found') throw thrown
    throw new Fault('unknown_reference', `there is no ${objectOf(draft, id)} in this organization`, { field })
  }
}
