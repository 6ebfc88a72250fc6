/** Snappy, decoded: the index of a table may be compressed. Only whole blocks whose checksum was right come here. */

/** @throws Error when it is not Snappy's */
export function unsnappy(bytes: Buffer): Buffer {
  const { value: length, end } = readVarint(bytes, 0)
  const out = Buffer.alloc(length)
  let from = end
  let to = 0
  while (from < bytes.length) {
    const tag = bytes[from++] as number
    if ((tag & 3) === 0) {
      const extra = Math.max(0, (tag >> 2) - 59)
      const size = 1 + (extra === 0 ? tag >> 2 : bytes.readUIntLE(from, extra))
      from += extra
      bytes.copy(out, to, from, from + size)
      from += size
      to += size
      continue
    }
    const [size, offset, read] = copyAt(bytes, from, tag)
    from += read
    if (offset === 0 || offset > to || to + size > length) throw new Error('not a Snappy block')
    // Byte by byte: a copy may overlap what it makes.
    for (const stop = to + size; to < stop; to++) out[to] = out[to - offset] as number
  }
  if (to !== length) throw new Error('not a Snappy block')
  return out
}

function copyAt(bytes: Buffer, from: number, tag: number): [size: number, offset: number, read: number] {
  if ((tag & 3) === 1) return [4 + ((tag >> 2) & 7), ((tag >> 5) << 8) | (bytes[from] as number), 1]
  const read = (tag & 3) === 2 ? 2 : 4
  return [1 + (tag >> 2), bytes.readUIntLE(from, read), read]
}

/** A number of at most 53 bits, 7 a byte, the lowest first. */
export function readVarint(bytes: Buffer, at: number): { readonly value: number; readonly end: number } {
  let value = 0
  for (let shift = 1, i = at; i < at + 8; i++, shift *= 128) {
    const byte = bytes[i] ?? 0
    value += (byte & 127) * shift
    if (byte < 128) return { value, end: i + 1 }
  }
  throw new Error('not a number')
}
