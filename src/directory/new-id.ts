/** Ids that the directory makes up. */
import { randomBytes } from 'node:crypto'

/** `usr_` and twelve letters and digits: 62 bits. */
export function newId(prefix: string): string {
  const digits = BigInt(`0x${randomBytes(8).toString('hex')}`).toString(36)
  return `${prefix}_${digits.padStart(12, '0').slice(-12)}`
}
