/**
 * Zookies: what clients hold to say how fresh an answer must be. The payload names a store, the epoch of the log
 * (one opening of one data folder) and a revision. What a revision is worth is decided by storage, not here.
 *
 *   1 byte format | 8 bytes epoch | 6 bytes revision, big endian | store id
 */
import { open, seal } from '../lib/seal.ts'

export interface Zookie {
  readonly store: string
  /** 16 hexadecimal digits. */
  readonly epoch: string
  readonly revision: number
}

const purpose = 'zookie'
const format = 1
const headBytes = 15

export function sealZookie(key: Uint8Array, { store, epoch, revision }: Zookie): string {
  const payload = Buffer.alloc(headBytes + Buffer.byteLength(store))
  payload[0] = format
  payload.write(epoch, 1, 8, 'hex')
  payload.writeUIntBE(revision, 9, 6)
  payload.write(store, headBytes)
  return seal(key, purpose, payload)
}

/** What one of our own says, for logs: it is not verified. Undefined for what cannot be one. */
export function revisionIn(text: string): number | undefined {
  const bytes = Buffer.from(text.slice(0, 20), 'base64url')
  return bytes.length === headBytes ? bytes.readUIntBE(9, 6) : undefined
}

/** Undefined for anything that was not sealed with this key. */
export function openZookie(key: Uint8Array, text: string): Zookie | undefined {
  const bytes = open(key, purpose, text)
  if (bytes === undefined || bytes.length <= headBytes || bytes[0] !== format) return undefined
  const payload = Buffer.from(bytes)
  return {
    store: payload.toString('utf8', headBytes),
    epoch: payload.toString('hex', 1, 9),
    revision: payload.readUIntBE(9, 6),
  }
}
