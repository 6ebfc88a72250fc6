/**
 * Bodies of the management API: every field is declared, an undeclared one is refused, and what is wrong is said by
 * field. Declarative like shape.ts, whose words are OpenFGA's; these are ours, with status 422.
 */
import { isEmail } from '../lib/email.ts'
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import { parseInstant } from './time.ts'

/** Reads one field; undefined when absent. `null` is a value: it takes something away. @throws Fault invalid_field */
export type Field<T> = (value: unknown, name: string) => T

type Fields = Readonly<Record<string, Field<unknown>>>
type Read<F extends Fields> = { readonly [K in keyof F]: ReturnType<F[K]> }

/** Fields that are absent are left out. @throws Fault invalid_field */
export function form<F extends Fields>(fields: F): (body: unknown) => Present<Read<F>> {
  return (body) => readFields(body ?? {}, fields, '')
}

/** What was given: no field is there as `undefined`. */
export type Present<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

function readFields<F extends Fields>(body: unknown, fields: F, prefix: string): Present<Read<F>> {
  if (!isObject(body)) return refuse(prefix === '' ? 'body' : prefix.slice(0, -1), 'must be an object')
  const stray = Object.keys(body).find((name) => !Object.hasOwn(fields, name))
  if (stray !== undefined) {
    return refuse(
      prefix + stray.slice(0, 64),
      `is not a field here; there are ${Object.keys(fields).join(', ')}`,
    )
  }
  const read: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    const value = field(Object.hasOwn(body, name) ? body[name] : undefined, prefix + name)
    if (value !== undefined) read[name] = value
  }
  return read as Present<Read<F>>
}

export function required<T>(field: Field<T | undefined>): Field<T> {
  return (value, name) => {
    const read = field(value, name)
    return read === undefined ? refuse(name, 'is required') : read
  }
}

/** `null` takes the value away. */
export function nullable<T>(field: Field<T>): Field<T | null> {
  return (value, name) => (value === null ? null : field(value, name))
}

/** Text without control characters, not blank, surrounding space taken off. */
export function text(lengthMax: number): Field<string | undefined> {
  return (value, name) => {
    if (value === undefined) return undefined
    if (typeof value !== 'string' || !value.isWellFormed()) return refuse(name, 'must be text')
    const trimmed = value.trim()
    if (/^[\p{Default_Ignorable_Code_Point}\s]*$/u.test(trimmed)) return refuse(name, 'must not be empty')
    if (trimmed.length > lengthMax) return refuse(name, `must have at most ${lengthMax} characters`)
    if (/(?![\t\n\r])\p{Cc}/u.test(trimmed)) {
      return refuse(name, 'must not hold control characters')
    }
    return trimmed
  }
}

/** Text of a language, as it was typed: its places are told by counting, so nothing is taken off. */
export function source(lengthMax: number): Field<string | undefined> {
  return (value, name) => {
    if (value === undefined) return undefined
    if (typeof value !== 'string' || !value.isWellFormed()) return refuse(name, 'must be text')
    return value.length > lengthMax ? refuse(name, `must have at most ${lengthMax} characters`) : value
  }
}

/** The same to the letter: a name of somebody else's, whose spaces count. */
export function verbatim(lengthMax: number): Field<string | undefined> {
  const read = text(lengthMax)
  return (value, name) => {
    const trimmed = read(value, name)
    if (trimmed === undefined || typeof value !== 'string') return undefined
    return value.length > lengthMax ? refuse(name, `must have at most ${lengthMax} characters`) : value
  }
}

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._@+=-]{0,127}$/

/** An id that becomes part of an object. */
export function id(): Field<string | undefined> {
  return (value, name) => {
    if (value === undefined) return undefined
    if (typeof value === 'string' && idPattern.test(value)) return value
    return refuse(name, 'must be 1 to 128 letters, digits and . _ @ + = - , beginning with a letter or digit')
  }
}

export function email(): Field<string | undefined> {
  return (value, name) => {
    if (value === undefined) return undefined
    if (typeof value === 'string' && isEmail(value)) return value
    return refuse(name, 'must be an e-mail address')
  }
}

export function bool(): Field<boolean | undefined> {
  return (value, name) => {
    if (value === undefined || typeof value === 'boolean') return value
    return refuse(name, 'must be true or false')
  }
}

export function integer(min: number, max: number): Field<number | undefined> {
  return (value, name) => {
    if (value === undefined) return undefined
    if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value)
    return refuse(name, `must be a number from ${min} to ${max}`)
  }
}

/** As milliseconds since the epoch. */
export function instant(): Field<number | undefined> {
  return (value, name) => {
    if (value === undefined) return undefined
    const read = typeof value === 'string' ? parseInstant(value) : undefined
    return read ?? refuse(name, 'must be an instant, such as 2026-01-31T12:00:00Z')
  }
}

export function oneOf<const N extends string>(...names: readonly N[]): Field<N | undefined> {
  return (value, name) => {
    if (value === undefined) return undefined
    const found = names.find((each) => each === value)
    return found ?? refuse(name, `must be one of ${names.join(', ')}`)
  }
}

export function list<T>(item: Field<T | undefined>, lengthMax: number): Field<readonly T[] | undefined> {
  return (value, name) => {
    if (value === undefined) return undefined
    if (!Array.isArray(value)) return refuse(name, 'must be a list')
    if (value.length > lengthMax) return refuse(name, `must have at most ${lengthMax} items`)
    return value.map((each, index) => required(item)(each ?? undefined, `${name}[${index}]`))
  }
}

/** An object as a table: any names, one kind of value. */
export function table<T>(item: Field<T | undefined>): Field<Readonly<Record<string, T>> | undefined> {
  return (value, name) => {
    if (value === undefined) return undefined
    if (!isObject(value)) return refuse(name, 'must be an object')
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, required(item)(each, `${name}.${key.slice(0, 64)}`)]),
    )
  }
}

/** A nested form. */
export function part<F extends Fields>(fields: F): Field<Present<Read<F>> | undefined> {
  return (value, name) => (value === undefined ? undefined : readFields(value, fields, `${name}.`))
}

/** Levels of JSON that is kept: what writes and reads it goes down by calling itself. */
const depthMax = 32

function isDeep(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return most === 0 || Object.values(value).some((each) => isDeep(each, most - 1))
}

/** JSON that is kept as it is. */
export function json(bytesMax: number): Field<JsonObject | undefined> {
  return (value, name) => {
    if (value === undefined) return undefined
    if (!isObject(value)) return refuse(name, 'must be an object')
    if (isDeep(value, depthMax)) return refuse(name, `must have at most ${depthMax} levels`)
    if (Buffer.byteLength(JSON.stringify(value)) > bytesMax) {
      return refuse(name, `must have at most ${bytesMax} bytes as JSON`)
    }
    return value
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuse(field: string, what: string): never {
  throw new Fault('invalid_field', `\`${field}\` ${what}`, { field })
}
