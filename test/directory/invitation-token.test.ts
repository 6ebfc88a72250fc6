import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashOf, newWord, organizationIn, tokenOf, tokenWith } from '../../src/directory/invitations/token.ts'

const org = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
const folder = (...keys: Uint8Array[]) => ({ key: () => keys[0] ?? new Uint8Array(), keys: () => keys })
const sending = { org, invitation: 'inv_1', word: newWord() }

test('a token names its organization, and has 256 bits that nothing else says', () => {
  const storage = folder(randomBytes(32))
  const token = tokenOf(storage, sending)
  expect(organizationIn(token)).toBe(org)
  expect(token.slice(org.length + 1)).toHaveLength(43)
  expect(hashOf(token)).toBe(createHash('sha256').update(token).digest('base64url'))
  const others = [
    tokenOf(folder(randomBytes(32)), sending),
    tokenOf(storage, { ...sending, word: newWord() }),
    tokenOf(storage, { ...sending, invitation: 'inv_2' }),
    tokenOf(storage, { ...sending, org: '01ARZ3NDEKTSV4RRFFQ69G5FAW' }),
  ]
  expect(new Set([token, ...others]).size).toBe(5)
})

test('it is made again from the same word, also after the secret of the folder was rotated', () => {
  const [old, fresh] = [randomBytes(32), randomBytes(32)]
  const token = tokenOf(folder(old), sending)
  const hash = hashOf(token)
  expect(tokenWith(folder(old), sending, hash)).toBe(token)
  expect(tokenWith(folder(fresh, old), sending, hash)).toBe(token)
  expect(tokenWith(folder(fresh), sending, hash)).toBeUndefined()
  expect(tokenWith(folder(fresh, old), { ...sending, word: newWord() }, hash)).toBeUndefined()
})

test.each([
  '',
  org,
  `${org}.`,
  `${org}.${'a'.repeat(42)}`,
  `${org}.${'a'.repeat(44)}`,
  `${org}/${'a'.repeat(43)}`,
  ` ${org}.${'a'.repeat(43)}`,
])('no token: %j', (text) => {
  expect(organizationIn(text)).toBeUndefined()
})
