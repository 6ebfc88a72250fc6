/** What callers without types may pass: refused by name, never answered, and never an allow. */
import { afterAll, describe, expect, test } from 'vitest'
import { Fault, type Kith } from '../../src/index.ts'
import { anne, dsl, opened } from './world.ts'

/** The methods as JavaScript sees them. */
type Loose = { readonly [K in Verb]: (...args: unknown[]) => Promise<unknown> }

async function refusal(work: () => Promise<unknown>): Promise<string> {
  const thrown = await work().then(
    (answer) => new Error(`answered ${JSON.stringify(answer)}`),
    (fault: unknown) => fault,
  )
  expect(thrown).toBeInstanceOf(Fault)
  return thrown instanceof Fault ? `${thrown.code}: ${thrown.message}` : String(thrown)
}

const { kith, store } = await opened()
await kith.write({ store, writes: [anne] })
afterAll(() => kith.close())
const loose = kith as unknown as Loose
const asked = { store, tuple: anne }
const circle: { self?: unknown } = {}
circle.self = circle

type Verb = Exclude<keyof Kith, symbol>
type Row = readonly [verb: Verb, args: readonly unknown[], message: string]

const rows: readonly Row[] = [
  ['check', [], 'check: the request must be an object, not undefined'],
  ['check', [null], 'check: the request must be an object, not null'],
  ['check', ['document:1'], 'check: the request must be an object, not "document:1"'],
  ['check', [[asked]], 'check: the request must be an object, not an array'],
  ['check', [{ tuple: anne }], 'check: `store` must be a string, not undefined'],
  ['check', [{ ...asked, store: '' }], 'check: `store` must not be empty'],
  ['check', [{ store }], 'check: `tuple` must be an object, not undefined'],
  [
    'check',
    [{ store, tuple: { ...anne, object: undefined } }],
    'check: `tuple.object` must be a string, not undefined',
  ],
  [
    'check',
    [{ store, tuple: { ...anne, object: ['document:1'] } }],
    'check: `tuple.object` must be a string, not an array',
  ],
  [
    'check',
    [{ store, tuple: { ...anne, subject: new String('user:anne') } }],
    'check: `tuple.subject` must be a string, not an object',
  ],
  [
    'check',
    [{ store, tuple: { ...anne, subject: 'user:\ud800' } }],
    'check: `tuple.subject` holds half of a surrogate pair',
  ],
  [
    'check',
    [{ store, tuple: { ...anne, user: 'user:bob' } }],
    'check: `tuple.user` is not a field; there are object, relation, subject',
  ],
  [
    'check',
    [{ ...asked, asLeastAsFresh: 'x' }],
    'check: `asLeastAsFresh` is not a field; there are store, atLeastAsFresh,',
  ],
  ['check', [JSON.parse(`{"store":"${store}","__proto__":{}}`)], 'check: `__proto__` is not a field;'],
  ['check', [{ ...asked, model: null }], 'check: `model` must be a string, not null'],
  ['check', [{ ...asked, model: '' }], 'check: `model` must not be empty'],
  ['check', [{ ...asked, atLeastAsFresh: 7 }], 'check: `atLeastAsFresh` must be a string, not 7'],
  [
    'check',
    [{ ...asked, higherConsistency: 'no' }],
    'check: `higherConsistency` must be true or false, not "no"',
  ],
  ['check', [{ ...asked, depthMax: Number.NaN }], 'check: `depthMax` must be a whole number from 1 to'],
  ['check', [{ ...asked, depthMax: 0 }], 'check: `depthMax` must be a whole number from 1 to'],
  ['check', [{ ...asked, contextual: anne }], 'check: `contextual` must be an array, not an object'],
  [
    'check',
    [{ ...asked, contextual: [anne, undefined] }],
    'check: `contextual[1]` must be an object, not undefined',
  ],
  ['check', [{ ...asked, contextual: Array(1) }], 'check: `contextual[0]` must be an object, not undefined'],
  [
    'check',
    [{ ...asked, contextual: [{ ...anne, expiresAt: new Date(0) }] }],
    'check: `contextual[0].expiresAt` must be a whole number of milliseconds',
  ],
  [
    'check',
    [{ ...asked, contextual: [{ ...anne, condition: 'small' }] }],
    'check: `contextual[0].condition` must be an object, not "small"',
  ],
  ['check', [{ ...asked, context: [] }], 'check: `context` must be an object, not an array'],
  [
    'check',
    [{ ...asked, context: new Map([['size', 1]]) }],
    'check: `context` must be a JSON value, not an object',
  ],
  [
    'check',
    [{ ...asked, context: { at: [1, new Date(0)] } }],
    'check: `context.at[1]` must be a JSON value, not an object',
  ],
  [
    'check',
    [{ ...asked, context: { size: undefined } }],
    'check: `context.size` must be a JSON value, not undefined',
  ],
  [
    'check',
    [{ ...asked, context: { size: Number.POSITIVE_INFINITY } }],
    'check: `context.size` must be a JSON value, not Infinity',
  ],
  ['check', [{ ...asked, context: { size: 10n } }], 'check: `context.size` must be a JSON value, not 10'],
  [
    'check',
    [{ ...asked, context: { do: () => true } }],
    'check: `context.do` must be a JSON value, not a function',
  ],
  ['check', [{ ...asked, context: circle }], 'check: `context.self.self'],
  ['explain', [{ ...asked, trace: true }], 'explain: `trace` is not a field'],
  [
    'batchCheck',
    [{ store, checks: { tuple: anne } }],
    'batchCheck: `checks` must be an array, not an object',
  ],
  [
    'batchCheck',
    [{ store, checks: [{ tuple: anne }, { key: anne }] }],
    'batchCheck: `checks[1].key` is not a field',
  ],
  ['expand', [{ store, object: 'document:1' }], 'expand: `relation` must be a string, not undefined'],
  [
    'expandAll',
    [{ store, object: 'document:1', relation: 'viewer', pageSize: '5' }],
    'expandAll: `pageSize` must be a whole number, not "5"',
  ],
  [
    'listObjects',
    [{ store, type: 'document', relation: 'viewer', user: 'user:anne' }],
    'listObjects: `user` is not a field',
  ],
  [
    'streamListObjects',
    [{ store, type: 'document', relation: 'viewer', subject: 'user:anne', pageSize: 1 }],
    'streamListObjects: `pageSize` is not a field',
  ],
  [
    'listUsers',
    [{ store, object: 'document:1', relation: 'viewer', filter: 'user' }],
    'listUsers: `filter` must be an object, not "user"',
  ],
  ['write', [{ store, write: [anne] }], 'write: `write` is not a field'],
  [
    'write',
    [{ store, writes: [{ ...anne, expires_at: 5 }] }],
    'write: `writes[0].expires_at` is not a field',
  ],
  [
    'write',
    [{ store, writes: [{ ...anne, expiresAt: '2030' }] }],
    'write: `writes[0].expiresAt` must be a whole number of milliseconds since the epoch, not "2030"',
  ],
  [
    'write',
    [{ store, deletes: [anne], onMissing: 'update' }],
    "write: `onMissing` must be 'error' or 'ignore', not \"update\"",
  ],
  [
    'write',
    [{ store, deleteWhere: { object: 'document:1', subject: '' } }],
    'write: `deleteWhere.subject` must not be empty',
  ],
  [
    'write',
    [{ store, deleteWhere: { object: 'document:1', user: 'user:anne' } }],
    'write: `deleteWhere.user` is not a field',
  ],
  [
    'write',
    [{ store, writes: [anne], preconditions: [{ filter: anne }] }],
    "write: `preconditions[0].must` must be 'exist' or 'not_exist', not undefined",
  ],
  ['read', [{ store, filter: { object: 5 } }], 'read: `filter.object` must be a string, not 5'],
  [
    'changes',
    [{ store, startTime: '2026-11-22' }],
    'changes: `startTime` must be a whole number of milliseconds since the epoch',
  ],
  [
    'importTuples',
    [{ store }, 'document:1'],
    'importTuples: `tuples` must be an iterable of tuples, not "document:1"',
  ],
  [
    'importTuples',
    [{ store }, [anne, { ...anne, subject: null }]],
    'importTuples: `tuples[1].subject` must be a string, not null',
  ],
  ['importTuples', [{ store }, [], 'loud'], 'importTuples: `progress` must be a function, not "loud"'],
  ['exportTuples', [{}], 'exportTuples: `store` must be a string, not undefined'],
  ['createStore', [], 'createStore: `name` must be a string, not undefined'],
  ['createStore', ['a'], 'createStore: `name` must match ^['],
  ['store', [7], 'store: `id` must be a string, not 7'],
  ['history', [{ store, after: '' }], 'history: `after` must not be empty'],
  ['history', [{ store, endTime: new Date(0) }], 'history: `endTime` must be a whole number of milliseconds'],
  ['watch', [{ store, object: '' }], 'watch: `object` must not be empty'],
  ['watch', [{ store, user: 'user:anne' }], 'watch: `user` is not a field;'],
  ['storeChanges', [{ pageSize: 'all' }], 'storeChanges: `pageSize` must be'],
  ['stores', [{ name: '' }], 'stores: `name` must not be empty'],
  ['renameStore', [store, '\n'], 'renameStore: `name` must match ^['],
  ['deleteStore', [], 'deleteStore: `id` must be a string, not undefined'],
  ['writeModel', [{ store }], 'writeModel: give one model, as `dsl` or as `json`'],
  ['writeModel', [{ store, dsl, json: {} }], 'writeModel: give one model, as `dsl` or as `json`'],
  ['writeModel', [{ store, json: dsl }], 'writeModel: `json` must be an object'],
  ['model', [{ store, id: 5 }], 'model: `id` must be a string, not 5'],
  ['models', [{ store, pageSize: 1.5 }], 'models: `pageSize` must be a whole number, not 1.5'],
  ['assertions', [{ store }], 'assertions: `model` must be a string, not undefined'],
  [
    'writeAssertions',
    [{ store, model: 'm' }],
    'writeAssertions: `assertions` must be an array, not undefined',
  ],
]

test.each(rows.map(([verb, args, message]) => ({ verb, args, message })))(
  '$message',
  async ({ verb, args, message }) => {
    expect(await refusal(() => loose[verb](...args))).toContain(`validation_error: ${message}`)
  },
)

test('every verb has a row', () => {
  const verbs = Object.keys(kith).filter((name) => !['unready', 'memory', 'close'].includes(name))
  expect(verbs.filter((verb) => !rows.some(([named]) => named === verb))).toEqual([])
})

test('nothing that was refused was done', async () => {
  expect((await kith.read({ store })).tuples).toMatchObject([anne])
  expect((await kith.stores()).stores).toHaveLength(1)
})

describe('what is taken', () => {
  test('undefined is absent', async () => {
    const answer = await loose.check({
      ...asked,
      model: undefined,
      contextual: undefined,
      context: undefined,
    })
    expect(answer).toMatchObject({ allowed: true })
  })

  test('objects of a class, with accessors, and objects without a prototype', async () => {
    class Question {
      readonly store = store
      get tuple() {
        return Object.assign(Object.create(null), anne)
      }
    }
    expect(await loose.check(new Question())).toMatchObject({ allowed: true })
    class Blocked extends Question {
      override get tuple() {
        return { ...anne, relation: 'reader' }
      }
      get contextual() {
        return [{ ...anne, relation: 'blocked' }]
      }
    }
    expect(await loose.check(new Blocked())).toMatchObject({ allowed: false })
  })

  test('a context with any own key, and shared parts', async () => {
    const shared = { deep: [1, 'two', null, true] }
    const context = { size: 1, ...JSON.parse('{"__proto__":{"size":99}}'), one: shared, two: shared }
    const contextual = [{ ...anne, relation: 'owner', subject: 'user:bob', condition: { name: 'small' } }]
    const tuple = { ...anne, subject: 'user:bob' }
    expect(await kith.check({ store, tuple, contextual, context })).toMatchObject({ allowed: true })
  })
})

test('a request is read before the method returns: later changes change nothing', async () => {
  const zookie = (await kith.check(asked)).zookie
  const tuple = { ...anne, subject: 'user:mallory' }
  const contextual = [{ ...anne, relation: 'blocked' }]
  const denied = kith.check({ store, tuple, contextual, atLeastAsFresh: zookie })
  tuple.subject = 'user:anne'
  contextual.pop()
  expect((await denied).allowed).toBe(false)

  const writes = [{ ...anne, subject: 'user:carl' }]
  const written = kith.write({ store, writes })
  writes[0] = { ...anne, subject: 'user:mallory' }
  await written
  const { users } = await kith.listUsers({
    store,
    object: 'document:1',
    relation: 'viewer',
    filter: { type: 'user' },
  })
  expect(users).toEqual(['user:anne', 'user:carl'])
})

test("an answer is the caller's: changing it changes no later one", async () => {
  const before = JSON.stringify(await kith.model({ store }))
  const { json } = await kith.model({ store })
  ;(json.type_definitions as unknown[]).length = 0
  expect(JSON.stringify(await kith.model({ store }))).toBe(before)
})
