/**
 * The CEL environment of a condition: cel-go's standard library and OpenFGA's `ipaddress` and `in_cidr`. The library's
 * own handlers stay where they are exact; where they differ from cel-go a function of ours is registered under the name
 * of `replaced` and calls are sent there (syntax.ts). Operators are set right in repair.ts. Nothing else can be called.
 */
import { Environment } from '@marcbachmann/cel-js'
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import { Address, parseAddress, parseBlock } from './address.ts'
import { int64Max, int64Min, uint64Max } from './number.ts'
import { dynamicPattern } from './pattern.ts'
import { type Fields, fieldsOf, Instant, parseInstant, parseSpan, Span } from './time.ts'

/** What an expression may call: name -> numbers of arguments. Macros are the same everywhere. */
export interface Words {
  readonly functions: ReadonlyMap<string, readonly number[]>
  readonly methods: ReadonlyMap<string, readonly number[]>
  /** Those that are called by `prefix` and their name. */
  readonly replaced: ReadonlySet<string>
}

const functions: ReadonlyMap<string, readonly number[]> = new Map([
  ['size', [1]],
  ['dyn', [1]],
  ['bytes', [1]],
  ['bool', [1]],
  ['int', [1]],
  ['uint', [1]],
  ['double', [1]],
  ['string', [1]],
  ['timestamp', [1]],
  ['duration', [1]],
  ['matches', [2]],
  ['ipaddress', [1]],
  ['has', [1]],
])

const methods: ReadonlyMap<string, readonly number[]> = new Map([
  ['size', [0]],
  ['contains', [1]],
  ['startsWith', [1]],
  ['endsWith', [1]],
  ['matches', [1]],
  ['in_cidr', [1]],
  ['getFullYear', [0, 1]],
  ['getMonth', [0, 1]],
  ['getDate', [0, 1]],
  ['getDayOfMonth', [0, 1]],
  ['getDayOfWeek', [0, 1]],
  ['getDayOfYear', [0, 1]],
  ['getHours', [0, 1]],
  ['getMinutes', [0, 1]],
  ['getSeconds', [0, 1]],
  ['getMilliseconds', [0, 1]],
])

/** Macros over lists and maps: name -> numbers of arguments; the first is the variable. */
export const macros: ReadonlyMap<string, readonly number[]> = new Map([
  ['all', [2]],
  ['exists', [2]],
  ['exists_one', [2]],
  ['map', [2, 3]],
  ['filter', [2]],
])

/** Standard functions whose handlers in the library are not cel-go's; ours are registered with this prefix. */
const replaced: ReadonlySet<string> = new Set([
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'timestamp',
  'duration',
  'matches',
])
export const prefix = 'std_'

/** Of conditions. */
export const conditionWords: Words = { functions, methods, replaced }

class EvaluationFault extends Error {}

function fail(message: string): never {
  throw new EvaluationFault(message)
}

/** Nodes and depth are a second line behind syntax.ts, and hold while parsing. */
export const base: Environment = new Environment({
  unlistedVariablesAreDyn: false,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: false,
  limits: { maxAstNodes: 1000, maxDepth: 32, maxListElements: 256, maxMapEntries: 256, maxCallArguments: 8 },
})

base.registerType('timestamp', Instant)
base.registerType('duration', Span)
base.registerType('ipaddress', Address)

const operators: Readonly<Record<string, (left: never, right: never) => unknown>> = {
  'timestamp + duration: timestamp': (at: Instant, by: Span) => new Instant(at.nanos + by.nanos),
  'duration + timestamp: timestamp': (by: Span, at: Instant) => new Instant(at.nanos + by.nanos),
  'timestamp - duration: timestamp': (at: Instant, by: Span) => new Instant(at.nanos - by.nanos),
  'timestamp - timestamp: duration': (to: Instant, from: Instant) => new Span(to.nanos - from.nanos),
  'duration + duration: duration': (one: Span, other: Span) => new Span(one.nanos + other.nanos),
  'duration - duration: duration': (one: Span, other: Span) => new Span(one.nanos - other.nanos),
  'timestamp == timestamp': (one: Instant, other: Instant) => one.nanos === other.nanos,
  'duration == duration': (one: Span, other: Span) => one.nanos === other.nanos,
  'ipaddress == ipaddress': (one: Address, other: Address) => one.equals(other),
}
for (const [signature, handler] of Object.entries(operators)) {
  base.registerOperator(signature, handler as (left: unknown, right: unknown) => unknown)
}
for (const type of ['timestamp', 'duration']) {
  for (const sign of ['<', '<=', '>', '>=']) {
    base.registerOperator(`${type} ${sign} ${type}`, () => fail('comparisons are evaluated in repair.ts'))
  }
}

const handlers: Readonly<Record<string, (...values: never[]) => unknown>> = {
  'ipaddress(string): ipaddress': (text: string) =>
    parseAddress(text) ?? fail(`invalid IP address '${text}'`),
  'ipaddress.in_cidr(string): bool': (address: Address, text: string) =>
    address.within(parseBlock(text) ?? fail(`invalid CIDR '${text}'`)),
  'string.std_matches(string): bool': matches,
  'std_matches(string, string): bool': matches,
  'std_bool(bool): bool': same,
  'std_bool(string): bool': bool,
  'std_int(int): int': same,
  'std_int(uint): int': (value: UnsignedInt) => toInt(value.valueOf()),
  'std_int(double): int': (value: number) => toInt(whole(value)),
  'std_int(string): int': (text: string) => toInt(/^[+-]?\d{1,20}$/.test(text) ? BigInt(text) : undefined),
  'std_int(timestamp): int': ({ millis }: Instant) => BigInt(Math.floor(millis / 1000)),
  'std_int(duration): int': ({ nanos }: Span) => nanos,
  'std_uint(uint): uint': same,
  'std_uint(int): uint': toUint,
  'std_uint(double): uint': (value: number) => toUint(whole(value)),
  'std_uint(string): uint': (text: string) => toUint(/^\d{1,20}$/.test(text) ? BigInt(text) : undefined),
  'std_double(double): double': same,
  'std_double(int): double': (value: bigint) => Number(value),
  'std_double(uint): double': (value: UnsignedInt) => Number(value.valueOf()),
  'std_double(string): double': toDouble,
  'std_string(string): string': same,
  'std_string(bool): string': String,
  'std_string(int): string': String,
  'std_string(uint): string': String,
  'std_string(double): string': showDouble,
  'std_string(timestamp): string': String,
  'std_string(duration): string': String,
  'std_string(bytes): string': utf8,
  'std_timestamp(timestamp): timestamp': same,
  'std_timestamp(int): timestamp': (seconds: bigint) => new Instant(seconds * 1_000_000_000n),
  'std_timestamp(string): timestamp': (text: string) =>
    parseInstant(text) ?? fail(`invalid timestamp '${text}'`),
  'std_duration(duration): duration': same,
  'std_duration(int): duration': (nanos: bigint) => new Span(nanos),
  'std_duration(string): duration': (text: string) => parseSpan(text) ?? fail(`invalid duration '${text}'`),
  'duration.getHours(): int': ({ nanos }: Span) => nanos / 3_600_000_000_000n,
  'duration.getMinutes(): int': ({ nanos }: Span) => nanos / 60_000_000_000n,
  'duration.getSeconds(): int': ({ nanos }: Span) => nanos / 1_000_000_000n,
  'duration.getMilliseconds(): int': ({ nanos }: Span) => nanos / 1_000_000n,
}
for (const [signature, handler] of Object.entries(handlers))
  base.registerFunction(signature, handler, { async: false })

const getters: Readonly<Record<string, (fields: Fields) => number>> = {
  getFullYear: ({ year }) => year,
  getMonth: ({ month }) => month,
  getDate: ({ date }) => date,
  getDayOfMonth: ({ date }) => date - 1,
  getDayOfWeek: ({ dayOfWeek }) => dayOfWeek,
  getDayOfYear: ({ dayOfYear }) => dayOfYear,
  getHours: ({ hours }) => hours,
  getMinutes: ({ minutes }) => minutes,
  getSeconds: ({ seconds }) => seconds,
  getMilliseconds: ({ milliseconds }) => milliseconds,
}
for (const [name, read] of Object.entries(getters)) {
  const get = (instant: Instant, zone?: string) => BigInt(read(fieldsOf(instant, zone)))
  base.registerFunction(`timestamp.${name}(): int`, get, { async: false })
  base.registerFunction(`timestamp.${name}(string): int`, get, { async: false })
}

function same(value: unknown): unknown {
  return value
}

/** Of a pattern out of a context; one written in the model is compiled with it (repair.ts). */
function matches(text: string, source: string): boolean {
  return dynamicPattern(source).test(text)
}

function bool(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false
  return fail(`'${text}' is not a bool`)
}

/** Cut towards zero; undefined for what is no number. */
function whole(value: number): bigint | undefined {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined
}

function toInt(value: bigint | undefined): bigint {
  if (value === undefined || value < int64Min || value > int64Max) fail('int conversion error')
  return value
}

function toUint(value: bigint | undefined): UnsignedInt {
  if (value === undefined || value < 0n || value > uint64Max) fail('uint conversion error')
  return new UnsignedInt(value)
}

function toDouble(text: string): number {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) {
    const value = Number(text)
    return Number.isFinite(value) ? value : fail('double conversion error')
  }
  if (/^nan$/i.test(text)) return Number.NaN
  if (/^\+?inf(?:inity)?$/i.test(text)) return Number.POSITIVE_INFINITY
  return /^-inf(?:inity)?$/i.test(text) ? Number.NEGATIVE_INFINITY : fail('double conversion error')
}

/** As Go's `%g` prints it: `1.5`, `1e+06`, `1e-05`, `+Inf`, `NaN`. */
function showDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const [digits = '', power = '0'] = value.toExponential().split('e')
  if (Number(power) >= -4 && Number(power) < 6) return `${value}`
  const size = Math.abs(Number(power))
  return `${digits}e${Number(power) < 0 ? '-' : '+'}${String(size).padStart(2, '0')}`
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return fail('invalid UTF-8 in bytes, cannot convert to string')
  }
}
