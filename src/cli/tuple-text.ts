/** Tuples as people type them: `document:1#viewer@user:anne`. What the model makes of one is the server's affair. */
import type { JsonObject } from '../lib/json.ts'
import { Failure } from './failure.ts'

/** Field names of the wire. */
export interface TupleText {
  readonly user: string
  readonly relation: string
  readonly object: string
}

/** Neither an object's id nor a relation holds `#`, a relation holds no `@`: the first of each divides. */
const pattern = /^([^#\s]+:[^#\s]+)#([^@#\s]+)@(\S+)$/u

/** @throws Failure that shows how it is written */
export function parseTupleText(text: string): TupleText {
  const match = pattern.exec(text)
  if (match === null) {
    throw new Failure(
      `\`${text}\` is not a tuple; write object#relation@user, like document:1#viewer@user:anne`,
    )
  }
  const [, object = '', relation = '', user = ''] = match
  return { user, relation, object }
}

/** One word as above, or three as other tools order them: USER RELATION OBJECT. */
export function parseTupleWords(words: readonly string[]): TupleText {
  const [first = '', relation, object] = words
  if (words.length === 1) return parseTupleText(first)
  if (words.length === 3) return parseTupleText(`${object}#${relation}@${first}`)
  throw new Failure('give one tuple: OBJECT#RELATION@USER, or three words: USER RELATION OBJECT')
}

/** `object#relation`. */
export function parsePlace(text: string): { readonly object: string; readonly relation: string } {
  const match = /^([^#\s]+:[^#\s]+)#([^@#\s]+)$/u.exec(text)
  if (match === null) throw new Failure(`\`${text}\` is not object#relation, like document:1#viewer`)
  const [, object = '', relation = ''] = match
  return { object, relation }
}

export function printTupleText({ user, relation, object }: TupleText): string {
  return `${object}#${relation}@${user}`
}

/** The value of --context, or of another option that is one. */
export function parseContext(text: string, option = '--context'): JsonObject {
  const value = parseJson(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw new Failure(`${option} must be a JSON object like '{"region":"eu"}', not ${text}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Failure(`--context is not JSON: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * The value of --expires-at: an instant as RFC 3339, or a span from now such as `30m`, `12h`, `7d`. Answers RFC 3339.
 */
export function parseExpiry(text: string, now: number): string {
  const span = /^(\d+)([smhd])$/.exec(text)
  const unit = span === null ? undefined : spans[span[2] ?? '']
  if (span !== null && unit !== undefined) return new Date(now + Number(span[1]) * unit).toISOString()
  const instant = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(instant)) return new Date(instant).toISOString()
  throw new Failure(`\`${text}\` is no instant; write 2030-01-31T12:00:00Z, or a span from now: 30m, 12h, 7d`)
}

const spans: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
