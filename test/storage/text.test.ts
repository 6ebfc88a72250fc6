/** Rows read as text are those read as bytes, whatever the bytes; a range is of bytes either way. */
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import type { Disk } from '../../src/storage/disk.ts'
import * as keys from '../../src/storage/keys.ts'
import { nameOf } from '../../src/storage/names.ts'
import { documentInText, packDocument, unpackDocument } from '../../src/storage/values.ts'
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

/** Bytes that are a brace, a quote and what else JSON is made of, as a revision's and as a length's. */
const braces = [0x7b, 0x7b7b, 0x7b22, 0x7b7b22, 0x7b22_7b22, 0x7b7d_7b7d, 0x7b22_5c7b, 0x7b22_2c7b_227b]
const texts = ['', '{', '}', '"', ':', '":', '{"', '{"a":', '\\', '{}', '\ud800', 'é', '\u{1f600}']

test('the document of a row is found in its text, whatever stands before it', () => {
  const text = fc.oneof(fc.constantFrom(...texts), fc.string({ unit: 'binary', maxLength: 6 }))
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.integer(),
      fc.constantFrom(null, true),
      fc.array(tie('value'), { maxLength: 3 }),
      tie('document'),
    ),
    document: fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  })).document
  const revision = fc.oneof(fc.constantFrom(...braces), fc.nat({ max: 2 ** 47 }))
  fc.assert(
    fc.property(revision, json, (at, document) => {
      const row = packDocument(at, JSON.stringify(document))
      expect(documentInText(row.toString())).toEqual(unpackDocument(row).document)
    }),
    { numRuns: 5_000 },
  )
  for (const length of [0x7b, 0x7b22, 0x7b7b, 0x227b]) {
    const document = { a: 'x'.repeat(length - '{"a":""}'.length) }
    for (const at of [1, ...braces]) {
      const row = packDocument(at, JSON.stringify(document))
      expect(documentInText(row.toString())).toEqual(document)
    }
  }
})

test.each(['', 'x', '{', '[1]', `${' '.repeat(16)}{}`])('%j holds no document', (row) => {
  expect(() => documentInText(row)).toThrow('cannot be read')
})

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
