/**
 * msgpack by hand, for the rows that every commit makes: the packer's own call costs as much as a dozen cells. The bytes
 * are the packer's. Which cells a row has is said elsewhere (values.ts, entries.ts, sealed.ts).
 */
import { hash } from 'node:crypto'

// One scratch for all rows: building is synchronous, and `taken` copies out.
const firstBytes = 16 << 10
const keptBytes = 1 << 20
let scratch = Buffer.allocUnsafeSlow(firstBytes)
let end = 0

/** Texts up to this long are copied by hand, longer ones by the runtime: a call of it costs as much as 60 characters. */
export const shortChars = 60

/** Begins a row: whoever does takes it before another is begun. */
export function beginRow(): Row {
  end = 0
  // A large one was for a row that does not come often.
  if (scratch.length > keptBytes) scratch = Buffer.allocUnsafeSlow(firstBytes)
  return row
}

export type Row = typeof row

const row = {
  array(count: number) {
    reserve(5)
    if (count < 16) scratch[end++] = 0x90 | count
    else sized(0xdc, count)
    return row
  },
  number(value: number) {
    reserve(9)
    if (value >= 0 && value < 0x80 && Number.isInteger(value)) scratch[end++] = value
    else long(value)
    return row
  },
  text(text: string) {
    const { length } = text
    reserve(3 * length + 5)
    if (length > shortChars || !short(text, length)) spelled(text)
    return row
  },
  /** A text, or 0 for none. */
  maybe(text: string | undefined) {
    return text === undefined ? row.number(0) : row.text(text)
  },
  /** An array of bytes that are given as text, one character each. */
  binary(bytes: string) {
    const { length } = bytes
    reserve(5)
    if (length < 0x100) sized8(0xc4, length)
    else sized(0xc5, length)
    return row.chars(bytes)
  },
  /** Bytes as they are, given as text, one character each. */
  chars(bytes: string) {
    const { length } = bytes
    reserve(length)
    if (length > shortChars) end += scratch.write(bytes, end, 'latin1')
    else for (let i = 0; i < length; i++) scratch[end++] = bytes.charCodeAt(i)
    return row
  },
  /** A number in 8 bytes, without a head. */
  fixed(value: number) {
    reserve(8)
    scratch.writeUInt16BE(0, end)
    end = scratch.writeUIntBE(value, end + 2, 6)
    return row
  },
  /** Bytes as they are. */
  raw(bytes: Uint8Array) {
    reserve(bytes.length)
    scratch.set(bytes, end)
    end += bytes.length
    return row
  },
  /** The first half of the SHA-256 of all so far, a character a byte. Asked for as text: as a buffer it costs twice as much. */
  digest(): string {
    return hash('sha256', scratch.subarray(0, end), 'binary').slice(0, 16)
  },
  /** A copy of what was written from `start` on, with so many bytes of room before it. */
  taken(start = 0, room = 0): Buffer {
    const bytes = Buffer.allocUnsafe(room + end - start)
    scratch.copy(bytes, room, start, end)
    return bytes
  },
}

/** Plain ASCII only; false where it is not, and nothing is written. */
function short(text: string, length: number): boolean {
  let at = end + (length < 32 ? 1 : 2)
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) return false
    scratch[at++] = unit
  }
  if (length < 32) scratch[end] = 0xa0 | length
  else {
    scratch[end] = 0xd9
    scratch[end + 1] = length
  }
  end = at
  return true
}

function spelled(text: string): void {
  const length = Buffer.byteLength(text)
  if (length < 32) scratch[end++] = 0xa0 | length
  else if (length < 0x100) sized8(0xd9, length)
  else sized(0xda, length)
  end += scratch.write(text, end)
}

function long(value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    scratch[end] = 0xcb
    end = scratch.writeDoubleBE(value, end + 1)
  } else if (value < 0x100) sized8(0xcc, value)
  else sized(0xcd, value)
}

function sized8(head: number, size: number): void {
  scratch[end++] = head
  scratch[end++] = size
}

/** In two bytes, or after the head that comes next in four. */
function sized(head: number, size: number): void {
  scratch[end++] = size < 0x10000 ? head : head + 1
  end = size < 0x10000 ? scratch.writeUInt16BE(size, end) : scratch.writeUInt32BE(size, end)
}

function reserve(bytes: number): void {
  if (end + bytes <= scratch.length) return
  const larger = Buffer.allocUnsafeSlow((end + bytes) * 2)
  scratch.copy(larger, 0, 0, end)
  scratch = larger
}
