import fc from 'fast-check'
import { Packr, pack } from 'msgpackr'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/lib/fault.ts'
import { parseMsgpack, printMsgpack } from '../../src/wire/msgpack.ts'

const nested = (levels: number): unknown => {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = [value]
  return value
}

describe('parseMsgpack', () => {
  test.each<[string, unknown]>([
    ['null', null],
    ['booleans', [true, false]],
    ['small, large and negative integers', [0, 127, 128, 65_536, 2 ** 40, -1, -33, -70_000]],
    ['doubles', [0.5, -1.25e300]],
    ['strings of every width', ['', 'a', 'b'.repeat(40), 'c'.repeat(300), 'd'.repeat(70_000), 'é☃😀']],
    ['an object', { user: 'user:anne', context: { a: { b: [1, 2] } } }],
    [
      'wide arrays and maps',
      [Array(20).fill(1), Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i]))],
    ],
    ['64 levels', nested(64)],
  ])('takes %s', (_, value) => {
    expect(parseMsgpack(pack(value))).toEqual(value)
    expect(parseMsgpack(printMsgpack(value))).toEqual(value)
  })

  test('nothing is undefined', () => {
    expect(parseMsgpack(new Uint8Array())).toBeUndefined()
  })

  test.each<[string, Uint8Array | number[]]>([
    ['65 levels', pack(nested(65))],
    ['a date', pack(new Date())],
    ['binary', pack(Buffer.from('abc'))],
    ['a set', new Packr({ moreTypes: true }).pack(new Set([1]))],
    ['a record', new Packr({ useRecords: true }).pack({ a: 1 })],
    ['a number as a key', new Packr({ mapsAsObjects: false }).pack(new Map([[1, 2]]))],
    ['an array that claims four billion items', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a map that claims four billion pairs', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['a string that claims four gigabytes', [0xdb, 0xff, 0xff, 0xff, 0xff]],
    ['a length that is cut short', [0xdd, 0xff]],
    ['a string that is not UTF-8', [0xa2, 0xff, 0xfe]],
    ['the unused tag', [0xc1]],
    ['an extension', [0xd4, 0x01, 0x02]],
    ['bytes after the value', [0x01, 0x02]],
  ])('refuses %s', (_, bytes) => {
    expect(() => parseMsgpack(Uint8Array.from(bytes))).toThrow(Fault)
  })

  test('a key __proto__ makes no prototype', () => {
    const value = parseMsgpack(
      Uint8Array.from([0x81, 0xa9, ...Buffer.from('__proto__'), 0x81, 0xa1, 0x61, 0x01]),
    )
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect((value as { a?: number }).a).toBeUndefined()
  })

  test('any bytes are a value or a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          parseMsgpack(bytes)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Fault)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('any JSON survives', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'))
        expect(JSON.stringify(parseMsgpack(printMsgpack(value)))).toBe(JSON.stringify(value))
      }),
      { numRuns: 300 },
    )
  })
})
