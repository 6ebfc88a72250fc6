/** LevelDB's files read without LevelDB: every flipped byte is seen, and a torn end is none. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { maskedChecksum } from '../../src/storage/files/checksum.ts'
import { damageInLog } from '../../src/storage/files/log.ts'
import { unsnappy } from '../../src/storage/files/snappy.ts'
import { damageInTable } from '../../src/storage/files/table.ts'
import { openStorage } from '../../src/storage/open.ts'

let path: string
const level = (name: string): string => join(path, 'level', name)
const named = (end: RegExp): string => readdirSync(join(path, 'level')).find((name) => end.test(name)) ?? ''

beforeAll(async () => {
  path = mkdtempSync(join(tmpdir(), 'kith-files-'))
  const write = async (commits: number, tuples: number): Promise<void> => {
    const storage = await openStorage({ path }, { sweepEveryMs: 0 })
    const { id } = (await storage.stores(1)).rows[0] ?? (await storage.createStore('one'))
    for (let i = 0; i < commits; i++) {
      const writes = Array.from({ length: tuples }, (_, j) => ({
        object: `doc:${commits}-${i}`,
        relation: 'viewer',
        subject: `user:${j}`,
      }))
      await storage.commit(id, { writes })
    }
    await storage.close()
  }
  // Opening again makes the first log a table; the second log has records of one block and of several.
  await write(10, 300)
  await write(30, 20)
  await write(1, 1)
  await write(12, 400)
})
afterAll(() => rmSync(path, { recursive: true, force: true }))

test('the checksum is CRC-32C, masked', () => {
  const bytes = Buffer.from('123456789')
  const crc = 0xe3069283
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
  expect(maskedChecksum(bytes, 0, bytes.length)).toBe(masked)
  expect(maskedChecksum(Buffer.concat([Buffer.from('ab'), bytes]), 2, 11)).toBe(masked)
})

test('Snappy with literals, short, long and overlapping copies', () => {
  const parts = [
    Buffer.of(20),
    Buffer.of((4 - 1) << 2, ...Buffer.from('abcd')), // a literal of 4
    Buffer.of(((4 - 4) << 2) | 1, 4), // 4 from 4 back
    Buffer.of(((6 - 1) << 2) | 2, 1, 0), // 6 from 1 back: repeats
    Buffer.of((60 << 2) | 0, 6 - 1, ...Buffer.from('uvwxyz')), // a literal with its length behind
  ]
  expect(unsnappy(Buffer.concat(parts)).toString()).toBe('abcdabcddddddduvwxyz')
  expect(() => unsnappy(Buffer.of(4, 1, 9))).toThrow()
})

test('a log is whole, also when it ends at any byte', () => {
  const log = readFileSync(level(named(/\.log$/)))
  expect(log.length).toBeGreaterThan(100_000)
  expect(damageInLog(log)).toBeUndefined()
  for (let end = 0; end < log.length; end += 14_983) {
    expect(damageInLog(log.subarray(0, end)), `cut at ${end}`).toBeUndefined()
    const zeros = Buffer.concat([log.subarray(0, end), Buffer.alloc(5000)])
    expect(damageInLog(zeros), `zeros from ${end}`).toBeUndefined()
  }
})

test('a byte that flips in a log is seen where a record begins behind it', () => {
  const log = Buffer.from(readFileSync(level(named(/\.log$/))))
  const starts = recordStarts(log)
  const last = starts.at(-1) ?? 0
  for (let at = 0; at < log.length; at += 12_007) {
    log[at] = (log[at] ?? 0) ^ 0x10
    const found = damageInLog(log)
    if (at < last) expect(found, `flipped at ${at}`).toBeLessThanOrEqual(at)
    else expect(found, `flipped at ${at}`).toBeUndefined()
    log[at] = (log[at] ?? 0) ^ 0x10
  }
  // Its header too, byte by byte.
  for (const start of starts.slice(0, 3)) {
    for (let at = start; at < start + 7; at++) {
      log[at] = (log[at] ?? 0) ^ 0x01
      expect(damageInLog(log), `flipped at ${at}`).toBe(start)
      log[at] = (log[at] ?? 0) ^ 0x01
    }
  }
})

/** Where batches begin: by the format's own rules, for a log that is whole. */
function recordStarts(log: Buffer): number[] {
  const starts: number[] = []
  for (let at = 0; at + 7 <= log.length; ) {
    const left = 32_768 - (at % 32_768)
    if (left < 7) {
      at += left
      continue
    }
    if (log[at + 6] === 1 || log[at + 6] === 2) starts.push(at)
    at += 7 + log.readUInt16LE(at + 4)
  }
  return starts
}

test('a byte that flips in a table, or is missing, is seen', async () => {
  const table = readFileSync(level(named(/\.ldb$/)))
  const copy = join(path, 'copy.ldb')
  const damage = async (bytes: Buffer): Promise<number | undefined> => {
    writeFileSync(copy, bytes)
    const file = await open(copy)
    try {
      return await damageInTable(file, async () => {})
    } finally {
      await file.close()
    }
  }
  expect(await damage(table)).toBeUndefined()
  const positions = Array.from({ length: 200 }, (_, i) => Math.floor((i * table.length) / 200))
  // The index, the filter, and of the footer all but the bytes that pad it.
  for (let i = 0; i < 300; i++) positions.push(table.length - 48 - i)
  for (let i = 1; i <= 8; i++) positions.push(table.length - i)
  for (const at of positions.filter((one) => one < table.length - 48 || one >= table.length - 8)) {
    const flipped = Buffer.from(table)
    flipped[at] = (flipped[at] ?? 0) ^ 0x04
    expect(await damage(flipped), `flipped at ${at} of ${table.length}`).toBeDefined()
  }
  for (const length of [0, 1, 47, 48, 5000, table.length - 1]) {
    expect(await damage(table.subarray(0, length)), `cut at ${length}`).toBeDefined()
  }
})
