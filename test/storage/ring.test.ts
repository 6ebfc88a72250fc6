/** A ring of bytes: it may lose a text, and never has another than the last one. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ring } from '../../src/storage/ring.ts'

/** So small that a few dozen texts go round. */
const small = { pieceBytes: 256, pieces: 4, buckets: 4 }
const roomy = { pieceBytes: 4096, pieces: 4, buckets: 256 }

const name = fc.integer({ min: 0, max: 30 }).map((number) => `\x72\0\0\0\x01user:${number}`)
const text = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 300 })
  .map((bytes) => String.fromCharCode(...bytes))
const step = fc.record({ verb: fc.constantFrom('put', 'put', 'put', 'delete'), name, text })

test('what it has is what was put in last, whatever was put in and deleted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const ring = new Ring(small)
      const right = new Map<string, string>()
      for (const one of steps) {
        if (one.verb === 'put') {
          ring.put(one.name, one.text)
          right.set(one.name, one.text)
        } else {
          ring.delete(one.name)
          right.delete(one.name)
        }
        for (const known of [one.name, ...right.keys()]) {
          const kept = ring.get(known)
          expect(ring.has(known)).toBe(kept !== undefined)
          if (kept !== undefined) expect(kept).toBe(right.get(known))
        }
      }
    }),
    { numRuns: 300 },
  )
})

test('the latest are at hand, as many as there is room for', () => {
  const ring = new Ring(roomy)
  const nameOf = (i: number) => `user:${String(i).padStart(4, '0')}`
  for (let i = 0; i < 1000; i++) ring.put(nameOf(i), `text of ${i}`.padEnd(90, '.'))
  const kept = Array.from({ length: 1000 }, (_, i) => i).filter((i) => ring.has(nameOf(i)))
  // 105 bytes each, and what is left over at the end of a piece.
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 1000 - kept.length + i))
  expect(kept.length).toBeGreaterThan(110)
  expect(kept.length).toBeLessThan(160)
})

test('what is too long is not taken, and what was there by its name is gone', () => {
  const ring = new Ring(small)
  ring.put('user:1', 'short')
  ring.put('user:2', 'short')
  ring.put('user:1', 'x'.repeat(300))
  expect(ring.get('user:1')).toBeUndefined()
  expect(ring.get('user:2')).toBe('short')
})

test('what was overwritten is gone, even where what lies there now looks like it', () => {
  const ring = new Ring({ pieceBytes: 64, pieces: 2, buckets: 1 })
  ring.put('b', '...')
  ring.put('a', '1')
  ring.put('f', '.'.repeat(57))
  expect(ring.get('a')).toBe('1')
  ring.put('c', '...\x01\0\x01\0\0\0a2')
  expect(ring.get('a')).toBeUndefined()
  expect(ring.get('c')).toBe('...\x01\0\x01\0\0\0a2')
})
