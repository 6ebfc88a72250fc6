import { expect, onTestFinished, test, vi } from 'vitest'
import type { ChangesAnswer, ChangesRequest } from '../../src/service/requests.ts'
import { StoreView } from '../../src/storage/view.ts'
import { printTuple } from '../../src/tuple/tuple.ts'
import { each, keyOf, noon, refusal, refusedAs, type World, world } from './world.ts'

function print({ changes }: ChangesAnswer): string[] {
  return changes.map(({ operation, tuple }) => `${operation} ${printTuple(tuple)}`)
}

/** Every change, page by page, until the token stays. */
async function follow(kith: World['kith'], request: ChangesRequest): Promise<string[]> {
  const found: string[] = []
  let continuationToken = request.continuationToken ?? ''
  for (;;) {
    const page = await kith.changes({ ...request, continuationToken })
    found.push(...print(page))
    if (page.continuationToken === continuationToken) return found
    continuationToken = page.continuationToken
  }
}

test('oldest first; deletes before writes, as keys; models are not shown', async () => {
  const conditioned = { ...keyOf('document:1#viewer@user:anne'), condition: { name: 'small' } }
  const { kith, store } = await world([conditioned])
  await kith.write({
    store,
    writes: [keyOf('document:2#viewer@user:bob')],
    deletes: [keyOf('document:1#viewer@user:anne')],
  })
  const page = await kith.changes({ store })
  expect(print(page)).toEqual([
    'write document:1#viewer@user:anne',
    'delete document:1#viewer@user:anne',
    'write document:2#viewer@user:bob',
  ])
  expect(page.changes[0]?.tuple.condition?.name).toBe('small')
  expect(page.changes[1]?.tuple.condition).toBeUndefined()
  expect(page.changes[1]?.timestamp).toBe(page.changes[2]?.timestamp)
})

test('of large commits no more is read than a page takes', async () => {
  const { kith, store } = await world([], { tuplesPerWriteMax: 1_500 })
  for (const folder of ['a', 'b', 'c', 'd']) {
    const writes = Array.from({ length: 1_500 }, (_, i) => keyOf(`document:${folder}${i}#viewer@user:anne`))
    await kith.write({ store, writes })
  }
  let read = 0
  const { changes } = StoreView.prototype
  const reading = vi.spyOn(StoreView.prototype, 'changes')
  onTestFinished(() => reading.mockRestore())
  reading.mockImplementation(async function (this: StoreView, ...asked) {
    const entries = await changes.apply(this, asked)
    for (const { tuples } of entries) read += tuples.length
    return entries
  })
  await kith.changes({ store, pageSize: 10 })
  expect(read).toBe(1_500)
  await kith.history({ store, pageSize: 2 })
  expect(read).toBe(3_000)
  expect(await follow(kith, { store, pageSize: 100 })).toHaveLength(6_000)
})

test('at the end the token is given back, and it goes on from there', async () => {
  const { kith, store, write } = await world()
  const empty = await kith.changes({ store })
  expect(empty).toMatchObject({ changes: [], continuationToken: '' })
  await write('document:1#viewer@user:anne')
  const { continuationToken } = await kith.changes({ store })
  expect(continuationToken).not.toBe('')
  expect(await kith.changes({ store, continuationToken })).toMatchObject({ changes: [], continuationToken })
  await write('document:2#viewer@user:anne')
  const next = await kith.changes({ store, continuationToken })
  expect(print(next)).toEqual(['write document:2#viewer@user:anne'])
})

test('type filters, and the token holds it', async () => {
  const { kith, store } = await world(['document:1#viewer@user:anne', 'folder:1#viewer@user:anne'])
  const page = await kith.changes({ store, type: 'folder' })
  expect(print(page)).toEqual(['write folder:1#viewer@user:anne'])
  const { continuationToken } = page
  for (const type of ['document', '']) {
    expect(await refusal(kith.changes({ store, type, continuationToken }))).toBe(
      "query_string_type_continuation_token_mismatch: The type in the querystring and the continuation token don't match",
    )
  }
  expect((await kith.changes({ store, type: 'folder', continuationToken })).changes).toEqual([])
})

test('start_time: from that instant on, not in the future, not beside a token', async () => {
  const { kith, store, clock, write } = await world(['document:1#viewer@user:anne'])
  for (const id of [2, 3]) {
    clock.now = noon + id * 1000
    await write(`document:${id}#viewer@user:anne`)
  }
  const from = async (startTime: number) => print(await kith.changes({ store, startTime })).length
  expect(await from(0)).toBe(3)
  expect(await from(noon + 1)).toBe(2)
  expect(await from(noon + 2000)).toBe(2)
  expect(await from(noon + 2001)).toBe(1)
  expect(await refusal(kith.changes({ store, startTime: noon + 3001 }))).toBe(
    'invalid_start_time: Invalid start time',
  )
  expect(await refusedAs(kith.changes({ store, startTime: Number.NaN }))).toBe('invalid_start_time')
  const { continuationToken } = await kith.changes({ store, pageSize: 1 })
  expect(print(await kith.changes({ store, startTime: noon + 3001, continuationToken }))).toHaveLength(2)
})

test.each([1, 2, 3, 7, 100])(
  'pages of %i miss nothing and repeat nothing, inside a revision too',
  async (pageSize) => {
    const { kith, store, write } = await world(
      Array.from({ length: 7 }, (_, i) => `document:${i}#viewer@user:anne`),
    )
    await write('folder:1#viewer@user:anne')
    await kith.write({ store, deleteWhere: { object: 'document:' } })
    await write('document:z#viewer@user:anne')
    const whole = print(await kith.changes({ store, pageSize: 100 }))
    expect(whole).toHaveLength(16)
    expect(await follow(kith, { store, pageSize })).toEqual(whole)
    expect(await follow(kith, { store, pageSize, type: 'folder' })).toEqual([
      'write folder:1#viewer@user:anne',
    ])
  },
)

test('page sizes are 1 to 100', async () => {
  const { kith, store } = await world()
  for (const pageSize of [-1, 101]) {
    expect(await refusedAs(kith.changes({ store, pageSize }))).toBe('page_size_invalid')
  }
})

test('a filter that matches little ends a page early, with a token to go on', async () => {
  const { kith, store, write } = await world()
  const many = Array.from({ length: 60_000 }, (_, i) => keyOf(`document:${i}#viewer@user:anne`))
  await kith.importTuples({ store }, each(many))
  await write('folder:1#viewer@user:anne')
  const first = await kith.changes({ store, type: 'folder' })
  expect(first.changes).toEqual([])
  expect(first.continuationToken).not.toBe('')
  expect(await follow(kith, { store, type: 'folder' })).toEqual(['write folder:1#viewer@user:anne'])
})
