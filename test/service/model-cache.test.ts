import { expect, test } from 'vitest'
import { Lru } from '../../src/lib/lru.ts'
import { keyOf, world } from './world.ts'

test('a cache of one model answers for many, each by its own', async () => {
  const { kith, store, model } = await world(['document:1#viewer@user:anne'], { modelsCachedMax: 1 })
  const { json } = await kith.model({ store })
  const { id: other } = await kith.createStore('other')
  await kith.writeModel({ store: other, json })
  const tuple = keyOf('document:1#viewer@user:anne')
  for (let round = 0; round < 3; round++) {
    expect((await kith.check({ store, tuple })).allowed).toBe(true)
    expect((await kith.check({ store, tuple, model })).allowed).toBe(true)
    expect((await kith.check({ store: other, tuple })).allowed).toBe(false)
  }
})

test('entries are bounded by count and by weight', () => {
  const byCount = new Lru<string, object>(2)
  for (const key of ['a', 'b', 'c']) byCount.set(key, {})
  expect(['a', 'b', 'c'].map((key) => byCount.get(key) !== undefined)).toEqual([false, true, true])

  const byWeight = new Lru<string, { weight: number }>(10, { weightMax: 10, weigh: ({ weight }) => weight })
  byWeight.set('a', { weight: 6 })
  byWeight.set('b', { weight: 4 })
  byWeight.get('a')
  byWeight.set('c', { weight: 3 })
  byWeight.set('huge', { weight: 11 })
  expect(['a', 'b', 'c', 'huge'].map((key) => byWeight.get(key) !== undefined)).toEqual([
    true,
    false,
    true,
    false,
  ])
})
