import { expect, test } from 'vitest'
import { refusal, refusedAs, world } from './world.ts'

test('create, get, rename, delete', async () => {
  const { kith, clock } = await world()
  const made = await kith.createStore('one')
  expect(made.id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/)
  expect(await kith.store(made.id)).toEqual(made)
  clock.now += 10
  const renamed = await kith.renameStore(made.id, 'two')
  expect(renamed).toEqual({ ...made, name: 'two', updatedAt: clock.now })
  expect(await kith.store(made.id)).toEqual(renamed)
  await kith.deleteStore(made.id)
  expect(await refusal(kith.store(made.id))).toBe('store_id_not_found: Store ID not found')
  expect(await refusedAs(kith.renameStore(made.id, 'three'))).toBe('store_id_not_found')
  await kith.deleteStore(made.id)
})

test('listed oldest first, by page, by exact name, without the deleted', async () => {
  const { kith, store } = await world()
  const ids = [store]
  for (const name of ['b', 'a', 'b', 'ab', 'b']) ids.push((await kith.createStore(name)).id)
  const list = async (request: { name?: string; pageSize?: number }) => {
    const found: string[] = []
    let continuationToken = ''
    do {
      const page = await kith.stores({ ...request, continuationToken })
      found.push(...page.stores.map(({ id }) => id))
      continuationToken = page.continuationToken
    } while (continuationToken !== '')
    return found
  }
  for (const pageSize of [1, 2, 3, 100]) {
    expect(await list({ pageSize })).toEqual(ids)
    expect(await list({ pageSize, name: '' })).toEqual(ids)
    expect(await list({ pageSize, name: 'b' })).toEqual([ids[1], ids[3], ids[5]])
    expect(await list({ pageSize, name: 'nix' })).toEqual([])
  }
  await kith.deleteStore(ids[3] ?? '')
  expect(await list({ name: 'b' })).toEqual([ids[1], ids[5]])
  expect(await refusedAs(kith.stores({ pageSize: 101 }))).toBe('page_size_invalid')
})

test('a token of one name does not pass for another', async () => {
  const { kith } = await world()
  await kith.createStore('test')
  const { continuationToken } = await kith.stores({ name: 'test', pageSize: 1 })
  expect(continuationToken).not.toBe('')
  expect(await refusedAs(kith.stores({ continuationToken }))).toBe('invalid_continuation_token')
})

test('one store does not see the other', async () => {
  const { kith, store } = await world(['document:1#viewer@user:anne'])
  const { id: other } = await kith.createStore('other')
  const { json } = await kith.model({ store })
  await kith.writeModel({ store: other, json })
  const tuple = { object: 'document:1', relation: 'viewer', subject: 'user:anne' }
  expect((await kith.check({ store: other, tuple })).allowed).toBe(false)
  expect((await kith.check({ store, tuple })).allowed).toBe(true)
})
