/**
 * Continuation tokens: a position in the answer to one question about one store. Sealed with a key of the data
 * folder and bound to verb, store and question, so a token that was changed, made up, or carried over from another
 * question or store is refused, never misread.
 */
import { createHash } from 'node:crypto'
import { canonical } from '../lib/canonical.ts'
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import { open, seal } from '../lib/seal.ts'

/** Tokens of one question. */
export interface Cursor {
  /** The position; undefined when there is no token, or an empty one: start. @throws Fault invalid_continuation_token */
  open(token: string | undefined): Uint8Array | undefined
  /** The empty string when there is nothing to go on to. */
  seal(position: Uint8Array | undefined): string
}

export class Cursors {
  readonly #key: Uint8Array

  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** `question`: all that decides which rows there are and in which order. */
  for(verb: string, store: string, question: JsonObject): Cursor {
    const key = this.#key
    // Hashed, because a question can be large and a purpose is short.
    const asked = createHash('sha256')
      .update(canonical([verb, store, question]))
      .digest('base64url')
    const purpose = `cursor ${asked}`
    return {
      open(token) {
        if (token === undefined || token === '') return undefined
        const position = open(key, purpose, token)
        if (position === undefined)
          throw new Fault('invalid_continuation_token', 'Invalid continuation token')
        return position
      },
      seal: (position) => (position === undefined ? '' : seal(key, purpose, position)),
    }
  }
}
