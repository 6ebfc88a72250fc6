/** Keys are injective and keep the order, whatever the ids hold. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as keys from '../../src/storage/keys.ts'

/** What joins keys by accident: delimiters, our own escapes, both Unicode forms, the ends of the planes. */
const spice = fc.constantFrom(
  '\0',
  '\x01',
  '\0\x01',
  '\0\xff',
  '\xff',
  '/',
  '#',
  '@',
  '*',
  ' ',
  '\u00e9',
  'e\u0301',
  '\uffff',
  '\u{10ffff}',
  '\ue000',
  '\u{1f600}',
  'a',
  'b',
  '',
)
const text = fc
  .array(fc.oneof(spice, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 6 })
  .map((parts) => parts.join(''))
const type = text.map((one) => `t${one.replaceAll(':', '')}`)
const object = fc.tuple(type, text).map(([of, id]) => `${of}:${id}`)
const tuple = fc.record({ object, relation: text, subject: text })

function utf8(a: string, b: string): number {
  return Buffer.from(a).compare(Buffer.from(b))
}

test('a tuple key is read back as it was written', () => {
  fc.assert(
    fc.property(tuple, (one) => {
      expect(keys.readTupleKey(keys.tupleKey(7, one.object, one.relation, one.subject))).toEqual(one)
      const expiry = keys.readExpiryKey(keys.expiryKey(123_456, 7, one))
      expect(expiry).toEqual({ instant: 123_456, store: 7, tuple: one })
      expect(keys.readPlacementKey(keys.placementKey(7, one.subject, one.object, one.relation))).toEqual(one)
      const at = { object: one.object, relation: one.relation }
      for (const store of [7, 0x80, 0xfe_c3_a9_ff]) {
        const asText = keys.placementKey(store, one.subject, one.object, one.relation).toString()
        const start = keys.textStart(keys.placementPrefix(store, one.subject))
        expect(keys.readPlacementText(asText, start)).toEqual(at)
      }
      expect(keys.readForwardKey(keys.forwardKey(7, one.object, one.relation))).toEqual(at)
      const page = keys.readForwardPageKey(keys.forwardPageKey(7, one.object, one.relation, 'plain', 300))
      expect(page).toEqual({ ...at, part: 'plain', page: 300 })
    }),
    { numRuns: 1000 },
  )
})

test('byte order is the order by type, id, relation, subject', () => {
  const parts = (one: { object: string; relation: string; subject: string }): string[] => {
    const colon = one.object.indexOf(':')
    return [one.object.slice(0, colon), one.object.slice(colon + 1), one.relation, one.subject]
  }
  fc.assert(
    fc.property(tuple, tuple, (a, b) => {
      const order = keys
        .tupleKey(1, a.object, a.relation, a.subject)
        .compare(keys.tupleKey(1, b.object, b.relation, b.subject))
      const [x, y] = [parts(a), parts(b)]
      const right = x.map((part, i) => utf8(part, y[i] ?? '')).find((one) => one !== 0) ?? 0
      expect(Math.sign(order)).toBe(Math.sign(right))
    }),
    { numRuns: 2000 },
  )
})

test('a prefix names exactly the rows under it', () => {
  fc.assert(
    fc.property(tuple, tuple, (a, b) => {
      const prefix = keys.tuplePrefix(1, { object: a.object, relation: a.relation })
      const key = keys.tupleKey(1, b.object, b.relation, b.subject)
      const within = key.compare(prefix) >= 0 && key.compare(keys.prefixEnd(prefix)) < 0
      expect(within).toBe(a.object === b.object && a.relation === b.relation)
    }),
    { numRuns: 2000 },
  )
})

test('no key of one store is a key of another', () => {
  fc.assert(
    fc.property(tuple, fc.nat(2 ** 32 - 1), fc.nat(2 ** 32 - 1), (one, a, b) => {
      const of = (store: number): Buffer => keys.tupleKey(store, one.object, one.relation, one.subject)
      expect(of(a).equals(of(b))).toBe(a === b)
    }),
  )
})

test('text compares as its UTF-8 bytes do', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(keys.compareText(a, b))).toBe(Math.sign(utf8(a, b)))
    }),
    { numRuns: 2000 },
  )
})

test('a lone surrogate is refused: it would share the row of another', () => {
  expect(() => keys.reverseKey(1, 'user:\ud800')).toThrow(/lone surrogate/)
})
