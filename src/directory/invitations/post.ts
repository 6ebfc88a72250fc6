/** Who carries letters, as this room sees it. The mail room is one. */

/** Facts of one letter. Instants are milliseconds since the epoch. */
export interface Letter {
  /** Of one sending: the same whenever it is tried again. */
  readonly id: string
  readonly to: string
  readonly organization: string
  readonly inviter: string
  readonly role: string
  readonly expiresAt: number
  readonly link: string
}

export interface Handed {
  /** `later`: not taken, or nobody knows. `refused`: it will not be taken. */
  readonly outcome: 'sent' | 'later' | 'refused'
  /** For people. */
  readonly answer: string
  /** For logs: no address, no link. */
  readonly code: string
}

export interface Post {
  /** Whether it carries anything; else links are passed on by whoever invites. */
  readonly sends: boolean
  /** Undefined: no page is known for it to lead to. */
  linkOf(token: string): string | undefined
  /** Never throws. */
  invite(letter: Letter, signal: AbortSignal): Promise<Handed>
}

/** Where no mail is configured. */
export const noPost: Post = {
  sends: false,
  linkOf: () => undefined,
  invite: async () => ({ outcome: 'later', answer: 'no mail is configured', code: 'ENOMAIL' }),
}
