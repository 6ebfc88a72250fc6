import { expect, test } from 'vitest'
import type { AssertionJson } from '../../src/model/assertion.ts'
import { refusal, refusedAs, world } from './world.ts'

const assertion: AssertionJson = {
  tuple_key: { object: 'document:1', relation: 'viewer', user: 'user:anne' },
  expectation: true,
  contextual_tuples: [],
  context: null,
}
const contextual = { object: 'document:1', relation: 'viewer', user: 'user:anne', condition: null }

test('replaced as a whole; none written is an empty list', async () => {
  const { kith, store, model } = await world()
  expect(await kith.assertions({ store, model })).toMatchObject({ model, assertions: [] })
  const conditioned = { ...contextual, condition: { name: 'small', context: { limit: 1 } } }
  const written = [
    assertion,
    { ...assertion, context: { size: 1 }, contextual_tuples: [contextual, conditioned] },
  ]
  await kith.writeAssertions({ store, model, assertions: written })
  expect(await kith.assertions({ store, model })).toMatchObject({ model, assertions: written })
  await kith.writeAssertions({ store, model, assertions: [assertion] })
  expect((await kith.assertions({ store, model })).assertions).toEqual([assertion])
})

test.each<[string, AssertionJson[], string]>([
  ['101 of them', Array.from({ length: 101 }, () => assertion), 'assertions_too_many_items: '],
  [
    'a relation that is not there',
    [{ ...assertion, tuple_key: { ...assertion.tuple_key, relation: 'nix' } }],
    'validation_error: ',
  ],
  [
    'a contextual tuple the model refuses',
    [{ ...assertion, contextual_tuples: [{ ...contextual, user: 'folder:1' }] }],
    'validation_error: Invalid tuple',
  ],
  [
    'a contextual tuple of nothing',
    [{ ...assertion, contextual_tuples: [{}] }],
    'validation_error: Invalid tuple',
  ],
  [
    '21 contextual tuples',
    [{ ...assertion, contextual_tuples: Array.from({ length: 21 }, () => contextual) }],
    'validation_error: ',
  ],
  [
    '64,001 bytes',
    [{ ...assertion, context: { size: 'x'.repeat(64_001) } }],
    'exceeded_entity_limit: The number of bytes exceeds the allowed limit of 64000',
  ],
])('%s is refused', async (_name, assertions, expected) => {
  const { kith, store, model } = await world()
  expect(await refusal(kith.writeAssertions({ store, model, assertions }))).toContain(expected)
  expect((await kith.assertions({ store, model })).assertions).toEqual([])
})

test('100 are taken', async () => {
  const { kith, store, model } = await world()
  await kith.writeAssertions({ store, model, assertions: Array.from({ length: 100 }, () => assertion) })
  expect((await kith.assertions({ store, model })).assertions).toHaveLength(100)
})

test('they belong to a model that is there', async () => {
  const { kith, store } = await world()
  for (const model of ['', '01ARZ3NDEKTSV4RRFFQ69G5FAV']) {
    expect(await refusedAs(kith.assertions({ store, model }))).toBe('authorization_model_not_found')
    expect(await refusedAs(kith.writeAssertions({ store, model, assertions: [] }))).toBe(
      'authorization_model_not_found',
    )
  }
})
