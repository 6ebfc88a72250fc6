/**
 * LevelDB's tables (`*.ldb`): every block with its checksum. LevelDB does not look at these when it reads; whoever
 * scrubs (scrub.ts, the doctor) does.
 */
import type { FileHandle } from 'node:fs/promises'
import { maskedChecksum } from './checksum.ts'
import { readVarint, unsnappy } from './snappy.ts'

const footerBytes = 48
const magic = Buffer.from('57fb808b247547db', 'hex')
/** Type (1) and checksum (4) behind each block. */
const trailerBytes = 5
const windowBytes = 256 << 10

interface Block {
  readonly offset: number
  readonly size: number
}

/** The byte where a table is damaged, undefined for a whole one; `rest` is awaited after each 256 KiB. */
export async function damageInTable(
  file: FileHandle,
  rest: () => Promise<void>,
): Promise<number | undefined> {
  const { size } = await file.stat()
  const blocks = await blocksOf(file, size)
  if (!Array.isArray(blocks)) return blocks.offset
  let at = 0
  // One for all: memory taken anew for each window costs as much as the checksums.
  const room = Buffer.allocUnsafe(windowBytes)
  for (let i = 0; i < blocks.length; ) {
    const window: Block[] = []
    let end = at
    for (let block = blocks[i]; block !== undefined; block = blocks[++i]) {
      if (window.length > 0 && end - at + block.size + trailerBytes > windowBytes) break
      // Blocks lie end to end from the first byte to the footer: no byte is in none of them.
      if (block.offset !== end) return end
      window.push(block)
      end += block.size + trailerBytes
    }
    const bytes = await readAt(file, at, end - at, room)
    const damaged = window.find(({ offset, size: length }) => !isWhole(bytes, offset - at, length))
    if (damaged !== undefined) return damaged.offset
    at = end
    await rest()
  }
  return at === size - footerBytes ? undefined : at
}

/** All blocks in order of their place, found from the footer; or where that fails. */
async function blocksOf(file: FileHandle, size: number): Promise<Block[] | { readonly offset: number }> {
  const start = Math.max(0, size - footerBytes)
  const footer = await readAt(file, start, footerBytes)
  if (footer.length < footerBytes || !footer.subarray(-magic.length).equals(magic)) return { offset: start }
  const meta = handleAt(footer, 0)
  const index = handleAt(footer, meta.end)
  const blocks: Block[] = [meta.block, index.block]
  for (const { offset, size: length } of [meta.block, index.block]) {
    if (offset + length + trailerBytes > start) return { offset: start }
    const bytes = await readAt(file, offset, length + trailerBytes)
    if (!isWhole(bytes, 0, length)) return { offset }
    const content = bytes.subarray(0, length)
    for (const block of handlesIn(bytes[length] === 1 ? unsnappy(content) : content)) blocks.push(block)
  }
  return blocks.sort((a, b) => a.offset - b.offset)
}

/** The values of an index or meta-index block: each is the place of another block. */
function handlesIn(block: Buffer): Block[] {
  const restarts = block.readUInt32LE(block.length - 4)
  const end = block.length - 4 * (restarts + 1)
  const handles: Block[] = []
  for (let at = 0; at < end; ) {
    const shared = readVarint(block, at)
    const rest = readVarint(block, shared.end)
    const value = readVarint(block, rest.end)
    const from = value.end + rest.value
    handles.push(handleAt(block, from).block)
    at = from + value.value
  }
  return handles
}

function handleAt(bytes: Buffer, at: number): { readonly block: Block; readonly end: number } {
  const offset = readVarint(bytes, at)
  const size = readVarint(bytes, offset.end)
  return { block: { offset: offset.value, size: size.value }, end: size.end }
}

function isWhole(bytes: Buffer, at: number, size: number): boolean {
  const end = at + size + 1
  return end + 4 <= bytes.length && maskedChecksum(bytes, at, end) === bytes.readUInt32LE(end)
}

/** Into the beginning of `room` where that is large enough. */
async function readAt(file: FileHandle, position: number, length: number, room?: Buffer): Promise<Buffer> {
  const bytes = room !== undefined && length <= room.length ? room : Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}
