/** The log as its owners see it: every revision once, whole or in parts, with who made it, from any place on. */
import { expect, test } from 'vitest'
import { Fault } from '../../src/lib/fault.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import type { HistoryRequest, LoggedChange } from '../../src/service/requests.ts'
import { noon, type World, world } from './world.ts'

const by = { caller: 'key:ops', actor: 'user:root', source: 'api', requestId: 'r1' }

async function all(w: World, asked: Omit<HistoryRequest, 'store'> = {}): Promise<LoggedChange[]> {
  const found: LoggedChange[] = []
  for (let continuationToken = asked.continuationToken ?? ''; ; ) {
    const page = await w.kith.history({ store: w.store, ...asked, continuationToken })
    continuationToken = page.continuationToken
    if (page.changes.length === 0) return found
    found.push(...page.changes)
  }
}

const subjects = (changes: readonly LoggedChange[]) =>
  changes.flatMap(({ tuples }) => tuples.map(({ operation, tuple }) => `${operation} ${tuple.subject}`))

async function ladder(): Promise<World> {
  const w = await world()
  const tuple = (subject: string, object = 'document:1') => ({ object, relation: 'viewer', subject })
  w.clock.now = noon + 1_000
  await w.kith.write({
    store: w.store,
    writes: [tuple('user:ann'), tuple('user:bob', 'folder:1')],
    provenance: by,
  })
  w.clock.now = noon + 2_000
  const json = await parseDsl('model\n  schema 1.1\ntype user\n')
  const model = await w.kith.writeModel({ store: w.store, json, provenance: { source: 'api' } })
  await w.kith.writeAssertions({ store: w.store, model: model.id, assertions: [], provenance: by })
  await w.storage.commit(w.store, {
    putEntities: [{ type: 'user', id: 'ann', attributes: {} }],
    deletes: [tuple('user:ann')],
    provenance: by,
  })
  return w
}

test('every revision, what it changed and who made it; one page at a time says the same', async () => {
  const w = await ladder()
  const whole = await all(w)
  const zookies = whole.map(({ revision }) => w.storage.zookie(w.store, revision))
  expect(whole.map(({ cursor }) => cursor)).toEqual(zookies)
  expect(whole.map(({ cursor, tuples, timestamp, ...rest }) => rest)).toEqual([
    { revision: 1, model: w.model, more: false },
    { revision: 2, provenance: by, more: false },
    { revision: 3, provenance: { source: 'api' }, model: expect.any(String), more: false },
    { revision: 4, provenance: by, assertions: whole[2]?.model, more: false },
    { revision: 5, provenance: by, entities: [{ operation: 'put', entity: 'user:ann' }], more: false },
  ])
  expect(whole.map(({ timestamp }) => timestamp - noon)).toEqual([0, 1_000, 2_000, 2_000, 2_000])
  expect(subjects(whole)).toEqual(['write user:ann', 'write user:bob', 'delete user:ann'])
  expect(await all(w, { pageSize: 1 })).toEqual(whole)
  for (const [index, { cursor }] of whole.entries()) {
    expect(await all(w, { continuationToken: cursor })).toEqual(whole.slice(index + 1))
  }
})

test.each<[string, Omit<HistoryRequest, 'store'>, readonly number[], readonly string[]]>([
  ['type', { type: 'folder' }, [2], ['write user:bob']],
  ['object', { object: 'document:1' }, [2, 5], ['write user:ann', 'delete user:ann']],
  ['relation', { relation: 'owner' }, [], []],
  ['subject', { subject: 'user:bob' }, [2], ['write user:bob']],
  ['caller', { caller: 'key:ops' }, [2, 4, 5], ['write user:ann', 'write user:bob', 'delete user:ann']],
  [
    'caller and subject',
    { caller: 'key:ops', subject: 'user:ann' },
    [2, 5],
    ['write user:ann', 'delete user:ann'],
  ],
  ['nobody of that name', { caller: 'key:other' }, [], []],
  ['from an instant on', { startTime: noon + 1_001 }, [3, 4, 5], ['delete user:ann']],
  [
    'from that very instant',
    { startTime: noon + 1_000 },
    [2, 3, 4, 5],
    ['write user:ann', 'write user:bob', 'delete user:ann'],
  ],
  ['up to an instant', { endTime: noon + 2_000 }, [1, 2], ['write user:ann', 'write user:bob']],
  ['between', { startTime: noon + 1, endTime: noon + 1_001 }, [2], ['write user:ann', 'write user:bob']],
])('filter: %s', async (_, asked, revisions, tuples) => {
  const w = await ladder()
  const found = await all(w, { ...asked, pageSize: 1 })
  expect(found.map(({ revision }) => revision)).toEqual(revisions)
  expect(subjects(found)).toEqual(tuples)
  if (asked.caller === undefined && asked.startTime === undefined && asked.endTime === undefined) {
    expect(found.filter(({ model, entities, assertions }) => model ?? entities ?? assertions)).toEqual([])
  }
})

test('a revision of many tuples comes in parts, each once, from any of them on; the parts before the last say so', async () => {
  const w = await world()
  const writes = Array.from({ length: 4_001 }, (_, i) => ({
    object: 'document:1',
    relation: 'viewer',
    subject: `user:${i}`,
  }))
  await w.storage.commit(w.store, { writes, provenance: by })
  await w.storage.commit(w.store, { deletes: writes.slice(0, 1) })
  const parts = await all(w)
  expect(subjects(parts)).toEqual([...writes.map(({ subject }) => `write ${subject}`), 'delete user:0'])
  expect(Math.max(...parts.map(({ tuples }) => tuples.length))).toBe(200)
  const last = parts.filter(({ more }) => !more)
  expect(last.map(({ revision }) => revision)).toEqual([1, 2, 3])
  expect(parts.every(({ revision, provenance }) => revision !== 2 || provenance === by || provenance)).toBe(
    true,
  )
  for (const at of [1, 7, parts.length - 3]) {
    expect(await all(w, { continuationToken: parts[at]?.cursor ?? '' })).toEqual(parts.slice(at + 1))
  }
  // By a filter, the same changes whatever the place.
  const odd = await all(w, { subject: 'user:3999' })
  expect(odd).toMatchObject([{ revision: 2, more: false, tuples: [{ tuple: writes[3_999] }] }])
  expect(await all(w, { subject: 'user:3999', continuationToken: parts[3]?.cursor ?? '' })).toEqual(odd)
})

test('pages and parts are bounded by bytes, too: with large contexts they hold few changes, each once', async () => {
  const w = await world()
  const condition = { name: 'large', context: { text: 'x'.repeat(30_000) } }
  const writes = Array.from({ length: 100 }, (_, i) => ({
    object: 'document:1',
    relation: 'viewer',
    subject: `user:${i}`,
    condition,
  }))
  await w.storage.commit(w.store, { writes: writes.slice(0, 70) })
  for (const one of writes.slice(70)) await w.storage.commit(w.store, { writes: [one] })
  const found: LoggedChange[] = []
  for (let token = ''; ; ) {
    const page = await w.kith.history({ store: w.store, pageSize: 100, continuationToken: token })
    const bytes = page.changes.map(({ tuples }) => JSON.stringify(tuples).length)
    expect(Math.max(0, ...bytes)).toBeLessThan(300_000)
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(1.2 * 2 ** 20)
    found.push(...page.changes)
    token = page.continuationToken
    if (page.changes.length === 0) break
  }
  expect(subjects(found)).toEqual(writes.map(({ subject }) => `write ${subject}`))
})

test('places that are none, or of another store or log, are refused', async () => {
  const w = await ladder()
  const other = await w.kith.createStore('other')
  const zookie = w.storage.zookie(other.id, 0)
  const mine = w.storage.zookie(w.store, 1)
  const refused = async (asked: Omit<HistoryRequest, 'store'>) =>
    (await w.kith.history({ store: w.store, ...asked }).catch((error: unknown) => error)) as Fault
  for (const continuationToken of [zookie, 'x', `${mine}~0`, `${mine}~x`, `${mine}~1~1`, `${mine}~`]) {
    const fault = await refused({ continuationToken })
    expect(fault).toBeInstanceOf(Fault)
    expect(['invalid_zookie', 'invalid_continuation_token']).toContain(fault.code)
  }
  expect(await refused({ startTime: noon + 9_999_999 })).toMatchObject({ code: 'invalid_start_time' })
  const ahead = w.storage.zookie(w.store, 99)
  expect(await refused({ continuationToken: ahead })).toMatchObject({ code: 'not_yet_fresh' })
})

test('stores: made, renamed and deleted by whom, in pages, also when they are gone', async () => {
  const w = await world()
  const { id } = await w.kith.createStore('two', by)
  await w.kith.renameStore(id, 'TWO', by)
  await w.kith.deleteStore(id, by)
  const found: string[] = []
  let continuationToken = ''
  do {
    const page = await w.kith.storeChanges({ pageSize: 1, continuationToken })
    for (const { operation, name, provenance } of page.changes) {
      found.push(`${operation} ${name} ${provenance?.caller ?? '?'}`)
    }
    continuationToken = page.continuationToken
  } while (continuationToken !== '')
  expect(found.slice(1)).toEqual(['create two key:ops', 'rename TWO key:ops', 'delete TWO key:ops'])
})
