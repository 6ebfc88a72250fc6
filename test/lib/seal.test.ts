/** What seal makes, open opens; nothing else, and without an exception. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { open, seal } from '../../src/lib/seal.ts'

const key = Buffer.alloc(32, 1)

test('a sealed payload opens, and only with its key and purpose', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
      const text = seal(key, 'cursor', payload)
      expect(text).toMatch(/^[A-Za-z0-9-_]+={0,2}$/)
      expect(open(key, 'cursor', text)).toEqual(Buffer.from(payload))
      expect(open(key, 'zookie', text)).toBeUndefined()
      expect(open(Buffer.alloc(32, 2), 'cursor', text)).toBeUndefined()
    }),
  )
})

test('a changed character, a cut or a stray bit is noticed', () => {
  const text = seal(key, 'cursor', Buffer.from('some payload.'))
  for (let i = 0; i < text.length; i++) {
    for (const other of ['A', 'B', '_', '=', '%', '']) {
      if (text[i] !== other) {
        expect(open(key, 'cursor', text.slice(0, i) + other + text.slice(i + 1)), `at ${i}`).toBeUndefined()
      }
    }
  }
})

test('garbage is undefined', () => {
  const garbage = ['', '=', '====', 'a', 'AAAA', ' ', '\0', '\ud800', 'A'.repeat(10_000)]
  for (const text of garbage) expect(open(key, 'cursor', text), text.slice(0, 10)).toBeUndefined()
  fc.assert(fc.property(fc.string({ maxLength: 100 }), (text) => open(key, 'cursor', text) === undefined))
})
