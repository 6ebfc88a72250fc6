/** Who asks: the program on the other end, as its credentials say. Not the user it asks about. */
import { Scopes } from './scopes.ts'

export interface Caller {
  /** For logs, limits and the changelog: `key:ID`, `token:SUBJECT`, `certificate:NAME` or `anonymous`. Never a secret. */
  readonly id: string
  readonly kind: 'anonymous' | 'key' | 'token' | 'certificate'
  readonly scopes: Scopes
  /** The user that its credential is bound to: `user:anne`. See actor.ts. */
  readonly actor?: string
  /** It showed a secret that another has taken the place of, and that opens only for a while: see keys.ts. */
  readonly isSucceeded?: true
}

/** Everybody, where nobody has to say who it is. */
export const anonymous: Caller = Object.freeze({ id: 'anonymous', kind: 'anonymous', scopes: Scopes.all })
