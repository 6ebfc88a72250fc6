/** The batch printed as text is the batch printed by way of objects. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fault } from '../../src/lib/fault.ts'
import { encodeBatchCheck, printBatchCheck } from '../../src/wire/answers.ts'

const results: readonly (boolean | Error)[] = [
  true,
  false,
  new Fault('validation_error', 'no "such" type: \u2028 \u00fc'),
  new Fault('deadline_exceeded', 'late'),
  new Error('not a fault'),
]

function same(entries: readonly [string, boolean | Error][]): void {
  const batch = new Map(entries)
  expect(printBatchCheck(batch)).toBe(JSON.stringify(encodeBatchCheck(batch)))
}

test.each([
  ['none', []],
  ['one', ['a']],
  ['the order asked for', ['b', 'a', '-', '_', '__proto__', 'constructor']],
  ['numbers come first, in their order', ['b', '10', '9', 'a', '0']],
  ['what begins and ends with a digit', ['5a5', '01', '0-0', '1_1']],
  ['numbers too large to be places', ['4294967295', '4294967294', '99999999999999999999', 'a']],
  ['the ids of SDKs', ['9b2d6c1e-0c6f-4a53-9a58-1f3c2c0f7a41', '1b2d6c1e-0c6f-4a53-9a58-1f3c2c0f7a42']],
])('%s', (_, ids) => {
  for (const result of results) same(ids.map((id) => [id, result]))
})

test('whatever the ids and results', () => {
  const id = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 11 }),
    fc.string({ unit: fc.constantFrom(...'019azAZ_-'), minLength: 1, maxLength: 36 }),
  )
  fc.assert(fc.property(fc.array(fc.tuple(id, fc.constantFrom(...results)), { maxLength: 8 }), same))
})
