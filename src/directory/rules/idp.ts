/** The identity provider's groups that somebody is in, as rules name them: by id, and by the name the provider shows. */

import { idOf } from '../../tuple/object.ts'
import type { Draft } from '../draft.ts'
import { userType } from '../sight.ts'

/** As they will be. Those that name the person, not groups of groups. */
export async function idpGroupsOf(draft: Draft, id: string): Promise<readonly string[]> {
  const { identity } = draft.preset
  if (identity === undefined) return []
  const objects = await draft.objectsOf(identity.type, identity.memberRelation, `${userType}:${id}`)
  const names = objects.flatMap((object) => namesOf(draft.entity(identity.type, idOf(object)), idOf(object)))
  return [...new Set(names)]
}

/** @param attributes - of the group's entity, where it has one */
export function namesOf(
  attributes: { readonly displayName?: unknown } | undefined,
  id: string,
): readonly string[] {
  const shown = attributes?.displayName
  return typeof shown === 'string' ? [id, shown] : [id]
}
