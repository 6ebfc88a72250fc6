/** Subjects: `type:id`, a userset `type:id#relation`, or the typed wildcard `type:*`. */

export interface SubjectRef {
  readonly type: string
  /** `*` for the typed wildcard. */
  readonly id: string
  /** Set for usersets only. */
  readonly relation?: string
}

const subjectPattern = /^([^:#@\s\p{Cc}]+):([^:#\s\p{Cc}]+)(?:#([^:#@\s\p{Cc}]+))?$/u

const subjectBytesMax = 512

/** The parts of a well-formed subject; undefined for anything else, also for `type:*#relation`. */
export function parseSubject(text: string): SubjectRef | undefined {
  const match = subjectPattern.exec(text)
  if (match === null || !text.isWellFormed() || Buffer.byteLength(text) > subjectBytesMax) return undefined
  const [, type = '', id = '', relation] = match
  if (relation === undefined) return { type, id }
  return id === '*' ? undefined : { type, id, relation }
}

/** Whether a parsed subject is everybody of a type. */
export function isWildcard(subject: string): boolean {
  return subject.endsWith(':*')
}

/** Whether a parsed subject is a userset. */
export function isUserset(subject: string): boolean {
  return subject.includes('#')
}

/** What the model calls it in a type restriction: `user`, `user:*` or `group#member`. */
export function shapeOf(subject: string): string {
  const colon = subject.indexOf(':')
  if (isWildcard(subject)) return subject
  const hash = subject.indexOf('#', colon)
  return subject.slice(0, colon) + (hash === -1 ? '' : subject.slice(hash))
}
