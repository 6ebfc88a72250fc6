/** The size that counts is that of the protobuf message; the figures are of messages encoded by hand. */
import { expect, test } from 'vitest'
import type { ModelJson } from '../../src/model/json.ts'
import { decodeModel } from '../../src/model/shape.ts'
import { wireSize } from '../../src/model/size.ts'

const head = 28 // The id.
const user = { type: 'user' }

function sizeOf(body: object): number {
  return wireSize(decodeModel({ schema_version: '1.1', type_definitions: [user], ...body }))
}

test('a string of 128 bytes needs two bytes for its length', () => {
  const model: ModelJson = { schema_version: 'v'.repeat(262_144), type_definitions: [] }
  expect(wireSize(model)).toBe(head + 1 + 3 + 262_144)
  expect(wireSize({ ...model, schema_version: 'v'.repeat(127) })).toBe(head + 2 + 127)
  expect(wireSize({ ...model, schema_version: 'v'.repeat(128) })).toBe(head + 3 + 128)
  expect(wireSize({ ...model, schema_version: 'é' })).toBe(head + 2 + 2)
})

const bare = head + 5 + 8 // schema_version "1.1"; a type definition with type "user".
test.each<readonly [string, object, number]>([
  ['one type', {}, bare],
  // relations { a: { this: {} } } = 12 08 0a 01 61 12 02 0a... : pair = key 3, value 2 + 2.
  [
    'this',
    { type_definitions: [user, { type: 't', relations: { a: { this: {} } } }] },
    bare + 2 + 3 + 2 + 3 + 4,
  ],
  [
    'computed',
    { type_definitions: [user, { type: 't', relations: { a: { computedUserset: { relation: 'bc' } } } }] },
    bare + 2 + 3 + 2 + 3 + 2 + 2 + 4,
  ],
  [
    'from',
    {
      type_definitions: [
        user,
        {
          type: 't',
          relations: {
            a: { tupleToUserset: { tupleset: { relation: 'p' }, computedUserset: { relation: 'q' } } },
          },
        },
      ],
    },
    bare + 2 + 3 + 2 + 3 + 2 + 2 + 5 + 5,
  ],
  [
    'union of two',
    {
      type_definitions: [
        user,
        { type: 't', relations: { a: { union: { child: [{ this: {} }, { this: {} }] } } } },
      ],
    },
    bare + 2 + 3 + 2 + 3 + 2 + 2 + 4 + 4,
  ],
  [
    'a wildcard with a condition',
    {
      type_definitions: [
        user,
        {
          type: 't',
          metadata: {
            relations: {
              a: { directly_related_user_types: [{ type: 'user', wildcard: {}, condition: 'c1' }] },
            },
          },
        },
      ],
    },
    bare + 2 + 3 + (2 + (2 + 3 + (2 + (2 + (6 + 2 + 4))))),
  ],
  [
    'a condition',
    {
      conditions: {
        c: {
          name: 'c',
          expression: 'x',
          parameters: { x: { type_name: 'TYPE_NAME_LIST', generic_types: [{ type_name: 3 }] } },
        },
      },
    },
    bare + (2 + 3 + (2 + (3 + 3 + (2 + 3 + (2 + (2 + (2 + 2))))))),
  ],
])('%s', (_, body, bytes) => {
  expect(sizeOf(body)).toBe(bytes)
})
