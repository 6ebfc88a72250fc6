/** Heads that were never written are not looked for: in stores that this process made, and in no other. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reverseName } from '../../src/storage/names.ts'
import { Written } from '../../src/storage/written.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { HeadLooks, openTestFolder } from './folder.ts'

test('what was written may be there, what was not is not, and of older stores nothing is known', () => {
  const written = new Written()
  const names = (store: number, count: number) =>
    Array.from({ length: count }, (_, i) => reverseName(store, `user:${i}`))
  expect(names(7, 3).map((name) => written.mayHave(name))).toEqual([true, true, true])
  written.begin(7)
  expect(written.mayHave(reverseName(6, 'user:0'))).toBe(true)
  expect(names(7, 1000).filter((name) => written.mayHave(name))).toEqual([])
  for (const name of [...names(7, 50_000), ...names(6, 10)]) written.add(name)
  // Another store begins: what is known of the first stays.
  written.begin(8)
  expect(names(7, 50_000).every((name) => written.mayHave(name))).toBe(true)
  expect(names(8, 10_000).filter((name) => written.mayHave(name)).length).toBeLessThan(20)
  expect(names(2 ** 31 + 8, 10).some((name) => written.mayHave(name))).toBe(false)
})

test('no name that was added is ever denied', () => {
  const written = new Written()
  written.begin(1)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 32 - 1 }), fc.string(), (store, subject) => {
      const name = reverseName(store, subject)
      written.add(name)
      expect(written.mayHave(name)).toBe(true)
    }),
  )
})

test('LevelDB: a new store is filled without a look for heads, one that was there is looked at', async () => {
  const looks = new HeadLooks()
  const folder = await openTestFolder('LevelDB', { wrap: looks.over })
  try {
    const store = (await folder.storage.createStore('one')).id
    const tuples = (from: number): Tuple[] =>
      Array.from({ length: 500 }, (_, i) => ({
        object: `doc:${from + i}`,
        relation: 'viewer',
        subject: `user:${from + i}`,
      }))
    await folder.storage.commit(store, { writes: tuples(0) })
    for (const one of tuples(1_000).slice(0, 20)) await folder.storage.commit(store, { writes: [one] })
    expect(looks.count).toBe(0)
    // Those that are there are read: the same again is refused.
    await expect(folder.storage.commit(store, { writes: tuples(100).slice(0, 30) })).rejects.toThrow('exists')
    expect(looks.count).toBeGreaterThan(0)
    await folder.reopen()
    looks.count = 0
    await folder.storage.commit(store, { writes: tuples(2_000) })
    expect(looks.count).toBe(1_000)
    expect((await folder.verify()).findings).toEqual([])
  } finally {
    await folder.remove()
  }
})
