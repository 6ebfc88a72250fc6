/** Rows packed by hand are, byte for byte, what msgpackr makes of the same cells. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chainStart, checksumIn, isChained, sealLong, sealShort } from '../../src/storage/entries.ts'
import { beginRow } from '../../src/storage/packing.ts'
import { doneAtOnce, Slice } from '../../src/storage/slice.ts'
import { pack, unpack } from '../../src/storage/values.ts'

const numbers = [
  0,
  1,
  127,
  128,
  255,
  256,
  65_535,
  65_536,
  2 ** 32 - 1,
  2 ** 32,
  1_763_840_000_000,
  2 ** 53 - 1,
]

test.each([...numbers, 0.5, 1_763_840_000_000.25])('the number %d', (number) => {
  expect(beginRow().number(number).taken()).toEqual(pack(number))
})

test.each([-1, -0.5, -(2 ** 40)])('%d comes back', (number) => {
  expect(unpack(beginRow().number(number).taken())).toBe(number)
})

/** Lengths about every bound of msgpack's heads, and of the two ways to write a text. */
const lengths = [0, 1, 15, 16, 31, 32, 33, 59, 60, 61, 255, 256, 65_535, 65_536, 300_000]
const units = ['a', '~', '\0', '\x7f', '\x80', 'é', '\u{1f600}']

test.each(units)('texts of %j', (unit) => {
  for (const length of lengths) {
    for (const text of [unit.repeat(length), `${'a'.repeat(length)}${unit}`]) {
      expect(beginRow().text(text).taken().equals(pack(text)), `${length}`).toBe(true)
    }
  }
})

test('half a character becomes the one that says so', () => {
  for (const before of lengths) {
    const text = `${'a'.repeat(before)}\ud800`
    expect(unpack(beginRow().text(text).taken())).toBe(text.toWellFormed())
  }
})

test.each([0, 15, 16, 255, 256, 65_535, 65_536])('%i cells, and as many bytes', (count) => {
  const cells = Array.from({ length: count }, (_, i) => i & 0x7f)
  const row = beginRow().array(count)
  for (const cell of cells) row.number(cell)
  expect(row.taken().equals(pack(cells))).toBe(true)
  const bytes = Buffer.from(cells.map((cell) => cell * 2))
  expect(beginRow().binary(bytes.toString('latin1')).taken().equals(pack(bytes))).toBe(true)
})

test('any cells, one row after the other', () => {
  const cell = fc.oneof(fc.nat(), fc.string({ unit: 'binary', maxLength: 80 }), fc.constant(undefined))
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 20 }), (cells) => {
      const row = beginRow().array(cells.length)
      for (const each of cells) typeof each === 'number' ? row.number(each) : row.maybe(each)
      expect(row.taken()).toEqual(pack(cells.map((each) => each ?? 0)))
    }),
  )
})

test('a part of what was hashed, with room for the digest of all', () => {
  const chain = Buffer.from([1, 2, 3])
  const row = beginRow().raw(chain).fixed(0x01_02_03_04_05_06).text('é')
  const whole = Buffer.concat([chain, Buffer.from([0, 0, 1, 2, 3, 4, 5, 6]), pack('é')])
  expect(Buffer.from(row.digest(), 'latin1')).toEqual(
    createHash('sha256').update(whole).digest().subarray(0, 16),
  )
  expect(row.taken(11, 2).subarray(2)).toEqual(pack('é'))
})

test.each([1, 500])('an entry of %i changes is chained to the one before, and to nothing else', (count) => {
  const tuple = { object: 'd:1', relation: 'r', subject: 'user:a' }
  const tuples = Array.from({ length: count }, () => ({ operation: 'write' as const, tuple }))
  const entry = { revision: 7, timestamp: 1, tuples }
  const before = chainStart('01')
  const short = sealShort(before, entry, '')
  expect(checksumIn(short.row)).toBe(short.checksum)
  expect(Buffer.from(short.checksum, 'latin1')).toEqual(
    createHash('sha256')
      .update(Buffer.from(before, 'latin1'))
      .update(Buffer.from([0, 0, 0, 0, 0, 0, 0, 7]))
      .update(short.row.subarray(16))
      .digest()
      .subarray(0, 16),
  )
  expect(doneAtOnce(sealLong(before, entry, '', new Slice()))).toEqual(short)
  expect(isChained(before, 7, short.row)).toBe(true)
  expect(isChained(before, 8, short.row)).toBe(false)
  expect(isChained(chainStart('02'), 7, short.row)).toBe(false)
})
