/**
 * Sealed text: bytes that clients carry for us (zookies, cursors) and cannot change. Authenticated, not
 * encrypted: whoever holds the text can read the payload, so nothing secret goes in.
 *
 *   base64url( payload | HMAC-SHA256(key, length of purpose | purpose | payload), first 16 bytes )
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** 128 bits: guessing one right takes 2^128 requests; shorter texts than the full 32 bytes. */
const macBytes = 16
/** No payload of ours comes near; bounds the work that a garbage header can cause. */
const textMax = 4096
const shape = /^[A-Za-z0-9\-_]+={0,2}$/

/** Padded base64url; the same input gives the same text. `purpose` keeps texts of one use from passing in another. */
export function seal(key: Uint8Array, purpose: string, payload: Uint8Array): string {
  const text = Buffer.concat([payload, macOf(key, purpose, payload)]).toString('base64url')
  return text + '='.repeat((4 - (text.length % 4)) % 4)
}

/** The payload; undefined for anything that `seal` did not make with this key and purpose. Never throws. */
export function open(key: Uint8Array, purpose: string, text: string): Uint8Array | undefined {
  if (text.length > textMax || text.length % 4 !== 0 || !shape.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length < macBytes) return undefined
  const payload = bytes.subarray(0, bytes.length - macBytes)
  if (!timingSafeEqual(macOf(key, purpose, payload), bytes.subarray(payload.length))) return undefined
  // The decoder forgives stray trailing bits; a sealed text has exactly one spelling.
  return seal(key, purpose, payload) === text ? payload : undefined
}

function macOf(key: Uint8Array, purpose: string, payload: Uint8Array): Buffer {
  const label = Buffer.from(purpose)
  const mac = createHmac('sha256', key).update(Uint8Array.of(label.length)).update(label).update(payload)
  return mac.digest().subarray(0, macBytes)
}
