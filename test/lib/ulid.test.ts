/** Ids only grow: within a millisecond, when the clock steps back, after a restart. */
import { expect, test } from 'vitest'
import { monotonicUlid } from '../../src/lib/ulid.ts'

test.each([
  ['a clock that stands', () => 1_700_000_000_000],
  [
    'a clock that runs backwards',
    (
      (now) => () =>
        (now -= 1000)
    )(1_700_000_000_000),
  ],
])('%s', (_, now) => {
  const make = monotonicUlid(now)
  const ids = Array.from({ length: 1000 }, make)
  expect([...new Set(ids)].sort()).toEqual(ids)
  for (const id of ids) expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/)
})

test('a maker that starts anew goes on after the greatest id, whatever its clock says', () => {
  const last = monotonicUlid(() => 1_700_000_000_000)()
  const make = monotonicUlid(() => 1_600_000_000_000, last)
  const ids = [make(), make(), make()]
  expect([last, ...ids].sort()).toEqual([last, ...ids])
})
