import { expect, test } from 'vitest'
import type { WriteRequest } from '../../src/service/requests.ts'
import { keyOf, noon, refusal, refusedAs, world } from './world.ts'

const anne = keyOf('document:1#viewer@user:anne')
const missing = '01ARZ3NDEKTSV4RRFFQ69G5FAV'

test('writes are visible when the answer comes, deletes too', async () => {
  const { kith, store, model, check } = await world()
  const written = await kith.write({ store, writes: [anne] })
  expect(written).toMatchObject({ model, written: 1, deleted: 0 })
  expect(await check('document:1#viewer@user:anne')).toBe(true)
  expect(await kith.write({ store, deletes: [anne] })).toMatchObject({ written: 0, deleted: 1 })
  expect(await check('document:1#viewer@user:anne')).toBe(false)
})

// Each row breaks one rule and every rule after it: the first must be the one that speaks.
const badOption = { onDuplicate: 'x', onMissing: 'y' }
const twice = keyOf('document:1#viewer@user:bob')
const malformedDelete = keyOf('document:1#viewer@bob')
const implicit = keyOf('group:1#member@group:1#member')
const order: [string, Omit<WriteRequest, 'store'>, string][] = [
  [
    'the model',
    { model: missing, writes: [implicit] },
    `authorization_model_not_found: Authorization Model '${missing}' not found`,
  ],
  [
    'the model, for deletes too',
    { model: missing, deletes: [anne] },
    `authorization_model_not_found: Authorization Model '${missing}' not found`,
  ],
  [
    'emptiness',
    { ...badOption },
    'invalid_write_input: Invalid input. Make sure you provide at least one write, or at least one delete',
  ],
  [
    'the first invalid write',
    { writes: [anne, keyOf('document:1#nix@user:anne'), implicit], deletes: [malformedDelete], ...badOption },
    "validation_error: Invalid tuple 'document:1#nix@user:anne'. Reason: relation 'document#nix' not found",
  ],
  [
    'an implicit write',
    { writes: [implicit, implicit], deletes: [malformedDelete], ...badOption },
    "validation_error: Invalid tuple 'group:1#member@group:1#member'. Reason: cannot write a tuple that is implicit",
  ],
  [
    "a delete's user",
    { writes: [twice, twice], deletes: [malformedDelete], ...badOption },
    "validation_error: Invalid tuple 'document:1#viewer@bob'. Reason: the 'user' field is malformed",
  ],
  [
    'duplicates',
    { writes: [twice], deletes: [twice], ...badOption },
    "cannot_allow_duplicate_tuples_in_one_request: duplicate tuple in write: user: 'user:bob', relation: 'viewer', object: 'document:1'",
  ],
  [
    'the limit',
    { writes: Array.from({ length: 101 }, (_, i) => keyOf(`document:${i}#viewer@user:anne`)), ...badOption },
    'exceeded_entity_limit: The number of write operations exceeds the allowed limit of 100',
  ],
  ['on_duplicate', { writes: [anne], ...badOption }, 'validation_error: invalid on_duplicate option: x'],
  [
    'on_missing',
    { deletes: [anne], onMissing: 'update' },
    'validation_error: invalid on_missing option: update',
  ],
  [
    'presence',
    { deletes: [anne] },
    "write_failed_due_to_invalid_input: cannot delete a tuple which does not exist: user: 'user:anne', relation: 'viewer', object: 'document:1': tuple to be written already existed or the tuple to be deleted did not exist",
  ],
]
test.each(order)('order of checks: %s', async (_name, request, expected) => {
  const { kith, store } = await world()
  expect(await refusal(kith.write({ store, ...request }))).toBe(expected)
  expect((await kith.read({ store })).tuples).toEqual([])
})

test('a deletes-only write needs a model', async () => {
  const { kith } = await world()
  const { id } = await kith.createStore('none')
  expect(await refusedAs(kith.write({ store: id, deletes: [anne] }))).toBe(
    'latest_authorization_model_not_found',
  )
})

test('exactly 100 are taken', async () => {
  const { kith, store } = await world()
  const writes = Array.from({ length: 100 }, (_, i) => keyOf(`document:${i}#viewer@user:anne`))
  expect(await kith.write({ store, writes })).toMatchObject({ written: 100 })
})

test('on_duplicate: error, ignore, update', async () => {
  const { kith, store, write } = await world()
  await write('document:1#viewer@user:anne')
  const other = { ...anne, condition: { name: 'small', context: { limit: 3 } } }
  expect(await refusal(kith.write({ store, writes: [anne] }))).toBe(
    "write_failed_due_to_invalid_input: cannot write a tuple which already exists: user: 'user:anne', relation: 'viewer', object: 'document:1': tuple to be written already existed or the tuple to be deleted did not exist",
  )
  expect(await kith.write({ store, writes: [anne], onDuplicate: 'ignore' })).toMatchObject({ written: 0 })
  expect(await refusedAs(kith.write({ store, writes: [other], onDuplicate: 'ignore' }))).toBe('Aborted')
  expect(await kith.write({ store, writes: [other], onDuplicate: 'update' })).toMatchObject({ written: 1 })
  expect((await kith.read({ store })).tuples[0]?.condition).toEqual(other.condition)
})

test('on_missing: ignore, also for what could never be there', async () => {
  const { kith, store } = await world()
  const odd = { object: 'nonsense', relation: 'a b', subject: 'user:anne' }
  expect(await kith.write({ store, deletes: [anne, odd], onMissing: 'ignore' })).toMatchObject({ deleted: 0 })
  expect(await refusedAs(kith.write({ store, deletes: [odd] }))).toBe('write_failed_due_to_invalid_input')
})

test('stale tuples can be deleted under any model', async () => {
  const { kith, store } = await world(['document:1#viewer@user:anne'])
  const { json } = await kith.model({ store })
  const types = json.type_definitions.filter(({ type }) => type === 'user')
  await kith.writeModel({ store, json: { schema_version: '1.1', type_definitions: types } })
  expect(await kith.write({ store, deletes: [anne] })).toMatchObject({ deleted: 1 })
})

test('context of a condition: 32,768 bytes, not one more', async () => {
  const dsl = `model
  schema 1.1
type user
type document
  relations
    define viewer: [user with named]
condition named(name: string) {
  name != ""
}
`
  const { kith, store } = await world([], { dsl })
  const sized = (bytes: number) => ({
    ...anne,
    condition: { name: 'named', context: { name: 'x'.repeat(bytes - '{"name":""}'.length) } },
  })
  expect(await refusal(kith.write({ store, writes: [sized(32_769)] }))).toContain(
    'condition context size limit exceeded: 32769 bytes exceeds 32768 bytes',
  )
  expect(await kith.write({ store, writes: [sized(32_768)] })).toMatchObject({ written: 1 })
})

test('expires_at lies in the future', async () => {
  const { kith, store } = await world()
  expect(await kith.write({ store, writes: [{ ...anne, expiresAt: noon + 1 }] })).toMatchObject({
    written: 1,
  })
  for (const expiresAt of [noon, noon - 1, Number.NaN, noon + 0.5]) {
    const text = await refusal(kith.write({ store, writes: [{ ...anne, expiresAt }] }))
    expect(text).toMatch(/^validation_error: Invalid tuple .* expires_at must lie in the future/)
  }
})

test('delete_where takes what matches, in one revision, and counts as content', async () => {
  const { kith, store } = await world([
    'document:1#viewer@user:anne',
    'document:1#owner@user:anne',
    'document:2#viewer@user:anne',
  ])
  expect(await kith.write({ store, deleteWhere: { object: 'document:1' } })).toMatchObject({ deleted: 2 })
  expect(await kith.write({ store, deleteWhere: { user: 'user:anne' } })).toMatchObject({ deleted: 1 })
  expect(await kith.write({ store, deleteWhere: { user: 'user:anne' } })).toMatchObject({ deleted: 0 })
  for (const deleteWhere of [{}, { object: 'nonsense' }, { user: 'anne' }]) {
    expect(await refusedAs(kith.write({ store, deleteWhere }))).toBe('validation_error')
  }
})

test('writes before the refused one of a request are not written', async () => {
  const { kith, store, write } = await world()
  await write('document:9#viewer@user:anne')
  const writes = [anne, keyOf('document:9#viewer@user:anne')]
  expect(await refusedAs(kith.write({ store, writes }))).toBe('write_failed_due_to_invalid_input')
  expect((await kith.read({ store })).tuples).toHaveLength(1)
})
