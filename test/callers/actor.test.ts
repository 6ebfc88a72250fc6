/** The acting user: who may name one, and which credentials are bound to one. */
import { describe, expect, test } from 'vitest'
import { demandActor, isActor } from '../../src/callers/actor.ts'
import { anonymous, type Caller } from '../../src/callers/caller.ts'
import { Scopes } from '../../src/callers/scopes.ts'
import { openRing, operator } from './ring.ts'

const one = '01J0000000000000000000000A'
const two = '01J0000000000000000000000B'
const caller = (words: readonly string[], actor?: string): Caller => ({
  id: 'key:x',
  kind: 'key',
  scopes: Scopes.of(words),
  ...(actor === undefined ? {} : { actor }),
})

test.each([
  ['user:anne', true],
  ['user:anne@example.org', true],
  ['agent:a', true],
  [`user:${'a'.repeat(251)}`, true],
  ['', false],
  ['anne', false],
  ['user:', false],
  [':anne', false],
  ['user:*', false],
  ['*:anne', false],
  ['user:a:b', false],
  ['group:eng#member', false],
  ['user:a b', false],
  ['user:a\n', false],
  ['user:\ud800', false],
  [`user:${'a'.repeat(252)}`, false],
  [`user:${'é'.repeat(126)}`, false],
])('%j is an actor: %s', (text, expected) => {
  expect(isActor(text)).toBe(expected)
})

describe('who acts', () => {
  test.each([
    ['nobody, where nobody is named', caller(['*']), undefined, undefined],
    ['the user of the credential', caller([], 'user:anne'), undefined, 'user:anne'],
    ['the same, named too', caller([], 'user:anne'), 'user:anne', 'user:anne'],
    ['who is named with the right', caller([`act:${one}`]), 'user:anne', 'user:anne'],
    ['also past the own one', caller(['act'], 'user:bob'), 'user:anne', 'user:anne'],
    ['anybody, where nobody is asked who it is', anonymous, 'user:anne', 'user:anne'],
  ])('%s', (_, by, named, expected) => {
    expect(demandActor(by, one, named)).toBe(expected)
  })

  test.each([
    ['without the right', caller(['directory', 'write']), 'user:anne', 'forbidden'],
    ['with the right in another store', caller([`act:${two}`]), 'user:anne', 'forbidden'],
    ['another than the own one', caller(['directory'], 'user:bob'), 'user:anne', 'forbidden'],
    ['what is no user', caller(['*']), 'user:*', 'validation_error'],
    ['a set of users', caller(['*']), 'group:eng#member', 'validation_error'],
    ['nothing', caller(['*']), '', 'validation_error'],
  ])('not %s', (_, by, named, code) => {
    expect(() => demandActor(by, one, named)).toThrow(expect.objectContaining({ code }))
  })
})

describe('a key bound to a user', () => {
  test('acts for it, through a rotation and a restart', async () => {
    const ring = await openRing()
    const made = { name: 'a', scopes: Scopes.of(['directory']), actor: 'user:anne' }
    const { key, info } = await ring.keys.create(made, operator)
    const { key: second } = await ring.keys.rotate(info.id, 1_000, operator)
    const after = await openRing(ring.shelf)
    for (const text of [key, second]) expect(after.keys.find(text, ring.now)?.caller.actor).toBe('user:anne')
    expect(ring.keys.find(await ring.key('check'), ring.now)?.caller).not.toHaveProperty('actor')
  })

  const scopes = ['keys', 'directory']
  test.each([
    ['by who may act for anybody', caller([...scopes, 'act']), 'user:anne', 'user:anne'],
    ['by who acts for that user', caller(scopes, 'user:anne'), 'user:anne', 'user:anne'],
    ['for its maker, where nothing is said', caller(scopes, 'user:anne'), undefined, 'user:anne'],
    ['for nobody, by who may act for anybody', caller([...scopes, 'act'], 'user:anne'), undefined, undefined],
  ])('is given %s', async (_, by, actor, expected) => {
    const ring = await openRing()
    const made = { name: 'a', scopes: Scopes.of(['directory']), ...(actor === undefined ? {} : { actor }) }
    expect((await ring.keys.create(made, by)).info.actor).toBe(expected)
  })

  test.each([
    ['without the right', caller(scopes), 'user:anne', 'forbidden'],
    ['for another than its own', caller(scopes, 'user:bob'), 'user:anne', 'forbidden'],
    ['with the right in one store', caller([...scopes, `act:${one}`]), 'user:anne', 'forbidden'],
    ['for what is no user', caller(['*']), 'anne', 'validation_error'],
    ['for nothing', caller(['*']), '', 'validation_error'],
  ])('is not given %s', async (_, by, actor, code) => {
    const ring = await openRing()
    const made = { name: 'a', scopes: Scopes.of(['directory']), actor }
    await expect(ring.keys.create(made, by)).rejects.toMatchObject({ code })
    expect(ring.shelf.rows.size).toBe(0)
  })

  test('of one store is given with the right in that store', async () => {
    const ring = await openRing()
    const by = caller(['keys', `directory:${one}`, `act:${one}`])
    const made = { name: 'a', scopes: Scopes.of([`directory:${one}`]), actor: 'user:anne' }
    expect((await ring.keys.create(made, by)).info.actor).toBe('user:anne')
  })

  test('is not there for who could not make it: a new secret would act for another', async () => {
    const ring = await openRing()
    const make = async (actor?: string) => {
      const made = { name: 'a', scopes: Scopes.of(['directory']), ...(actor === undefined ? {} : { actor }) }
      return (await ring.keys.create(made, operator)).info.id
    }
    const [annes, bobs, nobodys] = [await make('user:anne'), await make('user:bob'), await make()]
    const anne = caller(scopes, 'user:anne')
    expect(ring.keys.list(anne).map(({ id }) => id)).toEqual([annes])
    for (const id of [bobs, nobodys]) {
      await expect(ring.keys.rotate(id, 0, anne)).rejects.toMatchObject({ code: 'key_not_found' })
      await expect(ring.keys.revoke(id, anne)).rejects.toMatchObject({ code: 'key_not_found' })
    }
    expect(ring.keys.list(caller(scopes)).map(({ id }) => id)).toEqual([nobodys])
    await ring.keys.revoke(annes, anne)
  })
})
