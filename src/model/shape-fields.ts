/**
 * Reading fields out of unknown JSON by the rules of protojson: unknown fields are ignored, null means unset, names
 * are own properties only. Not the model's shape, which is shape.ts; every refusal is a Fault.
 */
import { Fault } from '../lib/fault.ts'

export type Fields = Readonly<Record<string, unknown>>

export function wrongShape(reason: string): Fault {
  return new Fault('validation_error', reason)
}

/** `invalid Message.Field: reason`, as validation rules word it. */
export function brokenRule(field: string, reason: string): Fault {
  return new Fault('validation_error', `invalid ${field}: ${reason}`)
}

/** A message; undefined when unset. */
export function messageOf(value: unknown): Fields | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw wrongShape(`syntax error: unexpected token ${brief(value)}`)
  }
  return value as Fields
}

/** The value of a field that is the object's own; undefined when absent or null. */
export function fieldOf(fields: Fields, ...names: readonly string[]): unknown {
  for (const name of names) {
    if (!Object.hasOwn(fields, name)) continue
    const value = fields[name]
    if (value !== null && value !== undefined) return value
  }
  return undefined
}

/** A string; empty when unset. Lone surrogates are refused: no encoding could give them back. */
export function stringOf(fields: Fields, name: string): string {
  const value = fieldOf(fields, name)
  if (value === undefined) return ''
  if (typeof value !== 'string') {
    throw wrongShape(`invalid value for string field ${name}: ${brief(value)}`)
  }
  if (!value.isWellFormed()) throw wrongShape(`field ${name} contains invalid UTF-8`)
  return value
}

/** A list; empty when unset. */
export function listOf(fields: Fields, name: string): readonly unknown[] {
  const value = fieldOf(fields, name)
  if (value === undefined) return []
  if (!Array.isArray(value)) throw wrongShape(`syntax error: unexpected token ${brief(value)}`)
  return value
}

/** The entries of a map in the order they came; none when unset. */
export function entriesOf(fields: Fields, name: string): readonly (readonly [string, unknown])[] {
  const entries = Object.entries(messageOf(fieldOf(fields, name)) ?? {})
  for (const [key] of entries) {
    if (!key.isWellFormed()) throw wrongShape(`field ${name} contains invalid UTF-8`)
  }
  return entries
}

/** A value as it may be shown in a message: short, whatever came. */
function brief(value: unknown): string {
  if (typeof value === 'object') return Array.isArray(value) ? '[' : '{'
  return String(value).slice(0, 40)
}
