/** What is kept in memory is told of every commit: each kind of edge comes and goes, and the next answer knows. */
import { afterAll, expect, test } from 'vitest'
import { Graph } from '../../src/engine/resident/graph.ts'
import { above } from '../../src/engine/resident/groups.ts'
import { reach } from '../../src/engine/resident/reach.ts'
import { Reads } from '../../src/engine/resident/reads.ts'
import * as records from '../../src/engine/resident/records.ts'
import { compileModel } from '../../src/model/compile.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import { kithOver } from '../../src/service/open.ts'
import { openStorage } from '../../src/storage/open.ts'
import { keyOf, tupleOf } from './world.ts'

const model = `model
  schema 1.1
type user
type group
  relations
    define member: [user, user:*, group#member]
type folder
  relations
    define parent: [folder]
    define viewer: [user, group#member] or viewer from parent
type doc
  relations
    define parent: [folder]
    define blocked: [user]
    define viewer: [user, group#member] or viewer from parent
    define can_view: viewer but not blocked`

const storage = await openStorage({ memory: true })
const kith = kithOver(storage, { resolveDepth: 25 })
afterAll(() => storage.close())

/** A chain from ann to the document: each row takes one link away and brings it back. */
const links = [
  'group:a#member@user:ann',
  'group:b#member@group:a#member',
  'group:c#member@group:b#member',
  'folder:top#viewer@group:c#member',
  'folder:low#parent@folder:top',
  'doc:1#parent@folder:low',
]

test.each(links)('%s', async (link) => {
  const { id: store } = await storage.createStore('links')
  await storage.commit(store, { model: { id: 'm', json: await parseDsl(model) } })
  await storage.commit(store, { writes: links.map(tupleOf) })
  const allowed = async (relation = 'can_view') =>
    (await kith.check({ store, tuple: keyOf(`doc:1#${relation}@user:ann`) })).allowed
  for (let round = 0; round < 2; round++) {
    expect(await allowed()).toBe(true)
    await storage.commit(store, { deletes: [tupleOf(link)] })
    expect(await allowed()).toBe(false)
    await storage.commit(store, { writes: [tupleOf(link)] })
    expect(await allowed()).toBe(true)
  }
  await storage.commit(store, { writes: [tupleOf('doc:1#blocked@user:ann')] })
  expect([await allowed(), await allowed('viewer')]).toEqual([false, true])
  await storage.commit(store, { deletes: [tupleOf('doc:1#blocked@user:ann')] })
  expect(await allowed()).toBe(true)
})

test('everybody comes and goes, and one of them more', async () => {
  const { id: store } = await storage.createStore('everybody')
  await storage.commit(store, { model: { id: 'm', json: await parseDsl(model) } })
  await storage.commit(store, { writes: links.slice(1).map(tupleOf) })
  const allowed = async (user: string) =>
    (await kith.check({ store, tuple: keyOf(`doc:1#can_view@user:${user}`) })).allowed
  expect(await allowed('ann')).toBe(false)
  await storage.commit(store, { writes: [tupleOf('group:a#member@user:*')] })
  expect([await allowed('ann'), await allowed('bob')]).toEqual([true, true])
  await storage.commit(store, { writes: [tupleOf('doc:1#blocked@user:bob')] })
  expect([await allowed('ann'), await allowed('bob')]).toEqual([true, false])
  await storage.commit(store, { deletes: [tupleOf('group:a#member@user:*')] })
  expect([await allowed('ann'), await allowed('bob')]).toEqual([false, false])
})

test('in a group too large to be listed, and in one that is in it', async () => {
  const { id: store } = await storage.createStore('crowd')
  await storage.commit(store, { model: { id: 'm', json: await parseDsl(model) } })
  const crowd = Array.from({ length: 500 }, (_, number) =>
    tupleOf(`group:all#member@user:${'x'.repeat(20)}${number}`),
  )
  await storage.commit(store, {
    writes: [
      ...crowd,
      tupleOf('doc:1#viewer@group:all#member'),
      tupleOf('group:all#member@group:some#member'),
    ],
  })
  const ask = async (question: string) => (await kith.check({ store, tuple: keyOf(question) })).allowed
  const all = () => Promise.all(['group:all#member@user:ann', 'doc:1#viewer@user:ann'].map(ask))
  expect(storage.view(store).edges('group:all', 'member').plain).toBeUndefined()
  expect(await all()).toEqual([false, false])
  for (const joined of ['group:all#member@user:ann', 'group:some#member@user:ann']) {
    await storage.commit(store, { writes: [tupleOf(joined)] })
    expect(await all()).toEqual([true, true])
    await storage.commit(store, { deletes: [tupleOf(joined)] })
    expect(await all()).toEqual([false, false])
  }
})

test('a new model has its own memory; the old one keeps its answers', async () => {
  const { id: store } = await storage.createStore('models')
  await storage.commit(store, { model: { id: 'm1', json: await parseDsl(model) } })
  await storage.commit(store, { writes: links.map(tupleOf) })
  const ask = async (model: string) =>
    (await kith.check({ store, model, tuple: keyOf('doc:1#can_view@user:ann') })).allowed
  expect(await ask('m1')).toBe(true)
  const narrower = await parseDsl(
    model.replace(
      'define viewer: [user, group#member] or viewer from parent\ntype doc',
      'define viewer: [user]\ntype doc',
    ),
  )
  await storage.commit(store, { model: { id: 'm2', json: narrower } })
  expect([await ask('m2'), await ask('m1')]).toEqual([false, true])
})

test('the depth limit is that of the walk', async () => {
  const { id: store } = await storage.createStore('depth')
  await storage.commit(store, { model: { id: 'm', json: await parseDsl(model) } })
  const chain = Array.from({ length: 30 }, (_, at) => tupleOf(`group:${at}#member@group:${at + 1}#member`))
  await storage.commit(store, { writes: [...chain, tupleOf('group:30#member@user:ann')] })
  const ask = (at: number, higherConsistency: boolean) =>
    Promise.resolve(
      kith.check({ store, tuple: keyOf(`group:${at}#member@user:ann`), higherConsistency }),
    ).then(
      ({ allowed }) => allowed,
      ({ code }) => code,
    )
  for (let at = 0; at <= 30; at++) expect(await ask(at, false)).toEqual(await ask(at, true))
  expect(await ask(5, false)).toBe('authorization_model_resolution_too_complex')
})

test('a condition that cannot be evaluated fails, though nobody is behind it', async () => {
  const { id: store } = await storage.createStore('conditions')
  const conditional = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member with open]
type doc
  relations
    define viewer: [group#member]
condition open(on: bool) { on }`
  await storage.commit(store, { model: { id: 'm', json: await parseDsl(conditional) } })
  await storage.commit(store, {
    writes: [
      tupleOf('doc:1#viewer@group:a#member'),
      { ...tupleOf('group:a#member@group:b#member'), condition: { name: 'open' } },
      tupleOf('group:a#member@user:ann'),
    ],
  })
  const ask = (user: string, context = {}) =>
    Promise.resolve(kith.check({ store, tuple: keyOf(`doc:1#viewer@user:${user}`), context })).then(
      ({ allowed }) => allowed,
      ({ code }) => code,
    )
  expect([await ask('ann'), await ask('bob'), await ask('bob', { on: true })]).toEqual([
    true,
    'validation_error',
    false,
  ])
})

test('nothing is used past the window, also not what was made from it later', async () => {
  const { id: store } = await storage.createStore('window')
  const json = await parseDsl(model)
  await storage.commit(store, { model: { id: 'm', json } })
  await storage.commit(store, { writes: links.map(tupleOf) })
  const view = storage.view(store)
  const read: string[] = []
  const counting = Object.assign(Object.create(view), {
    edges: view.edges.bind(view),
    tuple: view.tuple.bind(view),
    reverse: (subject: string) => {
      read.push(subject)
      return view.reverse(subject)
    },
  })
  const graph = new Graph({ model: compileModel('m', json), revision: view.revision, windowMs: 10_000 })
  const idOf = (name: string) =>
    graph.id(name) + (graph.lattice.kind('group')?.byName.get('member')?.ordinal ?? 0)
  const ann = graph.id('user:ann')
  const sight = (tick: number) => ({
    graph,
    view: counting,
    tick,
    loads: 100,
    evaluations: 100,
    looks: 0,
    looksLeft: 100,
    context: {},
    reads: undefined,
  })
  const ask = (tick: number) => records.hopsTo(graph.arena.slab, above(sight(tick), ann), idOf('group:c'))
  // What stands above b is read first; a, made from it at 90, is no younger.
  graph.placements(sight(0), idOf('group:b'))
  expect(ask(90)).toBe(2)
  read.length = 0
  expect([ask(99), read]).toEqual([2, []])
  expect(ask(101)).toBe(2)
  expect(read).toContain('group:b#member')
})

test('what everybody`s groups say is as old as it is, also where the individual`s are not known', async () => {
  const { id: store } = await storage.createStore('everybody')
  const json = await parseDsl(model)
  await storage.commit(store, { model: { id: 'm', json } })
  await storage.commit(store, {
    writes: ['doc:1#viewer@group:a#member', 'group:a#member@user:*'].map(tupleOf),
  })
  const view = storage.view(store)
  const graph = new Graph({ model: compileModel('m', json), revision: view.revision, windowMs: 10_000 })
  const reads = new Reads(store)
  const sight = (tick: number, loads: number) => ({
    ...{ graph, view, tick, loads },
    ...{ evaluations: 100, looks: 0, looksLeft: 100, context: {}, reads },
  })
  const viewer = graph.lattice.kind('doc')?.byName.get('viewer') ?? expect.unreachable('the model has it')
  const flat = viewer.flat ?? expect.unreachable('it only grants')
  const ann = graph.individual(graph.id('user:ann'))
  const doc = graph.id('doc:1')
  above(sight(0, 100), ann.everybody)
  for (const { ordinal } of [...flat.direct, ...flat.parents.map(({ tupleset }) => tupleset)]) {
    graph.edges(sight(50, 100), doc + ordinal)
  }
  expect(reach(sight(60, 0), doc, flat, ann, Number.POSITIVE_INFINITY)).toBe(1)
  expect(reads.told?.readAt).toBe(0)
})

test('relations of one name, at objects of two types, are two relations', async () => {
  const { id: store } = await storage.createStore('two types')
  const dsl = `model
  schema 1.1
type user
type group
  relations
    define member: [user]
type team
  relations
    define lead: [user]
    define member: [user]
type doc
  relations
    define viewer: [group#member, team#lead, team#member]`
  await storage.commit(store, { model: { id: 'm', json: await parseDsl(dsl) } })
  const tuples = [
    'group:a#member@user:ann',
    'team:b#member@user:ann',
    'doc:members#viewer@team:b#member',
    'doc:leads#viewer@team:b#lead',
  ]
  await storage.commit(store, { writes: tuples.map(tupleOf) })
  const allowed = async (doc: string) =>
    (await kith.check({ store, tuple: keyOf(`doc:${doc}#viewer@user:ann`) })).allowed
  expect([await allowed('members'), await allowed('leads')]).toEqual([true, false])
})
