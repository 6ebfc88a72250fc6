/** What a group was given: its agents, personas, data sources, as the page of the group shows and changes them. */
import { idOf } from '../../tuple/object.ts'
import { type Acted, type ActRequest, act } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { groupAt } from '../groups/group.ts'
import type { Page, PageRequest } from '../lists/page.ts'
import { pageOfSegments } from '../lists/segments.ts'
import { discoveryOf } from '../lists/visible.ts'
import { type Looked, look, type Visit } from '../look.ts'
import type { Level } from '../preset/preset.ts'
import { notFound } from '../refusal.ts'
import type { Sight } from '../sight.ts'
import { giveTo, takeFrom } from './giving.ts'
import { heldLevel, levelOf, subjectAt } from './levels.ts'
import { demandResource, type Found, type Resource, resourceOf } from './resource.ts'

/** A resource and the level at which the group has it. */
export interface Item extends Resource {
  readonly level: string
}

interface GroupAndKind {
  readonly group: string
  /** By any word of the preset's. */
  readonly kind: string
}

/** All of them or none; those that the group had change their level. @throws Fault unknown_reference `ids[2]`, and as `giveTo` */
export function attach(
  ground: Ground,
  request: ActRequest & GroupAndKind & { readonly ids: readonly string[]; readonly level?: string },
): Promise<Acted<readonly Item[]>> {
  return act(ground, request, async (draft) => {
    const { group, kind } = await placeOf(draft, request)
    const level = levelOf(kind, request.level)
    const objects = await demandResources(draft, kind, request.ids)
    await giveTo(draft, kind, objects, group, level)
    return objects.map((object) => itemOf(draft, kind, object, level))
  })
}

/** @throws Fault not_found: the group does not have it; and as `giveTo` */
export function changeItem(
  ground: Ground,
  request: ActRequest & GroupAndKind & { readonly id: string; readonly level: string },
): Promise<Acted<Item>> {
  return act(ground, request, async (draft) => {
    const { group, kind } = await placeOf(draft, request)
    const level = levelOf(kind, request.level)
    const object = `${kind.type}:${request.id}`
    if (heldLevel(draft, kind, object, group) === undefined || !(await draft.discovers(object))) {
      throw notFound(object)
    }
    await giveTo(draft, kind, [object], group, level)
    return itemOf(draft, kind, object, level)
  })
}

/** @throws Fault not_found: the group does not have it; and as `takeFrom` */
export function detach(
  ground: Ground,
  request: ActRequest & GroupAndKind & { readonly id: string },
): Promise<Acted<undefined>> {
  return act(ground, request, async (draft) => {
    const { group, kind } = await placeOf(draft, request)
    await takeFrom(draft, kind, `${kind.type}:${request.id}`, group)
    return undefined
  })
}

/** Highest level first; those that the acting user may know of. @throws Fault not_found, forbidden */
export function listItems(
  ground: Ground,
  visit: Visit & GroupAndKind & PageRequest,
): Promise<Looked<Page<Item>>> {
  return look(ground, visit, async (sight) => {
    const { group, kind } = await placeOf(sight, visit)
    await sight.demand('view', sight.group.actions.view, group)
    const segments = kind.levels.flatMap((level) => {
      const subject = subjectAt(level, group)
      const filter = { type: kind.type, relation: level.relation, subject: subject ?? '' }
      return subject === undefined ? [] : [{ filter, of: level }]
    })
    const discovers = discoveryOf(sight, kind.type)
    const question = { group, kind: kind.id, actor: visit.actor }
    return await pageOfSegments(ground, sight, segments, visit, question, async ({ object }, level) =>
      (await discovers(object)) ? itemOf(sight, kind, object, level) : undefined,
    )
  })
}

/** The resources that a body names, each once. @throws Fault unknown_reference, naming the one */
export async function demandResources(
  sight: Sight,
  kind: Found['kind'],
  ids: readonly string[],
): Promise<readonly string[]> {
  const objects = new Set<string>()
  for (const [index, id] of ids.entries()) objects.add(await demandResource(sight, kind, id, `ids[${index}]`))
  return [...objects]
}

async function placeOf(
  sight: Sight | Draft,
  { group, kind }: GroupAndKind,
): Promise<{ readonly group: string; readonly kind: Found['kind'] }> {
  const { object } = await groupAt(sight, group)
  return { group: object, kind: sight.kind(kind) }
}

export function itemOf(sight: Sight, kind: Found['kind'], object: string, level: Level): Item {
  const id = idOf(object)
  const attributes = sight.entity(kind.type, id) ?? {}
  return { ...resourceOf(sight, { kind, id, object, attributes }), level: level.id }
}
