import { expect, test } from 'vitest'
import { kithOver } from '../../src/service/open.ts'
import type { StoreRequest } from '../../src/service/requests.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { keyOf, refusedAs, type World, world } from './world.ts'

const anne = keyOf('document:1#viewer@user:anne')

/** Every verb that takes a zookie. */
const verbs: [string, (world: World, request: StoreRequest) => unknown][] = [
  ['check', ({ kith }, request) => kith.check({ ...request, tuple: anne })],
  [
    'batchCheck',
    ({ kith }, request) => kith.batchCheck({ ...request, checks: [{ correlationId: 'a', tuple: anne }] }),
  ],
  ['expand', ({ kith }, request) => kith.expand({ ...request, object: 'document:1', relation: 'viewer' })],
  [
    'expandAll',
    ({ kith }, request) => kith.expandAll({ ...request, object: 'document:1', relation: 'viewer' }),
  ],
  ['explain', ({ kith }, request) => kith.explain({ ...request, tuple: anne })],
  [
    'listObjects',
    ({ kith }, request) =>
      kith.listObjects({ ...request, type: 'document', relation: 'viewer', subject: 'user:anne' }),
  ],
  [
    'streamListObjects',
    async ({ kith }, request) => {
      const { objects } = await kith.streamListObjects({
        ...request,
        type: 'document',
        relation: 'viewer',
        subject: 'user:anne',
      })
      for await (const _ of objects);
    },
  ],
  [
    'listUsers',
    ({ kith }, request) =>
      kith.listUsers({ ...request, object: 'document:1', relation: 'viewer', filter: { type: 'user' } }),
  ],
  [
    'write',
    ({ kith }, request) => kith.write({ ...request, writes: [keyOf('document:7#viewer@user:anne')] }),
  ],
  ['read', ({ kith }, request) => kith.read(request)],
  ['changes', ({ kith }, request) => kith.changes(request)],
  ['importTuples', ({ kith }, request) => kith.importTuples(request, (async function* () {})())],
  [
    'exportTuples',
    async ({ kith }, request) => {
      const { tuples } = await kith.exportTuples(request)
      for await (const _ of tuples);
    },
  ],
  [
    'writeModel',
    async ({ kith, store }, request) =>
      kith.writeModel({ ...request, json: (await kith.model({ store })).json }),
  ],
  ['model', ({ kith }, request) => kith.model(request)],
  ['models', ({ kith }, request) => kith.models(request)],
  [
    'writeAssertions',
    ({ kith, model }, request) => kith.writeAssertions({ ...request, model, assertions: [] }),
  ],
  ['assertions', ({ kith, model }, request) => kith.assertions({ ...request, model })],
]

test.each(verbs)(
  '%s: an own zookie passes; unknown stores, forged and foreign zookies do not',
  async (_name, ask) => {
    const here = await world(['document:1#viewer@user:anne'])
    const { kith, store } = here
    const zookie = await here.write('document:2#viewer@user:anne')
    await ask(here, { store, atLeastAsFresh: zookie })

    const { id: deleted } = await kith.createStore('deleted')
    await kith.deleteStore(deleted)
    for (const gone of [deleted, '01ARZ3NDEKTSV4RRFFQ69G5FAV']) {
      expect(await refusedAs(ask(here, { store: gone }))).toBe('store_id_not_found')
      // The store comes first: a zookie says nothing about one that is not there.
      expect(await refusedAs(ask(here, { store: gone, atLeastAsFresh: 'forged' }))).toBe('store_id_not_found')
    }
    const { id: other } = await kith.createStore('other')
    const { zookie: foreign } = await kith.read({ store: other })
    for (const atLeastAsFresh of ['', 'forged', `${zookie}A`, foreign]) {
      expect(await refusedAs(ask(here, { store, atLeastAsFresh }))).toBe('invalid_zookie')
    }
  },
)

test('what was written is seen by whoever holds the zookie of the write', async () => {
  const { kith, store, write } = await world()
  for (let round = 0; round < 20; round++) {
    const tuple = keyOf(`document:${round}#viewer@user:anne`)
    const atLeastAsFresh = await write(tuple)
    expect((await kith.check({ store, tuple, atLeastAsFresh })).allowed).toBe(true)
  }
})

test('the zookie of an answer is the revision of that answer', async () => {
  const { kith, storage, store, write } = await world()
  const before = storage.revisionOf(store, (await kith.read({ store })).zookie)
  const written = storage.revisionOf(store, await write('document:1#viewer@user:anne'))
  const checked = storage.revisionOf(store, (await kith.check({ store, tuple: anne })).zookie)
  expect([written, checked]).toEqual([before + 1, before + 1])
})

test('writes that land together share the zookie of what they made together', async () => {
  const { kith, storage, store, write } = await world()
  const before = storage.revisionOf(store, (await kith.read({ store })).zookie)
  const names = ['1', '2', '3'].map((id) => `document:${id}#viewer@user:anne`)
  const zookies = await Promise.all(names.map((name) => write(name)))
  expect(new Set(zookies).size).toBe(1)
  expect(storage.revisionOf(store, zookies[0] ?? '')).toBe(before + 3)
})

test('a revision that is not here yet is waited for, then refused', async () => {
  const here = await world()
  const zookie = await here.write('document:1#viewer@user:anne')
  const waits: number[] = []
  const late: Storage = Object.assign(Object.create(here.storage), {
    revisionOf: (store: string, text: string) => here.storage.revisionOf(store, text) + 1,
    zookie: (store: string, revision: number) => here.storage.zookie(store, revision),
    waitFor: (store: string, revision: number, waitMs: number) => {
      waits.push(waitMs)
      return here.storage.waitFor(store, revision, 1)
    },
  })
  for (const name of ['stores', 'store', 'view', 'commit', 'onApplied', 'key'] as const) {
    Object.assign(late, { [name]: here.storage[name].bind(here.storage) })
  }
  const kith = kithOver(late, { zookieWaitMs: 70 })
  const request = { store: here.store, tuple: anne, atLeastAsFresh: zookie }
  expect(await refusedAs(kith.check(request))).toBe('not_yet_fresh')
  expect(waits).toEqual([70])
  await here.write('document:2#viewer@user:anne')
  expect((await kith.check(request)).allowed).toBe(true)
})
