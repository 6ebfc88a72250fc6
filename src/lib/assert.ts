/** Assertions about our own mistakes: a failed one is a bug in Kith, never bad input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`kith bug: ${message}`)
}
