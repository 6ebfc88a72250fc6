import { expect, test } from 'vitest'
import type { Precondition } from '../../src/service/requests.ts'
import { keyOf, noon, refusal, refusedAs, world } from './world.ts'

test.each<[string, Precondition, boolean]>([
  [
    'a whole tuple exists',
    { filter: { object: 'document:1', relation: 'viewer', user: 'user:anne' }, must: 'exist' },
    true,
  ],
  [
    'a whole tuple does not',
    { filter: { object: 'document:1', relation: 'viewer', user: 'user:bob' }, must: 'exist' },
    false,
  ],
  ['any of an object', { filter: { object: 'document:1' }, must: 'exist' }, true],
  ['any of a user', { filter: { user: 'user:anne' }, must: 'not_exist' }, false],
  ['any of a type', { filter: { object: 'folder:' }, must: 'not_exist' }, true],
  ['a relation of a user', { filter: { relation: 'owner', user: 'user:anne' }, must: 'not_exist' }, true],
  ['a relation of an object', { filter: { object: 'document:1', relation: 'viewer' }, must: 'exist' }, true],
])('%s', async (_name, precondition, taken) => {
  const { kith, store } = await world(['document:1#viewer@user:anne'])
  const write = kith.write({
    store,
    writes: [keyOf('document:9#viewer@user:z')],
    preconditions: [precondition],
  })
  if (taken) expect(await write).toMatchObject({ written: 1 })
  else expect(await refusedAs(write)).toBe('precondition_failed')
})

test('the fault names which one failed and why', async () => {
  const { kith, store } = await world(['document:1#viewer@user:anne'])
  const preconditions: Precondition[] = [
    { filter: { object: 'document:1' }, must: 'exist' },
    { filter: { object: 'document:', user: 'user:anne' }, must: 'not_exist' },
  ]
  expect(await refusal(kith.write({ store, preconditions }))).toBe(
    'precondition_failed: precondition 2 of 2: `document:*#*@user:anne` must not exist, and something does',
  )
})

test('a filter that names nothing, or nothing possible, is refused rather than found empty', async () => {
  const { kith, store } = await world()
  for (const filter of [{}, { object: 'document' }, { user: 'anne' }, { relation: 'a b' }]) {
    const preconditions: Precondition[] = [{ filter, must: 'not_exist' }]
    expect(await refusedAs(kith.write({ store, preconditions }))).toBe('validation_error')
  }
})

test('a filter that would take a scan while writers wait is refused', async () => {
  const { kith, store } = await world()
  for (const filter of [{ relation: 'viewer' }, { object: 'document:', relation: 'viewer' }]) {
    const preconditions: Precondition[] = [{ filter, must: 'not_exist' }]
    expect(await refusal(kith.write({ store, preconditions }))).toContain('must name an object or a user too')
  }
})

test('an expired tuple does not exist', async () => {
  const { kith, store, clock } = await world([
    { ...keyOf('document:1#viewer@user:anne'), expiresAt: noon + 1000 },
  ])
  const preconditions: Precondition[] = [{ filter: { object: 'document:1' }, must: 'not_exist' }]
  expect(await refusedAs(kith.write({ store, preconditions }))).toBe('precondition_failed')
  clock.now = noon + 1000
  expect(await kith.write({ store, preconditions })).toMatchObject({ written: 0 })
})

test('of 20 that race for one place, exactly one wins', async () => {
  const { kith, store } = await world()
  const claims = Array.from({ length: 20 }, (_, index) =>
    kith.write({
      store,
      writes: [keyOf(`document:1#owner@user:${index}`)],
      preconditions: [{ filter: { object: 'document:1', relation: 'owner' }, must: 'not_exist' }],
    }),
  )
  const outcomes = await Promise.allSettled(claims)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'precondition_failed' })
  }
  expect((await kith.read({ store, filter: { object: 'document:1' } })).tuples).toHaveLength(1)
})
