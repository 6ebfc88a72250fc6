/**
 * Tokens of invitations: `ORGANIZATION.SECRET`, so that a token alone finds its organization. The secret is made from a key
 * of the data folder and a word that waits with the letter, and is kept nowhere: a letter that is sent again after a crash
 * has the same link. What is kept is a hash, by which a token is looked up: of 256 bits none is guessed, so it needs no salt.
 */
import { createHmac, hash, randomBytes } from 'node:crypto'
import type { Storage } from '../../storage/storage.ts'

/** What a token is of, and the word that makes it this one. Without the word nobody can make it, whatever else they read. */
export interface Sending {
  readonly org: string
  readonly invitation: string
  readonly word: string
}

/** 128 random bits: kept with the invitation, and of no use without the folder's secret. */
export function newWord(): string {
  return randomBytes(16).toString('base64url')
}

/** `ORGANIZATION.SECRET`, 256 bits; the same for the same sending. It is kept nowhere. */
export function tokenOf(storage: Pick<Storage, 'key'>, sending: Sending): string {
  return made(storage.key(purpose), sending)
}

/** The token that a hash is of, whichever secret of the folder it was made with; undefined: that secret is gone. */
export function tokenWith(
  storage: Pick<Storage, 'keys'>,
  sending: Sending,
  hash: string,
): string | undefined {
  return storage
    .keys(purpose)
    .map((key) => made(key, sending))
    .find((token) => hashOf(token) === hash)
}

/** SHA-256, in base64url: what is kept of a token. */
export function hashOf(token: string): string {
  return hash('sha256', token, 'base64url')
}

/** Undefined: it is no token. */
export function organizationIn(token: string): string | undefined {
  return shape.exec(token)?.[1]
}

const purpose = 'invitation'
const shape = /^([0-9A-HJKMNP-TV-Z]{26})\.[A-Za-z0-9_-]{43}$/

/** Neither ids of organizations nor of invitations hold a `/`. */
function made(key: Uint8Array, { org, invitation, word }: Sending): string {
  const secret = createHmac('sha256', key).update(`${org}/${invitation}/${word}`).digest('base64url')
  return `${org}.${secret}`
}
