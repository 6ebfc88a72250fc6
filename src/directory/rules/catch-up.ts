/**
 * Whoever is left over from a commit, asked of all rules in commits that each cost no more than one may. A kill repeats some
 * questions and leaves none out.
 */
import { actForPlatform } from '../act.ts'
import { type Errand, endErrand, errandOf } from '../errands.ts'
import type { Ground } from '../ground.ts'
import { Allowance } from './allowance.ts'
import { assignAll } from './assign.ts'
import { rulesetAt } from './kept.ts'
import { leaveOwed, owedTo } from './owed.ts'

/** The errand's handler. */
export async function catchUp(ground: Ground, errand: Errand, signal: AbortSignal): Promise<void> {
  let goesOn = true
  while (goesOn) {
    signal.throwIfAborted()
    goesOn = await askOn(ground, errand)
  }
}

/** @returns whether there are rules left */
async function askOn(ground: Ground, { org, id }: Errand): Promise<boolean> {
  const { result } = await actForPlatform(ground, { org, provenance: { source: 'rule' } }, async (draft) => {
    const owed = errandOf(draft, id)
    if (owed === undefined) return false
    const ruleset = rulesetAt(draft)
    const rules = ruleset === undefined ? [] : ground.rulebook.of(draft, ruleset)
    // Of other rules it begins anew, and where the person changed again.
    const from = ruleset !== undefined && owed.digest === ruleset.digest ? Number(owed.from) : 0
    const why = String(owed.why)
    const person = owedTo(id)
    const { left } = await assignAll(draft, [{ ids: [person], rules, why, from }], new Allowance())
    const [rest] = left
    if (rest === undefined || ruleset === undefined) {
      endErrand(draft, id)
      return false
    }
    // Else it would be a commit a turn, for ever.
    if (rest.from === from) throw new Error(`of ${person} no rule was asked`)
    leaveOwed(draft, person, { why, digest: ruleset.digest, from: rest.from })
    return true
  })
  return result
}
