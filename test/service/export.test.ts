import { expect, test } from 'vitest'
import type { Storage } from '../../src/storage/storage.ts'
import { all, each, keyOf, world } from './world.ts'

test('all tuples of one revision, whatever is written meanwhile', async () => {
  const { kith, storage, store } = await world()
  const many = Array.from({ length: 2_500 }, (_, i) => keyOf(`document:${i}#viewer@user:anne`))
  await kith.importTuples({ store }, each(many))
  const { tuples, zookie } = await kith.exportTuples({ store })
  expect(storage.revisionOf(store, zookie)).toBe(storage.view(store).revision)
  await kith.write({ store, deleteWhere: { object: 'document:' } })
  const exported = await all(tuples)
  expect(new Set(exported.map(({ object }) => object)).size).toBe(2_500)
  expect(await all((await kith.exportTuples({ store })).tuples)).toEqual([])
})

/** Counts the pins that are held on views of a storage. */
function countPins(storage: Storage): { held: number } {
  const pins = { held: 0 }
  const view = storage.view.bind(storage)
  storage.view = (store) => {
    const opened = view(store)
    const pin = opened.pin.bind(opened)
    opened.pin = () => {
      const pinned = pin()
      const release = pinned.release.bind(pinned)
      pins.held += 1
      pinned.release = () => {
        pins.held -= 1
        release()
      }
      return pinned
    }
    return opened
  }
  return pins
}

test.each<[string, (items: AsyncIterator<unknown>) => Promise<unknown>]>([
  [
    'the end',
    async (items) => {
      while ((await items.next()).done !== true);
    },
  ],
  [
    'an abort after one',
    async (items) => {
      await items.next()
      await items.return?.()
    },
  ],
  ['an abort before the first', async (items) => items.return?.()],
  [
    'two aborts',
    async (items) => {
      await items.return?.()
      await items.return?.()
    },
  ],
])('%s releases the state, once', async (_name, end) => {
  const { kith, storage, store } = await world(['document:1#viewer@user:anne', 'document:2#viewer@user:anne'])
  const pins = countPins(storage)
  const { tuples } = await kith.exportTuples({ store })
  expect(pins.held).toBe(1)
  await end(tuples[Symbol.asyncIterator]())
  expect(pins.held).toBe(0)
  const question = { store, type: 'document', relation: 'viewer', subject: 'user:anne' }
  const { objects } = await kith.streamListObjects(question)
  expect(pins.held).toBeGreaterThan(0)
  await end(objects[Symbol.asyncIterator]())
  expect(pins.held).toBe(0)
})
