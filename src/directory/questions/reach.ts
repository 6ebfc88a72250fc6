/**
 * Who reaches what: of a subject, all it has on objects of some types; of an object, all who have anything on it. The
 * engine's own lists, one a permission, at the sight's revision; so it says what the checks say.
 */
import { listUsers } from '../../engine/list-users.ts'
import { compareBytes } from '../../lib/order.ts'
import { idOf, typeOf } from '../../tuple/object.ts'
import { fold } from '../lists/names.ts'
import { textOf } from '../lists/roster.ts'
import type { Permission } from '../preset/preset.ts'
import type { Sight } from '../sight.ts'
import { objectOf } from './chain.ts'

/** Objects of one type, and what they may be asked for. */
export interface Place {
  readonly type: string
  readonly permissions: readonly Permission[]
}

/** A subject has these permissions on an object. */
export interface Grant {
  readonly subject: string
  readonly object: string
  readonly permissions: readonly string[]
}

/** By object, in order of its bytes. @param q - a part of its name or id, folded */
export async function reachOf(
  sight: Sight,
  subject: string,
  places: readonly Place[],
  q = '',
): Promise<readonly Grant[]> {
  const found = new Map<string, string[]>()
  for (const { type, permissions } of places) {
    for (const { relation } of permissions) {
      await gather(found, relation, sight.reached(relation, type, subject))
    }
  }
  return grantsOf(sight, found, q, (object, permissions) => ({ subject, object, permissions }))
}

/** By subject. @param filter - `user`, `group#member`: the shape of the subjects */
export async function holdersOf(
  sight: Sight,
  object: string,
  permissions: readonly Permission[],
  filter: { readonly type: string; readonly relation?: string },
  q = '',
): Promise<readonly Grant[]> {
  const found = new Map<string, string[]>()
  for (const { relation } of permissions) {
    if (sight.model.relation(typeOf(object), relation) === undefined) continue
    await gather(found, relation, listUsers(sight.scope(), { object, relation, filter }))
  }
  return grantsOf(sight, found, q, (subject, held) => ({ subject, object, permissions: held }))
}

async function gather(
  found: Map<string, string[]>,
  relation: string,
  names: AsyncIterable<string>,
): Promise<void> {
  for await (const name of names) {
    const held = found.get(name)
    if (held === undefined) found.set(name, [relation])
    else held.push(relation)
  }
}

function grantsOf(
  sight: Sight,
  found: ReadonlyMap<string, readonly string[]>,
  q: string,
  grantOf: (name: string, permissions: readonly string[]) => Grant,
): readonly Grant[] {
  const folded = fold(q)
  return [...found]
    .filter(([name]) => folded === '' || matches(sight, objectOf(name), folded))
    .sort(([one], [other]) => compareBytes(one, other))
    .map(([name, permissions]) => grantOf(name, permissions))
}

function matches(sight: Sight, object: string, folded: string): boolean {
  const id = idOf(object)
  return textOf(id, sight.entity(typeOf(object), id) ?? {}).includes(folded)
}
