/**
 * Small combinators that turn an untrusted JSON value into a typed one, or refuse it in the words of the
 * contract (section 0.3). Declarative: a request reads as the table of its fields. Not a schema language: no
 * unions, no recursion, nothing the requests do not need.
 *
 * Rules of the carrier, protojson: an absent field and `null` are the same, numbers may come as strings, enums
 * as numbers, fields nobody declared are ignored. Only own properties are looked at, so `__proto__` in a body is
 * one more field nobody declared.
 */
import { Fault, type FaultCode } from '../lib/fault.ts'

/** Where a value stands, for messages: `invalid <message>.<field>: <reason>`. */
export interface Place {
  readonly message: string
  readonly field: string
  /** The name in the body. */
  readonly name: string
  /** Whether it is a field of the request itself: only then a reason can have a code of its own. */
  readonly top: boolean
}

/** Decodes one field. `value` is undefined when it was absent or null. @throws Fault */
export type Decode<T> = (value: unknown, place: Place) => T

type Fields = Readonly<Record<string, Decode<unknown>>>
export type Decoded<F extends Fields> = { readonly [K in keyof F]: ReturnType<F[K]> }

/** A request: the outermost message. The whole of it absent (an empty body) is a message without fields. */
export function request<F extends Fields>(name: string, fields: F): (value: unknown) => Decoded<F> {
  const decode = fieldsOf(name, fields, true)
  return (value) => decode(value === undefined ? {} : value, nowhere(name))
}

/** A nested message; undefined when absent. */
export function message<F extends Fields>(name: string, fields: F): Decode<Decoded<F> | undefined> {
  const decode = fieldsOf(name, fields, false)
  return (value, place) => (value === undefined ? undefined : decode(value, place))
}

/** A nested message in which an undeclared field is refused: where a misspelt name would widen what is done. */
export function strictMessage<F extends Fields>(name: string, fields: F): Decode<Decoded<F> | undefined> {
  const decode = message(name, fields)
  return (value, place) => {
    const decoded = decode(value, place)
    const stray = Object.keys(value ?? {}).find((key) => !Object.hasOwn(fields, key))
    if (stray !== undefined) refuse(place, `unknown field ${JSON.stringify(stray.slice(0, 64))}`)
    return decoded
  }
}

/** The same value, which must be there. */
export function required<T>(decode: Decode<T>): Decode<Exclude<T, undefined>> {
  return (value, place) => {
    const decoded = decode(value, place)
    if (decoded === undefined) refuse(place, 'value is required')
    return decoded as Exclude<T, undefined>
  }
}

export interface TextRule {
  /** The test, and the pattern as the contract prints it. */
  readonly pattern?: { readonly test: RegExp; readonly shown: string }
  readonly bytesMax?: number
  /** An empty string passes whatever the pattern says. */
  readonly ignoreEmpty?: boolean
}

/** A string; `''` when absent. */
export function text(rule: TextRule = {}): Decode<string> {
  return (value, place) => {
    const string = value === undefined ? '' : value
    if (typeof string !== 'string') return mistyped('string', value, place)
    if (!string.isWellFormed()) return refuse(place, 'value holds half of a surrogate pair')
    if (string === '' && rule.ignoreEmpty) return string
    if (rule.bytesMax !== undefined && Buffer.byteLength(string) > rule.bytesMax) {
      return refuse(place, `value length must be at most ${rule.bytesMax} bytes`)
    }
    if (rule.pattern !== undefined && !rule.pattern.test.test(string)) {
      return refuse(place, `value does not match regex pattern ${JSON.stringify(rule.pattern.shown)}`)
    }
    return string
  }
}

export function bool(): Decode<boolean> {
  return (value, place) => {
    if (value === undefined) return false
    return typeof value === 'boolean' ? value : mistyped('bool', value, place)
  }
}

/** An integer in a range; undefined when absent, and for 0 where that means the default. */
export function integer(min: number, max: number, zeroIsAbsent = false): Decode<number | undefined> {
  return (value, place) => {
    if (value === undefined) return undefined
    const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value
    if (typeof number !== 'number' || !Number.isInteger(number)) return mistyped('int32', value, place)
    if (number === 0 && zeroIsAbsent) return undefined
    if (number < min || number > max) return refuse(place, `value must be inside range [${min}, ${max}]`)
    return number
  }
}

/** One of some names; a number stands for the name at its index. The first name when absent. */
export function oneOf<const N extends string>(names: readonly [N, ...N[]]): Decode<N> {
  return (value, place) => {
    if (value === undefined) return names[0]
    const found = typeof value === 'number' ? names[value] : names.find((name) => name === value)
    return found ?? mistyped('enum', value, place)
  }
}

/** An array of messages; empty when absent. */
export function list<T>(
  item: Decode<T | undefined>,
  bounds: { readonly min?: number; readonly max?: number } = {},
): Decode<readonly T[]> {
  return (value, place) => {
    if (value !== undefined && !Array.isArray(value)) return mistyped('repeated', value, place)
    const items: readonly unknown[] = value ?? []
    if (bounds.min !== undefined && items.length < bounds.min) {
      return refuse(place, `value must contain at least ${bounds.min} item(s)`)
    }
    if (bounds.max !== undefined && items.length > bounds.max) {
      return refuse(place, `value must contain no more than ${bounds.max} item(s)`)
    }
    return items.map((each, index) => {
      const decoded = item(each ?? undefined, place)
      return decoded === undefined
        ? refuse({ ...place, field: `${place.field}[${index}]`, top: false }, 'value is required')
        : decoded
    })
  }
}

/** `fields` without those that are undefined: optional means absent, never present and undefined. */
export function given<T extends object>(fields: T): Given<T> {
  const present: Record<string, unknown> = {}
  for (const name in fields) if (fields[name] !== undefined) present[name] = fields[name]
  return present as Given<T>
}
type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** @throws Fault with the code the contract gives to this reason at this place. */
export function refuse(place: Place, reason: string): never {
  throw new Fault(codeOf(place, reason), `invalid ${place.message}.${place.field}: ${reason}`)
}

/** @throws Fault as protojson words a value of the wrong type. */
export function mistyped(kind: string, value: unknown, { name }: Place): never {
  throw new Fault('validation_error', `invalid value for ${kind} field ${name}: ${printed(value)}`)
}

function fieldsOf<F extends Fields>(name: string, fields: F, top: boolean): Decode<Decoded<F>> {
  const table = Object.entries(fields).map(([key, decode]) => ({
    key,
    decode,
    place: { message: name, field: pascal(key), name: key, top },
  }))
  return (value, place) => {
    if (!isObject(value)) return mistyped('message', value, place)
    const decoded: Record<string, unknown> = {}
    for (const { key, decode, place } of table) {
      decoded[key] = decode(Object.hasOwn(value, key) ? (value[key] ?? undefined) : undefined, place)
    }
    return decoded as Decoded<F>
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Contract 0.3: reasons at the outermost level that have a code of their own. */
const codes: readonly (readonly [field: string, reason: string, code: FaultCode])[] = [
  ['Assertions', 'value must contain no more than', 'assertions_too_many_items'],
  ['AuthorizationModelId', 'value length must be at most', 'authorization_model_id_too_long'],
  ['Id', 'value length must be at most', 'id_too_long'],
  ['Object', 'value length must be at most', 'object_too_long'],
  ['Relation', 'value length must be at most', 'relation_too_long'],
  ['PageSize', 'value must be inside range', 'page_size_invalid'],
  ['TupleKey', 'value is required', 'tuple_key_value_not_specified'],
  ['Type', 'value length', 'type_invalid_length'],
  ['Type', 'value does not match regex', 'type_invalid_pattern'],
]

function codeOf({ field, top }: Place, reason: string): FaultCode {
  const row = top ? codes.find(([name, start]) => name === field && reason.startsWith(start)) : undefined
  return row?.[2] ?? 'validation_error'
}

function nowhere(name: string): Place {
  return { message: name, field: '', name: 'body', top: true }
}

function pascal(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** What came, short enough for a message: never a walk over something deep or large. */
function printed(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : String(value)
}
