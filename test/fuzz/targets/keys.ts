/** Keys of rows: two that are the same are of the same thing, and each is read back as it was written. */
import { isDeepStrictEqual } from 'node:util'
import * as keys from '../../../src/storage/keys.ts'
import type { TupleKey } from '../../../src/tuple/tuple.ts'
import type { Target } from '../campaign.ts'

/** Two tuples out of any bytes: six texts, divided where the byte 0x1e stands; a type is never without its colon. */
function pairOf(input: Buffer): readonly [TupleKey, TupleKey] | undefined {
  const parts = input.toString('utf8').split('\x1e')
  if (parts.length !== 6) return undefined
  const [a = '', b = '', c = '', d = '', e = '', f = ''] = parts
  if (!/^[^:]+:/.test(a) || !/^[^:]+:/.test(d)) return undefined
  return [
    { object: a, relation: b, subject: c },
    { object: d, relation: e, subject: f },
  ]
}

const spellings = {
  tuple: (store: number, { object, relation, subject }: TupleKey) =>
    keys.tupleKey(store, object, relation, subject),
  placement: (store: number, { object, relation, subject }: TupleKey) =>
    keys.placementKey(store, subject, object, relation),
  expiry: (store: number, tuple: TupleKey) => keys.expiryKey(86_400_000, store, tuple),
}

const lines = [
  ['doc:1', 'viewer', 'user:a', 'doc:1', 'viewer', 'user:b'],
  ['doc:1\0', '\x01', '\0\xff', 'doc:1', '\0\x01', '\xff'],
  ['a:b:c', 'r', 'g:x#m', 'a:b', 'c:r', 'g:x#m'],
]

export const keyTargets: Target = {
  name: 'keys of rows',
  seeds: lines.map((parts) => Buffer.from(parts.join('\x1e'))),
  words: [
    '\0',
    '\x01',
    '\0\x01',
    '\0\xff',
    '\xff',
    '\x1e',
    ':',
    '#',
    '@',
    '*',
    '\u{10ffff}',
    '\u0301',
    'viewer',
    'doc:1',
  ],
  share: 100,
  attempt(input) {
    const pair = pairOf(input)
    if (pair === undefined) return 'refused'
    const [one, other] = pair
    const same = isDeepStrictEqual(one, other)
    for (const [name, print] of Object.entries(spellings)) {
      const key = print(7, one)
      if (key.equals(print(7, other)) !== same) throw new Error(`${name}: one key for two things`)
      if (key.equals(print(8, one))) throw new Error(`${name}: one key in two stores`)
    }
    if (!isDeepStrictEqual(keys.readTupleKey(spellings.tuple(7, one)), one))
      throw new Error('read back as another tuple')
    return 'taken'
  },
}
