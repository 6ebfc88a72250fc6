/** Groups that a resource can be given to, and of those that it cannot, why. */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import type { Ground } from '../ground.ts'
import { type Page, type PageRequest, pageOf } from '../lists/page.ts'
import { discoveryOf } from '../lists/visible.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { unassignable } from '../resources/giving.ts'
import { heldLevel } from '../resources/levels.ts'
import { findResource } from '../resources/resource.ts'

export interface Assignable {
  readonly id: string
  readonly name: string
  /** That it has already. */
  readonly level?: string
  /** Why it cannot be given it; absent: it can. */
  readonly reason?: 'archived' | 'no_members' | 'forbidden'
}

/**
 * In order of id; `q` finds by name and id.
 * @param visit.resource - `agent:a1`, by any word for its kind
 * @param visit.explain - also those that cannot be given it, with the reason
 * @throws Fault forbidden, plan_required: who may give nothing to groups; not_found: the resource
 */
export function assignableGroups(
  ground: Ground,
  visit: Visit & PageRequest & { readonly resource: string; readonly explain: boolean },
): Promise<Looked<Page<Assignable>>> {
  return look(ground, visit, async (sight) => {
    const { group, organization, preset } = sight
    await sight.demand('group.assign', preset.organization.actions['group.assign'], organization)
    const { kind, object } = findResource(sight, nameOf(visit.resource))
    await sight.demand('share', kind.actions.share, object)
    const action = `attach:${kind.id}` as const
    const need = group.actions[action]
    if (need === undefined) throw new Fault('not_in_preset', `groups are not given ${kind.plural}`)
    const discovers = discoveryOf(sight, group.type)
    const question = { resource: object, explain: visit.explain, actor: visit.actor }
    const row = async (id: string, { name }: JsonObject): Promise<Assignable | undefined> => {
      const holder = `${group.type}:${id}`
      const why = await unassignable(sight, holder)
      const reason = why ?? ((await sight.may(need.relation, holder)) ? undefined : 'forbidden')
      if (reason !== undefined && !visit.explain) return undefined
      const level = heldLevel(sight, kind, object, holder)
      const shown = { id, name: typeof name === 'string' ? name : id }
      return {
        ...shown,
        ...(level === undefined ? {} : { level: level.id }),
        ...(reason === undefined ? {} : { reason }),
      }
    }
    return await pageOf(ground, sight, group.type, visit, question, row, { discovers })
  })
}

function nameOf(resource: string): { readonly kind: string; readonly id: string } {
  return { kind: typeOf(resource), id: idOf(resource) }
}
