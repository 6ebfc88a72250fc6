/** Ids that the directory makes up. */
import { createHash, randomBytes } from 'node:crypto'

/** `usr_` and twelve letters and digits: 62 bits. */
export function newId(prefix: string): string {
  return idOf(prefix, randomBytes(8))
}

/** The same for the same seed: for what is made up to be dropped again. */
export function derivedId(prefix: string, seed: string): string {
  return idOf(prefix, createHash('sha256').update(seed).digest().subarray(0, 8))
}

function idOf(prefix: string, bytes: Buffer): string {
  const digits = BigInt(`0x${bytes.toString('hex')}`).toString(36)
  return `${prefix}_${digits.padStart(12, '0').slice(-12)}`
}
