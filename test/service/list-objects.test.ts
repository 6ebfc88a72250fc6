import { expect, test } from 'vitest'
import type { ListObjectsRequest } from '../../src/service/requests.ts'
import { all, keyOf, refusal, refusedAs, type World, world } from './world.ts'

const anne = { type: 'document', relation: 'viewer', subject: 'user:anne' }
const granted = (count: number) => Array.from({ length: count }, (_, i) => `document:${i}#viewer@user:anne`)

test.each<[Partial<ListObjectsRequest>, string[]]>([
  [{}, ['document:1', 'document:2', 'document:3']],
  [{ relation: 'reader' }, ['document:1', 'document:3']],
  [{ relation: 'owner' }, []],
  [{ subject: 'user:carl' }, ['document:3']],
  [{ subject: 'user:*' }, ['document:3']],
  [{ type: 'group', relation: 'member', subject: 'group:eng#member' }, ['group:eng']],
  [
    { contextual: [keyOf('document:9#viewer@user:anne')] },
    ['document:1', 'document:2', 'document:3', 'document:9'],
  ],
])('%j', async (asked, expected) => {
  const { kith, store, model } = await world([
    'document:2#viewer@user:anne',
    'document:2#blocked@user:anne',
    'document:1#viewer@group:eng#member',
    'group:eng#member@user:anne',
    'document:3#parent@folder:x',
    'folder:x#viewer@user:*',
  ])
  const question = { store, ...anne, ...asked }
  expect(await kith.listObjects(question)).toMatchObject({
    model,
    objects: expected,
    truncated: false,
    continuationToken: '',
  })
  const { objects } = await kith.streamListObjects(question)
  expect((await all(objects)).toSorted()).toEqual(expected)
})

test.each<[Partial<ListObjectsRequest>, string]>([
  [{ type: 'nix' }, "type_not_found: type 'nix' not found"],
  [{ relation: 'nix' }, "relation_not_found: relation 'document#nix' not found"],
  [{ subject: 'anne' }, "validation_error: invalid 'user' value: the 'user' field is malformed"],
  [{ subject: 'nix:anne' }, "validation_error: invalid 'user' value: type 'nix' not found"],
  [{ subject: 'group:eng#nix' }, "validation_error: invalid 'user' value: relation 'group#nix' not found"],
  [
    { contextual: [keyOf('document:1#parent@user:anne')] },
    "invalid_tuple: Invalid tuple 'document:1#parent@user:anne'. Reason: type 'user' is not an allowed type restriction for 'document#parent'",
  ],
  [{ pageSize: 1_001 }, 'page_size_invalid: invalid page_size: value must be inside range [1, 1000]'],
])('%j is refused', async (asked, expected) => {
  const { kith, store } = await world()
  expect(await refusal(kith.listObjects({ store, ...anne, ...asked }))).toBe(expected)
})

test('a list is cut at its limit and says so; a full one is not cut', async () => {
  const { kith, store } = await world(granted(5), { listMax: 4 })
  const cut = await kith.listObjects({ store, ...anne })
  expect(cut.objects).toHaveLength(4)
  expect(cut.truncated).toBe(true)
  await kith.write({ store, deletes: [keyOf('document:0#viewer@user:anne')] })
  const full = await kith.listObjects({ store, ...anne })
  expect(full).toMatchObject({ truncated: false })
  expect(full.objects).toHaveLength(4)
  const { objects } = await kith.streamListObjects({ store, ...anne })
  expect(await all(objects)).toHaveLength(4)
})

test('a list that has no time is what was found, truncated; a stream ends with the fault', async () => {
  const { kith, store } = await world(granted(5), { listDeadlineMs: -1 })
  expect(await kith.listObjects({ store, ...anne })).toMatchObject({ objects: [], truncated: true })
  expect(await kith.listObjects({ store, ...anne, pageSize: 2 })).toMatchObject({
    truncated: true,
    continuationToken: '',
  })
  expect(await refusedAs(kith.streamListObjects({ store, ...anne }))).toBe('deadline_exceeded')
})

test('a condition that cannot be evaluated fails the list', async () => {
  const { kith, store } = await world([
    { ...keyOf('document:1#viewer@user:anne'), condition: { name: 'small' } },
    'document:2#viewer@user:anne',
  ])
  expect(await refusedAs(kith.listObjects({ store, ...anne }))).toBe('validation_error')
})

async function pages(
  { kith, store }: World,
  pageSize: number,
  between: () => Promise<unknown> = async () => {},
) {
  const found: (readonly string[])[] = []
  let continuationToken = ''
  do {
    const page = await kith.listObjects({ store, ...anne, pageSize, continuationToken })
    found.push(page.objects)
    continuationToken = page.continuationToken
    await between()
  } while (continuationToken !== '')
  return found
}

test.each([1, 2, 5, 9, 10, 11])('pages of %i are the list, in the order of bytes', async (pageSize) => {
  const here = await world([
    ...granted(8),
    'document:\u{10400}#viewer@user:anne',
    'document:\uff21#viewer@user:anne',
  ])
  const found = await pages(here, pageSize)
  const ids = ['0', '1', '2', '3', '4', '5', '6', '7', '\uff21', '\u{10400}']
  expect(found.flat()).toEqual(ids.map((id) => `document:${id}`))
  expect(found).toHaveLength(Math.ceil(10 / pageSize))
})

test('each page is exact at its own revision', async () => {
  const here = await world(granted(6))
  const found = await pages(here, 2, () =>
    here.kith.write({
      store: here.store,
      deletes: [keyOf('document:3#viewer@user:anne')],
      onMissing: 'ignore',
    }),
  )
  expect(found).toEqual([['document:0', 'document:1'], ['document:2', 'document:4'], ['document:5']])
})
