import { expect, test } from 'vitest'
import { parseInstant, printInstant } from '../../src/wire/time.ts'

test.each<[string, number | undefined]>([
  ['1970-01-01T00:00:00Z', 0],
  ['2026-02-28T23:59:59.999Z', Date.UTC(2026, 1, 28, 23, 59, 59, 999)],
  ['2026-02-28T23:59:59.9999999Z', Date.UTC(2026, 1, 28, 23, 59, 59, 999)],
  ['2026-01-01T02:00:00+02:00', Date.UTC(2026, 0, 1)],
  ['2025-12-31T19:30:00-04:30', Date.UTC(2026, 0, 1)],
  ['2026-01-01t00:00:00z', Date.UTC(2026, 0, 1)],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ['2026-02-29T00:00:00Z', undefined],
  ['2026-13-01T00:00:00Z', undefined],
  ['2026-01-01T24:00:00Z', undefined],
  ['2026-01-01T00:60:00Z', undefined],
  ['2026-01-01T00:00:00', undefined],
  ['2026-01-01 00:00:00Z', undefined],
  ['2026-01-01T00:00:00+24:00', undefined],
  ['2026-01-01T00:00:00.Z', undefined],
  ['tomorrow', undefined],
  ['', undefined],
])('%s', (text, instant) => {
  expect(parseInstant(text)).toBe(instant)
})

test('prints what it parses', () => {
  expect(printInstant(Date.UTC(2026, 0, 2, 3, 4, 5, 6))).toBe('2026-01-02T03:04:05.006Z')
})
