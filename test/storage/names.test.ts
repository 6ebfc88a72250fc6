/** What the writer holds rows by are the keys themselves, and lists changed as bytes are what packing would make of them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as keys from '../../src/storage/keys.ts'
import { keyOf, nameOf, reverseName, spotOf, tupleName } from '../../src/storage/names.ts'
import { spliced } from '../../src/storage/packed.ts'
import { pack, unpack } from '../../src/storage/values.ts'

const spice = fc.constantFrom('\0', '\x01', '\0\xff', '#', 'é', '\uffff', '\u{1f600}', 'a', '', '~', '\x7f')
const text = fc.array(fc.oneof(spice, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 6 })
const joined = text.map((parts) => parts.join(''))
const tuple = fc.record({
  store: fc.nat(2 ** 32 - 1),
  object: fc.tuple(joined, joined).map(([type, id]) => `t${type.replaceAll(':', '')}:${id}`),
  relation: joined,
  subject: joined,
})

test('a name is its key', () => {
  fc.assert(
    fc.property(tuple, ({ store, object, relation, subject }) => {
      const spot = spotOf(store, object, relation)
      expect(keyOf(spot.head)).toEqual(keys.forwardKey(store, object, relation))
      expect(keyOf(tupleName(spot, subject))).toEqual(keys.tupleKey(store, object, relation, subject))
      expect(keyOf(reverseName(store, subject))).toEqual(keys.reverseKey(store, subject))
      const key = keys.tupleKey(store, object, relation, subject)
      expect(keyOf(nameOf(key))).toEqual(key)
    }),
    { numRuns: 1000 },
  )
})

test('two ids never share a name: lone surrogates are refused', () => {
  expect(() => spotOf(1, 'doc:\ud800', 'viewer')).toThrow('lone surrogate')
  expect(() => reverseName(1, 'user:\udfff')).toThrow('lone surrogate')
})

/** Lengths about every bound of msgpack's heads. */
const length = fc.constantFrom(0, 1, 31, 32, 33, 255, 256, 300)
const name = fc.tuple(length, fc.constantFrom('a', 'é', '\u{1f600}')).map(([n, unit]) => unit.repeat(n))

test.each([0, 2, 15, 16, 17, 65_535, 65_536])('a packed array of %i, changed as bytes', (count) => {
  const texts = Array.from({ length: count }, (_, i) => `user:${i}`)
  const packed = pack(texts)
  fc.assert(
    fc.property(fc.nat(count), fc.nat(2), fc.array(name, { maxLength: 3 }), (at, most, added) => {
      const removed = Math.min(most, count - at)
      const right = texts.toSpliced(at, removed, ...added)
      expect(unpack(spliced(packed, at, removed, added))).toEqual(right)
    }),
    { numRuns: count > 1000 ? 5 : 100 },
  )
})
