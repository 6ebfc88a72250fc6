/**
 * Bytes that are nearly right: an input that was taken before, with a few changes. Whole words of the format go in as
 * well as single bits, because no parser is reached through its first check by noise alone.
 */
import type { Random } from './random.ts'

/** Bytes of one input: what is found in long ones is found in short ones, sooner. */
const bytesMax = 4_096

/** The edges of integers, and bytes with a meaning in text. */
const telling = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x0d, 0x20, 0x22, 0x23, 0x2a, 0x3a, 0x40, 0x5c, 0x7b, 0x7d]

/** `input`, changed one to eight times. `others`: what parts may be taken from. */
export function mutate(
  input: Uint8Array,
  others: readonly Uint8Array[],
  words: readonly string[],
  random: Random,
): Buffer {
  let bytes = Buffer.from(input)
  for (let changes = 1 + random.below(4) * random.below(3); changes > 0; changes--) {
    bytes = change(bytes, others, words, random)
  }
  return bytes.length > bytesMax ? bytes.subarray(0, bytesMax) : bytes
}

function change(
  bytes: Buffer,
  others: readonly Uint8Array[],
  words: readonly string[],
  random: Random,
): Buffer<ArrayBuffer> {
  const at = random.below(bytes.length + 1)
  const end = at + random.below(Math.min(bytes.length - at, 16) + 1)
  switch (random.below(9)) {
    case 0:
      return put(bytes, at, bytes[at] === undefined ? 0 : bytes[at] ^ (1 << random.below(8)))
    case 1:
      return put(bytes, at, random.below(256))
    case 2:
      return put(bytes, at, random.of(telling))
    case 3:
      return splice(bytes, at, end, Buffer.alloc(0))
    case 4:
      return splice(bytes, at, at, bytes.subarray(at, end))
    case 5:
      return splice(bytes, at, end, Buffer.from(words.length === 0 ? '' : random.of(words)))
    case 6:
      return splice(bytes, at, at, Buffer.from(words.length === 0 ? '' : random.of(words)))
    case 7: {
      const other = Buffer.from(random.of(others))
      const from = random.below(other.length + 1)
      return splice(bytes, at, end, other.subarray(from, from + random.below(32)))
    }
    default:
      return Buffer.from(bytes.subarray(0, at))
  }
}

function put(bytes: Buffer, at: number, value: number): Buffer<ArrayBuffer> {
  const changed = Buffer.from(bytes)
  if (at < changed.length) changed[at] = value
  return changed
}

function splice(bytes: Buffer, from: number, to: number, part: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.concat([bytes.subarray(0, from), part, bytes.subarray(to)])
}
