import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical } from '../../src/lib/canonical.ts'
import { compareBytes, placeIn } from '../../src/lib/order.ts'

test('strings come in the order of their UTF-8 bytes', () => {
  const text = fc.string({ unit: 'binary', maxLength: 8 })
  fc.assert(
    fc.property(text, text, (one, other) => {
      const expected = Buffer.compare(Buffer.from(one), Buffer.from(other))
      expect(Math.sign(compareBytes(one, other))).toBe(expected)
    }),
    {
      numRuns: 5_000,
      examples: [
        ['\uffff', '\u{10000}'],
        ['a', 'a\u0000'],
        ['', ''],
      ],
    },
  )
})

test('a place is before the first that is not less', () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 12 })
  fc.assert(
    fc.property(numbers, fc.integer({ min: -1, max: 21 }), (unsorted, item) => {
      const sorted = unsorted.toSorted((one, other) => one - other)
      const expected = sorted.filter((number) => number < item).length
      expect(placeIn(sorted, item, (one, other) => one - other)).toBe(expected)
    }),
    { numRuns: 1_000 },
  )
})

test('two JSON values have one canonical text exactly when they are equal', () => {
  const value = fc.jsonValue({ maxDepth: 3, noUnicodeString: false })
  fc.assert(
    fc.property(value, value, (one, other) => {
      expect(canonical(one as never) === canonical(other as never)).toBe(
        fc.stringify(sorted(one)) === fc.stringify(sorted(other)),
      )
    }),
    {
      numRuns: 3_000,
      examples: [
        [[0], [-0]],
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
        [['a,b'], ['a', 'b']],
      ],
    },
  )
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const members = Object.entries(value).map(([key, member]) => [key, sorted(member)] as const)
  return Object.fromEntries(members.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}
