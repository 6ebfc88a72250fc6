/**
 * What an inactive user had: each of their tuples as an entity, kept until they are back. No list, no check and no export
 * sees it. Not when it is parked: activation.ts.
 *
 * One entity a tuple, by user, and one that finds it by object; so one membership more or less costs two point writes, and
 * what is deleted takes with it what waits to come back to it.
 */
import type { Tuple } from '../../tuple/tuple.ts'
import { Entities } from '../documents.ts'
import type { Draft } from '../draft.ts'
import type { Sight } from '../sight.ts'

/** Where a user will stand again. */
export type Parked = Omit<Tuple, 'subject'>

type Place = Pick<Parked, 'object' | 'relation'>

/** By user, and by object: where who would come back to it is found. */
const parked = new Entities<Parked>('@parked')
const parkedUsers = new Entities<Record<string, never>>('@parked-at')

/** In place of what is parked there already. @param id - of the user */
export function park(draft: Draft, id: string, { object, relation, condition, expiresAt }: Parked): void {
  const extra = {
    ...(condition === undefined ? {} : { condition }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
  parked.put(draft, userKey(id, { object, relation }), { object, relation, ...extra })
  parkedUsers.put(draft, objectKey(id, { object, relation }), {})
}

/** Not there already is as good. */
export function unpark(draft: Draft, id: string, place: Place): void {
  parked.remove(draft, userKey(id, place))
  parkedUsers.remove(draft, objectKey(id, place))
}

export function isParked(sight: Sight, id: string, place: Place): boolean {
  return parked.at(sight, userKey(id, place)) !== undefined
}

/** Takes away what would come back. @returns whether there was anything */
export function forgetParked(draft: Draft, id: string, place: Place): boolean {
  if (!isParked(draft, id, place)) return false
  unpark(draft, id, place)
  return true
}

/** In no order. What the same draft parked is not among them; what it took away is not either. */
export async function* parkedOf(draft: Sight, id: string): AsyncGenerator<Parked> {
  for await (const key of keysFrom(draft, parked, `${id}/`)) {
    const tuple = parked.at(draft, key)
    if (tuple !== undefined) yield tuple
  }
}

/** Ids of the users who would have a relation to an object, in order; of the state before. */
export async function* parkedAt({ view }: Pick<Sight, 'view'>, place: Place): AsyncGenerator<string> {
  const prefix = objectKey('', place)
  for await (const key of keysFrom({ view }, parkedUsers, prefix)) yield key.slice(prefix.length)
}

/** For an object that goes: one that gets its id later is another. Costs as much as is parked there. */
export async function forgetParkedAt(draft: Draft, object: string): Promise<void> {
  for await (const key of keysFrom(draft, parkedUsers, `${object}#`)) {
    const slash = key.lastIndexOf('/')
    const relation = key.slice(object.length + 1, slash)
    unpark(draft, key.slice(slash + 1), { object, relation })
  }
}

/** For a user who goes. */
export async function forgetParkedOf(draft: Draft, id: string): Promise<void> {
  for await (const place of parkedOf(draft, id)) unpark(draft, id, place)
}

/** Ids of users hold no `/`. */
function userKey(id: string, { object, relation }: Place): string {
  return `${id}/${object}#${relation}`
}

/** Objects hold no `#`. */
function objectKey(id: string, { object, relation }: Place): string {
  return `${object}#${relation}/${id}`
}

const pageRows = 1000

async function* keysFrom(
  { view }: Pick<Sight, 'view'>,
  { type }: { readonly type: string },
  prefix: string,
): AsyncGenerator<string> {
  let after: Uint8Array | undefined
  do {
    const { rows, next } = await view.entities(type, pageRows, after, prefix)
    for (const { id } of rows) yield id
    after = next
  } while (after !== undefined)
}
