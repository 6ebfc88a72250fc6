/** The identity provider's groups that people are in, as rules name them: by id, and by the name the provider shows. */
import { Slices } from '../../engine/drive.ts'
import type { JsonObject } from '../../lib/json.ts'
import type { View } from '../../storage/storage.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import type { Draft } from '../draft.ts'
import { type Sight, userType } from '../sight.ts'

/**
 * Those that name the person, not groups of these: what the provider says of them is said so. Of many thousands others have their
 * turns meanwhile. @param slices - of what it is a part of
 */
export async function idpGroupsOf(
  sight: Sight,
  id: string,
  slices = new Slices(),
): Promise<readonly string[]> {
  const { identity } = sight.preset
  if (identity === undefined) return []
  const objects = await sight.objectsOf(identity.type, identity.memberRelation, `${userType}:${id}`)
  const names = new Set<string>()
  for (const each of objects.map(idOf)) {
    if (slices.isOver) await slices.rest()
    for (const name of namesOf(sight.entity(identity.type, each), each)) names.add(name)
  }
  return [...names]
}

/** The same of everybody who is in any, by user. Costs as much as there are memberships. */
export async function allIdpGroups(
  { preset, view }: Pick<Sight, 'preset' | 'view'>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>()
  const { identity } = preset
  if (identity === undefined) return found
  const { type, memberRelation: relation } = identity
  const names = new Map<string, readonly string[]>()
  let after: Uint8Array | undefined
  do {
    signal?.throwIfAborted()
    const page = await view.tuples({ type, relation }, pageSize, after)
    for (const { object, subject } of page.rows) {
      if (typeOf(subject) !== userType) continue
      const known = names.get(object) ?? namesOf(entityOf(view, type, idOf(object)), idOf(object))
      names.set(object, known)
      const id = idOf(subject)
      const own = found.get(id)
      if (own === undefined) found.set(id, [...known])
      else own.push(...known)
    }
    after = page.next
  } while (after !== undefined)
  return found
}

const pageSize = 1000

function entityOf(view: View, type: string, id: string) {
  return view.entity(type, id)?.attributes
}

/** Whether a group is called what it was before. */
export function isNamedAsBefore(draft: Draft, type: string, id: string): boolean {
  const [before, after] = [draft.view.entity(type, id)?.attributes, draft.entity(type, id)]
  return before !== undefined && after !== undefined && before.name === after.name
}

/** @param attributes - of the group's entity, where it has one */
function namesOf(attributes: JsonObject | undefined, id: string): readonly string[] {
  const name = attributes?.name
  return typeof name === 'string' ? [id, name] : [id]
}
