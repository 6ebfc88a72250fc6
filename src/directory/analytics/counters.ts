/**
 * Counters: of the organization as a whole, of each group and of each resource, a document a month with its days. Beside
 * the log: an event makes no revision. Of old months only the sum is left (tidy.ts).
 */
import { Fault } from '../../lib/fault.ts'
import type { View } from '../../storage/storage.ts'
import { Asides } from '../documents.ts'
import type { Draft } from '../draft.ts'
import { firstOf, lastOf, monthOf, monthsIn, plusMonths, type Range } from './calendar.ts'
import { type Cells, cellsOf, type Figures, figuresOf, nothing, plus } from './figures.ts'

/** Of one object in one month. */
export interface MonthCount {
  /** By day of the month, `01`. */
  readonly days: Readonly<Record<string, Cells>>
  /** Of a month whose days are no longer kept. */
  readonly whole?: Cells
}

export const counts = new Asides<MonthCount>('@count')
/** Months that are kept, the present one included. */
export const monthsKept = 120

/** By month, so that a table of all objects is read in one go. Months hold no `/`. */
export function countId(month: string, object: string): string {
  return `${month}/${object}`
}

/** Of a month in which nothing was counted. */
export const noCount: MonthCount = { days: {} }

/** Adds to what is counted for an object on a day, `2026-11-22`; to its whole month, where that was summed up already. */
export function count(draft: Draft, object: string, day: string, figures: Figures): void {
  const id = countId(monthOf(day), object)
  const { days, whole } = counts.at(draft, id) ?? noCount
  const added = (cells: Cells | undefined): Cells =>
    cellsOf(cells === undefined ? figures : plus(figuresOf(cells), figures))
  const date = day.slice(8)
  const now: MonthCount =
    whole === undefined ? { days: { ...days, [date]: added(days[date]) } } : { days, whole: added(whole) }
  counts.put(draft, id, now)
}

/** Of an object that goes: another of its name begins with nothing. Costs a point read for each month. */
export function forgetCounts(draft: Draft, object: string): void {
  // What is sent from a clock that is ahead may be of the month to come.
  const last = plusMonths(monthOf(new Date(draft.view.now).toISOString()), 1)
  for (let back = 0; back <= monthsKept; back++) {
    const id = countId(plusMonths(last, -back), object)
    if (counts.at(draft, id) !== undefined) counts.remove(draft, id)
  }
}

/** What of a month lies in a range. */
interface Part {
  readonly month: string
  readonly isWhole: boolean
  /** Days of the month, `01`. */
  readonly from: string
  readonly to: string
  readonly range: Range
}

/** @param month - one of the range's */
export function partOf(month: string, range: Range): Part {
  const from = monthOf(range.from) === month ? range.from : firstOf(month)
  const to = monthOf(range.to) === month ? range.to : lastOf(month)
  const isWhole = from === firstOf(month) && to === lastOf(month)
  return { month, isWhole, from: from.slice(8), to: to.slice(8), range }
}

/** @throws Fault invalid_field where the range cuts a month of which only the sum is left */
export function sumIn({ month, isWhole, from, to, range }: Part, { days, whole }: MonthCount): Figures {
  if (whole !== undefined && !isWhole) throw cutMonth(month, range)
  let sum = whole === undefined ? nothing : figuresOf(whole)
  for (const [date, cells] of Object.entries(days)) {
    if (from <= date && date <= to) sum = plus(sum, figuresOf(cells))
  }
  return sum
}

function cutMonth(month: string, { from }: Range): Fault {
  const field = monthOf(from) === month ? 'from' : 'to'
  const day = field === 'from' ? firstOf(month) : lastOf(month)
  return new Fault('invalid_field', `of ${month} only the sum is kept: its days are too long ago`, {
    field,
    hint: `${field}=${day}`,
  })
}

/** Some 3 ms of them. */
const rowsPerStep = 250

/** Sums of all objects that were counted in the range. Costs as much as there are, times the months. @throws as `sumIn` */
export async function sumsOf(view: View, range: Range): Promise<ReadonlyMap<string, Figures>> {
  const sums = new Map<string, Figures>()
  for (const month of monthsIn(range)) {
    const part = partOf(month, range)
    let after: Uint8Array | undefined
    do {
      const page = await counts.page(view, rowsPerStep, after, countId(month, ''))
      for (const { id, attributes } of page.rows) {
        const object = id.slice(month.length + 1)
        const sum = sumIn(part, attributes)
        sums.set(object, plus(sums.get(object) ?? nothing, sum))
      }
      after = page.next
    } while (after !== undefined)
  }
  return sums
}
