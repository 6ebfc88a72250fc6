/**
 * The nightly look over all rules of an organization: what it finds, no commit had settled, and so it should find nothing, but
 * for rules that look at the clock. It reads from memory and writes only what it finds.
 */
import { createHash } from 'node:crypto'
import { actForPlatform } from '../act.ts'
import type { Draft } from '../draft.ts'
import { type Errand, endErrand, errandOf, leaveErrand } from '../errands.ts'
import type { Ground } from '../ground.ts'
import { openSight } from '../look.ts'
import { platformActor } from '../sight.ts'
import { Allowance } from './allowance.ts'
import { assignAll } from './assign.ts'
import { isUnderWay } from './evaluation.ts'
import { ruleAt, rulesetAt } from './kept.ts'
import { isOwed } from './owed.ts'
import { surveyFor } from './reevaluation.ts'

export const sweepKind = 'rule-sweep'
const sweepId = `${sweepKind}/nightly`
const dayMs = 24 * 60 * 60 * 1000
/** Of the day, in milliseconds: three in the morning. */
const hourMs = 3 * 60 * 60 * 1000
const spreadMs = 2 * 60 * 60 * 1000
/** People in one commit, where it may cost as much. */
const sliceMax = 200

/** What a sweep put right that it should not have had to. */
export interface Repair {
  readonly org: string
  readonly group: string
  readonly added: number
  readonly removed: number
}

/** Once an organization has a rule. */
export function leaveSweep(draft: Draft): void {
  if (errandOf(draft, sweepId) === undefined) leaveErrand(draft, sweepId, {}, nextNight(draft))
}

/** The errand's handler. */
export async function sweep(
  ground: Ground,
  { org }: Pick<Errand, 'org'>,
  signal: AbortSignal,
  onRepair: (repair: Repair) => void,
): Promise<void> {
  const { sight, release } = await openSight(ground, { org, actor: platformActor })
  const groups = rulesetAt(sight)?.enabled ?? []
  release()
  for (const group of groups) {
    const { add, remove } = await surveyFor(ground, org, group, signal)
    const ids = [...remove, ...add]
    let slice: readonly string[] = ids.slice(0, sliceMax)
    for (let next = slice.length; slice.length > 0; ) {
      signal.throwIfAborted()
      const left = await repair(ground, org, group, slice, onRepair)
      slice = [...left, ...ids.slice(next, next + sliceMax - left.length)]
      next += slice.length - left.length
    }
  }
  await actForPlatform(ground, { org, provenance: { source: 'rule' } }, (draft) => {
    if (rulesetAt(draft) === undefined) endErrand(draft, sweepId)
    else leaveErrand(draft, sweepId, {}, nextNight(draft))
  })
}

/** @returns who of them is left */
async function repair(
  ground: Ground,
  org: string,
  group: string,
  ids: readonly string[],
  onRepair: (repair: Repair) => void,
): Promise<readonly string[]> {
  const { result } = await actForPlatform(ground, { org, provenance: { source: 'rule' } }, async (draft) => {
    const kept = ruleAt(draft, group)
    // What is being asked of everybody, or of a person, is no fault yet.
    if (kept?.enabled !== true || isUnderWay(draft, group)) return { left: [] }
    const rule = ground.rulebook.compiled(kept)
    const isTimed = rule?.variables.has('now') === true
    const why = isTimed ? 'time went by' : 'the nightly sweep found it'
    const due = ids.filter((id) => !isOwed(draft, id))
    const ask = { ids: due, rules: [{ group, rule }], why }
    const { tally, left } = await assignAll(draft, [ask], new Allowance())
    return isTimed ? { left } : { left, tally }
  })
  const { left, tally } = result
  if (tally !== undefined && tally.added + tally.removed > 0) {
    onRepair({ org, group, added: tally.added, removed: tally.removed })
  }
  return left.map(({ id }) => id)
}

/** Not all organizations at once: each has its minute between three and five. */
function nextNight({ view: { now, store } }: Draft): number {
  const spread = createHash('sha256').update(store).digest().readUInt32BE() % spreadMs
  const start = hourMs + spread
  return Math.floor((now - start) / dayMs + 1) * dayMs + start
}
