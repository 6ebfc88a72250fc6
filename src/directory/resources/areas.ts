/**
 * Areas of a resource's settings, each configured by those who may configure that one, and shown to nobody else: they hold
 * what integrations need. What is in one is the product's business.
 */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { type Acted, type ActRequest, act } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { type Looked, look, type Visit } from '../look.ts'
import type { ResourceKind } from '../preset/preset.ts'
import type { Sight } from '../sight.ts'
import { type Found, findResource, type ResourceName } from './resource.ts'

interface AreaName extends ResourceName {
  readonly area: string
}

/** @throws Fault not_found, forbidden, not_in_preset: the area */
export function getArea(ground: Ground, visit: Visit & AreaName): Promise<Looked<JsonObject>> {
  return look(ground, visit, async (sight) => {
    const { object } = await configurable(sight, visit)
    return settingsOf(sight, object, visit.area)
  })
}

/** Field by field: `null` takes one away. @throws Fault as `getArea` */
export function configure(
  ground: Ground,
  request: ActRequest & AreaName & { readonly settings: JsonObject },
): Promise<Acted<JsonObject>> {
  return act(ground, request, async (draft) => {
    const { object } = await configurable(draft, request)
    const all = { ...settingsOf(draft, object, request.area), ...request.settings }
    const settings = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
    draft.put(settingsEntity, idOf(object, request.area), settings)
    // What was set may be a secret: the change log says which fields, not what is in them.
    const changed = { area: request.area, fields: Object.keys(request.settings) }
    draft.note({ action: 'resource.configure', target: object, new: changed })
    return settings
  })
}

/** Of a resource that goes. */
export function forgetAreas(draft: Draft, { areas }: ResourceKind, object: string): void {
  for (const area of areas) {
    if (draft.entity(settingsEntity, idOf(object, area)) !== undefined) {
      draft.remove(settingsEntity, idOf(object, area))
    }
  }
}

async function configurable(sight: Sight, name: AreaName): Promise<Found> {
  const found = findResource(sight, name)
  const { kind, object } = found
  if (!kind.areas.includes(name.area)) {
    // Whoever may not know of the resource is not told what it has.
    await sight.demand('view', kind.actions.view, object)
    const known = kind.areas.join(', ') || 'none'
    throw new Fault('not_in_preset', `a ${kind.label} has no area \`${name.area}\`; there is ${known}`, {
      field: 'area',
    })
  }
  const action = `configure:${name.area}` as const
  await sight.demand(action, kind.actions[action], object)
  return found
}

function settingsOf(sight: Sight, object: string, area: string): JsonObject {
  return sight.entity(settingsEntity, idOf(object, area)) ?? {}
}

const settingsEntity = '@settings'

function idOf(object: string, area: string): string {
  return `${object}/${area}`
}
