/** MessagePack: read as the values of JSON and nothing else, however much the bytes promise. */
import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../../../src/lib/fault.ts'
import { parseMsgpack, printMsgpack } from '../../../src/wire/msgpack.ts'
import type { Target } from '../campaign.ts'
import { spellings } from './bodies.ts'

/** Whether it is what JSON could say, and no deeper than it may be. */
function isPlain(value: unknown, depth = 66): boolean {
  if (depth === 0) return false
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return true
  if (Array.isArray(value)) return value.every((each) => isPlain(each, depth - 1))
  if (typeof value !== 'object') return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype && Object.values(value).every((each) => isPlain(each, depth - 1))
}

export const msgpack: Target = {
  name: 'MessagePack',
  seeds: [
    ...Object.values(spellings).flatMap(({ bodies }) => bodies.map((body) => printMsgpack(body))),
    printMsgpack([1.5, -1, 2 ** 31, -(2 ** 31), 2 ** 40, 'é'.repeat(200), null, true, { a: [[[[]]]] }]),
  ],
  words: [
    '\xc1',
    '\xc7',
    '\xd4',
    '\xdd\xff\xff\xff\xff',
    '\xdf\x00\x00\x00\x02',
    '\xdb\xff\xff\xff\xff',
    '\x91\x91\x91',
  ],
  share: 120,
  attempt(input) {
    let value: unknown
    try {
      value = parseMsgpack(input)
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'validation_error') return 'refused'
      throw thrown
    }
    if (value === undefined) return 'refused'
    if (!isPlain(value)) throw new Error('a value that JSON does not have')
    if (!isDeepStrictEqual(parseMsgpack(printMsgpack(value)), value))
      throw new Error('printed and read it is another')
    return 'taken'
  },
}
