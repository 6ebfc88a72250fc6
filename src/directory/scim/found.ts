/**
 * What provisioning finds users and groups by, without looking at all of them: names that one alone has (names.ts), and
 * those that several may have: an entity for each, put and removed in the commit that changes it.
 */
import { hash } from 'node:crypto'
import type { Draft } from '../draft.ts'
import { fold } from '../lists/names.ts'
import type { Sight } from '../sight.ts'

/** What a value is of: the provider's id of a user or a group, an address besides the user's own. */
export type FoundBy = 'user' | 'group' | 'email'

/** Takes one away where there is `before`, and gives one where there is `after`. */
export function index(
  draft: Draft,
  by: FoundBy,
  id: string,
  before: readonly string[],
  after: readonly string[],
): void {
  for (const value of before)
    if (!after.includes(value)) draft.remove(foundEntity, `${prefixOf(by, value)}${id}`)
  for (const value of after)
    if (!before.includes(value)) draft.put(foundEntity, `${prefixOf(by, value)}${id}`, {})
}

/** Ids in order, 1,000 at most. */
export async function found({ view }: Sight, by: FoundBy, value: string): Promise<readonly string[]> {
  const prefix = prefixOf(by, value)
  const { rows } = await view.entities(foundEntity, 1000, undefined, prefix)
  return rows.map(({ id }) => id.slice(prefix.length))
}

const foundEntity = '@scim-found'

/** Ids of providers are theirs to the letter; addresses compare in any case. */
function prefixOf(by: FoundBy, value: string): string {
  const text = by === 'email' ? fold(value) : value
  return `${by}/${hash('sha256', text, 'base64url')}/`
}
