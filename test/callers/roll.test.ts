/** The roll: who stands on it, and which lines are refused; the names of certificates. */
import { describe, expect, test } from 'vitest'
import { type Certificate, Certificates, namesIn } from '../../src/callers/certificate.ts'
import { FixedKeys } from '../../src/callers/fixed-keys.ts'
import { digestOf, parseRoll } from '../../src/callers/roll.ts'

const key = 'k'.repeat(32)
const store = '01J0000000000000000000000A'

test('a roll is read, with comments and space', () => {
  const roll =
    parseRoll(`# callers\n\n  web\tkey:${key}  check list\r\nweb key-sha256:${'AB'.repeat(32)} check
ci token:ci@clients model:${store}   # a subject of the issuer\n  #batch cert-cn:b check\nbatch cert-uri:spiffe://prod/batch#1 read:${store}:document # ## check\n`)
  expect(roll.keys.map(({ name, value, scopes }) => [name, value, scopes.words])).toEqual([
    ['web', digestOf(key), ['check', 'list']],
    ['web', 'ab'.repeat(32), ['check']],
  ])
  expect(roll.subjects.map(({ value }) => value)).toEqual(['ci@clients'])
  expect(roll.certificates).toMatchObject([{ name: 'batch', by: 'uri', value: 'spiffe://prod/batch#1' }])
  expect(roll.certificates[0]?.scopes.words).toEqual([`read:${store}:document`])
})

test.each([
  [`web key:${key}`, 'no scopes'],
  ['web key:short check', '32 or more'],
  [`web key:${key}\u00e9 check`, '32 or more'],
  [`web key:kith_${key} check`, 'data folder'],
  [`web key-sha256:${'a'.repeat(63)} check`, '64 hexadecimal'],
  [`web cert-sha256:zz check`, '64 hexadecimal'],
  ['web cert-dns: check', 'takes a value'],
  [`web password:${key} check`, 'after the name comes'],
  ['web', 'after the name comes'],
  [`we/b key:${key} check`, 'begins with a name'],
  [`${store} key:${key} check`, 'begins with a name'],
  [`web key:${key} chekc`, 'the scope "chekc" is unknown'],
  [
    `web key:${key} check\nbot key-sha256:${digestOf(key)} list`,
    'line 2: the credential is on an earlier line',
  ],
])('%j is refused: %s', (text, reason) => {
  expect(() => parseRoll(text)).toThrow(reason)
  expect(() => parseRoll(text)).toThrow(/^line \d: /)
  try {
    parseRoll(text)
  } catch (error) {
    expect(String(error)).not.toContain(key)
  }
})

test('a key of the roll opens, nothing like it does', () => {
  const keys = new FixedKeys(parseRoll(`web key:${key} check`).keys)
  expect(keys.find(key)?.caller.id).toBe('key:web')
  for (const wrong of ['', `${key}k`, key.slice(1), digestOf(key)]) expect(keys.find(wrong)).toBeUndefined()
})

describe('certificates', () => {
  const shown: Certificate = {
    fingerprint: 'ab'.repeat(32),
    commonName: 'svc',
    uris: ['spiffe://prod/a', 'spiffe://prod/b'],
    dnsNames: ['a.internal'],
    validTo: 1_000,
  }
  const find = (lines: string, certificate: Partial<Certificate> = {}) =>
    new Certificates(parseRoll(lines).certificates).find({ ...shown, ...certificate })

  test.each([
    [`x cert-sha256:${'AB:'.repeat(31)}AB check`, 'certificate:x'],
    ['x cert-uri:spiffe://prod/b check', 'certificate:x'],
    ['x cert-uri:spiffe://prod/ check', undefined],
    ['x cert-uri:spiffe://prod/B check', undefined],
    ['x cert-dns:A.internal check', 'certificate:x'],
    ['x cert-dns:*.internal check', undefined],
    ['x cert-cn:svc check', 'certificate:x'],
    ['x cert-cn:a.internal check', undefined],
    ['x cert-dns:svc check', undefined],
    [`low cert-cn:svc *\nhigh cert-sha256:${'ab'.repeat(32)} check`, 'certificate:high'],
  ])('%s -> %s', (lines, id) => expect(find(lines)?.caller.id).toBe(id))

  test('one ends with its certificate', () => expect(find('x cert-cn:svc check')?.until).toBe(1_000))
  test('without a common name there is none to be', () =>
    expect(find('x cert-cn:undefined check', { commonName: undefined })).toBeUndefined())

  test.each([
    [
      'DNS:a.b, URI:spiffe://x/y, IP Address:10.0.0.1',
      [
        ['DNS', 'a.b'],
        ['URI', 'spiffe://x/y'],
        ['IP Address', '10.0.0.1'],
      ],
    ],
    ['DNS:"evil.example, DNS:a.b", URI:spiffe://x', []],
    ['', []],
  ])('names of %s', (text, names) => expect(namesIn(text)).toEqual(names))
})
