/** Control characters in contexts: refused at the door, in keys and in values, however deep. */
import type { Json, JsonObject } from '../../lib/json.ts'

const control = /\p{Cc}/u

/**
 * Says where, or nothing when there is none. A context may be nested as deep as the body's parser allows: a loop with its own stack, no recursion.
 */
export function refuseControl(context: JsonObject): string | undefined {
  const open: Json[] = [context]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value === 'string' && control.test(value))
      return 'context values may not hold control characters'
    if (typeof value !== 'object' || value === null) continue
    if (!Array.isArray(value) && Object.keys(value).some((key) => control.test(key))) {
      return 'context keys may not hold control characters'
    }
    for (const each of Object.values(value)) open.push(each)
  }
  return undefined
}
