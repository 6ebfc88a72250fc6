/** What a model's JSON may look like on the wire, and the one form in which it is kept and printed. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fault } from '../../src/lib/fault.ts'
import type { ModelJson } from '../../src/model/json.ts'
import { decodeModel, rewriteDepthMax } from '../../src/model/shape.ts'
import { modelOf } from './written.ts'

const types = [{ type: 'user' }]
const good = { schema_version: '1.1', type_definitions: types }

function refusal(body: unknown): string {
  try {
    decodeModel(body)
    return 'accepted'
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return `${thrown.code}: ${thrown.message}`
  }
}

/** A model with one relation `r` on a type `t`. */
function withRewrite(rewrite: unknown): object {
  return { ...good, type_definitions: [...types, { type: 't', relations: { r: rewrite } }] }
}
function withReference(reference: unknown): object {
  const metadata = { relations: { r: { directly_related_user_types: [reference] } } }
  return { ...good, type_definitions: [...types, { type: 't', relations: { r: { this: {} } }, metadata }] }
}
function withCondition(condition: object, key = 'c'): object {
  return { ...good, conditions: { [key]: { name: 'c', expression: 'x', ...condition } } }
}
const repeated = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)
const record = (keys: readonly string[], value: unknown): object =>
  Object.fromEntries(keys.map((key) => [key, value]))
function nested(depth: number): unknown {
  let rewrite: unknown = { this: {} }
  for (let level = 1; level < depth; level++) rewrite = { union: { child: [rewrite] } }
  return rewrite
}

const pattern = (field: string, regex: string): string =>
  `validation_error: invalid ${field}: value does not match regex pattern "${regex}"`

const cases: readonly (readonly [string, unknown, string])[] = [
  ['the least', good, 'accepted'],
  ['unknown fields', { ...good, color: 'red', type_definitions: [{ type: 'user', x: 1 }] }, 'accepted'],
  [
    'null is unset',
    { ...good, conditions: null, type_definitions: [{ type: 'user', relations: null, metadata: null }] },
    'accepted',
  ],
  [
    'nothing',
    {},
    'type_definitions_too_few_items: invalid WriteAuthorizationModelRequest.TypeDefinitions: value must contain at least 1 item(s)',
  ],
  [
    'null',
    null,
    'type_definitions_too_few_items: invalid WriteAuthorizationModelRequest.TypeDefinitions: value must contain at least 1 item(s)',
  ],
  ['a list', [], 'validation_error: syntax error: unexpected token ['],
  ['a number', 7, 'validation_error: syntax error: unexpected token 7'],
  [
    'types as an object',
    { ...good, type_definitions: {} },
    'validation_error: syntax error: unexpected token {',
  ],
  [
    'no version',
    { type_definitions: types },
    'validation_error: invalid WriteAuthorizationModelRequest.SchemaVersion: value must be in list [1.0 1.1 1.2]',
  ],
  ['version 1.0 is refused later', { ...good, schema_version: '1.0' }, 'accepted'],
  [
    'version as a number',
    { ...good, schema_version: 1.1 },
    'validation_error: invalid value for string field schema_version: 1.1',
  ],
  [
    'a type without a name',
    { ...good, type_definitions: [{}] },
    pattern('TypeDefinition.Type', '^[^:#@\\\\s]{1,254}$'),
  ],
  [
    'a type with a colon',
    { ...good, type_definitions: [{ type: 'a:b' }] },
    pattern('TypeDefinition.Type', '^[^:#@\\\\s]{1,254}$'),
  ],
  [
    'a type of 254 characters',
    { ...good, type_definitions: [{ type: '\u{1f600}'.repeat(254) }] },
    'accepted',
  ],
  [
    'a type of 255 characters',
    { ...good, type_definitions: [{ type: 'a'.repeat(255) }] },
    pattern('TypeDefinition.Type', '^[^:#@\\\\s]{1,254}$'),
  ],
  [
    'half a character',
    { ...good, type_definitions: [{ type: '\ud83d' }] },
    'validation_error: field type contains invalid UTF-8',
  ],
  [
    'a relation of 50 characters',
    { ...good, type_definitions: [{ type: 't', relations: { ['é'.repeat(50)]: { this: {} } } }] },
    'accepted',
  ],
  [
    'a relation of 51 characters',
    { ...good, type_definitions: [{ type: 't', relations: { ['é'.repeat(51)]: { this: {} } } }] },
    pattern(`TypeDefinition.Relations[${'é'.repeat(51)}]`, '^[^:#@\\\\s]{1,50}$'),
  ],
  // Rewrites.
  [
    'an empty rewrite',
    withRewrite({}),
    "invalid_authorization_model: the definition of relation 'r' in object type 't' is invalid: invalid userset rewrite definition",
  ],
  [
    'no rewrite',
    withRewrite(null),
    "invalid_authorization_model: the definition of relation 'r' in object type 't' is invalid: invalid userset rewrite definition",
  ],
  ['an operator that is null is unset', withRewrite({ this: {}, union: null }), 'accepted'],
  [
    'two operators',
    withRewrite({ this: {}, union: { child: [] } }),
    'validation_error: oneof openfga.v1.Userset.userset is already set',
  ],
  [
    'one operator in two spellings',
    withRewrite({ computedUserset: { relation: 'a' }, computed_userset: { relation: 'a' } }),
    'validation_error: oneof openfga.v1.Userset.userset is already set',
  ],
  [
    'a rewrite that is a string',
    withRewrite('this'),
    'validation_error: syntax error: unexpected token this',
  ],
  [
    'an empty operand',
    withRewrite({ union: { child: [{ this: {} }, {}] } }),
    "invalid_authorization_model: the definition of relation 'r' in object type 't' is invalid: invalid userset rewrite definition",
  ],
  [
    'a difference without base',
    withRewrite({ difference: { subtract: { this: {} } } }),
    'difference_base_missing_value: invalid Difference.Base: value is required',
  ],
  [
    'a difference without subtract',
    withRewrite({ difference: { base: { this: {} } } }),
    'subtract_base_missing_value: invalid Difference.Subtract: value is required',
  ],
  [
    'a tuple to userset without tupleset',
    withRewrite({ tupleToUserset: { computedUserset: { relation: 'a' } } }),
    'validation_error: invalid TupleToUserset.Tupleset: value is required',
  ],
  [
    'a tuple to userset without target',
    withRewrite({ tupleToUserset: { tupleset: { relation: 'a' } } }),
    'validation_error: invalid TupleToUserset.ComputedUserset: value is required',
  ],
  [
    'a computed userset without relation',
    withRewrite({ computedUserset: {} }),
    pattern('ObjectRelation.Relation', '^[^:#@\\\\s]{1,50}$'),
  ],
  [
    'an object of 256 bytes',
    withRewrite({ computedUserset: { object: 'é'.repeat(128), relation: 'a' } }),
    'accepted',
  ],
  [
    'an object of 257 bytes',
    withRewrite({ computedUserset: { object: `${'é'.repeat(128)}a`, relation: 'a' } }),
    'validation_error: invalid ObjectRelation.Object: value length must be at most 256 bytes',
  ],
  ['the deepest', withRewrite(nested(rewriteDepthMax)), 'accepted'],
  ['deeper', withRewrite(nested(rewriteDepthMax + 1)), 'validation_error: exceeded max recursion depth'],
  ['much deeper', withRewrite(nested(50_000)), 'validation_error: exceeded max recursion depth'],
  // Restrictions.
  [
    'a relation and a wildcard',
    withReference({ type: 'user', relation: 'a', wildcard: {} }),
    'validation_error: oneof openfga.v1.RelationReference.relation_or_wildcard is already set',
  ],
  [
    'a long relation',
    withReference({ type: 'user', relation: 'a'.repeat(51) }),
    pattern('RelationReference.Relation', '^[^:#@\\\\s]{1,50}$'),
  ],
  ['a bad type', withReference({ type: '' }), pattern('RelationReference.Type', '^[^:#@\\\\s]{1,254}$')],
  [
    'a bad condition',
    withReference({ type: 'user', condition: 'a b' }),
    pattern('RelationReference.Condition', '^[^:#@\\\\s]{1,50}$'),
  ],
  [
    'a wildcard that is a boolean',
    withReference({ type: 'user', wildcard: true }),
    'validation_error: syntax error: unexpected token true',
  ],
  // Conditions.
  [
    '25 conditions',
    { ...good, conditions: record(repeated(25, 'c'), { name: 'c', expression: 'x' }) },
    'accepted',
  ],
  [
    '26 conditions',
    { ...good, conditions: record(repeated(26, 'c'), { name: 'c', expression: 'x' }) },
    'validation_error: invalid WriteAuthorizationModelRequest.Conditions: value must contain no more than 25 pair(s)',
  ],
  [
    '25 parameters',
    withCondition({ parameters: record(repeated(25, 'p'), { type_name: 'TYPE_NAME_INT' }) }),
    'accepted',
  ],
  [
    '26 parameters',
    withCondition({ parameters: record(repeated(26, 'p'), { type_name: 'TYPE_NAME_INT' }) }),
    'validation_error: invalid Condition.Parameters: value must contain no more than 25 pair(s)',
  ],
  ['512 bytes of expression', withCondition({ expression: 'é'.repeat(256) }), 'accepted'],
  [
    '513 bytes of expression',
    withCondition({ expression: `${'é'.repeat(256)}a` }),
    'validation_error: invalid Condition.Expression: value length must be at most 512 bytes',
  ],
  [
    'no expression',
    withCondition({ expression: '' }),
    'validation_error: invalid Condition.Expression: value is required',
  ],
  ['a long name', withCondition({ name: 'c'.repeat(51) }), pattern('Condition.Name', '^[^:#@\\\\s]{1,50}$')],
  [
    'five generic types',
    withCondition({ parameters: { p: { type_name: 'TYPE_NAME_LIST', generic_types: Array(5).fill({}) } } }),
    'accepted',
  ],
  [
    'six generic types',
    withCondition({ parameters: { p: { type_name: 'TYPE_NAME_LIST', generic_types: Array(6).fill({}) } } }),
    'validation_error: invalid ConditionParamTypeRef.GenericTypes: value must contain no more than 5 item(s)',
  ],
  ['a type by number', withCondition({ parameters: { p: { type_name: 11 } } }), 'accepted'],
  [
    'a type by a number that is none',
    withCondition({ parameters: { p: { type_name: 12 } } }),
    'validation_error: invalid ConditionParamTypeRef.TypeName: value must be one of the defined enum values',
  ],
  [
    'a type by a name that is none',
    withCondition({ parameters: { p: { type_name: 'TYPE_NAME_BLOB' } } }),
    'validation_error: invalid value for enum field type_name',
  ],
  // Origin.
  [
    'a source file',
    {
      ...good,
      type_definitions: [{ type: 'user', metadata: { module: 'core', source_info: { file: 'a/b-c.fga' } } }],
    },
    'accepted',
  ],
  [
    'another file',
    { ...good, type_definitions: [{ type: 'user', metadata: { source_info: { file: '../etc/passwd' } } }] },
    pattern('SourceInfo.File', '^[a-zA-Z0-9_\\\\-/]{1,100}\\\\.fga$'),
  ],
]

test.each(cases)('%s', (_, body, expected) => {
  expect(refusal(body)).toBe(expected)
})

test('the normal form has every field that the API prints, and no other', () => {
  const body = {
    schema_version: '1.2',
    type_definitions: [
      { type: 'user' },
      {
        type: 't',
        relations: {
          a: { this: {}, extra: 1 },
          b: { computed_userset: { relation: 'a' } },
          c: { tuple_to_userset: { computed_userset: { relation: 'a' }, tupleset: { relation: 'a' } } },
          d: {
            difference: { subtract: { this: {} }, base: { computedUserset: { object: 'x', relation: 'a' } } },
          },
        },
        metadata: {
          relations: {
            a: {
              directly_related_user_types: [
                { type: 'user' },
                { type: 'user', wildcard: {} },
                { type: 't', relation: 'a', condition: 'c' },
              ],
            },
            b: {},
          },
        },
      },
    ],
    conditions: {
      c: {
        name: 'c',
        expression: 'x',
        parameters: { x: { type_name: 9, generic_types: [{ type_name: 4 }] } },
      },
    },
  }
  const expected: ModelJson = {
    schema_version: '1.2',
    type_definitions: [
      { type: 'user', relations: {}, metadata: null },
      {
        type: 't',
        relations: {
          a: { this: {} },
          b: { computedUserset: { object: '', relation: 'a' } },
          c: {
            tupleToUserset: {
              tupleset: { object: '', relation: 'a' },
              computedUserset: { object: '', relation: 'a' },
            },
          },
          d: {
            difference: { base: { computedUserset: { object: '', relation: 'a' } }, subtract: { this: {} } },
          },
        },
        metadata: {
          relations: {
            a: {
              directly_related_user_types: [
                { type: 'user', condition: '' },
                { type: 'user', wildcard: {}, condition: '' },
                { type: 't', relation: 'a', condition: 'c' },
              ],
              module: '',
              source_info: null,
            },
            b: { directly_related_user_types: [], module: '', source_info: null },
          },
          module: '',
          source_info: null,
        },
      },
    ],
    conditions: {
      c: {
        name: 'c',
        expression: 'x',
        parameters: {
          x: {
            type_name: 'TYPE_NAME_MAP',
            generic_types: [{ type_name: 'TYPE_NAME_INT', generic_types: [] }],
          },
        },
        metadata: null,
      },
    },
  }
  expect(decodeModel(body)).toStrictEqual(expected)
  expect(decodeModel(decodeModel(body))).toStrictEqual(expected)
})

test('names that every object has are kept, as own properties', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  const body = `{"schema_version":"1.1","type_definitions":[${names.map((name) => `{"type":"${name}","relations":{${names.map((relation) => `"${relation}":{"this":{}}`).join()}}}`).join()}],"conditions":{"__proto__":{"name":"__proto__","expression":"x","parameters":{"__proto__":{"type_name":2}}}}}`
  const decoded = decodeModel(JSON.parse(body))
  expect(decoded.type_definitions.map(({ type }) => type)).toEqual(names)
  for (const { relations } of decoded.type_definitions) expect(Object.keys(relations)).toEqual(names)
  expect(Object.keys(decoded.conditions ?? {})).toEqual(['__proto__'])
  const again = decodeModel(JSON.parse(JSON.stringify(decoded)))
  expect(JSON.stringify(again)).toBe(JSON.stringify(decoded))
  expect(Object.hasOwn({}, 'this')).toBe(false)
})

test('inherited properties are not fields', () => {
  expect(refusal(Object.create(good))).toContain('TypeDefinitions: value must contain at least 1')
})

test('whatever comes, a model or a Fault', () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
      (body) => {
        refusal(body)
      },
    ),
    { numRuns: 500 },
  )
})

test('a good model with one part replaced by anything is a model or a Fault', () => {
  const whole = modelOf(
    [
      ['user', {}],
      [
        't',
        {
          a: [
            { union: { child: [{ this: {} }, { computedUserset: { object: '', relation: 'b' } }] } },
            'user',
            'user:*',
            't#a with c',
          ],
          b: [{ this: {} }, 'user'],
        },
      ],
    ],
    { c: 'x > 1' },
  )
  const places = paths(whole)
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.anything(), (place, value) => {
      refusal(replaced(whole, place, value))
    }),
    { numRuns: 1000 },
  )
})

function paths(value: unknown): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [[]]
  return [[], ...Object.entries(value).flatMap(([key, inner]) => paths(inner).map((path) => [key, ...path]))]
}

function replaced(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value
  const copy: unknown = Array.isArray(whole) ? [...whole] : { ...(whole as object) }
  const fields = copy as Record<string, unknown>
  fields[key] = replaced(fields[key], rest, value)
  return copy
}
