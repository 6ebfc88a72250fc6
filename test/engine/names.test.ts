/** Names and their ids: one to one for any strings, through every growth of the tables; and cards that say what was put there. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Arena, idMax } from '../../src/engine/resident/arena.ts'
import { Names } from '../../src/engine/resident/names.ts'
import { Spelling } from '../../src/engine/resident/spelling.ts'

/** Lone surrogates and characters past Latin included: what a name may be is not this table's affair. */
const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('a', 'b', 'ÿ', 'Ā', '\ud800', '\0'), maxLength: 6 }),
  fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    maxLength: 9,
  }),
)

test('any strings, as a map has it', () => {
  const property = fc.property(
    fc.array(fc.record({ name, type: fc.nat(2 ** 19 - 1), slots: fc.nat(9) })),
    (all) => {
      const arena = new Arena()
      const names = new Names(arena)
      const expected = new Map<string, { readonly id: number; readonly type: number }>()
      for (const { name, type, slots } of all) {
        const known = expected.get(name)
        expect(names.find(name)).toBe(known?.id ?? 0)
        if (known !== undefined) continue
        const id = arena.add(name, type, slots)
        names.add(id)
        expected.set(name, { id, type })
        // What slots hold is no business of names.
        for (let slot = id; slot < id + slots; slot++) {
          arena.cards.ints[slot + 1] = 2 ** 31 - 1
          expect(arena.objectOf(slot + 1)).toBe(id)
        }
      }
      for (const [name, { id, type }] of expected) {
        expect([names.find(name), arena.name(id), arena.typeOf(id), arena.objectOf(id)]).toEqual([
          id,
          name,
          type,
          id,
        ])
        expect([name, `${name}x`].map((each) => arena.isSpelled(id, spelled(each)))).toEqual([true, false])
        expect(arena.hashOf(id)).toBe(spelled(name).hash)
      }
    },
  )
  fc.assert(property, { numRuns: 300 })
})

test('a hundred thousand names, through all sizes of tables', () => {
  const arena = new Arena()
  const names = new Names(arena)
  const [count, stride] = [100_000, 7]
  const nameOf = (at: number) => `user:${'x'.repeat(at % stride)}${at}`
  const ids = Array.from({ length: count }, (_, at) => {
    const id = arena.add(nameOf(at), 1, 2)
    names.add(id)
    return id
  })
  expect(new Set(ids).size).toBe(count)
  const wrong = ids.filter((id, at) => names.find(nameOf(at)) !== id)
  const strangers = ids.filter((_, at) => names.find(`user:${at}y`) !== 0)
  expect([wrong, strangers]).toEqual([[], []])
  // A name of ten bytes: its card of six integers, and a slot that is taken at least three times in ten.
  expect(arena.bytes / count).toBeLessThan(6 * 4 + 8 + 14)
})

test('no id is given that two of them would not fit into one number', () => {
  const arena = new Arena()
  arena.cards.take = () => idMax - 5
  expect(() => arena.add('doc:1', 0, 3)).toThrow('an arena that was not full')
  expect(() => arena.add('doc:1', 0, 1)).not.toThrow()
})

test('a name longer than any card is nobody’s', () => {
  const arena = new Arena()
  const names = new Names(arena)
  const longest = 'x'.repeat(2_047)
  names.add(arena.add(longest, 0, 0))
  expect(names.find(longest)).not.toBe(0)
  expect(names.find(`${longest}x`)).toBe(0)
})

function spelled(name: string): Spelling {
  const spelling = new Spelling()
  expect(spelling.take(name)).toBe(true)
  return spelling
}
