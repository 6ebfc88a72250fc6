/** Half of an authentication is none: it refuses to start, and says which option to set. The roll follows its file. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Callers, openCallers } from '../../src/callers/open.ts'
import type { CallerSettings } from '../../src/callers/settings.ts'
import { keySetOf, signerOf, tokenOf } from './issuer.ts'
import { openRing } from './ring.ts'

const key = 'k'.repeat(32)
const none: CallerSettings = {
  auth: [],
  insecure: false,
  callersFile: undefined,
  oidcIssuer: undefined,
  oidcAudience: undefined,
  oidcAlgorithms: [],
  oidcJwks: undefined,
  oidcSkewMs: 0,
  oidcScopeClaim: 'scope',
  oidcAdminWord: undefined,
  oidcActorClaim: undefined,
  tlsClientCa: undefined,
}
const oidc: Partial<CallerSettings> = {
  auth: ['oidc'],
  oidcIssuer: 'https://issuer.example/',
  oidcAudience: 'kith',
  oidcAlgorithms: ['ES256'],
  oidcJwks: 'https://issuer.example/keys',
}

async function fileOf(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kith-callers-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'file')
  await writeFile(path, text)
  return path
}

async function open(settings: Partial<CallerSettings>, hooks = {}): Promise<Callers> {
  const callers = await openCallers({ ...none, ...settings }, (await openRing()).shelf, hooks)
  onTestFinished(() => callers.close())
  return callers
}

test.each<[string, Partial<CallerSettings> & { readonly roll?: string }, RegExp]>([
  ['keys without a key', { auth: ['keys'] }, /--auth keys.*no key yet.*kith keys create/],
  ['keys with an empty roll', { auth: ['keys'], roll: '# nobody' }, /no key yet/],
  ['a roll for nothing', { roll: `web key:${key} check` }, /--callers-file .*--auth/],
  ['an issuer for nothing', { auth: ['keys'], oidcIssuer: 'x' }, /--oidc-issuer \(KITH_OIDC_ISSUER\) is set/],
  ['algorithms for nothing', { oidcAlgorithms: ['RS256'] }, /--oidc-algorithms .* is set/],
  ['no issuer', { ...oidc, oidcIssuer: undefined }, /needs --oidc-issuer \(KITH_OIDC_ISSUER\)/],
  ['no audience', { ...oidc, oidcAudience: undefined }, /needs --oidc-audience \(KITH_OIDC_AUDIENCE\)/],
  ['no algorithms', { ...oidc, oidcAlgorithms: [] }, /needs --oidc-algorithms/],
  ['no keys of the issuer', { ...oidc, oidcJwks: undefined }, /needs --oidc-jwks/],
  [
    'a shared secret',
    { ...oidc, oidcAlgorithms: ['RS256', 'HS256'] },
    /`HS256` is not verified by a public key/,
  ],
  ['no algorithm', { ...oidc, oidcAlgorithms: ['none'] }, /`none` is not verified/],
  ['keys in the clear', { ...oidc, oidcJwks: 'http://issuer.example/keys' }, /its https URL/],
  [
    'keys in the clear of a lookalike',
    { ...oidc, oidcJwks: 'http://localhost.evil.example/' },
    /its https URL/,
  ],
  [
    'a password in the URL of the keys, without showing it',
    { ...oidc, oidcJwks: 'https://me:s3cret@issuer.example/keys' },
    /^(?!.*s3cret).*no password is sent to https:\/\/issuer\.example:/,
  ],
  [
    'a password in a URL in the clear, without showing it',
    { ...oidc, oidcJwks: 'http://me:s3cret@issuer.example/keys' },
    /^(?!.*s3cret).*--oidc-jwks/,
  ],
  ['a URL that is none', { ...oidc, oidcJwks: 'https://' }, /--oidc-jwks .*it is no URL/],
  [
    'a key set that is not there',
    { ...oidc, oidcJwks: '/nowhere/keys.json' },
    /--oidc-jwks .*cannot be read/,
  ],
  ['certificates without an authority', { auth: ['certificates'] }, /--tls-client-ca/],
  ['certificates of nobody', { auth: ['certificates'], tlsClientCa: 'ca.pem' }, /--callers-file/],
  [
    'a subject without oidc',
    { auth: ['keys'], roll: `a key:${key} check\nb token:x check` },
    /`b`.*add oidc/,
  ],
  ['a roll that is not there', { auth: ['keys'], callersFile: '/nowhere/roll' }, /--callers-file .*ENOENT/],
  ['a roll with a mistake', { auth: ['keys'], roll: 'web key:short check' }, /--callers-file .*line 1: /],
])('%s refuses to start', async (_, { roll, ...settings }, reason) => {
  const file = roll === undefined ? {} : { callersFile: await fileOf(roll) }
  await expect(open({ ...settings, ...file })).rejects.toThrow(reason)
})

test('keys that nobody has to show refuse to start, unless that is meant', async () => {
  const ring = await openRing()
  await ring.key('check')
  await expect(openCallers(none, ring.shelf)).rejects.toThrow(/holds keys \(1\), but --auth is none/)
  const { gate } = await openCallers({ ...none, insecure: true }, ring.shelf)
  expect(gate.isClosed).toBe(false)
  expect((await openCallers({ ...none, auth: ['keys'] }, ring.shelf)).gate.isClosed).toBe(true)
})

test('each kind opens, and only those that are asked for', async () => {
  const signer = await signerOf('k')
  const jwks = await fileOf(JSON.stringify(keySetOf(signer)))
  const roll = await fileOf(`web key:${key} check\nsvc token:svc list`)
  const both = await open({ ...oidc, auth: ['keys', 'oidc'], oidcJwks: jwks, callersFile: roll })
  const token = await tokenOf(signer, Date.now())
  const as = async ({ gate }: Callers, text: string) =>
    (await gate.identify({ authorization: `Bearer ${text}` })).caller
  expect((await as(both, key)).id).toBe('key:web')
  expect((await as(both, token)).scopes.words).toEqual(['check', 'list'])
  const alone = await open({ ...oidc, oidcJwks: jwks })
  expect((await as(alone, token)).scopes.words).toEqual(['check'])
  expect(() => alone.gate.identify({ authorization: `Bearer ${key}` })).toThrow('unknown or no longer valid')
})

test('who is taken off the roll is off, also the last of all; a file without a byte is half of an edit', async () => {
  const roll = await fileOf(`web key:${key} check`)
  const problems: (string | undefined)[] = []
  const { gate, reload } = await open(
    { auth: ['keys'], callersFile: roll },
    { onRoll: (e?: Error) => problems.push(e?.message) },
  )
  const find = () => gate.recall({ authorization: `Bearer ${key}` })
  await writeFile(roll, '\n')
  await reload()
  expect(problems.at(-1)).toContain('it is empty')
  expect(find()).toBeDefined()
  await writeFile(roll, '# nobody\n')
  await reload()
  expect(problems.at(-1)).toBeUndefined()
  expect([find(), gate.isClosed]).toEqual([undefined, true])
})

test('a roll that changes is followed; one that cannot be used is told of, and the one before holds', async () => {
  const roll = await fileOf(`web key:${key} check`)
  const problems: (string | undefined)[] = []
  const { gate } = await open(
    { auth: ['keys'], callersFile: roll },
    { onRoll: (e?: Error) => problems.push(e?.message) },
  )
  const find = (text: string) => gate.recall({ authorization: `Bearer ${text}` })
  const before = find(key)
  expect(before !== undefined && gate.holds(before)).toBe(true)
  await writeFile(roll, 'web key:short check')
  await expect.poll(() => problems.length, { timeout: 15_000 }).toBe(1)
  expect(problems[0]).toContain('line 1')
  expect(find(key)).toBeDefined()
  const other = 'o'.repeat(40)
  await writeFile(roll, `web key:${other} check`)
  await expect.poll(() => problems.length, { timeout: 15_000 }).toBe(2)
  expect([find(key), find(other)?.caller.id, before !== undefined && gate.holds(before)]).toEqual([
    undefined,
    'key:web',
    false,
  ])
}, 40_000)
