/** Stores that somebody watches over have no depth limit; which they are is known without a read, and is never stale. */
import { afterAll, expect, test } from 'vitest'
import { faultOf } from '../../src/lib/fault.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import { kithOver } from '../../src/service/open.ts'
import { openStorage } from '../../src/storage/open.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'

const storage = await openStorage({ memory: true })
let reads = 0
/** Times that a change was put to the guard. */
let asked = 0
const kith = kithOver(storage, {
  resolveDepth: 25,
  guardOf(view) {
    reads += 1
    if (view.entity('watched', view.store) === undefined) return undefined
    return async () => {
      asked += 1
    }
  },
})
afterAll(() => storage.close())

const inside = (outer: number, inner: string): Tuple => ({
  object: `group:${outer}`,
  relation: 'member',
  subject: inner,
})
const { id: store } = await storage.createStore('deep')
const watched = { type: 'watched', id: store, attributes: {} }
const other = { type: 'user', id: 'ann', attributes: {} }
const json = await parseDsl(`model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member]`)
await storage.commit(store, {
  model: { id: '01', json },
  writes: [
    inside(0, 'user:ann'),
    ...Array.from({ length: 40 }, (_, at) => inside(at + 1, `group:${at}#member`)),
  ],
})

const tuple = { object: 'group:40', relation: 'member', subject: 'user:ann' }

/** By every way of asking: alone and in a batch, memory asked or passed by. */
async function said(): Promise<readonly unknown[]> {
  const all: unknown[] = []
  for (const higherConsistency of [false, false, true]) {
    try {
      all.push((await kith.check({ store, tuple, higherConsistency })).allowed)
    } catch (thrown) {
      all.push(faultOf(thrown).code)
    }
    const { results } = await kith.batchCheck({
      store,
      higherConsistency,
      checks: [{ correlationId: 'one', tuple }],
    })
    const result = results.get('one')
    all.push(result instanceof Error ? faultOf(result).code : result)
  }
  return all
}

const tooDeep = Array<string>(6).fill('authorization_model_resolution_too_complex')
const allowed = Array<boolean>(6).fill(true)

test('follows the entity from one commit to the next, with one read for each', async () => {
  reads = 0
  expect(await said()).toEqual(tooDeep)
  expect(reads).toBe(1)
  for (let round = 1; round <= 2; round++) {
    await storage.commit(store, { putEntities: [watched] })
    expect(await said()).toEqual(allowed)
    expect(reads).toBe(round * 2)
    await storage.commit(store, { deleteEntities: [watched] })
    expect(await said()).toEqual(tooDeep)
    expect(reads).toBe(round * 2 + 1)
  }
})

test('a commit of tuples or of other entities costs no read, and memory knows the limit as a walk does', async () => {
  await storage.commit(store, { putEntities: [watched] })
  await said()
  reads = 0
  await storage.commit(store, { writes: [inside(7, 'user:bob')], putEntities: [other] })
  expect(await said()).toEqual(allowed)
  expect(await kith.check({ store, tuple })).toMatchObject({ allowed: true, source: 'graph' })
  expect(reads).toBe(0)
})

test('writes know without a read that nobody watches, and are put to who watches from the next commit on', async () => {
  await storage.commit(store, { deleteEntities: [watched] })
  const write = (name: string) => kith.write({ store, writes: [inside(8, `user:${name}`)] })
  await write('cat')
  reads = 0
  asked = 0
  await write('dan')
  expect(kith.isGuarded(store)).toBe(false)
  expect([reads, asked]).toEqual([0, 0])
  await storage.commit(store, { putEntities: [watched] })
  await write('eve')
  expect(kith.isGuarded(store)).toBe(true)
  expect(asked).toBe(1)
  await storage.commit(store, { deleteEntities: [watched] })
  await write('fay')
  expect(kith.isGuarded(store)).toBe(false)
  expect(asked).toBe(1)
})
