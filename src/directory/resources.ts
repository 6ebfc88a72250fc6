/**
 * Resources: agents, data sources and whatever else a preset has, an entity each. Who may do what with one is in the
 * graph; what is attached to it (levels, keys, settings, conversations) has files of its own.
 */
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import { parseObject, typeOf } from '../tuple/object.ts'
import { type Acted, type ActRequest, act } from './act.ts'
import type { Draft } from './draft.ts'
import { fill } from './fill.ts'
import type { Ground } from './ground.ts'
import { type Looked, look, type Visit } from './look.ts'
import { type Page, type PageRequest, pageOf } from './page.ts'
import type { ResourceKind } from './preset.ts'
import { notFound } from './refusal.ts'
import type { Sight } from './sight.ts'
import { newId } from './users.ts'
import { discoveryOf } from './visible.ts'

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

export interface Resource extends JsonObject {
  readonly id: string
  /** The canonical kind. */
  readonly type: string
}

/** Which resource a request is about: its kind by any word of the preset's. */
export interface ResourceName {
  readonly kind: string
  readonly id: string
}

/** A resource that was found. */
export interface Found {
  readonly kind: ResourceKind & { readonly id: string }
  readonly id: string
  /** `agent:a1`. */
  readonly object: string
  readonly attributes: JsonObject
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
    const { id = newId(kind.id), ...fields } = request.resource
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
    return await pageOf(ground, sight, kind.type, visit, { actor: visit.actor }, async (id, attributes) => {
      const object = `${kind.type}:${id}`
      return (await discovers(object)) ? resourceOf(sight, { kind, id, object, attributes }) : undefined
    })
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
    forgetObject(draft, object)
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

/** @throws Fault not_in_preset: the kind; not_found. Whether the acting user may know of it is asked by `demand`. */
export function findResource(sight: Sight, { kind: word, id }: ResourceName): Found {
  const kind = sight.kind(word)
  const object = `${kind.type}:${id}`
  const attributes = parseObject(object) === undefined ? undefined : sight.entity(kind.type, id)
  if (attributes === undefined) throw notFound(object)
  return { kind, id, object, attributes }
}

/** A resource that a body names; a hidden one is like none. @throws Fault unknown_reference */
export async function demandResource(
  sight: Sight,
  kind: Found['kind'],
  id: string,
  field: string,
): Promise<string> {
  const object = `${kind.type}:${id}`
  if (sight.entity(kind.type, id) !== undefined && (await sight.discovers(object))) return object
  throw new Fault('unknown_reference', `there is no ${kind.label} \`${id}\` in this organization`, { field })
}

export function resourceOf(sight: Sight, { kind, id, object, attributes }: Found): Resource {
  if (kind.publish === undefined) return { id, type: kind.id, ...attributes }
  const status = sight.has(object, kind.publish.relation, 'user:*') ? 'live' : 'draft'
  return { id, type: kind.id, ...attributes, status }
}

/** Every tuple at an object, and every one of which it is the subject, with its usersets. */
export function forgetObject(draft: Draft, object: string): void {
  draft.deleteAll({ object })
  draft.deleteAll({ subject: object })
  for (const { name } of draft.model.relations(typeOf(object))) {
    draft.deleteAll({ subject: `${object}#${name}` })
  }
}

function merged(attributes: JsonObject, fields: ResourceFields): JsonObject {
  const all = Object.entries({ ...attributes, ...fields })
  return Object.fromEntries(all.filter(([, value]) => value !== null && value !== undefined)) as JsonObject
}
