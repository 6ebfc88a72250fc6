/** What the writer holds rows by are the keys themselves, and lists changed as bytes are what packing would make of them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as keys from '../../src/storage/keys.ts'
import { inOrder, List, relisted } from '../../src/storage/list.ts'
import { keyOf, nameOf, placementName, reverseName, spotOf, tupleName } from '../../src/storage/names.ts'
import type { Listing } from '../../src/storage/packed.ts'
import { Slice, type Work } from '../../src/storage/slice.ts'
import { pack } from '../../src/storage/values.ts'

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
      const placement = placementName(store, subject, { object, relation })
      expect(keyOf(placement)).toEqual(keys.placementKey(store, subject, object, relation))
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
const name = fc
  .tuple(fc.nat(3), length, fc.constantFrom('a', 'é', '\u{1f600}', '\uffff'))
  .map(([first, n, unit]) => first + unit.repeat(n))
const listing = fc.constantFrom<Listing>('plain', 'qualified', 'gone')

test.each([0, 2, 16, 17, 300])('a list of %i, one name changed', (count) => {
  const before = new Map(Array.from({ length: count }, (_, i) => [`user:${i}`, i % 3 === 0]))
  const one = fc.oneof(
    name,
    fc.nat(count).map((i) => `user:${i}`),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(one, listing), { minLength: 1, maxLength: 20 }), (changes) => {
      const right = new Map(before)
      let list = listOf(before)
      for (const [each, is] of changes) {
        expect(list.has(each)).toBe(right.has(each))
        list = list.with([each, is])
        if (is === 'gone') right.delete(each)
        else right.set(each, is === 'qualified')
        expect(list.pack() === listOf(right).pack()).toBe(true)
      }
    }),
    { numRuns: 50 },
  )
})

test.each([0, 2, 15, 16, 17, 300, 70_000])('a list of %i, changed as it is packed', (count) => {
  const before = new Map(Array.from({ length: count }, (_, i) => [`user:${i}`, i % 3 === 0]))
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.oneof(
            name,
            fc.nat(count).map((i) => `user:${i}`),
          ),
          listing,
        ),
        { maxLength: 30 },
      ),
      (changes) => {
        const unique = new Map(changes)
        const right = new Map(before)
        for (const [one, is] of unique) {
          if (is === 'gone') right.delete(one)
          else right.set(one, is === 'qualified')
        }
        const list = done(relisted(listOf(before), done(inOrder([...unique], slice)), slice))
        expect(list.pack() === listOf(right).pack()).toBe(true)
        expect(List.at(list.pack(), 0)?.list.pack() === list.pack()).toBe(true)
        for (const [one] of unique) expect(list.has(one)).toBe(right.has(one))
      },
    ),
    { numRuns: count > 1000 ? 3 : 200 },
  )
})

const slice = new Slice()

function done<Result>(work: Work<Result>): Result {
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
  }
}

/** What msgpackr packs of the names, sorted by their bytes. */
function listOf(names: ReadonlyMap<string, boolean>): List {
  const sorted = [...names].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const marks = sorted.flatMap(([, isQualified], index) => (isQualified ? [index] : []))
  const bytes = pack([sorted.map(([one]) => one), marks])
  const found = List.at(nameOf(bytes), 0)
  if (found?.end !== bytes.length) throw new Error('not a list')
  return found.list
}
