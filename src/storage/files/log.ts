/**
 * LevelDB's log files (`*.log`, `MANIFEST-*`): records in blocks, each with a checksum. LevelDB reads on behind a
 * record that is damaged, and so loses a part of a log without a word; here that is found before LevelDB looks.
 */
import { maskedChecksum } from './checksum.ts'

const blockBytes = 32_768
/** Checksum (4), length (2), type (1), little endian. */
const headerBytes = 7
const type = { none: 0, whole: 1, first: 2, last: 4 } as const

/**
 * Where a record is damaged although a later one begins: undefined when all is well, or when only the end is damaged,
 * as a power loss leaves it. INVARIANT this rests on: a record is synced before the next one is begun, so what lies
 * before a record's beginning was on disk. O(bytes)
 */
export function damageInLog(bytes: Buffer): number | undefined {
  let at = 0
  while (at + headerBytes <= bytes.length) {
    const left = blockBytes - (at % blockBytes)
    if (left < headerBytes) {
      at += left
      continue
    }
    const end = endOfRecord(bytes, at)
    if (end === undefined) return beginsAfter(bytes, at) ? at : undefined
    at = end
  }
  return undefined
}

/** What was written, in order, up to the first record that is not whole. O(bytes) */
export function* recordsIn(bytes: Buffer): Generator<Buffer, undefined> {
  let parts: Buffer[] = []
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const left = blockBytes - (at % blockBytes)
    if (left < headerBytes) {
      at += left
      continue
    }
    const end = endOfRecord(bytes, at)
    if (end === undefined) return undefined
    const kind = bytes[at + 6]
    if (kind === type.whole || kind === type.first) parts = []
    parts.push(bytes.subarray(at + headerBytes, end))
    if (kind === type.whole || kind === type.last) yield Buffer.concat(parts)
    at = end
  }
  return undefined
}

/** Where the record at `at` ends; undefined when there is none that is whole. */
function endOfRecord(bytes: Buffer, at: number): number | undefined {
  const length = bytes.readUInt16LE(at + 4)
  const kind = bytes[at + 6] as number
  const end = at + headerBytes + length
  const inBlock = (at % blockBytes) + headerBytes + length <= blockBytes
  if (!inBlock || end > bytes.length || kind === type.none || kind > type.last) return undefined
  return maskedChecksum(bytes, at + 6, end) === bytes.readUInt32LE(at) ? end : undefined
}

/** Whether anywhere behind `at` a record begins. Behind a damaged length nobody knows where, so every byte is tried. */
function beginsAfter(bytes: Buffer, at: number): boolean {
  for (let i = at + 1; i + headerBytes <= bytes.length; i++) {
    const kind = bytes[i + 6]
    if ((kind === type.whole || kind === type.first) && endOfRecord(bytes, i) !== undefined) return true
  }
  return false
}
