/**
 * MessagePack as a second spelling of JSON: the same values, nothing more. No extension types, no binary, no
 * keys but strings; so a body in either spelling means the same to everything behind this file.
 */
import { isUtf8 } from 'node:buffer'
import { Packr, Unpackr } from 'msgpackr'
import { Fault } from '../lib/fault.ts'

/** Levels of arrays and maps in a body; the unpacker recurses, so this bounds its stack. */
const depthMax = 64

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' })
const packr = new Packr({ useRecords: false, variableMapSize: true, encodeUndefinedAsNil: true })

/**
 * The value in `bytes`; undefined when there are none.
 * @throws Fault validation_error
 */
export function parseMsgpack(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined
  // The scan comes first: it costs no memory whatever lengths the bytes claim, and leaves the unpacker nothing
  // but the plain types of JSON.
  if (scan(bytes, 0, depthMax) !== bytes.length) throw malformed('bytes after the value')
  try {
    return unpackr.unpack(bytes)
  } catch (cause) {
    throw new Fault('validation_error', 'malformed msgpack', { cause })
  }
}

export function printMsgpack(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(packr.pack(value))
}

/** The position after the value at `at`. @throws Fault where it is cut short, too deep or of a type JSON lacks. */
function scan(bytes: Uint8Array, at: number, depth: number): number {
  if (depth < 0) throw malformed(`nested deeper than ${depthMax} levels`)
  const tag = byteAt(bytes, at)
  if (tag <= 0x7f || tag >= 0xe0 || tag === 0xc0 || tag === 0xc2 || tag === 0xc3) return at + 1
  if (tag <= 0x8f) return scanMany(bytes, at + 1, tag & 0x0f, true, depth)
  if (tag <= 0x9f) return scanMany(bytes, at + 1, tag & 0x0f, false, depth)
  if (tag <= 0xbf) return scanText(bytes, at + 1, tag & 0x1f)
  const number = numberWidths[tag]
  if (number !== undefined) return skip(bytes, at + 1, number)
  switch (tag) {
    case 0xd9:
      return scanText(bytes, at + 2, lengthAt(bytes, at + 1, 1))
    case 0xda:
      return scanText(bytes, at + 3, lengthAt(bytes, at + 1, 2))
    case 0xdb:
      return scanText(bytes, at + 5, lengthAt(bytes, at + 1, 4))
    case 0xdc:
      return scanMany(bytes, at + 3, lengthAt(bytes, at + 1, 2), false, depth)
    case 0xdd:
      return scanMany(bytes, at + 5, lengthAt(bytes, at + 1, 4), false, depth)
    case 0xde:
      return scanMany(bytes, at + 3, lengthAt(bytes, at + 1, 2), true, depth)
    case 0xdf:
      return scanMany(bytes, at + 5, lengthAt(bytes, at + 1, 4), true, depth)
    default:
      throw malformed('a type that JSON does not have')
  }
}

/** Payload bytes of float32, float64, uint8 to uint64, int8 to int64. */
const numberWidths: Readonly<Record<number, number>> = {
  202: 4,
  203: 8,
  204: 1,
  205: 2,
  206: 4,
  207: 8,
  208: 1,
  209: 2,
  210: 4,
  211: 8,
}

function scanMany(bytes: Uint8Array, at: number, count: number, keyed: boolean, depth: number): number {
  let next = at
  for (let i = 0; i < count; i++) {
    if (keyed) next = scanKey(bytes, next)
    next = scan(bytes, next, depth - 1)
  }
  return next
}

function scanKey(bytes: Uint8Array, at: number): number {
  const tag = byteAt(bytes, at)
  if ((tag < 0xa0 || tag > 0xbf) && (tag < 0xd9 || tag > 0xdb)) throw malformed('a key that is not a string')
  return scan(bytes, at, 0)
}

function scanText(bytes: Uint8Array, at: number, length: number): number {
  const end = skip(bytes, at, length)
  if (!isUtf8(bytes.subarray(at, end))) throw malformed('text that is not UTF-8')
  return end
}

function skip(bytes: Uint8Array, at: number, length: number): number {
  if (at + length > bytes.length) throw malformed('it is cut short')
  return at + length
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? fail('it is cut short')
}

function lengthAt(bytes: Uint8Array, at: number, width: 1 | 2 | 4): number {
  skip(bytes, at, width)
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)[
    width === 1 ? 'getUint8' : width === 2 ? 'getUint16' : 'getUint32'
  ](at)
}

function fail(why: string): never {
  throw malformed(why)
}

function malformed(why: string): Fault {
  return new Fault('validation_error', `malformed msgpack: ${why}`)
}
