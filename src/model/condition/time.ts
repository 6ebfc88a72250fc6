/**
 * Instants and spans as conditions see them: nanoseconds in a BigInt, read as Go reads RFC 3339 and durations.
 * Not a calendar library: the one use of Intl is CEL's getters with a time zone.
 */

const nanosPerMilli = 1_000_000n
const nanosPerSecond = 1_000_000_000n
const int64Max = (1n << 63n) - 1n
const instantMin = -62_135_596_800n * nanosPerSecond
const instantMax = 253_402_300_800n * nanosPerSecond - 1n

/** A point in time between the years 1 and 9999, in nanoseconds since 1970. */
export class Instant {
  readonly nanos: bigint

  /** @throws RangeError outside the years 1 to 9999. */
  constructor(nanos: bigint) {
    if (nanos < instantMin || nanos > instantMax) throw new RangeError('timestamp overflow')
    this.nanos = nanos
  }

  /** The start of the millisecond, for Date; fractions round down, before 1970 too. */
  get millis(): number {
    const rest = this.nanos % nanosPerMilli
    return Number((this.nanos - (rest < 0n ? rest + nanosPerMilli : rest)) / nanosPerMilli)
  }

  /** RFC 3339 in UTC, with as many digits as are not zero. */
  toString(): string {
    const fraction = this.nanos - BigInt(Math.floor(this.millis / 1000)) * nanosPerSecond
    return `${new Date(this.millis).toISOString().slice(0, 19)}${fractionText(fraction)}Z`
  }
}

/** A length of time in nanoseconds, within int64 (about 292 years) as Go's durations are. */
export class Span {
  readonly nanos: bigint

  /** @throws RangeError outside int64. */
  constructor(nanos: bigint) {
    if (nanos > int64Max || nanos < -int64Max - 1n) throw new RangeError('duration overflow')
    this.nanos = nanos
  }

  /** Seconds, as CEL prints durations: `5400s`, `-0.5s`. */
  toString(): string {
    const size = this.nanos < 0n ? -this.nanos : this.nanos
    const text = `${size / nanosPerSecond}${fractionText(size % nanosPerSecond)}s`
    return this.nanos < 0n ? `-${text}` : text
  }
}

function fractionText(nanos: bigint): string {
  return nanos === 0n ? '' : `.${nanos.toString().padStart(9, '0').replace(/0+$/, '')}`
}

const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,100}))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/

/** RFC 3339 with capital `T` and `Z`; digits beyond nanoseconds are cut off, leap seconds refused. */
export function parseInstant(text: string): Instant | undefined {
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = ''] = match
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const [, , , , , , , , sign, offsetHour = '0', offsetMinute = '0'] = match
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -60 : 60)
  const clock = (Number(hour) * 60 + Number(minute)) * 60 + Number(second)
  const nanos =
    BigInt(date.getTime() / 1000 + clock - offset) * nanosPerSecond +
    BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  return nanos < instantMin || nanos > instantMax ? undefined : new Instant(nanos)
}

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: nanosPerMilli,
  s: nanosPerSecond,
  m: 60n * nanosPerSecond,
  h: 3600n * nanosPerSecond,
}

const spanPattern = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/

/** A Go duration: `1h30m`, `-1.5h`, `500ms`, a bare `0`. Each part's fraction is cut at a nanosecond. */
export function parseSpan(text: string): Span | undefined {
  if (text.length > 100 || !spanPattern.test(text)) return undefined
  let nanos = 0n
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(
    /(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    const size = units[unit] ?? 0n
    nanos += BigInt(whole === '' ? '0' : whole) * size
    if (fraction !== '') nanos += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length)
  }
  if (text.startsWith('-')) nanos = -nanos
  return nanos > int64Max || nanos < -int64Max - 1n ? undefined : new Span(nanos)
}

/** The fields CEL's getters read: month and the days count from 0, but `date` from 1. */
export interface Fields {
  readonly year: number
  readonly month: number
  readonly date: number
  readonly dayOfWeek: number
  readonly dayOfYear: number
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
  readonly milliseconds: number
}

/**
 * @param zone an IANA name, or an offset `+05:30` / `02:00`; UTC when left out.
 * @throws RangeError for a zone nobody knows.
 */
export function fieldsOf(instant: Instant, zone = 'UTC'): Fields {
  const offset = /^([+-]?)(\d\d):(\d\d)$/.exec(zone)
  const millis =
    offset === null
      ? wallClock(instant.millis, zone)
      : instant.millis + (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -60_000 : 60_000)
  const date = new Date(millis)
  const newYear = new Date(millis)
  newYear.setUTCMonth(0, 1)
  newYear.setUTCHours(0, 0, 0, 0)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    date: date.getUTCDate(),
    dayOfWeek: date.getUTCDay(),
    dayOfYear: Math.floor((millis - newYear.getTime()) / 86_400_000),
    hours: date.getUTCHours(),
    minutes: date.getUTCMinutes(),
    seconds: date.getUTCSeconds(),
    milliseconds: date.getUTCMilliseconds(),
  }
}

/** What a clock on the wall of that zone shows, as if it were UTC. */
function wallClock(millis: number, zone: string): number {
  if (zone === 'UTC' || zone === '') return millis
  const parts = formatter(zone).formatToParts(millis)
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value)
  const date = new Date(0)
  // Years before 1 do not come here: Instant begins with the year 1 and a zone is off by less than a day.
  date.setUTCFullYear(part('year'), part('month') - 1, part('day'))
  date.setUTCHours(part('hour'), part('minute'), part('second'), ((millis % 1000) + 1000) % 1000)
  return date.getTime()
}

/** Making one takes 50 us, using it 2; the zones of contexts are few, and the oldest goes first. */
const formatters = new Map<string, Intl.DateTimeFormat>()
const formattersMax = 64

function formatter(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const [oldest] = formatters.keys()
  if (formatters.size >= formattersMax && oldest !== undefined) formatters.delete(oldest)
  formatters.set(zone, made)
  return made
}
