/** What would change: rows by hand, pages, refusals, and that nothing is written. The oracle's part is in test/property. */
import { expect, test } from 'vitest'
import { parseDsl } from '../../src/model/dsl.ts'
import type { DifferencePaging, ProposedChange, WriteRequest } from '../../src/service/requests.ts'
import { printTuple, type Tuple } from '../../src/tuple/tuple.ts'
import { keyOf, noon, refusedAs, type World, world } from './world.ts'

const soon = Date.UTC(2026, 0, 1, 13)
const recent: Tuple = {
  ...keyOf('document:1#viewer@user:cat'),
  condition: { name: 'recent', context: { until: new Date(soon).toISOString() } },
}

async function refused(code: string, work: Promise<unknown>): Promise<void> {
  expect(await refusedAs(work)).toBe(code)
}

/** `+ document:1#viewer@user:ann`. */
async function linesOf(
  { kith }: World,
  change: ProposedChange,
  paging: DifferencePaging = {},
): Promise<readonly string[]> {
  const { rows } = await kith.difference({ ...paging, change })
  const signs = { gains: '+', loses: '-', unknown: '?' }
  return rows.map((row) => `${signs[row.change]} ${printTuple(row)}`)
}

const writing = ({ store }: World, request: Omit<WriteRequest, 'store'>): ProposedChange => ({
  kind: 'write',
  request: { store, ...request },
})

const tables: [string, (string | Tuple)[], Omit<WriteRequest, 'store'>, string[]][] = [
  [
    'a member gains what the group has, and nothing that is had already',
    ['document:1#viewer@group:eng#member', 'document:2#viewer@group:eng#member', 'document:2#owner@user:ann'],
    { writes: [keyOf('group:eng#member@user:ann')] },
    ['+ document:1#reader@user:ann', '+ document:1#viewer@user:ann', '+ group:eng#member@user:ann'],
  ],
  [
    'a group that goes takes it from each member but who has it otherwise',
    [
      'document:1#viewer@group:eng#member',
      'group:eng#member@user:ann',
      'group:eng#member@user:bob',
      'document:1#viewer@user:bob',
    ],
    { deletes: [keyOf('document:1#viewer@group:eng#member')] },
    ['- document:1#reader@user:ann', '- document:1#viewer@user:ann'],
  ],
  [
    'a parent that moves',
    ['folder:a#viewer@user:ann', 'folder:b#viewer@user:bob', 'document:1#parent@folder:a'],
    { deletes: [keyOf('document:1#parent@folder:a')], writes: [keyOf('document:1#parent@folder:b')] },
    [
      '- document:1#parent@folder:a',
      '+ document:1#parent@folder:b',
      '- document:1#reader@user:ann',
      '+ document:1#reader@user:bob',
      '- document:1#viewer@user:ann',
      '+ document:1#viewer@user:bob',
    ],
  ],
  [
    'what is subtracted gives by going',
    ['document:1#viewer@user:ann', 'document:1#blocked@user:ann'],
    { deletes: [keyOf('document:1#blocked@user:ann')] },
    ['- document:1#blocked@user:ann', '+ document:1#reader@user:ann'],
  ],
  [
    'everybody: whoever is named anywhere, and the wildcard for who is not',
    ['document:1#parent@folder:a', 'document:9#blocked@user:bob', 'document:1#blocked@user:cat'],
    { writes: [keyOf('folder:a#viewer@user:*')] },
    [
      '+ document:1#reader@user:*',
      '+ document:1#reader@user:bob',
      '+ document:1#viewer@user:*',
      '+ document:1#viewer@user:bob',
      '+ document:1#viewer@user:cat',
      '+ folder:a#viewer@user:*',
      '+ folder:a#viewer@user:bob',
      '+ folder:a#viewer@user:cat',
    ],
  ],
  [
    'who is named by the change alone is somebody',
    [],
    { writes: [keyOf('folder:a#viewer@user:*'), keyOf('group:eng#member@user:new')] },
    ['+ folder:a#viewer@user:*', '+ folder:a#viewer@user:new', '+ group:eng#member@user:new'],
  ],
  [
    'a write that is there already',
    ['document:1#viewer@user:ann'],
    { writes: [keyOf('document:1#viewer@user:ann')], onDuplicate: 'ignore' },
    [],
  ],
  [
    'an expired tuple has nothing to lose, and one written over it all to gain',
    [{ ...keyOf('document:1#blocked@user:ann'), expiresAt: noon + 1 }],
    { writes: [keyOf('document:1#blocked@user:ann')] },
    ['+ document:1#blocked@user:ann'],
  ],
  [
    'where the context does not say',
    ['group:eng#member@user:ann'],
    { writes: [recent] },
    ['? document:1#reader@user:cat', '? document:1#viewer@user:cat'],
  ],
]

test.each(tables)('%s', async (_, tuples, request, rows) => {
  const the = await world(tuples)
  the.clock.now = noon + 2
  // The names of everybody are sorted into their places.
  expect(await linesOf(the, writing(the, request))).toEqual(rows)
  const before = (await the.kith.history({ store: the.store })).changes.length
  expect((await the.kith.history({ store: the.store })).changes.length).toBe(before)
})

test('the context decides what it can', async () => {
  const the = await world()
  const asked = (hour: number) =>
    linesOf(the, writing(the, { writes: [recent] }), { context: { now: new Date(hour).toISOString() } })
  expect(await asked(noon)).toEqual(['+ document:1#reader@user:cat', '+ document:1#viewer@user:cat'])
  expect(await asked(soon + 1)).toEqual([])
})

test('nothing is written, told or remembered', async () => {
  const the = await world(['document:1#viewer@group:eng#member'])
  const { kith, store, storage, check } = the
  const { revision } = storage.view(store)
  const told: unknown[] = []
  storage.onApplied((...entry) => told.push(entry))
  const { zookie } = await kith.difference({
    change: writing(the, { writes: [keyOf('group:eng#member@user:ann')] }),
  })
  expect(zookie).toBe(storage.zookie(store, revision))
  await kith.difference({ change: { kind: 'model', request: { store, json: await parseDsl(small) } } })
  expect([storage.view(store).revision, told.length]).toEqual([revision, 0])
  expect(await check('document:1#viewer@user:ann')).toBe(false)
  expect((await kith.models({ store })).models).toHaveLength(1)
})

const small = `model
  schema 1.1
type user
type document
  relations
    define owner: [user]
    define viewer: owner
`

test('a new model: what it no longer grants, and what it grants anew', async () => {
  const the = await world(['document:1#viewer@user:bob', 'document:1#owner@user:ann'])
  const change = { kind: 'model', request: { store: the.store, json: await parseDsl(small) } } as const
  expect(await linesOf(the, change)).toEqual([
    '- document:1#reader@user:ann',
    '- document:1#reader@user:bob',
    '- document:1#viewer@user:bob',
  ])
})

test('a tupleset that takes its parents otherwise is a change of all that is read through it', async () => {
  const dsl = (parent: string) => `model
  schema 1.1
type user
type folder
  relations
    define viewer: [user]
type document
  relations
    define parent: [${parent}]
    define viewer: viewer from parent
condition open(now: int) {
  now > 0
}
`
  const the = await world(['document:1#parent@folder:a', 'folder:a#viewer@user:ann'], {
    dsl: dsl('folder, folder with open'),
  })
  const json = await parseDsl(dsl('folder with open'))
  const change = { kind: 'model', request: { store: the.store, json } } as const
  expect(await linesOf(the, change)).toEqual(['- document:1#parent@folder:a', '- document:1#viewer@user:ann'])
})

test('the first model of a store', async () => {
  const the = await world()
  const { id: store } = await the.kith.createStore('bare')
  const change = { kind: 'model', request: { store, json: await parseDsl(small) } } as const
  expect(await linesOf(the, change)).toEqual([])
})

test('pages end where the next begins, and are refused for another change or another state', async () => {
  const members = Array.from({ length: 23 }, (_, n) => `group:eng#member@user:${n}`)
  const the = await world([...members, 'document:1#viewer@group:eng#member'])
  const { kith } = the
  const change = writing(the, { deletes: [keyOf('document:1#viewer@group:eng#member')] })
  const all = await linesOf(the, change)
  expect(all).toHaveLength(46)
  const paged: string[] = []
  let continuationToken = ''
  do {
    const page = await kith.difference({ change, pageSize: 9, continuationToken })
    expect(page.truncated).toBe(false)
    paged.push(...page.rows.map((row) => `- ${printTuple(row)}`))
    continuationToken = page.continuationToken
  } while (continuationToken !== '')
  expect(paged).toEqual(all)

  const first = await kith.difference({ change, pageSize: 9 })
  const token = first.continuationToken
  const other = writing(the, { deletes: [keyOf('group:eng#member@user:1')] })
  await refused('invalid_continuation_token', kith.difference({ change: other, continuationToken: token }))
  await refused(
    'invalid_continuation_token',
    kith.difference({ change, context: { a: 1 }, continuationToken: token }),
  )
  await the.write('document:7#viewer@user:x')
  await refused('precondition_failed', kith.difference({ change, continuationToken: token }))
})

test('refused as the change itself would be', async () => {
  const the = await world(['document:1#viewer@user:ann'])
  const { kith, store } = the
  const ask = (request: Omit<WriteRequest, 'store'>) => kith.difference({ change: writing(the, request) })
  await refused('invalid_write_input', ask({}))
  await refused('validation_error', ask({ writes: [keyOf('document:1#nix@user:ann')] }))
  await refused('write_failed_due_to_invalid_input', ask({ writes: [keyOf('document:1#viewer@user:ann')] }))
  await refused('write_failed_due_to_invalid_input', ask({ deletes: [keyOf('document:1#viewer@user:bob')] }))
  const filter = { object: 'document:1', relation: 'viewer', user: 'user:bob' }
  const writes = [keyOf('document:2#viewer@user:ann')]
  await refused('precondition_failed', ask({ writes, preconditions: [{ filter, must: 'exist' }] }))
  const json = { schema_version: '1.0', type_definitions: [] }
  await refused(
    'invalid_authorization_model',
    kith.difference({ change: { kind: 'model', request: { store, json } } }),
  )
  const gone = { kind: 'write', request: { store: '01ARZ3NDEKTSV4RRFFQ69G5FAV', writes } } as const
  await refused('store_id_not_found', kith.difference({ change: gone }))
  await refused('page_size_invalid', kith.difference({ change: writing(the, { writes }), pageSize: 1_001 }))
})

test('an import: its lines as one change, and the line that would end it', async () => {
  const the = await world(['document:1#viewer@user:ann'])
  const importing = (lines: readonly Tuple[], onDuplicate?: string): ProposedChange => ({
    kind: 'import',
    request: { store: the.store, ...(onDuplicate === undefined ? {} : { onDuplicate }) },
    tuples: (async function* () {
      yield* lines
    })(),
  })
  const lines = [
    'document:1#viewer@user:ann',
    'document:1#viewer@user:bob',
    'document:1#viewer@user:bob',
  ].map(keyOf)
  expect(await linesOf(the, importing(lines))).toEqual([
    '+ document:1#reader@user:bob',
    '+ document:1#viewer@user:bob',
  ])
  const fails = (some: readonly Tuple[], onDuplicate?: string) =>
    the.kith.difference({ change: importing(some, onDuplicate) }).catch(({ message }) => message)
  expect(await fails(lines, 'error')).toMatch(/^line 3: .*twice; nothing was imported$/)
  expect(await fails(lines.slice(0, 2), 'error')).toMatch(/^line 1: cannot write .*; nothing was imported$/)
  expect(await fails([...lines, recent, keyOf('document:1#nix@user:bob')])).toMatch(
    /^line 5: .*; nothing was imported$/,
  )
  const changed = { ...recent, ...keyOf('document:1#viewer@user:ann') }
  expect(await fails([lines[1] as Tuple, changed, lines[2] as Tuple])).toMatch(
    /^line 2: .*; nothing was imported$/,
  )
  const many = Array.from({ length: 8_001 }, (_, n) => keyOf(`document:1#viewer@user:${n}`))
  expect(await fails(many)).toMatch(/^a dry run takes at most 8000 tuples/)
})
