/**
 * Context: the free JSON object that conditions read. The one place where a body may nest and hold any value, so
 * it is walked once at the door: nothing that JSON cannot say goes through (an overflowing number parses to
 * Infinity and would travel on as `null`). What a context may hold beyond that is the service's affair.
 */
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import { type Decode, isObject, mistyped } from './shape.ts'

/** Levels of arrays and objects; what is stored or answered again is walked recursively by every encoder. */
const contextDepthMax = 100

/** An object of JSON values; undefined when absent. */
export function struct(): Decode<JsonObject | undefined> {
  return (value, place) => {
    if (value === undefined) return undefined
    if (!isObject(value)) return mistyped('struct', value, place)
    const flaw = flawOf(value)
    if (flaw === undefined) return value as JsonObject
    throw new Fault('validation_error', `invalid value for struct field ${place.name}: it ${flaw}`)
  }
}

/** O(size), never recursive. */
function flawOf(context: object): string | undefined {
  const pending: { value: unknown; depth: number }[] = [{ value: context, depth: 1 }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, depth } = next
    if (value === null || typeof value === 'boolean') continue
    if (typeof value === 'string') {
      if (!value.isWellFormed()) return 'holds half of a surrogate pair'
    } else if (typeof value === 'number') {
      if (!Number.isFinite(value)) return 'holds a number beyond the range of a double'
    } else if (typeof value === 'object') {
      if (depth > contextDepthMax) return `is nested deeper than ${contextDepthMax} levels`
      for (const [key, member] of Object.entries(value)) {
        if (!key.isWellFormed()) return 'holds half of a surrogate pair'
        pending.push({ value: member, depth: depth + 1 })
      }
    } else {
      return 'holds a value that JSON does not have'
    }
  }
  return undefined
}
