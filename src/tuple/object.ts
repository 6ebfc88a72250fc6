/** Objects: `type:id`. */

export interface ObjectRef {
  readonly type: string
  readonly id: string
}

/** Contract 3.1: one `:`, not first, a non-empty id, no `#`, white space or control character. */
const objectPattern = /^[^:#@\s\p{Cc}]+:[^:#\s\p{Cc}]+$/u

export const objectBytesMax = 256

/** The parts of a well-formed object; undefined for anything else, also for the id `*`. */
export function parseObject(text: string): ObjectRef | undefined {
  if (!objectPattern.test(text) || !text.isWellFormed()) return undefined
  if (Buffer.byteLength(text) > objectBytesMax) return undefined
  const colon = text.indexOf(':')
  const id = text.slice(colon + 1)
  return id === '*' ? undefined : { type: text.slice(0, colon), id }
}

/** The type of an object or of any subject; the text was parsed before. */
export function typeOf(text: string): string {
  return text.slice(0, text.indexOf(':'))
}

/** The id of an object, or of a plain subject; the text was parsed before. */
export function idOf(text: string): string {
  return text.slice(text.indexOf(':') + 1)
}
