/**
 * What keeps it small: an errand for each organization in which something was counted or seen in use, a day or a month
 * later. Of months whose days are too old the sum is left, the oldest go; ids of events are forgotten, and the use of what
 * is no longer granted. It ends where nothing is left to do, and what is counted next leaves another.
 */
import type { View } from '../../storage/storage.ts'
import { actForPlatform } from '../act.ts'
import type { Draft } from '../draft.ts'
import { type Errand, endErrand, errandOf, leaveErrand } from '../errands.ts'
import type { Ground } from '../ground.ts'
import { dayMs, dayOf, firstOf, monthOf, plusDays, plusMonths } from './calendar.ts'
import { countId, counts, monthsKept, noCount } from './counters.ts'
import { eventIds } from './event-ids.ts'
import { type Cells, cellsOf, figuresOf, nothing, plus } from './figures.ts'
import { forgetUse, uses } from './use.ts'

/** One in each organization. */
const tidyErrand = 'analytics'

/** Milliseconds after midnight. */
const pastMidnight = 30 * 60 * 1000
/** Documents in one commit. */
const perCommit = 500
/** No id comes after it. */
const afterAll = '\uffff'

/** Of whatever commit keeps something that will have to go. */
export function leaveTidying(draft: Draft): void {
  if (errandOf(draft, tidyErrand) === undefined) leaveErrand(draft, tidyErrand, {}, tomorrow(draft.view.now))
}

function tomorrow(now: number): number {
  return Date.parse(dayOf(now + dayMs)) + pastMidnight
}

/** Takes the errands up. */
export function tidyAnalytics(ground: Ground): void {
  ground.errands.handle(tidyErrand, (errand, signal) => tidy(ground, errand, signal))
}

/** Safe to be cut off anywhere. */
export async function tidy(
  ground: Ground,
  { org, attributes }: Pick<Errand, 'org' | 'attributes'>,
  signal: AbortSignal,
): Promise<void> {
  const { storage } = ground.service
  if (storage.store(org) === undefined) return
  const today = dayOf(storage.view(org).now)
  const oldestDay = plusDays(today, -ground.analytics.daysKept)
  const walk = { ground, org, signal }
  const yesterday = `${plusDays(today, -1)}/`
  await each(walk, { type: eventIds.type, until: yesterday }, (draft, id) => eventIds.remove(draft, id))
  const until = countId(plusMonths(monthOf(today), 1 - monthsKept), '')
  await each(walk, { type: counts.type, until }, (draft, id) => counts.remove(draft, id))
  // All of whose days are too old; those before the mark are summed up already.
  const summedTo = monthOf(oldestDay)
  const mark = typeof attributes.summedTo === 'string' ? attributes.summedTo : ''
  await each(walk, { type: counts.type, from: mark, until: countId(summedTo, '') }, sumUp)
  await each(walk, { type: uses.type, until: afterAll }, forgetUse)
  // Not all of it was done: the errand stays as it is.
  if (signal.aborted) return
  await commit(walk, async (draft) => {
    const due = await dueAfter(draft.view, summedTo, today)
    if (due === undefined) endErrand(draft, tidyErrand)
    else leaveErrand(draft, tidyErrand, { summedTo }, due)
  })
}

function sumUp(draft: Draft, id: string): void {
  const { days, whole } = counts.at(draft, id) ?? noCount
  const parts = [...Object.values(days), ...(whole === undefined ? [] : [whole])]
  const sum: Cells = cellsOf(parts.map(figuresOf).reduce(plus, nothing))
  counts.put(draft, id, { days: {}, whole: sum })
}

/** Tomorrow for ids, next month for days, when it is too old for a sum; undefined where there is none of them. */
async function dueAfter(view: View, summedTo: string, today: string): Promise<number | undefined> {
  const hasIds = (await eventIds.page(view, 1)).rows.length > 0
  if (hasIds) return tomorrow(view.now)
  const hasDays = (await counts.page(view, 1, Buffer.from(countId(summedTo, '')))).rows.length > 0
  const hasUses = (await uses.page(view, 1)).rows.length > 0
  if (hasDays || hasUses) return beginning(plusMonths(monthOf(today), 1))
  const [oldest] = (await counts.page(view, 1)).rows
  return oldest === undefined ? undefined : beginning(plusMonths(monthOf(oldest.id), monthsKept))
}

function beginning(month: string): number {
  return Date.parse(firstOf(month)) + pastMidnight
}

interface Walk {
  readonly ground: Ground
  readonly org: string
  readonly signal: AbortSignal
}

/** Documents of a type whose ids lie between two texts, the second left out, some to a commit. */
async function each(
  walk: Walk,
  { type, from = '', until }: { readonly type: string; readonly from?: string; readonly until: string },
  change: (draft: Draft, id: string) => void,
): Promise<void> {
  const { storage } = walk.ground.service
  let after: Uint8Array | undefined = Buffer.from(from)
  while (after !== undefined && !walk.signal.aborted) {
    const { rows, next } = await storage.view(walk.org).asides(type, perCommit, after)
    const ids = rows.map(({ id }) => id).filter((id) => id < until)
    if (ids.length > 0) {
      await commit(walk, (draft) => {
        // As it is by now: what was counted meanwhile is in it, what was forgotten is not.
        for (const id of ids) if (draft.aside(type, id) !== undefined) change(draft, id)
      })
    }
    after = ids.length < rows.length ? undefined : next
  }
}

async function commit({ ground, org }: Walk, decide: (draft: Draft) => void | Promise<void>): Promise<void> {
  await actForPlatform(ground, { org, provenance: { source: 'analytics' } }, decide)
}
