import { expect, test } from 'vitest'
import { keyOf, refusal, world } from './world.ts'

test('one level, conditions unevaluated', async () => {
  const { kith, store, model } = await world([
    { ...keyOf('document:1#owner@user:anne'), condition: { name: 'recent' } },
    'document:1#owner@user:bob',
  ])
  const answer = await kith.expand({ store, object: 'document:1', relation: 'owner' })
  expect(answer).toMatchObject({
    model,
    tree: { root: { name: 'document:1#owner', leaf: { users: { users: ['user:anne', 'user:bob'] } } } },
  })
})

test.each([
  [{ object: '' }, 'invalid_expand_input: Invalid input. Make sure you provide an object and a relation'],
  [{ relation: '' }, 'invalid_expand_input: Invalid input. Make sure you provide an object and a relation'],
  [{ object: 'nix:1' }, "validation_error: type 'nix' not found"],
  [{ relation: 'nix' }, "validation_error: relation 'document#nix' not found"],
  [{ object: 'document' }, "validation_error: invalid 'object' field format"],
  [
    { contextual: [keyOf('document:1#nix@user:anne')] },
    "invalid_tuple: Invalid tuple 'document:1#nix@user:anne'. Reason: relation 'document#nix' not found",
  ],
])('%j is refused', async (asked, expected) => {
  const { kith, store } = await world()
  expect(await refusal(kith.expand({ store, object: 'document:1', relation: 'viewer', ...asked }))).toBe(
    expected,
  )
})
