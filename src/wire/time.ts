/** Instants on the wire: RFC 3339 text outside, milliseconds since the epoch inside. */
import { type Decode, mistyped, refuse } from './shape.ts'

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/

/** The instant a text names, fractions cut to milliseconds; undefined when it is no RFC 3339 timestamp. */
export function parseInstant(text: string): number | undefined {
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)]
  if (offsetHours > 23 || offsetMinutes > 59) return undefined
  const offset = (offsetHours * 60 + offsetMinutes) * (match[8] === '-' ? -60_000 : 60_000)
  const fraction = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  return date.setUTCHours(hour, minute, second, fraction) - offset
}

export function printInstant(instant: number): string {
  return new Date(instant).toISOString()
}

/** A field holding an instant; undefined when absent. */
export function instant(): Decode<number | undefined> {
  return (value, place) => {
    if (value === undefined) return undefined
    if (typeof value !== 'string') return mistyped('timestamp', value, place)
    return parseInstant(value) ?? refuse(place, 'value must be an RFC 3339 timestamp')
  }
}
