/** Opening, asking, and closing by the public door. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { organizationEntity } from '../../src/directory/sight.ts'
import { Life } from '../../src/embed/life.ts'
import { Fault, type OpenOptions, openKith, type Tuple } from '../../src/index.ts'
import { openStorage } from '../../src/storage/open.ts'
import { anne, dsl, opened } from './world.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'kith-embed-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const thrown = await work.then(
    () => 'answered',
    (fault: unknown) => fault,
  )
  expect(thrown).toBeInstanceOf(Fault)
  return thrown instanceof Fault ? `${thrown.code}: ${thrown.message}` : ''
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

const subjects = (...names: string[]): Tuple[] => names.map((name) => ({ ...anne, subject: `user:${name}` }))

test('an organization is asked here, and changed only where its management guards it', async () => {
  const data = await folder()
  const before = await openKith({ data })
  const { id: store } = await before.createStore('acme')
  await before.writeModel({ store, dsl })
  await before.write({ store, writes: [anne] })
  await before.close()
  const storage = await openStorage({ path: data })
  const puts = [{ type: organizationEntity, id: store, attributes: { preset: 'any' } }]
  await storage.commit(store, { putEntities: puts })
  await storage.close()

  const kith = await openKith({ data })
  onTestFinished(() => kith.close())
  const writes = subjects('eve')
  const changes = [
    () => kith.write({ store, writes }),
    () => kith.write({ store, deletes: [anne] }),
    () => kith.writeModel({ store, dsl }),
    () => kith.importTuples({ store }, writes),
    () => kith.write({ store, writes, dryRun: true }),
  ]
  for (const change of changes) {
    expect(await refusal(change())).toMatch(/^forbidden: (?:line 1: )?the store is an organization/)
  }
  expect(await kith.check({ store, tuple: anne })).toMatchObject({ allowed: true })
  expect(
    (await kith.listObjects({ store, type: 'document', relation: 'viewer', subject: 'user:anne' })).objects,
  ).toEqual(['document:1'])
  const { id: other } = await kith.createStore('other')
  await kith.writeModel({ store: other, dsl })
  await kith.write({ store: other, writes })
})

describe('options', () => {
  const place = 'openKith: give one place, `data` (a folder) or `memory: true`'
  const rows: readonly (readonly [options: unknown, message: string])[] = [
    [undefined, 'openKith: the request must be an object, not undefined'],
    ['./data', 'openKith: the request must be an object, not "./data"'],
    [{}, place],
    [{ data: undefined }, place],
    [{ data: './data', memory: true }, place],
    [{ data: '' }, 'openKith: `data` must not be empty'],
    [{ data: new URL('file:///tmp') }, 'openKith: `data` must be a string, not an object'],
    [{ memory: false }, 'openKith: `memory` must be true, not false'],
    [
      { memory: true, cacheBytes: 0 },
      'openKith: `cacheBytes` is not a field; there are data, memory, resolveDepth,',
    ],
    [
      { memory: true, cacheBytesMax: -1 },
      'openKith: `cacheBytesMax` must be a whole number from 0 to 68719476736, not -1',
    ],
    [
      { memory: true, cacheWindowMs: 300_001 },
      'openKith: `cacheWindowMs` must be a whole number from 1 to 300000, not 300001',
    ],
    [
      { memory: true, decisionBytesMax: 1.5 },
      'openKith: `decisionBytesMax` must be a whole number from 0 to 1073741824, not 1.5',
    ],
    [
      { memory: true, sampleEvery: Number.POSITIVE_INFINITY },
      'openKith: `sampleEvery` must be a whole number from 0 to 1000000000, not Infinity',
    ],
    [
      { memory: true, requestTimeoutMs: Number.NaN },
      'openKith: `requestTimeoutMs` must be a whole number from 1 to 600000, not NaN',
    ],
    [
      { memory: true, listMax: Number.POSITIVE_INFINITY },
      'openKith: `listMax` must be a whole number from 1 to 1000000, not Infinity',
    ],
    [
      { memory: true, resolveDepth: 0 },
      'openKith: `resolveDepth` must be a whole number from 1 to 10000, or Infinity, not 0',
    ],
  ]

  test.each(rows)('%j', async (options, message) => {
    expect(await refusal(openKith(options as OpenOptions))).toContain(`validation_error: ${message}`)
  })

  test('bounds hold', async () => {
    const { kith, store } = await opened({
      memory: true,
      tuplesPerWriteMax: 1,
      checksPerBatchMax: 1,
      resolveDepth: 1,
    })
    onTestFinished(() => kith.close())
    expect(await refusal(kith.write({ store, writes: subjects('anne', 'bob') }))).toContain(
      'exceeded_entity_limit',
    )
    const member = { object: 'group:1', relation: 'member', subject: 'user:anne' }
    await kith.write({ store, writes: [member] })
    await kith.write({ store, writes: [{ ...anne, subject: 'group:1#member' }] })
    const checks = [{ tuple: anne }, { tuple: anne }]
    expect(await refusal(kith.batchCheck({ store, checks }))).toContain('validation_error')
    expect(await refusal(kith.check({ store, tuple: anne }))).toContain('resolution_too_complex')
    expect((await kith.check({ store, tuple: anne, depthMax: Number.POSITIVE_INFINITY })).allowed).toBe(true)
  })
})

test('memory says what it answers, within the bounds it was opened with', async () => {
  const bounds = { cacheBytesMax: 1 << 20, decisionBytesMax: 1 << 16, cacheWindowMs: 60_000, sampleEvery: 2 }
  const { kith, store } = await opened({ memory: true, ...bounds })
  onTestFinished(() => kith.close())
  for (let time = 0; time < 5; time++) expect((await kith.check({ store, tuple: anne })).allowed).toBe(false)
  expect(kith.memory).toMatchObject({
    checks: { graph: 5, decisions: 0, walked: 0 },
    samples: { taken: 2, mismatches: 0 },
    bytes: { graphMax: 1 << 20, decisionsMax: 1 << 16 },
    windowMs: 60_000,
  })
})

describe('verbs', () => {
  test('ask, write, read, follow', async () => {
    const { kith, store } = await opened()
    onTestFinished(() => kith.close())
    const { zookie } = await kith.write({ store, writes: subjects('anne', 'bob') })
    const asked = { store, atLeastAsFresh: zookie }
    expect(await kith.check({ ...asked, tuple: anne })).toMatchObject({ allowed: true, zookie })
    expect(await kith.check({ ...asked, tuple: anne, trace: true })).toMatchObject({
      resolution: expect.stringContaining('is viewer of'),
    })

    const batch = await kith.batchCheck({
      ...asked,
      checks: [
        { tuple: anne },
        { tuple: { ...anne, relation: 'nothing' } },
        { tuple: anne, contextual: [{ ...anne, relation: 'blocked' }] },
        { tuple: { ...anne, subject: 'user:zoe' } },
      ],
    })
    expect(batch.results.map(({ allowed }) => allowed)).toEqual([true, false, true, false])
    expect(batch.results.map(({ fault }) => fault?.code)).toEqual([
      undefined,
      'validation_error',
      undefined,
      undefined,
    ])

    const objects = { ...asked, type: 'document', relation: 'viewer', subject: 'user:anne' }
    expect((await kith.listObjects(objects)).objects).toEqual(['document:1'])
    expect(await all((await kith.streamListObjects(objects)).objects)).toEqual(['document:1'])
    const place = { ...asked, object: 'document:1', relation: 'viewer' }
    expect((await kith.listUsers({ ...place, filter: { type: 'user' } })).users).toEqual([
      'user:anne',
      'user:bob',
    ])
    expect((await kith.expand(place)).tree).toHaveProperty('root')
    expect((await kith.expandAll(place)).nodes.length).toBeGreaterThan(0)
    expect((await kith.explain({ ...asked, tuple: anne })).allowed).toBe(true)

    expect((await kith.read({ store, filter: { subject: 'user:bob' } })).tuples).toMatchObject([
      { subject: 'user:bob', provenance: { source: 'embedded' } },
    ])
    const must = 'not_exist' as const
    const guarded = { store, deletes: [anne], preconditions: [{ filter: { subject: 'user:bob' }, must }] }
    expect(await refusal(kith.write(guarded))).toContain('precondition_failed')
    await kith.write({ store, deleteWhere: { object: 'document:1', subject: 'user:bob' } })
    const logged: string[] = []
    const history = await kith.history({ store })
    for await (const { revision, provenance, tuples } of history.changes) {
      logged.push(`${revision} ${provenance?.source} ${tuples.length}`)
    }
    expect(logged[0]).toBe('1 embedded 0')
    expect(logged.length).toBeGreaterThan(2)
    const { changes } = await kith.changes({ store })
    expect(changes.map(({ operation, tuple }) => `${operation} ${tuple.subject}`)).toEqual([
      'write user:anne',
      'write user:bob',
      'delete user:bob',
    ])
  })

  test('stores, models, assertions, import and export', async () => {
    const { kith, store } = await opened()
    onTestFinished(() => kith.close())
    expect((await kith.renameStore(store, 'other')).name).toBe('other')
    expect(await kith.store(store)).toMatchObject({ id: store, name: 'other' })
    const { id, json } = await kith.model({ store })
    const second = await kith.writeModel({ store, json })
    expect((await kith.models({ store })).models.map((model) => model.id)).toEqual([second.id, id])
    const key = { object: 'document:1', relation: 'viewer', user: 'user:anne' }
    const assertion = { tuple_key: key, expectation: true, contextual_tuples: [], context: null }
    await kith.writeAssertions({ store, model: id, assertions: [assertion] })
    expect((await kith.assertions({ store, model: id })).assertions).toEqual([assertion])

    let told = 0
    const imported = await kith.importTuples({ store }, subjects('anne', 'bob'), ({ written }) => {
      told = written
    })
    expect([imported.written, told]).toEqual([2, 2])
    expect(await all((await kith.exportTuples({ store })).tuples)).toMatchObject(subjects('anne', 'bob'))
    await kith.deleteStore(store)
    expect(await refusal(kith.check({ store, tuple: anne }))).toContain('store_id_not_found')
  })
})

describe('a folder', () => {
  test('keeps what was written; nobody else opens it meanwhile', async () => {
    const data = await folder()
    const written = await (async () => {
      await using kith = await openKith({ data })
      const { id: store } = await kith.createStore('kept')
      await kith.writeModel({ store, dsl })
      expect(await refusal(openKith({ data }))).toBe(
        `unavailable: the data folder ${data} is open in this process already`,
      )
      return { store, ...(await kith.write({ store, writes: [anne] })) }
    })()
    const { store, zookie } = written
    await using kith = await openKith({ data })
    expect((await kith.check({ store, tuple: anne, atLeastAsFresh: zookie })).allowed).toBe(true)
  })

  test('that cannot be one is refused', async () => {
    const path = join(await folder(), 'file')
    await writeFile(path, '')
    expect(await refusal(openKith({ data: path }))).toContain(
      `unavailable: the data folder ${path} cannot be made`,
    )
  })
})

describe('closing', () => {
  test('lets what is under way end, and refuses everything after, also what memory could answer', async () => {
    const { kith, store } = await opened({ data: await folder() })
    await kith.write({ store, writes: [anne] })
    expect((await kith.check({ store, tuple: anne })).allowed).toBe(true)
    const order: string[] = []
    const said = (word: string) => () => void order.push(word)
    const write = kith.write({ store, writes: subjects('bob') }).then(said('written'))
    const closing = kith.close().then(said('closed'))
    expect(kith.unready).toBe('kith is closed')
    expect(await refusal(kith.check({ store, tuple: anne }))).toBe('unavailable: kith is closed')
    await Promise.all([write, closing, kith.close(), kith[Symbol.asyncDispose]()])
    expect(order).toEqual(['written', 'closed'])
    for (const work of [
      () => kith.check({ store, tuple: anne }),
      () => kith.write({ store, writes: [anne] }),
      () => kith.importTuples({ store }, [anne]),
      () => kith.stores(),
    ]) {
      expect(await refusal(work())).toBe('unavailable: kith is closed')
    }
  })

  test('cuts iterations, and releases them', async () => {
    const { kith, store } = await opened()
    await kith.write({ store, writes: subjects('anne', 'bob') })
    const exported = (await kith.exportTuples({ store })).tuples[Symbol.asyncIterator]()
    const left = (await kith.exportTuples({ store })).tuples[Symbol.asyncIterator]()
    expect((await exported.next()).value).toMatchObject(anne)
    await kith.close()
    expect(await refusal(exported.next())).toBe('unavailable: kith is closed')
    expect(await left.return?.()).toMatchObject({ done: true })
  })

  test('does not wait for the source of an import', async () => {
    const { kith, store } = await opened()
    let ask: (tuple: Tuple) => void = () => {}
    const next = () => new Promise<Tuple>((resolve) => (ask = resolve))
    async function* slow() {
      yield anne
      yield await next()
    }
    const importing = refusal(kith.importTuples({ store }, slow()))
    // By then the import waits for its source.
    await kith.write({ store, writes: subjects('bob') })
    await kith.close()
    ask({ ...anne, subject: 'user:carl' })
    expect(await importing).toContain('unavailable')
  })
})

test('the end waits for each request, whatever it waits for', async () => {
  const life = new Life()
  const close = vi.fn(async () => {})
  let answer: (value: number) => void = () => {}
  let refuse: (fault: Fault) => void = () => {}
  const answered = life.during(
    () =>
      new Promise<number>((resolve) => {
        answer = resolve
      }),
  )
  const refused = life.during(
    () =>
      new Promise<number>((_, reject) => {
        refuse = reject
      }),
  )
  const ended = life.end(close)
  answer(1)
  expect(await answered).toBe(1)
  expect(close).not.toHaveBeenCalled()
  refuse(new Fault('deadline_exceeded', 'late'))
  expect(await refusal(refused)).toBe('deadline_exceeded: late')
  await ended
  expect(close).toHaveBeenCalledOnce()
})

test('a failure below ends all answers, and says why', async () => {
  const life = new Life()
  const cause = new Error('the log is broken')
  life.fail(cause)
  const thrown = await life.during(async () => true).catch((fault: unknown) => fault)
  expect(thrown).toMatchObject({ code: 'unavailable', cause })
  const close = vi.fn(async () => {})
  await life.end(close)
  expect(close).toHaveBeenCalledOnce()
  expect(life.over).toContain('has failed (the log is broken)')
})

test('what nobody expected is a fault too', async () => {
  const cause = new TypeError('a bug')
  const thrown = await new Life().during(() => Promise.reject(cause)).catch((fault: unknown) => fault)
  expect(thrown).toMatchObject({ code: 'internal_error', cause })
})

describe('a dry run', () => {
  test('answers with what would change, and changes nothing', async () => {
    const { kith, store } = await opened()
    onTestFinished(() => kith.close())
    const rows = (relation: string) => ({ ...anne, relation, change: 'gains' })
    const { rows: found, zookie } = await kith.write({ store, writes: [anne], dryRun: true })
    expect(found).toEqual([rows('reader'), rows('viewer')])
    expect((await kith.check({ store, tuple: anne })).zookie).toBe(zookie)
    const page = await kith.write({ store, writes: [anne], dryRun: true, pageSize: 1, context: { size: 1 } })
    expect([page.rows.length, page.continuationToken === '']).toEqual([1, false])
    expect(await kith.writeModel({ store, dsl, dryRun: true })).toMatchObject({ rows: [] })
    expect((await kith.models({ store })).models).toHaveLength(1)
  })

  test('what only it takes is refused without it', async () => {
    const { kith, store } = await opened()
    onTestFinished(() => kith.close())
    const loose = kith as unknown as { write(request: object): Promise<unknown> }
    const asked = { store, writes: [anne], pageSize: 1 }
    const message = 'validation_error: write: `pageSize` is for a dry run; add `dryRun: true`'
    expect(await refusal(loose.write(asked))).toBe(message)
    expect(await refusal(loose.write({ ...asked, dryRun: false }))).toBe(message)
  })
})
