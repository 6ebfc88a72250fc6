/** The days that a request is about. */
import { Fault } from '../../lib/fault.ts'
import { dayMs, dayOf, plusDays, type Range } from './calendar.ts'

/** Days of UTC, `2026-01-31`, both included. */
export interface AskedRange {
  /** Absent: 30 days with the last one. */
  readonly from?: string
  /** Absent: today. */
  readonly to?: string
}

const daysDefault = 30
const daysMax = 3_700

/** @throws Fault invalid_field: it ends before it begins, or is too long */
export function rangeOf(asked: AskedRange, now: number): Range {
  const to = asked.to ?? dayOf(now)
  const from = asked.from ?? plusDays(to, 1 - daysDefault)
  if (from > to) {
    throw new Fault('invalid_field', `\`from\` (${from}) is after \`to\` (${to})`, { field: 'from' })
  }
  if (Date.parse(to) - Date.parse(from) >= daysMax * dayMs) {
    throw new Fault('invalid_field', `from \`from\` to \`to\` are more than ${daysMax} days`, {
      field: 'from',
    })
  }
  return { from, to }
}
