/** Who was taken out of a rule's group by hand, and stays out until that is taken back: an entity for each. */
import type { Draft } from '../draft.ts'
import type { Sight } from '../sight.ts'
import type { Ruleset } from './kept.ts'

export function isExcluded(sight: Sight, group: string, user: string): boolean {
  return sight.entity(exclusionEntity, idOf(group, user)) !== undefined
}

export function exclude(draft: Draft, group: string, user: string): void {
  draft.put(exclusionEntity, idOf(group, user), { at: draft.view.now, by: draft.actor })
}

export function include(draft: Draft, group: string, user: string): void {
  draft.remove(exclusionEntity, idOf(group, user))
}

/** Of somebody who is gone: a point read for each rule. */
export function forgetUser(draft: Draft, { enabled, disabled }: Ruleset, user: string): void {
  for (const group of [...enabled, ...disabled]) {
    if (isExcluded(draft, group, user)) include(draft, group, user)
  }
}

/** Of a rule that is gone. Costs as much as there are. */
export async function forgetExclusions(draft: Draft, group: string): Promise<void> {
  let after: Uint8Array | undefined
  do {
    const page = await draft.view.entities(exclusionEntity, pageSize, after, `${group}/`)
    for (const { id } of page.rows) draft.remove(exclusionEntity, id)
    after = page.next
  } while (after !== undefined)
}

const exclusionEntity = '@exclusion'
const pageSize = 1000

/** Ids of groups are made here, and hold no `/`. */
function idOf(group: string, user: string): string {
  return `${group}/${user}`
}
