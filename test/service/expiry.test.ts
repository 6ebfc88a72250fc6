import { expect, test } from 'vitest'
import { keyOf, noon, world } from './world.ts'

const anne = { ...keyOf('document:1#viewer@user:anne'), expiresAt: noon + 1000 }

test.each([
  [noon, true],
  [noon + 999, true],
  [noon + 1000, false],
  [noon + 1001, false],
])('at %i the grant stands: %s', async (now, allowed) => {
  const { kith, store, clock, check } = await world([anne])
  clock.now = now
  expect(await check('document:1#viewer@user:anne')).toBe(allowed)
  const { objects } = await kith.listObjects({
    store,
    type: 'document',
    relation: 'viewer',
    subject: 'user:anne',
  })
  expect(objects).toEqual(allowed ? ['document:1'] : [])
  const { users } = await kith.listUsers({
    store,
    object: 'document:1',
    relation: 'viewer',
    filter: { type: 'user' },
  })
  expect(users).toEqual(allowed ? ['user:anne'] : [])
})

test('time never goes back, and with it no expired grant', async () => {
  const { clock, check } = await world([anne])
  clock.now = noon + 1000
  expect(await check('document:1#viewer@user:anne')).toBe(false)
  clock.now = noon
  expect(await check('document:1#viewer@user:anne')).toBe(false)
})

test('an expired tuple can be written anew: a delete and a write in the changelog', async () => {
  const { kith, store, clock, check } = await world([anne])
  clock.now = noon + 1000
  await kith.write({ store, writes: [keyOf('document:1#viewer@user:anne')] })
  expect(await check('document:1#viewer@user:anne')).toBe(true)
  const { changes } = await kith.changes({ store })
  expect(changes.map(({ operation }) => operation)).toEqual(['write', 'delete', 'write'])
})

test('a contextual tuple that has expired is absent, and hides no stored one', async () => {
  const { kith, store, write } = await world()
  const tuple = keyOf('document:1#viewer@user:anne')
  const ask = async (expiresAt: number) =>
    (await kith.check({ store, tuple, contextual: [{ ...tuple, expiresAt }] })).allowed
  expect([await ask(noon - 1), await ask(noon), await ask(noon + 1)]).toEqual([false, false, true])
  await write(tuple)
  expect(await ask(noon)).toBe(true)
})
