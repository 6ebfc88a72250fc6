/**
 * Components: the pieces of a key, written one after the other and found again. A component is UTF-8, 0x00 written as
 * 0x00 0xFF, ended by 0x00 0x01; the last one has no end mark. Which pieces a row has is said in keys.ts.
 */
import { assert } from '../lib/assert.ts'

// One scratch for all keys: building is synchronous, and `taken` copies out.
let scratch = Buffer.allocUnsafe(4096)
let end = 0

/** Begins a key: whoever does takes it before another is begun. */
export function begin(of: number, store: number): typeof writing {
  scratch[0] = of
  end = scratch.writeUInt32BE(store, 1)
  return writing
}

const writing = {
  component(text: string) {
    put(text)
    scratch[end++] = 0
    scratch[end++] = 1
    return writing
  },
  last(text: string) {
    put(text)
    return writing
  },
  object(object: string) {
    const colon = object.indexOf(':')
    assert(colon > 0, `not an object: ${object}`)
    return writing.component(object.slice(0, colon)).component(object.slice(colon + 1))
  },
  /** 8 bytes; JavaScript's integers fill 53 bits, of which 48 are enough for a revision a microsecond for 8 years. */
  number(value: number) {
    assert(Number.isSafeInteger(value) && value >= 0 && value < 2 ** 48, `not a number for a key: ${value}`)
    reserve(8)
    scratch.writeUInt16BE(0, end)
    scratch.writeUIntBE(value, end + 2, 6)
    end += 8
    return writing
  },
  number32(value: number) {
    reserve(4)
    end = scratch.writeUInt32BE(value, end)
    return writing
  },
  byte(value: number) {
    reserve(1)
    scratch[end++] = value
    return writing
  },
  rewind(to: number) {
    end = to
    return writing
  },
  taken(): Buffer {
    return Buffer.from(scratch.subarray(0, end))
  },
}

function put(text: string): void {
  assert(text.isWellFormed(), 'a lone surrogate in a key: two ids would share a row')
  reserve(text.length * 3 + 2)
  if (!text.includes('\0')) {
    end += scratch.write(text, end)
    return
  }
  for (const byte of Buffer.from(text)) {
    reserve(4)
    scratch[end++] = byte
    if (byte === 0) scratch[end++] = 0xff
  }
}

function reserve(bytes: number): void {
  if (end + bytes <= scratch.length) return
  const larger = Buffer.allocUnsafe((end + bytes) * 2)
  scratch.copy(larger, 0, 0, end)
  scratch = larger
}

export function componentAt(key: Buffer, start: number): { readonly text: string; readonly end: number } {
  let stop = key.indexOf(0, start)
  let escaped = false
  while (stop !== -1 && key[stop + 1] === 0xff) {
    escaped = true
    stop = key.indexOf(0, stop + 2)
  }
  assert(stop !== -1 && key[stop + 1] === 1, 'a key without the end mark of a component')
  return { text: escaped ? unescaped(key, start, stop) : key.toString('utf8', start, stop), end: stop + 2 }
}

/** The last component of a key, where it begins at `start`. */
export function lastText(key: Buffer, start: number): string {
  const escaped = key.indexOf(0, start) !== -1
  return escaped ? unescaped(key, start, key.length) : key.toString('utf8', start)
}

function unescaped(key: Buffer, start: number, stop: number): string {
  const bytes: number[] = []
  for (let i = start; i < stop; i++) {
    bytes.push(key[i] ?? 0)
    if (key[i] === 0) i++
  }
  return Buffer.from(bytes).toString()
}
