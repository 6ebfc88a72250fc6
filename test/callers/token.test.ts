/** Tokens: whose signature, for whom, until when; what is remembered of one, and what an issuer's outage does. */
import { createHmac } from 'node:crypto'
import type { JSONWebKeySet } from 'jose'
import { exportSPKI } from 'jose'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Known } from '../../src/callers/gate.ts'
import { KeySet } from '../../src/callers/key-set.ts'
import { Tokens } from '../../src/callers/token.ts'
import { SteadyClock } from '../../src/lib/clock.ts'
import { Fault } from '../../src/lib/fault.ts'
import { audience, forged, issuer, keySetOf, signerOf, tokenOf } from './issuer.ts'

type Signer = Awaited<ReturnType<typeof signerOf>>

let first: Signer
let second: Signer
let rsa: Signer
beforeAll(async () => {
  first = await signerOf('first')
  second = await signerOf('second')
  rsa = await signerOf('rsa', 'RS256')
})

const start = Date.parse('2026-01-01')
let now: number
let published: JSONWebKeySet
let loads: number
let outage: Error | undefined
let tokens: Tokens

function open(more: Partial<ConstructorParameters<typeof Tokens>[0]> = {}): Tokens {
  const clock = new SteadyClock(() => now)
  const load = async () => {
    loads++
    if (outage !== undefined) throw outage
    return published
  }
  const rules = {
    issuer,
    audience,
    algorithms: ['ES256', 'RS256'],
    skewMs: 30_000,
    scopeClaim: 'scope',
    ...more,
  }
  return new Tokens(rules, new KeySet(load, clock).find, clock)
}

beforeEach(() => {
  now = start
  published = keySetOf(first, rsa)
  loads = 0
  outage = undefined
  tokens = open()
})

const find = async (text: string): Promise<Known | undefined> =>
  tokens.looksLike(text) ? tokens.find(text, now) : undefined
const wordsOf = async (text: string) => (await find(text))?.caller.scopes.words

test('a good token is its subject, until it ends', async () => {
  const token = await tokenOf(first, now, { scope: 'openid kith:check kith:read:* profile' })
  const known = await find(token)
  expect(known?.caller).toMatchObject({ id: 'token:svc', kind: 'token' })
  expect(known?.caller.scopes.words).toEqual(['check', 'read:*'])
  expect(await find(await tokenOf(rsa, now))).toBeDefined()
})

const claims: [string, object][] = [
  ['another issuer', { iss: 'https://issuer.example' }],
  ['no issuer', { iss: undefined }],
  ['another audience', { aud: 'other' }],
  ['no audience', { aud: undefined }],
  ['audiences without ours', { aud: ['other', 'kith2'] }],
  ['no end', { exp: undefined }],
  ['an end that has come', { exp: start / 1_000 - 31 }],
  ['a beginning to come', { nbf: start / 1_000 + 31 }],
  ['an end that is no number', { exp: '9999999999' }],
  ['no subject', { sub: undefined }],
  ['an empty subject', { sub: '' }],
  ['a subject that breaks a line', { sub: 'a\nb' }],
  ['a subject without end', { sub: 'a'.repeat(257) }],
]
test.each(claims)('%s is nobody', async (_, more) => {
  expect(await find(await tokenOf(first, now, more))).toBeUndefined()
})

const fine: [string, object][] = [
  ['one of several audiences', { aud: ['other', audience] }],
  ['an end within the skew', { exp: start / 1_000 - 29 }],
  ['a client without a subject', { sub: undefined, client_id: 'svc' }],
]
test.each(fine)('%s is somebody', async (_, more) => {
  expect(await find(await tokenOf(first, now, more))).toBeDefined()
})

describe('forgeries', () => {
  const payload = { iss: issuer, aud: audience, sub: 'svc', scope: '*', exp: start / 1_000 + 3_600 }

  test('no algorithm', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      expect(await find(forged({ alg, kid: 'first' }, payload))).toBeUndefined()
    }
  })

  test('the public key as a shared secret', async () => {
    const secret = await exportSPKI(rsa.publicKey)
    const unsigned = forged({ alg: 'HS256', kid: 'rsa', typ: 'JWT' }, payload).slice(0, -1)
    for (const key of [secret, JSON.stringify(rsa.jwk), rsa.jwk.n ?? '']) {
      const signature = createHmac('sha256', key).update(unsigned).digest('base64url')
      expect(await find(`${unsigned}.${signature}`)).toBeUndefined()
    }
  })

  test('another key under a known name, and keys the token brings along', async () => {
    const imposter = await signerOf('first')
    expect(await find(await tokenOf(imposter, now))).toBeUndefined()
    expect(await find(await tokenOf(imposter, now, {}, { jwk: imposter.jwk }))).toBeUndefined()
    expect(await find(await tokenOf(imposter, now, {}, { jku: 'https://evil.example' }))).toBeUndefined()
  })

  test('another algorithm than allowed, although the key would do', async () => {
    tokens = open({ algorithms: ['RS256'] })
    expect(await find(await tokenOf(first, now))).toBeUndefined()
  })

  test('a payload changed after it was signed, a signature cut, an extension that must be understood', async () => {
    const [header, , signature] = (await tokenOf(first, now)).split('.')
    expect(
      await find(`${header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.${signature}`),
    ).toBeUndefined()
    expect(await find((await tokenOf(first, now)).slice(0, -4))).toBeUndefined()
    expect(
      await find(forged({ alg: 'ES256', kid: 'first', crit: ['x'], x: 1 }, payload, signature)),
    ).toBeUndefined()
    expect(await find('eyJ.eyJ.')).toBeUndefined()
  })
})

describe('scopes', () => {
  test.each([
    [{ scope: 'kith:check kith:read' }, ['check', 'read']],
    [{ scope: ['kith:check', 'kith:other', 7] }, ['check']],
    [{ scope: { 'kith:check': true } }, []],
    [{ scope: undefined, scp: 'kith:check' }, []],
    [{ scope: Array.from({ length: 201 }, () => 'kith:check') }, []],
    // Words of other services that happen to be ours, and everything, which no word of ours means.
    [{ scope: '* read write keys' }, []],
    [{ scope: 'kith:* kith: kith:kith:check KITH:check' }, []],
    [{ scope: 'owner kith:check' }, ['check']],
  ])('%j -> %j', async (more, expected) => {
    expect(await wordsOf(await tokenOf(first, now, more as object))).toEqual(expected)
  })

  test('of another claim, and what the operator gives to a subject', async () => {
    tokens = open({ scopeClaim: 'permissions', grants: new Map([['svc', ['model']]]) })
    expect(await wordsOf(await tokenOf(first, now, { permissions: ['kith:list'] }))).toEqual([
      'list',
      'model',
    ])
    expect(await wordsOf(await tokenOf(first, now, { sub: 'other' }))).toEqual([])
  })

  test('everything is allowed by the word that the operator says means it, and by no other', async () => {
    tokens = open({ adminWord: 'owner' })
    expect(await wordsOf(await tokenOf(first, now, { scope: 'owner kith:check' }))).toEqual(['*', 'check'])
    expect(await wordsOf(await tokenOf(first, now, { scope: 'owners * kith:*' }))).toEqual([])
  })
})

describe('the user it acts for', () => {
  const actorOf = async (claims: object) => (await find(await tokenOf(first, now, claims)))?.caller.actor

  test('is nobody where no claim is said to hold it', async () => {
    expect(await actorOf({})).toBeUndefined()
  })

  test.each([
    [{ email: 'anne@example.org' }, 'user:anne@example.org'],
    [{}, undefined],
    [{ email: '' }, undefined],
    [{ email: '*' }, undefined],
    [{ email: 'a#member' }, undefined],
    [{ email: 'a:b' }, undefined],
    [{ email: ['anne'] }, undefined],
    [{ email: 7 }, undefined],
  ])('%j -> %s', async (claims, expected) => {
    tokens = open({ actorClaim: 'email' })
    expect(await actorOf(claims)).toBe(expected)
  })
})

describe('what is remembered', () => {
  test('within the turn for minutes, verified anew behind the last of them, and never after its end', async () => {
    const token = await tokenOf(first, now, { exp: start / 1_000 + 600 })
    await find(token)
    const next = tokens.find(token, now)
    expect(next).not.toBeInstanceOf(Promise)
    // The issuer withdraws the key: a token of it is believed for five minutes at most.
    published = keySetOf(second)
    now += 239_999
    expect(tokens.find(token, now)).toMatchObject({ until: start + 240_000 })
    now = start + 300_000
    expect(await tokens.find(token, now)).toBeUndefined()
  })

  test('those who come while it is verified wait for the same', async () => {
    const token = await tokenOf(first, now)
    const begun = tokens.find(token, now)
    expect(begun).toBeInstanceOf(Promise)
    expect(tokens.find(token, now)).toBe(begun)
    await begun
    expect(tokens.find(token, now)).not.toBeInstanceOf(Promise)
  })

  test('a renewal keeps a busy caller from waiting', async () => {
    const token = await tokenOf(first, now)
    await find(token)
    now = start + 250_000
    expect(tokens.find(token, now)).toMatchObject({ until: start + 300_000 })
    await expect.poll(() => (tokens.find(token, now) as Known).until, { timeout: 15_000 }).toBe(now + 240_000)
  })

  test('a token is not known for longer than it lasts', async () => {
    const token = await tokenOf(first, now, { exp: start / 1_000 + 60 })
    expect(await find(token)).toMatchObject({ until: start + 90_000 })
  })
})

describe('a flood of tokens that nobody signed', () => {
  /** Right in everything but the signature. */
  const bogus = (turn: number) => {
    const payload = { iss: issuer, aud: audience, sub: `s${turn}`, exp: start / 1_000 + 3_600 }
    return forged({ alg: 'ES256', kid: 'first' }, payload, 'A'.repeat(86))
  }
  const overloaded = expect.objectContaining({ code: 'overloaded' })

  test('so many signatures are looked at at once; who is known is not in their way', async () => {
    const good = await tokenOf(first, now)
    await find(good)
    const begun = Array.from({ length: 32 }, (_, turn) => tokens.find(bogus(turn), now))
    expect(() => tokens.find(bogus(32), now)).toThrow(overloaded)
    expect(tokens.find(bogus(0), now)).toBe(begun[0])
    expect(tokens.find(good, now)).toMatchObject({ caller: { id: 'token:svc' } })
    expect(await Promise.all(begun)).toEqual(Array(32).fill(undefined))
    expect(await tokens.find(bogus(33), now)).toBeUndefined()
  })

  test('after so many wrong ones in a second the next is not looked at, until the second is over', async () => {
    for (let turn = 0; turn < 100; turn++) expect(await tokens.find(bogus(turn), now)).toBeUndefined()
    const good = await tokenOf(first, now)
    expect(() => tokens.find(good, now)).toThrow(overloaded)
    now += 1_000
    expect(await tokens.find(good, now)).toBeDefined()
  })

  test('what says itself that it is nothing costs no signature', async () => {
    tokens = new Tokens(
      { issuer, audience, algorithms: ['ES256'], skewMs: 0, scopeClaim: 'scope' },
      () => Promise.reject(new Error('no key is asked for')),
      new SteadyClock(() => now),
    )
    const claims = { iss: issuer, aud: audience, sub: 's', exp: start / 1_000 + 60 }
    const header = { alg: 'ES256', kid: 'first' }
    for (const [wrong, more] of [
      [{ alg: 'RS256' }, {}],
      [{}, { iss: 'other' }],
      [{}, { aud: ['other'] }],
      [{}, { exp: start / 1_000 }],
      [{}, { exp: undefined }],
    ]) {
      expect(
        tokens.find(forged({ ...header, ...wrong }, { ...claims, ...more }, 'AAAA'), now),
      ).toBeUndefined()
    }
    expect(tokens.find('eyJub.eyJub.x', now)).toBeUndefined()
  })
})

describe('the keys of the issuer', () => {
  test('are read once for all who wait, and again for a name they do not hold, but not in a storm', async () => {
    const good = await tokenOf(first, now)
    await Promise.all([find(good), find(`${good.slice(0, -2)}`), find(await tokenOf(rsa, now))])
    expect(loads).toBe(1)
    published = keySetOf(second)
    const rotated = await tokenOf(second, now)
    expect(await find(rotated)).toBeUndefined()
    expect(loads).toBe(1)
    now += 10_000
    expect(await Promise.all([find(rotated), find(rotated)])).toEqual([expect.anything(), expect.anything()])
    expect(loads).toBe(2)
    for (let i = 0; i < 20; i++) await find(await tokenOf(await signerOf(`k${i}`), now))
    expect(loads).toBe(2)
  })

  test('that cannot be read are no reason to refuse, nor to allow: 503', async () => {
    outage = new Error('the issuer is down')
    const token = await tokenOf(first, now)
    await expect(find(token)).rejects.toEqual(
      new Fault('unavailable', 'the keys of the token issuer cannot be read now'),
    )
    await expect(find(token)).rejects.toMatchObject({ code: 'unavailable' })
    expect(loads).toBe(1)
    outage = undefined
    now += 10_000
    expect(await find(token)).toBeDefined()
  })

  test('outlive an outage for an hour', async () => {
    await find(await tokenOf(first, now))
    outage = new Error('the issuer is down')
    now += 3_599_999
    expect(await find(await tokenOf(first, now))).toBeDefined()
    now += 1
    await expect(find(await tokenOf(first, now))).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('that are none count as an outage', async () => {
    published = { keys: 'none' } as unknown as JSONWebKeySet
    await expect(find(await tokenOf(first, now))).rejects.toMatchObject({ code: 'unavailable' })
  })
})
