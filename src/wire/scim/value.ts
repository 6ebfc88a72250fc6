/**
 * Values as clients send them -> values as the attributes say: names in any case, booleans as text, one value for a list.
 * What clients may not set and what nobody knows is left out; what has the wrong type is refused.
 */
import type { Json, JsonObject } from '../../lib/json.ts'
import { type Attribute, subOf } from './attribute.ts'
import { isObject } from './match.ts'
import { cited, refused } from './refusal.ts'

const textMax = 4096
const binaryMax = 16_384
/** Values of one attribute of a user; members are counted elsewhere. */
const valuesMax = 100

/** Undefined: nothing is left of it, so the attribute has no value. @throws Fault invalidValue */
export function readValue(attribute: Attribute, given: unknown, field: string): Json | undefined {
  if (given === undefined || given === null || !isSettable(attribute)) return undefined
  if (!attribute.multiValued) return single(attribute, unlisted(attribute, given), field)
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  demandFew(attribute, list.length, field)
  const values = list.flatMap((each, index) => single(attribute, each, `${field}[${index}]`) ?? [])
  return values.length === 0 ? undefined : firstAlone(values)
}

/** @throws Fault invalidValue: more values than an attribute has */
export function demandFew({ name }: Attribute, count: number, field: string): void {
  if (count > valuesMax) throw refused('invalidValue', `\`${name}\` has more than ${valuesMax} values`, field)
}

/** All attributes of a resource, or of a complex one. @throws Fault invalidValue */
export function partsOf(
  attribute: Attribute,
  given: Readonly<Record<string, unknown>>,
  field: string,
): JsonObject {
  const parts: Record<string, Json> = {}
  for (const [name, each] of Object.entries(given)) {
    const sub = subOf(attribute, name)
    const value = sub && readValue(sub, each, field === '' ? sub.name : `${field}.${sub.name}`)
    if (sub !== undefined && value !== undefined) parts[sub.name] = value
  }
  return parts
}

/** Passwords are nobody's business here, and what is read-only is ours. */
function isSettable({ mutability }: Attribute): boolean {
  return mutability === 'readWrite' || mutability === 'immutable'
}

function single(attribute: Attribute, given: unknown, field: string): Json | undefined {
  if (given === null || given === undefined) return undefined
  if (attribute.type === 'complex') {
    // A value alone is the value of a complex attribute: managers come so, and members.
    const parts = typeof given === 'string' ? { value: given } : given
    if (!isRecord(parts)) throw refused('invalidValue', `\`${field}\` must be an object`, field)
    const read = partsOf(attribute, parts, field)
    return Object.keys(read).length === 0 ? undefined : read
  }
  if (attribute.type === 'boolean') return boolean(given, field)
  return text(attribute, given, field)
}

/** One provider sends some single values as a list of one. */
function unlisted({ type }: Attribute, given: unknown): unknown {
  if (!Array.isArray(given) || given.length !== 1) return given
  const only: unknown = given[0]
  return type !== 'complex' && isRecord(only) ? only.value : only
}

function boolean(given: unknown, field: string): boolean {
  if (typeof given === 'boolean') return given
  const word = typeof given === 'string' ? given.toLowerCase() : ''
  if (word === 'true') return true
  if (word === 'false') return false
  throw refused('invalidValue', `\`${field}\` must be true or false`, field)
}

/** Of an empty text nothing is left. */
function text({ type }: Attribute, given: unknown, field: string): string | undefined {
  if (typeof given === 'number' || typeof given === 'boolean') return String(given)
  if (typeof given !== 'string' || !given.isWellFormed()) {
    throw refused('invalidValue', `\`${field}\` must be text`, field)
  }
  const most = type === 'binary' ? binaryMax : textMax
  if (given.length > most)
    throw refused('invalidValue', `\`${field}\` has more than ${most} characters`, field)
  if (/(?![\t\n\r])\p{Cc}/u.test(given)) {
    throw refused('invalidValue', `\`${field}\` holds control characters: ${cited(given)}`, field)
  }
  return given.trim() === '' ? undefined : given
}

/** Of several that are said to be primary the last one is. */
export function firstAlone(values: readonly Json[]): readonly Json[] {
  const primary = values.findLastIndex((each) => isObject(each) && each.primary === true)
  return values.map((each, index) =>
    isObject(each) && each.primary === true && index !== primary ? { ...each, primary: false } : each,
  )
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
