/** Keys: what opens, until when, and what is kept of them; through a restart, and when the shelf fails. */
import { describe, expect, test } from 'vitest'
import { parseKey } from '../../src/callers/key-text.ts'
import { Scopes } from '../../src/callers/scopes.ts'
import { Fault } from '../../src/lib/fault.ts'
import { hashSecret, isSecret } from '../../src/lib/secret.ts'
import { openStorage } from '../../src/storage/open.ts'
import { openRing, operator, type Ring } from './ring.ts'

const check = Scopes.of(['check'])
const finds = (ring: Ring, key: string) => ring.keys.find(key, ring.now)?.caller.id

test('a key opens, nothing like it does', async () => {
  const ring = await openRing()
  const { key, info } = await ring.keys.create({ name: 'a', scopes: check }, operator)
  expect(key).toMatch(/^kith_[0-9A-Z]{26}_[\w-]{43}$/)
  expect(finds(ring, key)).toBe(`key:${info.id}`)
  const { key: other } = await ring.keys.create({ name: 'b', scopes: check }, operator)
  const swapped = key.slice(0, 31) + other.slice(31)
  const flipped = key.slice(0, 40) + (key[40] === 'A' ? 'B' : 'A') + key.slice(41)
  for (const wrong of ['', 'kith_', key.slice(0, -1), `${key}A`, key.toLowerCase(), swapped, flipped]) {
    expect(finds(ring, wrong)).toBeUndefined()
  }
})

test('the same secret is never kept alike, and never itself', async () => {
  const [one, two] = [hashSecret('s'), hashSecret('s')]
  expect(one).not.toEqual(two)
  expect([isSecret('s', one), isSecret('s', two), isSecret('t', one), isSecret('', one)]).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect(isSecret('s', { ...one, hash: '' })).toBe(false)
  const ring = await openRing()
  const key = await ring.key('*')
  const kept = JSON.stringify([...ring.shelf.rows])
  expect(kept).toContain('hash')
  expect(kept).not.toContain(parseKey(key)?.secret)
})

test('it ends when it was said to', async () => {
  const ring = await openRing()
  const { key } = await ring.keys.create({ name: 'a', scopes: check, expiresAt: ring.now + 1_000 }, operator)
  ring.now += 999
  expect(finds(ring, key)).toBeDefined()
  ring.now += 1
  expect(finds(ring, key)).toBeUndefined()
})

describe('rotation', () => {
  test('both open for the overlap, the older ones no more', async () => {
    const ring = await openRing()
    const { key: first, info } = await ring.keys.create({ name: 'a', scopes: check }, operator)
    const { key: second } = await ring.keys.rotate(info.id, 1_000, operator)
    expect([finds(ring, first), finds(ring, second)]).toEqual([`key:${info.id}`, `key:${info.id}`])
    const { key: third } = await ring.keys.rotate(info.id, 1_000, operator)
    expect([finds(ring, first), finds(ring, second) !== undefined]).toEqual([undefined, true])
    ring.now += 1_000
    expect([finds(ring, second), finds(ring, third) !== undefined]).toEqual([undefined, true])
  })

  test('without an overlap the one before ends at once', async () => {
    const ring = await openRing()
    const { key, info } = await ring.keys.create({ name: 'a', scopes: check }, operator)
    await ring.keys.rotate(info.id, 0, operator)
    expect(finds(ring, key)).toBeUndefined()
  })

  test('an overlap does not outlive the key', async () => {
    const ring = await openRing()
    const made = await ring.keys.create({ name: 'a', scopes: check, expiresAt: ring.now + 500 }, operator)
    const { key } = await ring.keys.rotate(made.info.id, 1_000, operator)
    ring.now += 500
    expect([finds(ring, made.key), finds(ring, key)]).toEqual([undefined, undefined])
  })
})

test('a secret that was rotated out asks, and makes or rotates no key that would outlive it', async () => {
  const ring = await openRing()
  const { info, key: first } = await ring.keys.create({ name: 'a', scopes: Scopes.of(['*']) }, operator)
  const { key: second } = await ring.keys.rotate(info.id, 1_000, operator)
  const callerBy = (key: string) => {
    const caller = ring.keys.find(key, ring.now)?.caller
    if (caller === undefined) throw new Error('it does not open')
    return caller
  }
  const before = ring.shelf.rows.size
  expect(callerBy(first)).toMatchObject({ id: `key:${info.id}`, scopes: Scopes.all })
  const refused = { code: 'forbidden', message: expect.stringContaining('only its new secret') }
  await expect(ring.keys.create({ name: 'b', scopes: check }, callerBy(first))).rejects.toMatchObject(refused)
  await expect(ring.keys.rotate(info.id, 1_000, callerBy(first))).rejects.toMatchObject(refused)
  expect(ring.shelf.rows.size).toBe(before)
  expect(finds(ring, second)).toBeDefined()
  await ring.keys.create({ name: 'b', scopes: check }, callerBy(second))
})

test('a restart keeps what was made, rotated and revoked', async () => {
  const before = await openRing()
  const { key, info } = await before.keys.create({ name: 'kept', scopes: check }, operator)
  const { key: gone, info: lost } = await before.keys.create({ name: 'gone', scopes: check }, operator)
  await before.keys.revoke(lost.id, operator)
  const { key: second } = await before.keys.rotate(info.id, 1_000, operator)
  const after = await openRing(before.shelf)
  expect([finds(after, key), finds(after, second), finds(after, gone)]).toEqual([
    `key:${info.id}`,
    `key:${info.id}`,
    undefined,
  ])
  const told = (ring: Ring) => ring.keys.list(operator).map(({ usedAt: _, ...rest }) => rest)
  expect(told(after)).toEqual(told(before))
  const { info: next } = await after.keys.create({ name: 'next', scopes: check }, operator)
  expect(next.id > lost.id).toBe(true)
})

describe('a shelf that fails', () => {
  const failure = new Fault('unavailable', 'the outcome of the write is unknown')

  test('shows no key that may not be kept', async () => {
    const ring = await openRing()
    ring.shelf.failure = failure
    await expect(ring.key('check')).rejects.toBe(failure)
    expect(ring.keys.list(operator)).toEqual([])
    expect(finds(ring, await ring.key('check'))).toBeDefined()
  })

  test('keeps no key open that was to be revoked, and is asked again', async () => {
    const ring = await openRing()
    const { key, info } = await ring.keys.create({ name: 'a', scopes: check }, operator)
    ring.shelf.failure = failure
    await expect(ring.keys.revoke(info.id, operator)).rejects.toBe(failure)
    expect(finds(ring, key)).toBeUndefined()
    await ring.keys.revoke(info.id, operator)
    expect(finds(await openRing(ring.shelf), key)).toBeUndefined()
  })
})

test('a key that is revoked is closed before its turn comes, and what is under way does not open it again', async () => {
  const ring = await openRing()
  const { key, info } = await ring.keys.create({ name: 'a', scopes: check }, operator)
  let goOn = () => {}
  const stuck = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const begun = new Promise<void>((resolve) => {
    ring.shelf.onPut = () => {
      resolve()
      return stuck
    }
  })
  const rotating = ring.keys.rotate(info.id, 1_000, operator)
  await begun
  const revoking = ring.keys.revoke(info.id, operator)
  expect(finds(ring, key)).toBeUndefined()
  goOn()
  await expect(rotating).rejects.toMatchObject({ code: 'key_not_found' })
  await revoking
  expect(finds(ring, key)).toBeUndefined()
  expect(finds(await openRing(ring.shelf), key)).toBeUndefined()
  expect([...ring.shelf.rows.values()].map(({ secrets }) => secrets)).toEqual([[]])
})

test('a key made with a key lives no longer than that', async () => {
  const ring = await openRing()
  const scopes = Scopes.of(['keys', 'check'])
  const { key } = await ring.keys.create({ name: 'a', scopes, expiresAt: ring.now + 1_000 }, operator)
  const maker = ring.keys.find(key, ring.now)?.caller ?? operator
  const endOf = async (expiresAt?: number) => {
    const made = { name: 'b', scopes: check, ...(expiresAt === undefined ? {} : { expiresAt }) }
    return (await ring.keys.create(made, maker)).info.expiresAt
  }
  expect(await endOf()).toBe(ring.now + 1_000)
  expect(await endOf(ring.now + 5_000)).toBe(ring.now + 1_000)
  expect(await endOf(ring.now + 500)).toBe(ring.now + 500)
  const { info } = await ring.keys.create({ name: 'c', scopes: check }, operator)
  expect(info.expiresAt).toBeUndefined()
})

test('a key that was revoked while its request was under way makes no other, and rotates none', async () => {
  const ring = await openRing()
  const made = await ring.keys.create({ name: 'a', scopes: Scopes.of(['keys', 'check']) }, operator)
  const other = await ring.keys.create({ name: 'b', scopes: check }, operator)
  const maker = ring.keys.find(made.key, ring.now)?.caller
  if (maker === undefined) throw new Error('it was made a line ago')
  await ring.keys.revoke(made.info.id, operator)
  const rows = JSON.stringify([...ring.shelf.rows])
  const refused = { code: 'unauthenticated' }
  await expect(ring.keys.create({ name: 'c', scopes: check }, maker)).rejects.toMatchObject(refused)
  await expect(ring.keys.rotate(other.info.id, 0, maker)).rejects.toMatchObject(refused)
  expect(JSON.stringify([...ring.shelf.rows])).toBe(rows)
  expect(finds(ring, other.key)).toBe(`key:${other.info.id}`)
})

test('changes come one after the other, whoever asks for them', async () => {
  const ring = await openRing()
  const { info } = await ring.keys.create({ name: 'a', scopes: check }, operator)
  const [one, two] = await Promise.all([
    ring.keys.rotate(info.id, 1_000, operator),
    ring.keys.rotate(info.id, 0, operator),
  ])
  expect([finds(ring, one.key), finds(ring, two.key)]).toEqual([undefined, `key:${info.id}`])
})

test('told of: what, which, by whom; never the key', async () => {
  const ring = await openRing()
  const events: string[] = []
  ring.keys.onEvent = ({ what, key, by }) => events.push(`${what} ${key.name} ${by} ${JSON.stringify(key)}`)
  const key = await ring.key('check')
  const [info] = ring.keys.list(operator)
  await ring.keys.rotate(info?.id ?? '', 5, operator)
  await ring.keys.revoke(info?.id ?? '', operator)
  expect(events.map((event) => event.split(' ').slice(0, 3).join(' '))).toEqual([
    'created test operator',
    'rotated test operator',
    'revoked test operator',
  ])
  expect(events.join()).not.toMatch(new RegExp(`hash|salt|kith_|${parseKey(key)?.secret}`))
})

test('the data folder is a shelf', async () => {
  const storage = await openStorage({ memory: true })
  await storage.createStore('beside it')
  await storage.putCredential('b', { name: 'two' })
  await storage.putCredential('a', { name: 'one' })
  await storage.putCredential('b', { name: 'three' })
  expect(await storage.credentials()).toEqual([
    { id: 'a', document: { name: 'one' } },
    { id: 'b', document: { name: 'three' } },
  ])
  await storage.close()
  await expect(storage.putCredential('c', {})).rejects.toMatchObject({ code: 'unavailable' })
})
