/**
 * One text per JSON value, and no text for two values: structural equality as string equality. Key order does not
 * matter, list order does, `["a,b"]` is not `["a","b"]`, and 0 is not -0 (a condition can tell them apart).
 */
import type { Json } from './json.ts'

/** O(size of the value); nesting is bounded at the door (service/context.ts). */
export function canonical(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value)
  // String() keeps every double apart from every other but -0 from 0.
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  // JSON.stringify escapes quotes and lone surrogates, so a string ends where its text says.
  if (typeof value === 'string') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonical).join(',')}]`
  const members = Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`)
  return `{${members.join(',')}}`
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
