/** What LevelDB says of itself, as numbers. */
import type { Disk } from './disk.ts'
import type { Level } from './storage.ts'

const mib = 1 << 20

/** Level, files, MiB, seconds, MiB read, MiB written: a line of `leveldb.stats`. */
const line = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*$/gm

/** Nothing of a disk that keeps no such numbers, or cannot tell them now. */
export function levelsOf(disk: Pick<Disk, 'property'>): {
  readonly levels: readonly Level[]
  readonly memoryBytes: number
} {
  const rows = (disk.property('leveldb.stats') ?? '').matchAll(line)
  const levels = [...rows].map((row): Level => {
    const [level = 0, files = 0, size = 0, seconds = 0, , written = 0] = row.slice(1).map(Number)
    return { level, files, bytes: size * mib, seconds, written: written * mib }
  })
  return { levels, memoryBytes: Number(disk.property('leveldb.approximate-memory-usage') ?? 0) }
}
