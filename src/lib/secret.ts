/**
 * Secrets that we make up, and what is kept of one. It has 256 random bits, so one salted SHA-256 is as far from it as a
 * slow hash would be, and a request can afford it (2 us).
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Of a secret, as stored. */
export interface SecretHash {
  /** base64 */
  readonly salt: string
  readonly hash: string
}

/** 43 characters of base64url. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** With a salt of its own: of one secret no two are the same. */
export function hashSecret(secret: string): SecretHash {
  const salt = randomBytes(16)
  return { salt: salt.toString('base64'), hash: digest(salt, secret).toString('base64') }
}

/** In a time that does not depend on how much of it is right. */
export function isSecret(secret: string, kept: SecretHash): boolean {
  const expected = Buffer.from(kept.hash, 'base64')
  const actual = digest(Buffer.from(kept.salt, 'base64'), secret)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

function digest(salt: Uint8Array, secret: string): Buffer {
  return createHash('sha256').update(salt).update(secret).digest()
}
