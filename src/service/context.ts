/** What a request or a tuple may bring along as context: plain text, shallow. Types are the condition's affair. */
import { Fault } from '../lib/fault.ts'
import type { Json, JsonObject } from '../lib/json.ts'

/** Levels of nesting. Every walk over a context below the door recurses; this keeps a hostile one off the stack. */
const contextDepthMax = 64

/** Bytes of a tuple's stored context, as JSON (contract 3.1). */
export const contextBytesMax = 32_768

const controlCharacter = /\p{Cc}/u

/** Says what is wrong with a context; undefined when it may be used. O(size), never recursive. */
export function contextFlaw(context: JsonObject): string | undefined {
  const pending: { value: Json; depth: number }[] = [{ value: context, depth: 1 }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, depth } = next
    if (typeof value === 'string' && controlCharacter.test(value)) return 'a value holds a control character'
    if (value === null || typeof value !== 'object') continue
    if (depth > contextDepthMax) return `it is nested deeper than ${contextDepthMax} levels`
    for (const [key, member] of Object.entries(value)) {
      if (controlCharacter.test(key)) return 'a key holds a control character'
      pending.push({ value: member, depth: depth + 1 })
    }
  }
  return undefined
}

/** @throws Fault validation_error when a request's context cannot be used. */
export function demandContext(context: JsonObject): void {
  const flaw = contextFlaw(context)
  if (flaw !== undefined) throw new Fault('validation_error', `invalid context: ${flaw}`)
}
