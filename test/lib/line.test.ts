/** A line is what is in it, in the order in which it came, whoever leaves when. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Line, type Place } from '../../src/lib/line.ts'

test('it holds whoever entered and did not leave, in order; to leave twice is to leave once', () => {
  const step = fc.oneof(fc.constant('enter' as const), fc.nat({ max: 30 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const line = new Line<number>()
      const places: Place<number>[] = []
      const there = new Set<number>()
      for (const each of steps) {
        if (each === 'enter') {
          there.add(places.length)
          places.push(line.enter(places.length))
        } else {
          const place = places[each % Math.max(1, places.length)]
          if (place === undefined) continue
          line.leave(place)
          there.delete(place.item)
          // A place that was left holds nobody who came after it.
          expect([place.before, place.after]).toEqual([undefined, undefined])
        }
        expect([...line]).toEqual([...there])
        expect(line.first).toBe([...there][0])
      }
    }),
  )
})

test('who is looked at may leave meanwhile', () => {
  const line = new Line<number>()
  const places = [1, 2, 3].map((item) => line.enter(item))
  const seen: number[] = []
  for (const item of line) {
    seen.push(item)
    line.leave(places[item - 1] as Place<number>)
  }
  expect([seen, [...line]]).toEqual([[1, 2, 3], []])
})
