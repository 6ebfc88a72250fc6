/**
 * Shapes at the in-process door: what came from a caller whose types may not have been checked is copied into what the
 * service takes, or refused with the name of the field. One pass, before the first await: what the caller changes
 * afterwards changes nothing that was asked. Not JSON's rules: nothing is converted, and `null` is not absent.
 */
import { Fault } from '../lib/fault.ts'
import type { Json, JsonObject } from '../lib/json.ts'

/** Where a value stands; only a refusal walks it. */
export interface Place {
  /** Of a field, or the index in a list. */
  readonly name: string | number
  readonly above: Place | undefined
}

/** `name` and `above` are what a Place holds, unmade: a check makes only those of the objects that it carries. */
export type Decode<T> = (value: unknown, name: string | number, above?: Place) => T

/** A field that may be absent; `undefined` is absent too, as it is for most TypeScript callers. */
interface Optional<T> {
  readonly optional: Decode<T>
}

/** One decoder for each field of a request: a field of the type that has none does not compile. */
type Fields<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K>
    ? Optional<Exclude<T[K], undefined>>
    : Decode<T[K]>
}

export function optional<T>(decode: Decode<T>): Optional<T> {
  return { optional: decode }
}

/** An object of exactly these fields: a misspelt one would silently widen what is done, or drop what denies. */
export function object<T extends object>(fields: Fields<T>): Decode<T> {
  const table = new Map<string, Decode<unknown>>()
  const needed: string[] = []
  for (const [key, field] of Object.entries<Decode<unknown> | Optional<unknown>>(fields)) {
    if (typeof field === 'function') needed.push(key)
    table.set(key, typeof field === 'function' ? field : field.optional)
  }
  return (value, name, above) => {
    if (!isObject(value)) return refuse('an object', value, name, above)
    const given = isPlain(value) ? value : withInherited(value, table.keys())
    const place = { name, above }
    const decoded: Record<string, unknown> = {}
    // By the keys that came, few of many: half the time of asking for each that might.
    for (const key in given) {
      const decode = table.get(key)
      if (decode === undefined) return refuseStray(key, table.keys(), place)
      const field = given[key]
      if (field !== undefined) decoded[key] = decode(field, key, place)
    }
    for (const key of needed) if (decoded[key] === undefined) table.get(key)?.(undefined, key, place)
    return decoded as T
  }
}

/** A caller's class may have accessors for fields; they count as fields. */
function withInherited(value: Readonly<Record<string, unknown>>, keys: Iterable<string>): typeof value {
  const found: Record<string, unknown> = { ...value }
  for (const key of keys) if (key in value) found[key] = value[key]
  return found
}

/** An array, copied. */
export function list<T>(item: Decode<T>): Decode<readonly T[]> {
  return (value, name, above) => {
    if (!Array.isArray(value)) return refuse('an array', value, name, above)
    const place = { name, above }
    // Not `map`, which skips holes.
    return Array.from(value, (each: unknown, index) => item(each, index, place))
  }
}

/** No surrogate on its own: two such strings would become one on disk. */
export const text: Decode<string> = (value, name, above) => {
  if (typeof value !== 'string') return refuse('a string', value, name, above)
  return value.isWellFormed() ? value : refuseFor('holds half of a surrogate pair', name, above)
}

/** An id that must say something: an empty one, from an unset variable say, is nobody's default. */
export const id: Decode<string> = (value, name, above) => {
  const string = text(value, name, above)
  return string === '' ? refuseFor('must not be empty', name, above) : string
}

export function matching(pattern: RegExp, shown: string): Decode<string> {
  return (value, name, above) => {
    const string = text(value, name, above)
    return pattern.test(string) ? string : refuseFor(`must match ${shown}`, name, above)
  }
}

export const flag: Decode<boolean> = (value, name, above) =>
  typeof value === 'boolean' ? value : refuse('true or false', value, name, above)

/** The literal `true`, where the field's presence is the choice. */
export const yes: Decode<true> = (value, name, above) =>
  value === true ? value : refuse('true', value, name, above)

export const count: Decode<number> = (value, name, above) =>
  Number.isSafeInteger(value) ? (value as number) : refuse('a whole number', value, name, above)

/** Milliseconds since the epoch; no Date, whose value can change. */
export const instant: Decode<number> = (value, name, above) =>
  Number.isSafeInteger(value)
    ? (value as number)
    : refuse('a whole number of milliseconds since the epoch', value, name, above)

/** A whole number within bounds; Infinity where `endless` says that it means something. */
export function within(least: number, greatest: number, endless = false): Decode<number> {
  const shown = `a whole number from ${least} to ${greatest}${endless ? ', or Infinity' : ''}`
  return (value, name, above) => {
    const isIn = Number.isInteger(value) && Number(value) >= least && Number(value) <= greatest
    if (isIn || (endless && value === Number.POSITIVE_INFINITY)) return Number(value)
    return refuse(shown, value, name, above)
  }
}

export function oneOf<const Name extends string>(names: readonly Name[]): Decode<Name> {
  const shown = names.map((name) => `'${name}'`).join(' or ')
  return (value, name, above) => names.find((known) => known === value) ?? refuse(shown, value, name, above)
}

/** Levels of nesting in a context. The service allows fewer; this stops what holds itself. */
const contextDepthMax = 100

/** A context: an object of JSON values, copied whole. */
export const context: Decode<JsonObject> = (value, name, above) =>
  isObject(value) ? membersOf(value, { name, above }, 1) : refuse('an object', value, name, above)

/** fromEntries defines own properties: a key `__proto__` is one more key. */
function membersOf(value: Readonly<Record<string, unknown>>, place: Place, depth: number): JsonObject {
  // A Date or a Map would be copied as an empty object.
  if (!isPlain(value)) return refuse('a JSON value', value, place.name, place.above)
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, jsonOf(each, key, place, depth)]),
  )
}

function jsonOf(value: unknown, name: string | number, above: Place, depth: number): Json {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return text(value, name, above)
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (depth > contextDepthMax)
    return refuseFor(`is nested deeper than ${contextDepthMax} levels`, name, above)
  const place = { name, above }
  if (Array.isArray(value)) return Array.from(value, (each, index) => jsonOf(each, index, place, depth + 1))
  return isObject(value) ? membersOf(value, place, depth + 1) : refuse('a JSON value', value, name, above)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether it has no prototype but an Object.prototype, of this realm or another. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
}

/** @throws Fault validation_error: ``check: `tuple.object` must be a string, not undefined`` */
export function refuse(wanted: string, value: unknown, name: string | number, above?: Place): never {
  return refuseFor(`must be ${wanted}, not ${printed(value)}`, name, above)
}

/** Characters of a path in a message; those who look for more have a strange context. */
const pathMax = 128

function refuseFor(reason: string, name: string | number, above?: Place): never {
  const names = [name]
  for (let place = above; place !== undefined; place = place.above) names.unshift(place.name)
  const [verb, ...rest] = names
  const path = rest.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  const subject = path === '' ? 'the request' : `\`${path.replace(/^\./, '').slice(0, pathMax)}\``
  throw new Fault('validation_error', `${verb}: ${subject} ${reason}`)
}

function refuseStray(key: string, known: Iterable<string>, place: Place): never {
  return refuseFor(`is not a field; there are ${[...known].join(', ')}`, key.slice(0, 64), place)
}

/** What came, short, and never by its own `toString`. */
function printed(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 64))
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? 'an array' : 'an object'
}
