/**
 * From unknown JSON to a typed value: one reader a type, composed. What does not fit is a ShapeError that names the
 * field and the fix. Not the meaning of what was read.
 */
import { nearest } from '../../lib/nearest.ts'

/** What is wrong with a field, `group.memberRoles[1].rank`. */
export class ShapeError extends Error {
  readonly field: string

  constructor(field: string, problem: string) {
    super(field === '' ? problem : `${field}: ${problem}`)
    this.name = 'ShapeError'
    this.field = field
  }
}

/** @throws ShapeError. Absent is undefined. */
export type Read<Value> = (value: unknown, field: string) => Value

type Fields<Value> = {
  readonly [Key in keyof Value]-?: object extends Pick<Value, Key>
    ? Read<Value[Key] | undefined>
    : Read<Value[Key]>
}

/** An object of exactly these fields: one that is not known is a slip of the pen, and would be ignored in silence. */
export function shaped<Value>(fields: Fields<Value>): Read<Value> {
  const names: readonly string[] = Object.keys(fields)
  const readers: readonly (readonly [string, Read<unknown>])[] = Object.entries(fields)
  return (value, field) => {
    const given = objectOf(value, field)
    for (const name of Object.keys(given)) {
      if (names.includes(name)) continue
      const meant = nearest(name, names)
      const fix = meant === undefined ? `there is ${names.join(', ')}` : `did you mean \`${meant}\`?`
      throw new ShapeError(below(field, name), `there is no such field; ${fix}`)
    }
    const read = readers
      .map(([name, reader]) => [name, reader(given[name], below(field, name))] as const)
      .filter(([, each]) => each !== undefined)
    // The one place where what was read becomes its type: each field was read by its own reader.
    return Object.fromEntries(read) as Value
  }
}

export function optional<Value>(read: Read<Value>): Read<Value | undefined> {
  return (value, field) => (value === undefined ? undefined : read(value, field))
}

/** Where absent means `value`. */
export function otherwise<Value>(read: Read<Value>, instead: Value): Read<Value> {
  return (value, field) => (value === undefined ? instead : read(value, field))
}

export function list<Value>(read: Read<Value>): Read<readonly Value[]> {
  return (value, field) => {
    if (!Array.isArray(value)) throw wrong(field, value, 'a list')
    return value.map((each: unknown, index) => read(each, `${field}[${index}]`))
  }
}

/** An object as a table: any names, one reader. */
export function record<Value>(read: Read<Value>): Read<Readonly<Record<string, Value>>> {
  return (value, field) =>
    Object.fromEntries(
      Object.entries(objectOf(value, field)).map(([name, each]) => [name, read(each, below(field, name))]),
    )
}

export const text: Read<string> = (value, field) => {
  if (typeof value !== 'string' || value.trim() === '') throw wrong(field, value, 'a text')
  return value
}

export const flag: Read<boolean> = (value, field) => {
  if (typeof value !== 'boolean') throw wrong(field, value, 'true or false')
  return value
}

export const count: Read<number> = (value, field) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw wrong(field, value, 'a whole number from 1')
  }
  return value
}

export function oneOf<Word extends string>(words: readonly Word[]): Read<Word> {
  return (value, field) => {
    const word = words.find((each) => each === value)
    if (word === undefined) throw wrong(field, value, `one of ${words.join(', ')}`)
    return word
  }
}

/** `group.actions["member.add"]` */
export function below(field: string, name: string): string {
  if (!/^\w+$/.test(name)) return `${field}[${JSON.stringify(name)}]`
  return field === '' ? name : `${field}.${name}`
}

function objectOf(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(field, value, 'an object')
  }
  return { ...value }
}

function wrong(field: string, value: unknown, wanted: string): ShapeError {
  return new ShapeError(
    field,
    value === undefined ? `is missing; it is ${wanted}` : `${JSON.stringify(value)} is not ${wanted}`,
  )
}
