/** A group's members looked through again: who stays, who goes, and when it is due the next time. */
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { type Acted, act } from '../act.ts'
import type { Draft } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { groupAt, reviewDueAt } from './group.ts'
import type { GroupRequest } from './groups.ts'
import { remove } from './members.ts'
import { linesOf, membershipOf } from './membership.ts'

export interface Review {
  /** Ids of members. Who is named in neither list stays, unlooked at. */
  readonly keep: readonly string[]
  readonly remove: readonly string[]
}

export interface Reviewed extends JsonObject {
  readonly reviewedAt: string
  readonly kept: number
  readonly removed: number
}

/** @throws Fault not_in_preset, forbidden, unknown_reference: no member; invalid_field: in both lists; last_holder */
export function reviewGroup(
  ground: Ground,
  request: GroupRequest & { readonly review: Review },
): Promise<Acted<Reviewed>> {
  return act(ground, request, async (draft) => {
    const group = await groupAt(draft, request.group)
    const { actions, type } = draft.group
    await draft.demand('review', actions.review, group.object)
    const { keep, remove: leaving } = request.review
    demandMembers(draft, group.object, { keep, remove: leaving })
    for (const id of leaving) await remove(draft, group, id)
    const attributes = { ...group.attributes, reviewedAt: draft.view.now }
    draft.put(type, group.id, attributes)
    draft.note({
      action: 'group.review',
      target: group.object,
      new: { kept: keep.length, removed: [...leaving] },
    })
    const dueAt = reviewDueAt(draft, attributes)
    return {
      reviewedAt: new Date(attributes.reviewedAt).toISOString(),
      ...(dueAt === undefined ? {} : { reviewDueAt: new Date(dueAt).toISOString() }),
      kept: keep.length,
      removed: leaving.length,
    }
  })
}

function demandMembers(draft: Draft, object: string, review: Review): void {
  const lines = linesOf(draft, object)
  const named = new Set<string>()
  for (const field of ['keep', 'remove'] as const) {
    for (const [index, id] of review[field].entries()) {
      const at = { field: `${field}[${index}]` }
      if (named.has(id)) throw new Fault('invalid_field', `${id} is named twice`, at)
      if (membershipOf(draft, lines, id) === undefined) {
        throw new Fault('unknown_reference', `${id} is not in ${object}`, at)
      }
      named.add(id)
    }
  }
}
