/**
 * Packed arrays of strings, changed as bytes: one name more in a list of a hundred is a copy of its bytes, not a hundred
 * strings packed again. Of msgpack it knows the heads of arrays and strings, as values.ts writes them.
 */
import { assert } from '../lib/assert.ts'

/** With `removed` strings from `index` on replaced by `added`. O(bytes) to copy, O(index) steps. */
export function spliced(bytes: Buffer, index: number, removed: number, added: readonly string[]): Buffer {
  const { count, end: first } = arrayAt(bytes)
  let from = first
  for (let i = 0; i < index; i++) from = stringEnd(bytes, from)
  let to = from
  for (let i = 0; i < removed; i++) to = stringEnd(bytes, to)
  const lengths = added.map((text) => Buffer.byteLength(text))
  const extra = lengths.reduce((sum, length) => sum + headBytes(length) + length, 0)
  const next = count - removed + added.length
  const start = next < 16 ? 1 : next < 65_536 ? 3 : 5
  const result = Buffer.allocUnsafe(start + from - first + extra + bytes.length - to)
  writeArray(result, next)
  let end = start + bytes.copy(result, start, first, from)
  for (const [i, text] of added.entries()) end = writeString(result, end, text, lengths[i] ?? 0)
  bytes.copy(result, end, to)
  return result
}

function arrayAt(bytes: Buffer): { readonly count: number; readonly end: number } {
  const [head = 0] = bytes
  if (head === 0xdc) return { count: bytes.readUInt16BE(1), end: 3 }
  if (head === 0xdd) return { count: bytes.readUInt32BE(1), end: 5 }
  assert(head >= 0x90 && head < 0xa0, 'not a packed array')
  return { count: head & 0x0f, end: 1 }
}

function writeArray(bytes: Buffer, count: number): void {
  if (count < 16) bytes[0] = 0x90 | count
  else if (count < 65_536) {
    bytes[0] = 0xdc
    bytes.writeUInt16BE(count, 1)
  } else {
    bytes[0] = 0xdd
    bytes.writeUInt32BE(count, 1)
  }
}

function stringEnd(bytes: Buffer, at: number): number {
  const head = bytes[at] ?? 0
  if (head >= 0xa0 && head < 0xc0) return at + 1 + (head & 0x1f)
  if (head === 0xd9) return at + 2 + (bytes[at + 1] ?? 0)
  assert(head === 0xda, 'not a packed string')
  return at + 3 + bytes.readUInt16BE(at + 1)
}

function headBytes(length: number): number {
  assert(length < 65_536, 'a name of 64 KiB')
  return length < 32 ? 1 : length < 256 ? 2 : 3
}

function writeString(bytes: Buffer, at: number, text: string, length: number): number {
  if (length < 32) bytes[at] = 0xa0 | length
  else if (length < 256) {
    bytes[at] = 0xd9
    bytes[at + 1] = length
  } else {
    bytes[at] = 0xda
    bytes.writeUInt16BE(length, at + 1)
  }
  const start = at + headBytes(length)
  return start + bytes.write(text, start)
}
