/** Bodies of every question and change: taken as JSON and as MessagePack alike, or refused with a Fault. */
import { isDeepStrictEqual } from 'node:util'
import { BodyReader } from '../../../src/http/lane/body.ts'
import { Fault } from '../../../src/lib/fault.ts'
import { parseJson } from '../../../src/wire/json.ts'
import { parseMsgpack, printMsgpack } from '../../../src/wire/msgpack.ts'
import {
  decodeBatchCheck,
  decodeCheck,
  decodeExpand,
  decodeListObjects,
  decodeListUsers,
} from '../../../src/wire/question.ts'
import { decodeAssertions, decodeLine, decodeRead, decodeWrite } from '../../../src/wire/store.ts'
import type { Target, Verdict } from '../campaign.ts'

const key = { user: 'user:anne', relation: 'viewer', object: 'document:1' }
const tuple = {
  ...key,
  condition: { name: 'recent', context: { limit: 3, days: ['mon'] } },
  expires_at: '2999-01-01T00:00:00Z',
}
const common = { authorization_model_id: '01J0000000000000000000000B', consistency: 'HIGHER_CONSISTENCY' }
const baggage = { contextual_tuples: { tuple_keys: [tuple] }, context: { now: '2026-01-01T00:00:00Z' } }

interface Spelling {
  readonly decode: (value: unknown) => unknown
  readonly bodies: readonly object[]
}

export const spellings: Readonly<Record<string, Spelling>> = {
  check: {
    decode: decodeCheck,
    bodies: [{ tuple_key: key }, { tuple_key: key, ...common, ...baggage, trace: true }],
  },
  'batch-check': {
    decode: decodeBatchCheck,
    bodies: [
      { checks: [{ tuple_key: key, correlation_id: 'a-1' }] },
      { checks: [{ tuple_key: key, correlation_id: '1', ...baggage }], ...common },
    ],
  },
  expand: {
    decode: decodeExpand,
    bodies: [{ tuple_key: { relation: 'viewer', object: 'document:1' }, ...common }],
  },
  'list-objects': {
    decode: decodeListObjects,
    bodies: [
      { type: 'document', relation: 'viewer', user: 'user:anne', page_size: 10, ...common, ...baggage },
    ],
  },
  'list-users': {
    decode: decodeListUsers,
    bodies: [
      {
        object: { type: 'document', id: '1' },
        relation: 'viewer',
        user_filters: [{ type: 'group', relation: 'member' }],
        contextual_tuples: [tuple],
        context: baggage.context,
      },
    ],
  },
  read: {
    decode: decodeRead,
    bodies: [
      { tuple_key: { user: 'user:anne', object: 'document:' }, page_size: 5, continuation_token: 'x' },
    ],
  },
  write: {
    decode: decodeWrite,
    bodies: [
      {
        writes: { tuple_keys: [tuple], on_duplicate: 'update' },
        deletes: { tuple_keys: [key], on_missing: 'ignore' },
      },
      { delete_where: { object: 'document:1' }, preconditions: [{ tuple: key, must: 'exist' }], ...common },
    ],
  },
  assertions: {
    decode: decodeAssertions,
    bodies: [
      { assertions: [{ tuple_key: key, expectation: true, context: { a: 1 }, contextual_tuples: [tuple] }] },
    ],
  },
  'import line': { decode: decodeLine, bodies: [tuple] },
}

const words = [
  ...new Set(JSON.stringify(spellings).match(/"[\w:-]+"/g) ?? []),
  ...[
    'null',
    'true',
    '[]',
    '{}',
    '{"',
    '":',
    ',',
    '-1',
    '1e400',
    '"__proto__"',
    '"constructor"',
    '\\u0000',
    '\\ud800',
  ],
  ...[
    '"user:*"',
    '"group:g#member"',
    '"a b"',
    '\u00e9',
    'e\u0301',
    '0001-01-01T00:00:00Z',
    '{"__proto__":{}}',
  ],
]

const reader = new BodyReader()
const state = { store: '01J0000000000000000000000A' }

/** The fast lane's reader says what the decoders say, or nothing. */
function demandAgreement(input: Buffer, taken: unknown): void {
  const decoded = taken === undefined ? undefined : { ...state, ...taken }
  const inCompany = Buffer.concat([Buffer.from('"}'), input, Buffer.from('}')])
  const read = reader.check(state, inCompany, 2, 2 + input.length)
  if (read !== undefined && !isDeepStrictEqual({ ...read }, decoded))
    throw new Error('the fast lane read otherwise')
}

function demandBatchAgreement(input: Buffer, taken: unknown): void {
  const read = reader.batchCheck(state, input, 0, input.length)
  if (read === undefined) return
  if (taken === undefined || !isDeepStrictEqual({ ...read }, { ...state, ...taken })) {
    throw new Error('the fast lane read otherwise')
  }
}

function takenOf(
  decode: (value: unknown) => unknown,
  parse: () => unknown,
): { readonly is: unknown } | undefined {
  try {
    return { is: decode(parse()) }
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code !== 'internal_error') return undefined
    throw thrown
  }
}

function attempt(name: string, { decode }: Spelling, input: Buffer): Verdict {
  const taken = takenOf(decode, () => parseJson(input))
  if (name === 'check') demandAgreement(input, taken?.is)
  if (name === 'batch-check') demandBatchAgreement(input, taken?.is)
  if (taken === undefined) return 'refused'
  // Nothing has no spelling; and what the printer would mend is not comparable: half a surrogate pair, a key that is a prototype's name.
  if (input.length === 0 || /__proto__|\\u[dD]/.test(input.toString('latin1'))) return 'taken'
  const packed = printMsgpack(parseJson(input))
  const again = takenOf(decode, () => parseMsgpack(packed))
  if (!isDeepStrictEqual(again, taken)) throw new Error('MessagePack says otherwise than JSON')
  return 'taken'
}

export const bodies: readonly Target[] = Object.entries(spellings).map(([name, spelling]) => ({
  name: `body of ${name}`,
  seeds: spelling.bodies.map((body) => Buffer.from(JSON.stringify(body))),
  words,
  share: name === 'check' || name === 'batch-check' ? 120 : 40,
  attempt: (input) => attempt(name, spelling, input),
}))
