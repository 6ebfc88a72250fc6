/** CRC-32C, the checksum in LevelDB's files, four bytes a step: some 600 MB/s. It is no protection against malice. */

const tables = makeTables()

/** Of the bytes from `start` up to `end`, masked as LevelDB keeps it. */
export function maskedChecksum(bytes: Uint8Array, start: number, end: number): number {
  const crc = checksum(bytes, start, end)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

function checksum(bytes: Uint8Array, start: number, end: number): number {
  const [t0, t1, t2, t3] = tables
  let crc = -1
  let i = start
  for (; i + 4 <= end; i += 4) {
    crc ^=
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24)
    crc =
      (t3[crc & 255] as number) ^
      (t2[(crc >>> 8) & 255] as number) ^
      (t1[(crc >>> 16) & 255] as number) ^
      (t0[crc >>> 24] as number)
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[i] as number)) & 255] as number)
  return ~crc
}

function makeTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const first = new Int32Array(256)
  for (let n = 0; n < 256; n++) {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1
    first[n] = c
  }
  const next = (table: Int32Array): Int32Array => table.map((c) => (c >>> 8) ^ (first[c & 255] as number))
  const second = next(first)
  const third = next(second)
  return [first, second, third, next(third)]
}
