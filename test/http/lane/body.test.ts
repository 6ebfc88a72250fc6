/** Bodies read as bytes say what JSON.parse and the decoders say, or nothing. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BodyReader } from '../../../src/http/lane/body.ts'
import { parseJson } from '../../../src/wire/json.ts'
import { decodeBatchCheck, decodeCheck } from '../../../src/wire/question.ts'
import { decodeLine, decodeWrite } from '../../../src/wire/store.ts'
import { storeId } from '../fake.ts'

const reader = new BodyReader()
const state = { store: storeId }
const key = { user: 'user:anne', relation: 'viewer', object: 'document:1' }
const item = { tuple_key: key, correlation_id: 'a' }

/** What was read; it agrees with the decoder. The body stands among other bytes, as it does in a chunk. */
function readCheck(text: string): unknown {
  const bytes = Buffer.from(text)
  const chunk = Buffer.concat([Buffer.from('}"'), bytes, Buffer.from('"}{')])
  const read = reader.check(state, chunk, 2, 2 + bytes.length)
  if (read !== undefined) expect(read).toEqual({ ...state, ...decodeCheck(parseJson(bytes)) })
  return read
}

function readBatch(text: string): unknown {
  const bytes = Buffer.from(text)
  const read = reader.batchCheck(state, Buffer.concat([bytes, bytes]), 0, bytes.length)
  if (read !== undefined) expect(read).toEqual({ ...state, ...decodeBatchCheck(parseJson(bytes)) })
  return read
}

function readWrite(text: string): unknown {
  const bytes = Buffer.from(text)
  const chunk = Buffer.concat([bytes, bytes])
  const read = reader.write(state, chunk, bytes.length, 2 * bytes.length)
  if (read !== undefined) expect(read).toEqual({ ...state, ...decodeWrite(parseJson(bytes)) })
  // The same for who says who writes, which the lane always does.
  const by = { provenance: { source: 'api', requestId: 'one' } }
  const made = reader.write({ ...state, ...by }, chunk, bytes.length, 2 * bytes.length)
  expect(made).toEqual(read === undefined ? undefined : { ...read, ...by })
  const fresh = { ...state, ...by, atLeastAsFresh: 'a zookie' }
  const asFresh = reader.write(fresh, chunk, bytes.length, 2 * bytes.length)
  expect(asFresh).toEqual(read === undefined ? undefined : { ...read, ...fresh })
  return read
}

function readLine(text: string): unknown {
  const bytes = Buffer.from(text)
  const read = reader.tuple(Buffer.concat([bytes, bytes]), 0, bytes.length)
  if (read !== undefined) expect(read).toEqual(decodeLine(parseJson(bytes)))
  return read
}

describe('what clients commonly send is read', () => {
  test.each([
    JSON.stringify({ tuple_key: key }),
    JSON.stringify({ tuple_key: { object: 'a:1', relation: 'r', user: 'u:*' } }, null, 2),
    JSON.stringify({ authorization_model_id: storeId, tuple_key: key, consistency: 'HIGHER_CONSISTENCY' }),
    JSON.stringify({ consistency: 'UNSPECIFIED', tuple_key: key, authorization_model_id: '' }),
    JSON.stringify({
      tuple_key: { ...key, user: 'x'.repeat(512), relation: 'r'.repeat(50), object: 'o'.repeat(256) },
    }),
  ])('check: %s', (text) => expect(readCheck(text)).toBeDefined())

  test.each([
    JSON.stringify({ checks: [item] }),
    JSON.stringify({
      checks: [item, { correlation_id: 'b', tuple_key: key }],
      consistency: 'MINIMIZE_LATENCY',
    }),
  ])('batch-check: %s', (text) => expect(readBatch(text)).toBeDefined())

  test.each([
    JSON.stringify({ writes: { tuple_keys: [key] } }),
    JSON.stringify({ deletes: { tuple_keys: [key, { ...key, user: 'user:*' }] } }, null, 2),
    JSON.stringify({ writes: { tuple_keys: [key] }, deletes: { tuple_keys: [key] } }),
    JSON.stringify({ authorization_model_id: storeId, writes: { tuple_keys: [key, key, key] } }),
    '{"authorization_model_id":""}',
  ])('write: %s', (text) => expect(readWrite(text)).toBeDefined())

  test.each([JSON.stringify(key), ` ${JSON.stringify({ object: 'a:1', relation: 'r', user: 'u:1#m' })}\t\r`])(
    'a line of an import: %s',
    (text) => expect(readLine(text)).toBeDefined(),
  )

  test('a zookie goes along', () => {
    const bytes = Buffer.from(JSON.stringify({ tuple_key: key }))
    expect(reader.check({ ...state, atLeastAsFresh: 'z' }, bytes, 0, bytes.length)).toEqual({
      ...state,
      atLeastAsFresh: 'z',
      tuple: { subject: key.user, relation: key.relation, object: key.object },
    })
  })
})

describe('everything else is left to the decoders', () => {
  const json = JSON.stringify({ tuple_key: key })
  test.each([
    '',
    '{}',
    '[]',
    json.slice(0, -1),
    `${json}}`,
    `${json},`,
    json.replace('{', '{,'),
    json.replace('"}', '",}'),
    json.replace('user:anne', 'user:änne'),
    json.replace('user:anne', 'user:\\u0061'),
    json.replace('user:anne', 'user: anne'),
    json.replace('user:anne', 'user:\x7fanne'),
    json.replace('user:anne', 'u'),
    json.replace('user:anne', 'u'.repeat(513)),
    json.replace('document:1', 'd'),
    json.replace('document:1', 'd'.repeat(257)),
    json.replace('viewer', ''),
    json.replace('viewer', 'r'.repeat(51)),
    json.replace('viewer', 'a:b'),
    json.replace('viewer', 'a#b'),
    json.replace('viewer', 'a@b'),
    json.replace('"viewer"', 'null'),
    json.replace('"object":', '"object":,"object":'),
    json.replace('"user":', '"user":,"user":'),
    json.replace('"user":', '"user":"u","user":'),
    json.replace('"relation"', '"user"'),
    json.replace('"relation"', '"relatios"'),
    json.replace('"user"', '"users"'),
    json.replace('"tuple_key"', '"tuple_keys"'),
    json.replace('{"tuple_key"', '{"trace":true,"tuple_key"'),
    json.replace('{"tuple_key"', '{"authorization_model_id":"x","tuple_key"'),
    json.replace('{"tuple_key"', '{"authorization_model_id":"","authorization_model_id":"","tuple_key"'),
    json.replace('{"tuple_key"', '{"consistency":"x","tuple_key"'),
    json.replace('{"tuple_key"', '{"consistency":2,"tuple_key"'),
    json.replace('{"tuple_key"', `{"tuple_key":${JSON.stringify(key)},"tuple_key"`),
  ])('check: %j', (text) => expect(readCheck(text)).toBeUndefined())

  test.each([
    '{"checks":[]}',
    '{"checks":[{}]}',
    JSON.stringify({ checks: [{ tuple_key: key }] }),
    JSON.stringify({ checks: [{ ...item, correlation_id: 'a b' }] }),
    JSON.stringify({ checks: [{ ...item, correlation_id: 'a'.repeat(37) }] }),
    JSON.stringify({ checks: [{ ...item, correlation_id: 'a.b' }] }),
    JSON.stringify({ checks: [{ ...item, context: {} }] }),
    '{"checks":[],"checks":[]}',
    // Written like one that is fine.
    JSON.stringify({ checks: [item, { ...item, correlation_id: 'a.b' }] }),
    JSON.stringify({ checks: [item, { ...item, correlation_id: 'a'.repeat(37) }] }),
    JSON.stringify({ checks: [item, { ...item, correlation_id: '' }] }),
    JSON.stringify({ checks: [item, { ...item, tuple_key: { ...key, user: 'u' } }] }),
    JSON.stringify({ checks: [item, { ...item, tuple_key: { ...key, user: 'u'.repeat(513) } }] }),
    JSON.stringify({ checks: [item, { ...item, tuple_key: { ...key, object: 'd' } }] }),
    JSON.stringify({ checks: [item, { ...item, tuple_key: { ...key, object: 'd'.repeat(257) } }] }),
    JSON.stringify({ checks: [item, { ...item, tuple_key: { ...key, relation: 'a#b' } }] }),
    JSON.stringify({ checks: [item, { ...item, tuple_key: { ...key, user: 'user:\u007f' } }] }),
    JSON.stringify({ tuple_key: key }),
  ])('batch-check: %j', (text) => expect(readBatch(text)).toBeUndefined())

  const writes = JSON.stringify({ writes: { tuple_keys: [key] } })
  test.each([
    '{}',
    writes.replace(JSON.stringify(key), ''),
    writes.replace(JSON.stringify(key), 'null'),
    writes.replace('"tuple_keys"', '"tuple_key"'),
    writes.replace('"writes"', '"write"'),
    writes.replace('{"writes"', `{"writes":{"tuple_keys":[${JSON.stringify(key)}]},"writes"`),
    writes.replace(']', '],"tuple_keys":[]'),
    writes.replace(']', '],"on_duplicate":"ignore"'),
    writes.replace('user:anne', 'user:änne'),
    writes.replace('"relation"', '"condition":{"name":"c"},"relation"'),
    writes.replace('"relation"', '"expires_at":"2030-01-01T00:00:00Z","relation"'),
    writes.replace('{"writes"', '{"authorization_model_id":"x","writes"'),
    writes.replace('{"writes"', '{"authorization_model_id":"consistency""UNSPECIFIED","writes"'),
    writes.replace('{"writes"', '{"consistency":"UNSPECIFIED","writes"'),
    writes.replace('{"writes"', '{"delete_where":{"user":"user:anne"},"writes"'),
    writes.replace('{"writes"', '{"preconditions":[],"writes"'),
    `${writes}}`,
    `${writes},`,
    writes.slice(0, -1),
  ])('write: %j', (text) => expect(readWrite(text)).toBeUndefined())
})

test.each([
  '',
  '{}',
  JSON.stringify({ ...key, condition: null }),
  JSON.stringify({ ...key, expires_at: '2030-01-01T00:00:00Z' }),
  `${JSON.stringify(key)},`,
  JSON.stringify({ ...key, object: 'd' }),
  JSON.stringify({ ...key, user: 'user:ä' }),
])('a line is left to the decoder: %j', (text) => expect(readLine(text)).toBeUndefined())

test('whatever is read is what the decoders say', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  const name = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.string({
        unit: fc.constantFrom(...'aaabbcdexyz:#*-_1'.split('')),
        minLength: 2,
        maxLength: 8,
      }),
    },
    fc.string({ maxLength: 6 }),
    fc.constantFrom('x'.repeat(50), 'x'.repeat(51), 'x'.repeat(256), 'x'.repeat(257), 'x'.repeat(513)),
  )
  const tupleKey = fc.record(
    { user: name, relation: name, object: name },
    { requiredKeys: ['user', 'relation', 'object'] },
  )
  const common = {
    authorization_model_id: fc.constantFrom('', storeId, 'x'),
    consistency: fc.constantFrom('UNSPECIFIED', 'HIGHER_CONSISTENCY', 'no'),
  }
  const check = fc.record({ tuple_key: tupleKey, ...common }, { requiredKeys: ['tuple_key'] })
  const batch = fc.record(
    {
      checks: fc.array(fc.record({ tuple_key: tupleKey, correlation_id: name }), { maxLength: 3 }),
      ...common,
    },
    { requiredKeys: ['checks'] },
  )
  const keys = fc.record({ tuple_keys: fc.array(tupleKey, { maxLength: 3 }) })
  const write = fc.record(
    { writes: keys, deletes: keys, authorization_model_id: common.authorization_model_id },
    { requiredKeys: [] },
  )
  const noise = fc.option(
    fc.tuple(fc.nat(), fc.constantFrom('', ' ', '"', ',', '}', '{', '\\', ':', '[', ']', 'a')),
  )
  const disturbed = (text: string, at: [number, string] | null, space: number) => {
    const spaced = JSON.stringify(JSON.parse(text), null, space)
    if (at === null) return spaced
    const place = at[0] % spaced.length
    return spaced.slice(0, place) + at[1] + spaced.slice(place + 1)
  }
  let read = 0
  let lines = 0
  // A disturbed body must not be read where JSON.parse throws: the comparison throws then, and that is a failure.
  fc.assert(
    fc.property(check, batch, write, noise, fc.constantFrom(0, 0, 2), (one, many, change, at, space) => {
      if (readCheck(disturbed(JSON.stringify(one), at, space)) !== undefined) read++
      if (readLine(disturbed(JSON.stringify(one.tuple_key), at, space)) !== undefined) lines++
      if (readBatch(disturbed(JSON.stringify(many), at, space)) !== undefined) read++
      if (readWrite(disturbed(JSON.stringify(change), at, space)) !== undefined) read++
    }),
    { seed, numRuns: 3_000 },
  )
  expect(read).toBeGreaterThan(100)
  expect(lines).toBeGreaterThan(100)
})

test('checks that are written alike are read alike, and one that differs by a byte as the decoders say', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  const letters = fc.string({ unit: fc.constantFrom(...'abcxyz:_1-'.split('')), minLength: 2, maxLength: 9 })
  const id = fc.string({ unit: fc.constantFrom(...'abc_-123'.split('')), minLength: 1, maxLength: 4 })
  const one = fc.record({
    user: letters,
    object: letters,
    id,
    relation: fc.constantFrom('can_use', 'can_use', 'viewer'),
  })
  const write = [
    ({ user, relation, object, id }: Item) => ({ tuple_key: { user, relation, object }, correlation_id: id }),
    ({ user, relation, object, id }: Item) => ({ correlation_id: id, tuple_key: { object, relation, user } }),
  ] as const
  const noise = fc.option(
    fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(...'",}{:[] \\a\x7f\x1f'.split(''), ''),
    ),
  )
  let read = 0
  fc.assert(
    fc.property(
      fc.array(one, { minLength: 2, maxLength: 5 }),
      fc.constantFrom(...write),
      noise,
      fc.constantFrom(0, 0, 1),
      (items, written, at, space) => {
        const text = JSON.stringify({ checks: items.map(written) }, null, space)
        const place = Math.floor((at?.[0] ?? 0) * text.length)
        const said = readBatch(at === null ? text : text.slice(0, place) + at[1] + text.slice(place + 1))
        if (said !== undefined) read++
        else expect(at).not.toBeNull()
      },
    ),
    { seed, numRuns: 4_000 },
  )
  expect(read).toBeGreaterThan(500)
})

test('what follows a body is no part of it, however well it would go on', () => {
  const bytes = Buffer.from(JSON.stringify({ checks: [item, item, item] }))
  expect(reader.batchCheck(state, bytes, 0, bytes.length)?.checks).toHaveLength(3)
  for (let end = 0; end < bytes.length; end++) expect(reader.batchCheck(state, bytes, 0, end)).toBeUndefined()
})

interface Item {
  readonly user: string
  readonly relation: string
  readonly object: string
  readonly id: string
}
