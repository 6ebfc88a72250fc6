/** Decoders by table: what a body becomes, and in which words and with which code it is refused. */
import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/lib/fault.ts'
import { parseJsonText } from '../../src/wire/json.ts'
import {
  decodeBatchCheck,
  decodeCheck,
  decodeExpand,
  decodeExpandAll,
  decodeListObjects,
  decodeListUsers,
} from '../../src/wire/question.ts'
import {
  decodeAssertions,
  decodeChanges,
  decodeCreateStore,
  decodeLine,
  decodeListStores,
  decodeRead,
  decodeWrite,
} from '../../src/wire/store.ts'

const key = { user: 'user:anne', relation: 'viewer', object: 'document:1' }
const tuple = { object: 'document:1', relation: 'viewer', subject: 'user:anne' }
const model = '01J0000000000000000000000B'
const check = (change: object) => () => decodeCheck({ tuple_key: key, ...change })
const pattern = (text: string) => `value does not match regex pattern ${JSON.stringify(text)}`

describe('takes', () => {
  test.each<[string, unknown, unknown]>([
    ['a bare check', decodeCheck({ tuple_key: key }), { tuple }],
    [
      'a whole check',
      decodeCheck({
        tuple_key: { ...key, unknown: 1 },
        contextual_tuples: {
          tuple_keys: [
            { ...key, condition: { name: 'recent', context: { a: 1 } }, expires_at: '1970-01-01T00:00:01Z' },
            { ...key, condition: null },
          ],
        },
        authorization_model_id: model,
        context: { now: 'x' },
        consistency: 'HIGHER_CONSISTENCY',
        trace: true,
        unknown: {},
      }),
      {
        tuple,
        contextual: [{ ...tuple, condition: { name: 'recent', context: { a: 1 } }, expiresAt: 1000 }, tuple],
        model,
        context: { now: 'x' },
        higherConsistency: true,
        trace: true,
      },
    ],
    [
      'what the SDK always sends, and null for absent',
      decodeCheck({
        tuple_key: key,
        contextual_tuples: { tuple_keys: [] },
        context: null,
        consistency: null,
      }),
      { tuple },
    ],
    [
      'an enum as a number',
      decodeCheck({ tuple_key: key, consistency: 2 }),
      { tuple, higherConsistency: true },
    ],
    [
      'a batch',
      decodeBatchCheck({ checks: [{ tuple_key: key, correlation_id: 'a-1' }] }),
      { checks: [{ correlationId: 'a-1', tuple }] },
    ],
    [
      'an expand of nothing, for the service to judge',
      decodeExpand({ tuple_key: {} }),
      { object: '', relation: '' },
    ],
    [
      'an expand in pages',
      decodeExpandAll({ tuple_key: key, page_size: 1000, continuation_token: 'abc=' }),
      { object: 'document:1', relation: 'viewer', pageSize: 1000, continuationToken: 'abc=' },
    ],
    [
      'list-objects',
      decodeListObjects({ type: 'document', relation: 'viewer', user: 'user:anne', page_size: '7' }),
      { type: 'document', relation: 'viewer', subject: 'user:anne', pageSize: 7 },
    ],
    [
      'list-users, whose contextual tuples are a bare array',
      decodeListUsers({
        object: { type: 'document', id: '1' },
        relation: 'viewer',
        user_filters: [{ type: 'group', relation: 'member' }],
        contextual_tuples: [key],
      }),
      {
        object: 'document:1',
        relation: 'viewer',
        filter: { type: 'group', relation: 'member' },
        contextual: [tuple],
      },
    ],
    [
      'a write',
      decodeWrite({
        writes: { tuple_keys: [key], on_duplicate: 'update' },
        deletes: { tuple_keys: [{ ...key, condition: { name: 'ignored' } }], on_missing: 'ignore' },
        delete_where: { user: 'user:anne', object: '' },
        preconditions: [
          { tuple: key, must: 'exist' },
          { filter: { relation: 'viewer' }, must: 'not_exist' },
        ],
      }),
      {
        writes: [tuple],
        deletes: [tuple],
        onDuplicate: 'update',
        onMissing: 'ignore',
        deleteWhere: { user: 'user:anne' },
        preconditions: [
          { filter: key, must: 'exist' },
          { filter: { relation: 'viewer' }, must: 'not_exist' },
        ],
      },
    ],
    ['an empty write, for the service to judge', decodeWrite(undefined), {}],
    ['read of everything', decodeRead({}), {}],
    ['read of everything, with null', decodeRead({ tuple_key: null }), {}],
    ['read with an empty filter, which is another thing', decodeRead({ tuple_key: {} }), { filter: {} }],
    [
      'read by user alone',
      decodeRead({ tuple_key: { user: 'user:anne' } }),
      { filter: { user: 'user:anne' } },
    ],
    ['page size 0 as the default', decodeListStores({ page_size: '0', name: 'x' }), { name: 'x' }],
    [
      'changes',
      decodeChanges({ type: 'document', start_time: '1970-01-01T00:00:01Z', page_size: '100' }),
      { type: 'document', startTime: 1000, pageSize: 100 },
    ],
    [
      'assertions, in the form they are answered in',
      decodeAssertions({ assertions: [{ tuple_key: key, expectation: true, contextual_tuples: [key] }] }),
      [
        {
          tuple_key: key,
          expectation: true,
          contextual_tuples: [{ ...key, condition: null }],
          context: null,
        },
      ],
    ],
    [
      'a user of 512 characters outside the BMP',
      decodeCheck({ tuple_key: { ...key, user: '😀'.repeat(512) } }),
      {
        tuple: { ...tuple, subject: '😀'.repeat(512) },
      },
    ],
  ])('%s', (_, decoded, expected) => {
    expect(decoded).toStrictEqual(expected)
  })
})

describe('refuses', () => {
  test.each<[string, () => unknown, string, string]>([
    [
      'no body',
      () => decodeCheck(undefined),
      'tuple_key_value_not_specified',
      'invalid CheckRequest.TupleKey: value is required',
    ],
    [
      'an array as a body',
      () => decodeCheck([]),
      'validation_error',
      'invalid value for message field body: an array',
    ],
    [
      'null as a body',
      () => decodeCheck(null),
      'validation_error',
      'invalid value for message field body: null',
    ],
    [
      'no user',
      check({ tuple_key: { ...key, user: '' } }),
      'validation_error',
      `invalid CheckRequestTupleKey.User: ${pattern('^[^\\s]{2,512}$')}`,
    ],
    [
      'a user of one character',
      check({ tuple_key: { ...key, user: 'u' } }),
      'validation_error',
      `invalid CheckRequestTupleKey.User: ${pattern('^[^\\s]{2,512}$')}`,
    ],
    [
      'a user of 513 characters',
      check({ tuple_key: { ...key, user: 'u'.repeat(513) } }),
      'validation_error',
      `invalid CheckRequestTupleKey.User: ${pattern('^[^\\s]{2,512}$')}`,
    ],
    [
      'a user first, then the object',
      check({ tuple_key: { user: '', relation: '', object: '' } }),
      'validation_error',
      `invalid CheckRequestTupleKey.User: ${pattern('^[^\\s]{2,512}$')}`,
    ],
    [
      'a relation with a colon',
      check({ tuple_key: { ...key, relation: 'a:b' } }),
      'validation_error',
      `invalid CheckRequestTupleKey.Relation: ${pattern('^[^:#@\\s]{1,50}$')}`,
    ],
    [
      'a relation of 51 characters',
      check({ tuple_key: { ...key, relation: 'r'.repeat(51) } }),
      'validation_error',
      `invalid CheckRequestTupleKey.Relation: ${pattern('^[^:#@\\s]{1,50}$')}`,
    ],
    [
      'an object with white space',
      check({ tuple_key: { ...key, object: 'a: b' } }),
      'validation_error',
      `invalid CheckRequestTupleKey.Object: ${pattern('^[^\\s]{2,256}$')}`,
    ],
    [
      'a number for a string',
      check({ tuple_key: { ...key, user: 7 } }),
      'validation_error',
      'invalid value for string field user: 7',
    ],
    [
      'half of a surrogate pair',
      check({ tuple_key: { ...key, user: 'user:\ud800' } }),
      'validation_error',
      'invalid CheckRequestTupleKey.User: value holds half of a surrogate pair',
    ],
    [
      'a tuple key on the prototype',
      () => decodeCheck(Object.create({ tuple_key: key })),
      'tuple_key_value_not_specified',
      'invalid CheckRequest.TupleKey: value is required',
    ],
    [
      'a tuple key under __proto__',
      () => decodeCheck(parseJsonText(`{"__proto__":{"tuple_key":${JSON.stringify(key)}}}`)),
      'tuple_key_value_not_specified',
      'invalid CheckRequest.TupleKey: value is required',
    ],
    [
      'a model id that is none',
      check({ authorization_model_id: 'x' }),
      'validation_error',
      `invalid CheckRequest.AuthorizationModelId: ${pattern('^[ABCDEFGHJKMNPQRSTVWXYZ0-9]{26}$')}`,
    ],
    [
      'an unknown consistency',
      check({ consistency: 'SOME' }),
      'validation_error',
      'invalid value for enum field consistency: "SOME"',
    ],
    [
      'a trace that is no boolean',
      check({ trace: 'yes' }),
      'validation_error',
      'invalid value for bool field trace: "yes"',
    ],
    [
      '101 contextual tuples',
      check({ contextual_tuples: { tuple_keys: Array(101).fill(key) } }),
      'validation_error',
      'invalid ContextualTupleKeys.TupleKeys: value must contain no more than 100 item(s)',
    ],
    [
      'a bare array where an object belongs',
      check({ contextual_tuples: [key] }),
      'validation_error',
      'invalid value for message field contextual_tuples: an array',
    ],
    [
      'a contextual user of 513 bytes',
      check({ contextual_tuples: { tuple_keys: [{ ...key, user: 'é'.repeat(257) }] } }),
      'validation_error',
      'invalid TupleKey.User: value length must be at most 512 bytes',
    ],
    [
      'a condition name of one character',
      check({ contextual_tuples: { tuple_keys: [{ ...key, condition: { name: 'a' } }] } }),
      'validation_error',
      `invalid RelationshipCondition.Name: ${pattern('^[^\\s]{2,256}$')}`,
    ],
    [
      'null among tuples',
      check({ contextual_tuples: { tuple_keys: [null] } }),
      'validation_error',
      'invalid ContextualTupleKeys.TupleKeys[0]: value is required',
    ],
    [
      'an expiry that is no timestamp',
      check({ contextual_tuples: { tuple_keys: [{ ...key, expires_at: 'soon' }] } }),
      'validation_error',
      'invalid TupleKey.ExpiresAt: value must be an RFC 3339 timestamp',
    ],
    [
      'a context that is a list',
      check({ context: [] }),
      'validation_error',
      'invalid value for struct field context: an array',
    ],
    [
      'a number beyond doubles',
      check({ context: JSON.parse('{"x":{"y":[1.79e+309]}}') }),
      'validation_error',
      'invalid value for struct field context: it holds a number beyond the range of a double',
    ],
    [
      'a context of 101 levels',
      check({ context: deep(101) }),
      'validation_error',
      'invalid value for struct field context: it is nested deeper than 100 levels',
    ],
    [
      'an empty batch',
      () => decodeBatchCheck({ checks: [] }),
      'validation_error',
      'invalid BatchCheckRequest.Checks: value must contain at least 1 item(s)',
    ],
    [
      'a correlation id with a dot',
      () => decodeBatchCheck({ checks: [{ tuple_key: key, correlation_id: 'a.b' }] }),
      'validation_error',
      `invalid BatchCheckItem.CorrelationId: ${pattern('^[\\w\\d-]{1,36}$')}`,
    ],
    [
      'a batch item without a key',
      () => decodeBatchCheck({ checks: [{ correlation_id: 'a' }] }),
      'validation_error',
      'invalid BatchCheckItem.TupleKey: value is required',
    ],
    [
      'a type with a hash',
      () => decodeListObjects({ type: 'a#b', relation: 'r', user: 'u:1' }),
      'type_invalid_pattern',
      `invalid ListObjectsRequest.Type: ${pattern('^[^:#@\\s]{1,254}$')}`,
    ],
    [
      'no object',
      () => decodeListUsers({ relation: 'r', user_filters: [{ type: 'user' }] }),
      'validation_error',
      'invalid ListUsersRequest.Object: value is required',
    ],
    [
      'two filters',
      () =>
        decodeListUsers({
          object: { type: 'a', id: '1' },
          relation: 'r',
          user_filters: [{ type: 'user' }, { type: 'user' }],
        }),
      'validation_error',
      'invalid ListUsersRequest.UserFilters: value must contain no more than 1 item(s)',
    ],
    [
      'an empty list of writes',
      () => decodeWrite({ writes: { tuple_keys: [] } }),
      'validation_error',
      'invalid WriteRequestWrites.TupleKeys: value must contain at least 1 item(s)',
    ],
    [
      'a filter that names nothing',
      () => decodeWrite({ delete_where: {} }),
      'validation_error',
      'invalid WriteRequest.DeleteWhere: value must name an object, a relation or a user',
    ],
    [
      'a filter with a misspelt name',
      () => decodeWrite({ delete_where: { object: 'document:1', usr: 'user:anne' } }),
      'validation_error',
      'invalid WriteRequest.DeleteWhere: unknown field "usr"',
    ],
    [
      'a precondition of both kinds',
      () => decodeWrite({ preconditions: [{ tuple: key, filter: key, must: 'exist' }] }),
      'validation_error',
      'invalid WriteRequest.Preconditions: value must hold either a tuple or a filter',
    ],
    [
      'a precondition of no kind',
      () => decodeWrite({ preconditions: [{ must: 'exist' }] }),
      'validation_error',
      'invalid WriteRequest.Preconditions: value must hold either a tuple or a filter',
    ],
    [
      'a precondition that says which way by number',
      () => decodeWrite({ preconditions: [{ tuple: key, must: 0 }] }),
      'validation_error',
      'invalid value for enum field must: 0',
    ],
    [
      'a precondition that does not say which way',
      () => decodeWrite({ preconditions: [{ tuple: key }] }),
      'validation_error',
      'invalid Precondition.Must: value is required',
    ],
    [
      'a read of a user without a colon',
      () => decodeRead({ tuple_key: { user: 'anne' } }),
      'validation_error',
      `invalid ReadRequestTupleKey.User: ${pattern('^[^\\s]{1,511}:[^\\s]{1,511}$')}`,
    ],
    [
      'a page of 101',
      () => decodeRead({ page_size: 101 }),
      'page_size_invalid',
      'invalid ReadRequest.PageSize: value must be inside range [1, 100]',
    ],
    [
      'a page of -1',
      () => decodeListStores({ page_size: '-1' }),
      'page_size_invalid',
      'invalid ListStoresRequest.PageSize: value must be inside range [1, 100]',
    ],
    [
      'a page of 1.5',
      () => decodeRead({ page_size: 1.5 }),
      'validation_error',
      'invalid value for int32 field page_size: 1.5',
    ],
    [
      'a cursor with a dot',
      () => decodeRead({ continuation_token: 'a.b' }),
      'validation_error',
      `invalid ReadRequest.ContinuationToken: ${pattern('^$|^[A-Za-z0-9-_]+={0,2}$')}`,
    ],
    [
      'a cursor of 5121 bytes',
      () => decodeRead({ continuation_token: 'a'.repeat(5121) }),
      'validation_error',
      'invalid ReadRequest.ContinuationToken: value length must be at most 5120 bytes',
    ],
    [
      '101 assertions',
      () => decodeAssertions({ assertions: Array(101).fill({ tuple_key: key }) }),
      'assertions_too_many_items',
      'invalid WriteAssertionsRequest.Assertions: value must contain no more than 100 item(s)',
    ],
    [
      '21 contextual tuples of an assertion',
      () => decodeAssertions({ assertions: [{ tuple_key: key, contextual_tuples: Array(21).fill(key) }] }),
      'validation_error',
      'invalid Assertion.ContextualTuples: value must contain no more than 20 item(s)',
    ],
    [
      'a store name of two characters',
      () => decodeCreateStore({ name: 'ab' }),
      'validation_error',
      `invalid CreateStoreRequest.Name: ${pattern('^[a-zA-Z0-9\\s\\.\\-\\/^_&@]{3,64}$')}`,
    ],
    [
      'a store name with a colon',
      () => decodeCreateStore({ name: 'a:bc' }),
      'validation_error',
      `invalid CreateStoreRequest.Name: ${pattern('^[a-zA-Z0-9\\s\\.\\-\\/^_&@]{3,64}$')}`,
    ],
    [
      'an import line that is null',
      () => decodeLine(null),
      'validation_error',
      'invalid ImportRequest.TupleKey: value is required',
    ],
  ])('%s', (_, decode, code, message) => {
    try {
      decode()
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(Fault)
      if (thrown instanceof Fault) expect([thrown.code, thrown.message]).toEqual([code, message])
      return
    }
    expect.unreachable('it was taken')
  })
})

function deep(levels: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = { a: value }
  return value
}

test.each([
  { user: 'user:anne', relation: 'viewer', object: 'document:1' },
  { user: 'user:anne', relation: 'viewer', object: 'document:1', condition: {} },
  { user: 'user anne', relation: 'viewer', object: 'document:1' },
  { user: 'user:anne', relation: '', object: 'document:1' },
  { user: 'user:anne', relation: 'viewer', object: 7 },
  { relation: 'viewer', object: 'document:1' },
  {},
  [],
  'user:anne',
  null,
])('a check of a key alone is read as one with more beside it: %j', (tuple_key) => {
  const outcome = (body: unknown) => {
    try {
      return decodeCheck(body)
    } catch (thrown) {
      return String(thrown)
    }
  }
  expect(outcome({ tuple_key })).toEqual(outcome({ tuple_key, trace: false }))
})
