import { expect, test } from 'vitest'
import type { ReadRequest } from '../../src/service/requests.ts'
import { printTuple } from '../../src/tuple/tuple.ts'
import { keyOf, noon, refusal, refusedAs, type World, world } from './world.ts'

const tuples = [
  'document:1#owner@user:bob',
  'document:1#viewer@group:eng#member',
  'document:1#viewer@user:anne',
  'document:2#viewer@user:anne',
  'folder:x#viewer@user:*',
  'folder:x#viewer@user:anne',
]

type Filter = NonNullable<ReadRequest['filter']>

test.each<[Filter | undefined, number[]]>([
  [undefined, [0, 1, 2, 3, 4, 5]],
  [{ object: 'document:1' }, [0, 1, 2]],
  [{ object: 'document:1', relation: 'viewer' }, [1, 2]],
  [{ object: 'document:1', user: 'user:anne' }, [2]],
  [{ object: 'document:1', relation: 'viewer', user: 'user:anne' }, [2]],
  [{ object: 'document:1', relation: 'owner', user: 'user:anne' }, []],
  [{ object: 'document:', user: 'user:anne' }, [2, 3]],
  [{ object: 'document:', relation: 'viewer', user: 'user:anne' }, [2, 3]],
  [{ object: 'folder:', user: 'user:*' }, [4]],
  [{ object: 'document:1', user: 'group:eng#member' }, [1]],
  // Beyond upstream.
  [{ user: 'user:anne' }, [2, 3, 5]],
  [{ relation: 'viewer' }, [1, 2, 3, 4, 5]],
  [{ object: 'document:' }, [0, 1, 2, 3]],
  [{ object: 'document:', relation: 'owner' }, [0]],
  [{ relation: 'viewer', user: 'user:anne' }, [2, 3, 5]],
  [{ object: '', relation: '', user: 'user:*' }, [4]],
])('%j', async (filter, expected) => {
  const { kith, store } = await world(tuples)
  for (const pageSize of [undefined, 1, 2]) {
    const found = await pages(kith, { store, ...(filter && { filter }), ...(pageSize && { pageSize }) })
    expect(found.toSorted()).toEqual(expected.map((index) => tuples[index]).toSorted())
  }
})

async function pages(kith: World['kith'], request: ReadRequest): Promise<string[]> {
  const found: string[] = []
  let continuationToken = ''
  do {
    const page = await kith.read({ ...request, continuationToken })
    expect(page.tuples.length).toBeLessThanOrEqual(request.pageSize ?? 50)
    found.push(...page.tuples.map(printTuple))
    continuationToken = page.continuationToken
  } while (continuationToken !== '')
  return found
}

test('a tuple reads back whole', async () => {
  const condition = { name: 'small', context: { limit: 3 } }
  const tuple = { ...keyOf('document:1#viewer@user:anne'), condition, expiresAt: noon + 5000 }
  const { kith, store } = await world([tuple])
  expect((await kith.read({ store })).tuples).toMatchObject([{ ...tuple, timestamp: noon }])
})

test.each<[Filter, string]>([
  [{}, "the 'tuple_key' field was provided but the object type field is required"],
  [{ object: 'document' }, "invalid 'object' field format"],
  [{ object: ':' }, "invalid 'object' field format"],
  [{ object: 'document:*' }, "invalid 'object' field format"],
  [{ object: 'document:1', user: 'anne' }, "invalid 'user' field format"],
  [{ object: 'document:1', relation: 'a#b' }, "invalid 'relation' field format"],
])('%j is refused', async (filter, message) => {
  const { kith, store } = await world()
  const text = await refusal(kith.read({ store, filter }))
  expect(text).toContain(message)
  expect(text).toMatch(/^validation_error/)
})

test('page sizes: 1 to 100, 50 unless said', async () => {
  const { kith, store } = await world(Array.from({ length: 120 }, (_, i) => `document:${i}#viewer@user:anne`))
  expect((await kith.read({ store })).tuples).toHaveLength(50)
  expect((await kith.read({ store, pageSize: 100 })).tuples).toHaveLength(100)
  for (const pageSize of [-1, 101, 1.5]) {
    expect(await refusedAs(kith.read({ store, pageSize }))).toBe('page_size_invalid')
  }
})

test('the last page has no token, also when it is full', async () => {
  const { kith, store } = await world(tuples)
  const first = await kith.read({ store, pageSize: 3 })
  const second = await kith.read({ store, pageSize: 3, continuationToken: first.continuationToken })
  expect(first.continuationToken).not.toBe('')
  expect(second.continuationToken).toBe('')
})

test('an expired tuple is not read', async () => {
  const { kith, store, clock } = await world([
    { ...keyOf('document:1#viewer@user:anne'), expiresAt: noon + 1 },
  ])
  expect((await kith.read({ store })).tuples).toHaveLength(1)
  clock.now += 1
  expect((await kith.read({ store })).tuples).toHaveLength(0)
})
