/** Ids that the directory makes up. */
import { createHash, randomInt } from 'node:crypto'

/** `usr_` and twelve letters and digits: 62 bits. Integers, because Node draws these from a store of random bytes that it refills. */
export function newId(prefix: string): string {
  return `${prefix}_${sixDigits()}${sixDigits()}`
}

function sixDigits(): string {
  return randomInt(36 ** 6)
    .toString(36)
    .padStart(6, '0')
}

/** The same for the same seed: for what is made up to be dropped again. */
export function derivedId(prefix: string, seed: string): string {
  const bytes = createHash('sha256').update(seed).digest().subarray(0, 8)
  const digits = BigInt(`0x${bytes.toString('hex')}`).toString(36)
  return `${prefix}_${digits.padStart(12, '0').slice(-12)}`
}
