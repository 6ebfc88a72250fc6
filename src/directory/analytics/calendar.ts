/** Days and months as they are counted: of UTC, as texts that sort as they follow each other. No time zones. */

/** Milliseconds. */
export const dayMs = 24 * 60 * 60 * 1000

/** `2026-01-31` */
export function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10)
}

/** `2026-01`, of a day. */
export function monthOf(day: string): string {
  return day.slice(0, 7)
}

/** @param days - may be negative */
export function plusDays(day: string, days: number): string {
  return dayOf(Date.parse(day) + days * dayMs)
}

/** @param months - may be negative */
export function plusMonths(month: string, months: number): string {
  const date = new Date(`${month}-01`)
  date.setUTCMonth(date.getUTCMonth() + months)
  return dayOf(date.getTime()).slice(0, 7)
}

/** `2026-11` -> `2026-11-01`. */
export function firstOf(month: string): string {
  return `${month}-01`
}

/** `2026-11` -> `2026-11-30`. */
export function lastOf(month: string): string {
  return plusDays(firstOf(plusMonths(month, 1)), -1)
}

/** Both included. */
export interface Range {
  readonly from: string
  readonly to: string
}

export function monthsIn({ from, to }: Range): readonly string[] {
  const months: string[] = []
  for (let month = monthOf(from); month <= monthOf(to); month = plusMonths(month, 1)) months.push(month)
  return months
}

export function daysIn({ from, to }: Range): readonly string[] {
  const days: string[] = []
  for (let day = from; day <= to; day = plusDays(day, 1)) days.push(day)
  return days
}

/**
 * Undefined where it is no day, 31 February among them, or lies so far away that days around it would have years of more
 * than four digits: those sort as no text does, and walking over them would never end.
 */
export function parseDay(text: string): string | undefined {
  if (!/^[1-8]\d{3}-\d\d-\d\d$/.test(text)) return undefined
  const instant = Date.parse(text)
  return !Number.isNaN(instant) && dayOf(instant) === text ? text : undefined
}
