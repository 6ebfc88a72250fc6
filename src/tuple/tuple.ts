/**
 * The nouns as values. Inside Kith an object is the string `type:id`, a subject is `type:id`,
 * `type:id#relation` (a userset) or `type:*` (the typed wildcard), and a tuple is `object#relation@subject`.
 * Type names hold no `:` `#` `@`, ids hold no `:` `#`, so these strings are injective once they were parsed
 * at the door (tuple/object.ts, tuple/subject.ts); below the door nothing parses defensively.
 */
import type { JsonObject } from '../lib/json.ts'

/** The identity of a tuple. */
export interface TupleKey {
  readonly object: string
  readonly relation: string
  readonly subject: string
}

/** A condition's name, and the part of its context that was stored with the tuple. */
export interface TupleCondition {
  readonly name: string
  readonly context?: JsonObject
}

export interface Tuple extends TupleKey {
  readonly condition?: TupleCondition
  /** Milliseconds since the epoch; from this instant on the tuple is absent. */
  readonly expiresAt?: number
}

/** A tuple as storage holds it: with when, at which revision, by whom and from where it came. */
export interface StoredTuple extends Tuple {
  /** Milliseconds since the epoch, of the commit. */
  readonly timestamp: number
  readonly revision: number
  readonly provenance?: Provenance
}

/** Who made a change and through what: from trusted code and checked headers, never from a request body. */
export interface Provenance {
  /** The calling program, by the id that its credentials gave it; absent where nobody has to say who it is. */
  readonly caller?: string
  /** On whose behalf the caller says it acts: `user:anne`. Kept in the log only. */
  readonly actor?: string
  /** The way it came: `api`, `import`, `embedded`, `bootstrap`, `expiry`. */
  readonly source?: string
  /** The id that its answer carried. Kept in the log only. */
  readonly requestId?: string
}

/** `object#relation@subject`, for messages and explanations; never for keys. */
export function printTuple({ object, relation, subject }: TupleKey): string {
  return `${object}#${relation}@${subject}`
}
