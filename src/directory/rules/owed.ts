/** People whom a commit could not ask of every rule, as that would have cost too much: left to be asked right after it (catch-up.ts). */
import type { Draft } from '../draft.ts'
import { errandOf, errandsBegun, leaveErrand } from '../errands.ts'
import type { Sight } from '../sight.ts'

/** Kinds of errands begin their ids. */
export const owedKind = 'rule-person'

/** What is left of asking somebody: rules of a ruleset, from where they are (asked.ts); else all there are. */
export interface Owed {
  /** What they are asked for. */
  readonly why: string
  readonly digest?: string
  readonly from?: number
}

/** In place of what was left of them before: that was asked of another state of theirs. */
export function leaveOwed(draft: Draft, id: string, owed: Owed): void {
  leaveErrand(draft, errandIdOf(id), { ...owed })
}

/** Whether somebody is still to be asked of some rules. */
export function isOwed(draft: Draft, id: string): boolean {
  return errandOf(draft, errandIdOf(id)) !== undefined
}

/** How many there are, up to 1,000. */
export async function owedCount({ view }: Pick<Sight, 'view'>): Promise<number> {
  return (await errandsBegun(view, errandIdOf(''), countMax)).length
}

const countMax = 1000

function errandIdOf(person: string): string {
  return `${owedKind}/${person}`
}

/** Whose errand it is. */
export function owedTo(errandId: string): string {
  return errandId.slice(errandIdOf('').length)
}
