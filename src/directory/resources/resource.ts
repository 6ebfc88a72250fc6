/** One resource where it stands: found by any word for its kind, and what it looks like. Not who was given it. */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { parseObject, typeOf } from '../../tuple/object.ts'
import type { Draft } from '../draft.ts'
import { forgetParkedAt } from '../people/parked.ts'
import type { ResourceKind } from '../preset/preset.ts'
import { notFound } from '../refusal.ts'
import type { Sight } from '../sight.ts'

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

/** Every tuple at an object, parked ones too, and every one of which it is the subject, with its usersets. */
export async function forgetObject(draft: Draft, object: string): Promise<void> {
  draft.deleteAll({ object })
  draft.deleteAll({ subject: object })
  for (const { name } of draft.model.relations(typeOf(object))) {
    draft.deleteAll({ subject: `${object}#${name}` })
  }
  await forgetParkedAt(draft, object)
}
