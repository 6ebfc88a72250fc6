/**
 * Resources: agents, data sources and whatever else a preset has, an entity each. Who may do what with one is in the
 * graph; what is attached to it (levels, keys, settings, conversations) has files of its own.
 */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { type Acted, type ActRequest, act } from '../act.ts'
import { forgetCounts } from '../analytics/counters.ts'
import type { Ground } from '../ground.ts'
import { type Page, type PageRequest, pageOf } from '../lists/page.ts'
import { discoveryOf } from '../lists/visible.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { fill } from '../preset/fill.ts'
import { forgetKeys } from './api-keys.ts'
import { forgetAreas } from './areas.ts'
import { forgetConversations } from './conversations.ts'
import { findResource, forgetObject, type Resource, type ResourceName, resourceOf } from './resource.ts'

export interface NewResource extends ResourceFields {
  /** By which the platform knows it; made up where absent. */
  readonly id?: string
  readonly name: string
}

/** `null` takes a field away. */
export interface ResourceFields {
  readonly name?: string
  readonly description?: string | null
  /** Shown as badges. */
  readonly features?: readonly string[] | null
  readonly attributes?: JsonObject | null
}

/** @throws Fault not_in_preset: the kind; already_exists: the id; forbidden */
export function createResource(
  ground: Ground,
  request: ActRequest & { readonly kind: string; readonly resource: NewResource },
): Promise<Acted<Resource>> {
  return act(ground, request, async (draft) => {
    const kind = draft.kind(request.kind)
    const { organization } = draft.preset
    const action = `resource.create:${kind.id}` as const
    await draft.demand(action, organization.actions[action], draft.organization)
    const { id = draft.newId(kind.id), ...fields } = request.resource
    const object = `${kind.type}:${id}`
    if (draft.entity(kind.type, id) !== undefined) {
      throw new Fault('already_exists', `there is a ${kind.label} ${id} already`, { field: 'id' })
    }
    const attributes = merged({}, fields)
    draft.put(kind.type, id, attributes)
    const values = { organization: draft.organization, object, actor: draft.actor }
    for (const template of kind.tuples) {
      const tuple = fill(template, values)
      draft.write(tuple.object, tuple.relation, tuple.subject)
    }
    if (kind.creatorRelation !== undefined) draft.write(object, kind.creatorRelation, draft.actor)
    const shown = resourceOf(draft, { kind, id, object, attributes })
    draft.note({ action: 'resource.create', target: object, new: shown })
    return shown
  })
}

/** @throws Fault not_found: it is not there, or hidden */
export function getResource(ground: Ground, visit: Visit & ResourceName): Promise<Looked<Resource>> {
  return look(ground, visit, async (sight) => {
    const found = findResource(sight, visit)
    await sight.demand('view', found.kind.actions.view, found.object)
    return resourceOf(sight, found)
  })
}

/** Those that the acting user may know of, in order of id; `q` finds by name and id. */
export function listResources(
  ground: Ground,
  visit: Visit & PageRequest & { readonly kind: string },
): Promise<Looked<Page<Resource>>> {
  return look(ground, visit, async (sight) => {
    const kind = sight.kind(visit.kind)
    const discovers = discoveryOf(sight, kind.type)
    const objectOf = (id: string) => `${kind.type}:${id}`
    return await pageOf(
      ground,
      sight,
      kind.type,
      visit,
      { actor: visit.actor },
      (id, attributes) => resourceOf(sight, { kind, id, object: objectOf(id), attributes }),
      { discovers },
    )
  })
}

/** @throws Fault not_found, forbidden */
export function updateResource(
  ground: Ground,
  request: ActRequest & ResourceName & { readonly fields: ResourceFields },
): Promise<Acted<Resource>> {
  return act(ground, request, async (draft) => {
    const found = findResource(draft, request)
    await draft.demand('update', found.kind.actions.update, found.object)
    const attributes = merged(found.attributes, request.fields)
    draft.put(found.kind.type, found.id, attributes)
    const [old, shown] = [resourceOf(draft, found), resourceOf(draft, { ...found, attributes })]
    draft.note({ action: 'resource.update', target: found.object, old, new: shown })
    return shown
  })
}

/** With everything that names it. Costs a pass over its tuples and conversations. @throws Fault not_found, forbidden */
export function deleteResource(
  ground: Ground,
  request: ActRequest & ResourceName,
): Promise<Acted<undefined>> {
  return act(ground, request, async (draft) => {
    const found = findResource(draft, request)
    const { kind, object } = found
    await draft.demand('delete', kind.actions.delete, object)
    draft.remove(kind.type, found.id)
    await forgetObject(draft, object)
    forgetCounts(draft, object)
    forgetAreas(draft, kind, object)
    forgetKeys(draft, object)
    await forgetConversations(draft, object)
    draft.note({ action: 'resource.delete', target: object, old: resourceOf(draft, found) })
    return undefined
  })
}

/** Makes it live, or a draft again; as it is already is as good. @throws Fault not_found, forbidden, not_in_preset */
export function publishResource(
  ground: Ground,
  request: ActRequest & ResourceName & { readonly live: boolean },
): Promise<Acted<Resource>> {
  return act(ground, request, async (draft) => {
    const found = findResource(draft, request)
    const { kind, object } = found
    await draft.demand('publish', kind.actions.publish, object)
    if (kind.publish === undefined) throw new Fault('not_in_preset', `a ${kind.label} is always live`)
    const { relation } = kind.publish
    if (draft.has(object, relation, 'user:*') !== request.live) {
      const action = request.live ? 'resource.publish' : 'resource.unpublish'
      draft.note({ action, target: object })
    }
    if (request.live) draft.write(object, relation, 'user:*')
    else draft.delete(object, relation, 'user:*')
    return resourceOf(draft, found)
  })
}

function merged(attributes: JsonObject, fields: ResourceFields): JsonObject {
  const all = Object.entries({ ...attributes, ...fields })
  return Object.fromEntries(all.filter(([, value]) => value !== null && value !== undefined)) as JsonObject
}
