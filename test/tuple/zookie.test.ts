/** Zookies carry their three parts and belong to one key. */
import { expect, test } from 'vitest'
import { openZookie, sealZookie } from '../../src/tuple/zookie.ts'

const key = Buffer.alloc(32, 1)
const zookie = { store: '01ARZ3NDEKTSV4RRFFQ69G5FAV', epoch: '00ff10aa55bb77cc', revision: 2 ** 47 + 3 }

test('what was sealed is read back', () => {
  expect(openZookie(key, sealZookie(key, zookie))).toEqual(zookie)
})

test.each([
  ['another key', sealZookie(Buffer.alloc(32, 2), zookie)],
  ['a cut', sealZookie(key, zookie).slice(0, -4)],
  ['nothing', ''],
  ['garbage', 'bm90IGEgem9va2ll'],
])('%s is no zookie', (_, text) => {
  expect(openZookie(key, text)).toBeUndefined()
})
