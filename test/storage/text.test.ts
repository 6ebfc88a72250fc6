/** Rows read as text are those read as bytes, whatever the bytes; a range is of bytes either way. */
import { expect, onTestFinished, test } from 'vitest'
import type { Disk } from '../../src/storage/disk.ts'
import * as keys from '../../src/storage/keys.ts'
import { nameOf } from '../../src/storage/names.ts'
import { type Medium, openTestFolder } from './folder.ts'

const subjects = ['user:ann', 'user:é', 'üser:1', 'group:\0\x01#member']
const stores = [1, 0x7f, 0x80, 0xc3, 0xff, 0xc3_a9, 0xed_a0_80, 0xff_ff_ff_fe]

async function disk(medium: Medium): Promise<Disk> {
  const folder = await openTestFolder(medium)
  onTestFinished(() => folder.remove())
  const batch = folder.disk.batch()
  for (const store of stores) {
    for (const subject of subjects) {
      for (let i = 0; i < 150; i++) {
        const value = i % 2 === 0 ? Buffer.alloc(0) : Buffer.of(1)
        batch.put(keys.placementKey(store, subject, `doc:\u{1f600}${i}\0`, 'viewer'), value)
      }
    }
  }
  await batch.write()
  return folder.disk
}

test.each(['memory', 'LevelDB'] as const)('%s: text is what the bytes say', async (medium) => {
  const { scan, scanText, snapshot } = await disk(medium)
  const frozen = snapshot()
  for (const store of stores) {
    for (const subject of subjects) {
      const gte = keys.placementPrefix(store, subject)
      const range = { gte, lt: keys.prefixEnd(gte) }
      const right = (await all(scan(range, 70))).map(([key, value]) => [
        keys.readPlacementKey(key),
        value.length > 0,
      ])
      expect(right).toHaveLength(150)
      for (const rows of [scanText(range, 70), frozen.scanText(range, 70), scanText(range, 7)]) {
        const start = keys.textStart(gte)
        const read = (await all(rows)).map(([key, value]) => [
          { ...keys.readPlacementText(key, start), subject },
          value !== '',
        ])
        expect(read).toEqual(right)
      }
    }
  }
  frozen.close()
})

async function all<Row>(chunks: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const chunk of chunks) rows.push(...chunk)
  return rows
}

/** Every byte, in lengths about those that a batch writes through bytes which it uses again. */
test.each(['memory', 'LevelDB'] as const)(
  '%s: rows put as text are the bytes that it names',
  async (medium) => {
    const folder = await openTestFolder(medium)
    onTestFinished(() => folder.remove())
    const bytes = (length: number, from: number): Buffer =>
      Buffer.from(Array.from({ length }, (_, i) => (from + i) & 0xff))
    const rows = [1, 2, 255, 4095, 4096, 4097, 70_000].flatMap((length) =>
      [0, 1, 4096, length].map((held, i) => ({ key: bytes(length, i), value: bytes(held, length) })),
    )
    const batch = folder.disk.batch()
    for (const { key } of rows) batch.put(nameOf(key), 'gone')
    for (const { key } of rows) batch.delete(nameOf(key))
    for (const { key, value } of rows) batch.put(nameOf(key), nameOf(value))
    await batch.write()
    for (const { key, value } of rows) expect(folder.disk.get(key)?.equals(value)).toBe(true)
  },
)
