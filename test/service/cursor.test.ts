import { expect, test } from 'vitest'
import { keyOf, refusal, world } from './world.ts'

const tuples = ['document:1#viewer@user:anne', 'document:2#viewer@user:anne', 'document:3#viewer@user:anne']
const refused = 'invalid_continuation_token: Invalid continuation token'

/** A world and a token of its read by object type. */
async function paged() {
  const { kith, store, ...rest } = await world(tuples)
  const question = { store, filter: { object: 'document:', user: 'user:anne' }, pageSize: 1 }
  const { continuationToken: token } = await kith.read(question)
  expect(token).not.toBe('')
  return { ...rest, kith, store, question, token }
}

test('a token goes on in its own question, at any page size', async () => {
  const { kith, question, token } = await paged()
  const { tuples: rest } = await kith.read({ ...question, pageSize: 100, continuationToken: token })
  expect(rest.map(({ object }) => object)).toEqual(['document:2', 'document:3'])
})

test('tokens are URL-safe text of at most 5,120 bytes', async () => {
  const { token } = await paged()
  expect(token).toMatch(/^[A-Za-z0-9-_]+={0,2}$/)
  expect(token.length).toBeLessThan(5_120)
})

test('forged tokens are refused', async () => {
  const { kith, question, token } = await paged()
  const middle = Math.floor(token.length / 2)
  const flipped = token.slice(0, middle) + (token[middle] === 'A' ? 'B' : 'A') + token.slice(middle + 1)
  const forged = [flipped, token.slice(0, -4), `${token}AAAA`, 'AAAA', '!', 'ä', 'A'.repeat(6_000)]
  for (const continuationToken of forged) {
    expect(await refusal(kith.read({ ...question, continuationToken }))).toBe(refused)
  }
})

test('a token of another filter, verb or store is refused', async () => {
  const { kith, store, question, token } = await paged()
  const filters = [
    undefined,
    { object: 'document:' },
    { user: 'user:anne' },
    { object: 'folder:', user: 'user:anne' },
  ]
  for (const filter of filters) {
    expect(await refusal(kith.read({ store, ...(filter && { filter }), continuationToken: token }))).toBe(
      refused,
    )
  }
  const { id: other } = await kith.createStore('other')
  expect(await refusal(kith.read({ ...question, store: other, continuationToken: token }))).toBe(refused)
  for (const work of [
    kith.changes({ store, continuationToken: token }),
    kith.models({ store, continuationToken: token }),
    kith.stores({ continuationToken: token }),
    kith.listObjects({
      store,
      type: 'document',
      relation: 'viewer',
      subject: 'user:anne',
      continuationToken: token,
    }),
  ]) {
    expect(await refusal(work)).toBe(refused)
  }
})

test('a token of a list is bound to the question, its context included', async () => {
  const { kith, store } = await paged()
  const question = { store, type: 'document', relation: 'viewer', subject: 'user:anne', pageSize: 1 }
  const { continuationToken } = await kith.listObjects(question)
  expect(continuationToken).not.toBe('')
  for (const other of [
    { relation: 'reader' },
    { type: 'folder' },
    { subject: 'user:bob' },
    { context: { a: 1 } },
    { contextual: [keyOf('document:9#viewer@user:anne')] },
  ]) {
    expect(await refusal(kith.listObjects({ ...question, ...other, continuationToken }))).toBe(refused)
  }
})

test('a token of changes is none of models, nor the reverse', async () => {
  const { kith, store } = await paged()
  await kith.writeModel({ store, json: (await kith.model({ store })).json })
  const { continuationToken: ofChanges } = await kith.changes({ store, pageSize: 1 })
  const { continuationToken: ofModels } = await kith.models({ store, pageSize: 1 })
  expect([ofChanges, ofModels]).not.toContain('')
  expect(await refusal(kith.models({ store, continuationToken: ofChanges }))).toBe(refused)
  expect(await refusal(kith.changes({ store, continuationToken: ofModels }))).toBe(refused)
})
