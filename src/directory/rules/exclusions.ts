/** Who was taken out of a rule's group by hand, and stays out until that is taken back: an entity for each. */
import type { View } from '../../storage/storage.ts'
import { Entities } from '../documents.ts'
import type { Draft } from '../draft.ts'
import type { Sight } from '../sight.ts'
import type { Ruleset } from './kept.ts'

interface Exclusion {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** `user:anne`. */
  readonly by: string
}

const exclusions = new Entities<Exclusion>('@exclusion')
const pageSize = 1000

export function isExcluded(sight: Sight, group: string, user: string): boolean {
  return exclusions.at(sight, idOf(group, user)) !== undefined
}

export function exclude(draft: Draft, group: string, user: string): void {
  exclusions.put(draft, idOf(group, user), { at: draft.view.now, by: draft.actor })
}

export function include(draft: Draft, group: string, user: string): void {
  exclusions.remove(draft, idOf(group, user))
}

/** Of somebody who is gone: a point read for each rule. */
export function forgetUser(draft: Draft, { enabled, disabled }: Ruleset, user: string): void {
  for (const group of [...enabled, ...disabled]) {
    if (isExcluded(draft, group, user)) include(draft, group, user)
  }
}

/** Of a rule that is gone. Costs as much as there are. */
export async function forgetExclusions(draft: Draft, group: string): Promise<void> {
  for (const user of await excludedFrom(draft.view, group)) include(draft, group, user)
}

/** Ids of users. Costs as much as there are. */
export async function excludedFrom(view: View, group: string): Promise<ReadonlySet<string>> {
  const users = new Set<string>()
  let after: Uint8Array | undefined
  do {
    const page = await exclusionsAt(view, group, pageSize, after)
    for (const { user } of page.rows) users.add(user)
    after = page.next
  } while (after !== undefined)
  return users
}

/** In order of the user's id. */
export async function exclusionsAt(view: View, group: string, limit: number, after?: Uint8Array) {
  const page = await exclusions.page(view, limit, after, idOf(group, ''))
  const rows = page.rows.map(({ id, attributes }) => ({
    user: id.slice(group.length + 1),
    ...attributes,
  }))
  return { rows, next: page.next }
}

/** Ids of groups are made here, and hold no `/`. */
function idOf(group: string, user: string): string {
  return `${group}/${user}`
}
