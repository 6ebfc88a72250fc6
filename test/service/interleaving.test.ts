/**
 * A commit at every point where a reader gives its turn away (points.ts). A run without interference counts the points,
 * then there is one run for each of them, with a commit that completes just there. Whatever was answered has to be the
 * answer of one state as a whole, the one that its zookie names (keto@b6cbb284 read several).
 */
import { expect, test } from 'vitest'
import { parseDsl } from '../../src/model/dsl.ts'
import type { Kith } from '../../src/service/kith.ts'
import { kithOver } from '../../src/service/open.ts'
import type { KithOptions } from '../../src/service/options.ts'
import type { LevelStorage } from '../../src/storage/open.ts'
import { openTestFolder } from '../storage/folder.ts'
import { pausing, points, unfrozen } from './points.ts'
import { all, keyOf } from './world.ts'

const dsl = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member]
type document
  relations
    define owner: [user]
    define barred: [user, group#member]
    define viewer: [user, group#member] or owner
    define reader: viewer but not barred
`

/** So many, with so long names, that they are spread over rows and read in chunks. */
const many = 48
const tail = 'x'.repeat(100)
const documents = (side: string) => Array.from({ length: many }, (_, i) => `document:${side}-${i}-${tail}`)

/** Where ann is: in the left group, or in the right one and there barred from what she comes to see. */
const sides = {
  left: ['group:left#member@user:ann'],
  right: ['group:right#member@user:ann', 'document:secret#owner@user:ann', 'document:secret#barred@user:ann'],
}
type Side = keyof typeof sides

const steady = [
  ...documents('left').map((object) => `${object}#viewer@group:left#member`),
  ...documents('right').map((object) => `${object}#viewer@group:right#member`),
  ...documents('own').map((object) => `${object}#owner@user:ann`),
  ...Array.from({ length: many }, (_, i) => `document:shared#viewer@user:u${i}-${tail}`),
  'document:shared#viewer@group:left#member',
  'document:shared#barred@group:right#member',
]

class Site {
  readonly kith: Kith
  readonly storage: LevelStorage
  readonly store: string
  #side: Side = 'left'

  private constructor(kith: Kith, storage: LevelStorage, store: string) {
    this.kith = kith
    this.storage = storage
    this.store = store
  }

  static async open(
    options: KithOptions,
    disk = pausing,
  ): Promise<{ site: Site; close: () => Promise<void> }> {
    const folder = await openTestFolder('memory', { wrap: disk })
    const unhurried = { requestTimeoutMs: 600_000, listDeadlineMs: 600_000 }
    const kith = kithOver(folder.storage, { ...unhurried, ...options })
    const { id } = await kith.createStore('between')
    await kith.writeModel({ store: id, json: await parseDsl(dsl) })
    await folder.storage.commit(id, { writes: [...steady, ...sides.left].map(keyOf) })
    return { site: new Site(kith, folder.storage, id), close: () => folder.remove() }
  }

  /** Everything in one commit: no state has ann on both sides, or on none. */
  async swap(): Promise<void> {
    const [from, to]: [Side, Side] = this.#side === 'left' ? ['left', 'right'] : ['right', 'left']
    await this.storage.commit(this.store, { deletes: sides[from].map(keyOf), writes: sides[to].map(keyOf) })
    this.#side = to
  }

  get side(): Side {
    return this.#side
  }

  revisionOf(zookie: string): number {
    return this.storage.revisionOf(this.store, zookie)
  }
}

type Ask = (site: Site, store: string) => Promise<{ readonly zookie: string; readonly seen: unknown }>

const batch = [`left-0-${tail}`, `right-0-${tail}`, `own-0-${tail}`, 'secret'].map((id) => ({
  correlationId: id.slice(0, 8),
  tuple: keyOf(`document:${id}#reader@user:ann`),
}))
const hers = { type: 'document', relation: 'reader', subject: 'user:ann' }

const verbs: Readonly<Record<string, Ask>> = {
  async check({ kith }, store) {
    const { zookie, allowed } = await kith.check({ store, tuple: keyOf('document:secret#reader@user:ann') })
    return { zookie, seen: allowed }
  },
  async 'check, traced'({ kith }, store) {
    const tuple = keyOf('document:shared#reader@user:ann')
    const { zookie, allowed, resolution } = await kith.check({ store, tuple, trace: true })
    return { zookie, seen: [allowed, resolution] }
  },
  async 'batch-check'({ kith }, store) {
    const { zookie, results } = await kith.batchCheck({ store, checks: batch })
    return { zookie, seen: [...results] }
  },
  async 'list-objects'({ kith }, store) {
    const { zookie, objects } = await kith.listObjects({ store, ...hers })
    return { zookie, seen: objects.toSorted() }
  },
  async 'streamed list-objects'({ kith }, store) {
    const { zookie, objects } = await kith.streamListObjects({ store, ...hers })
    return { zookie, seen: (await all(objects)).toSorted() }
  },
  async 'list-users'({ kith }, store) {
    const filter = { type: 'user' }
    const { zookie, users } = await kith.listUsers({
      store,
      object: 'document:shared',
      relation: 'reader',
      filter,
    })
    return { zookie, seen: users.toSorted() }
  },
  async 'expand, whole'({ kith }, store) {
    const { zookie, ...tree } = await kith.expandAll({ store, object: 'document:shared', relation: 'reader' })
    return { zookie, seen: tree }
  },
  async explain({ kith }, store) {
    const { zookie, ...explained } = await kith.explain({
      store,
      tuple: keyOf('document:shared#reader@user:ann'),
    })
    // Each swap writes the tuples anew: at another revision.
    const unstamped = JSON.stringify(explained, (name, value) => (name === 'revision' ? undefined : value))
    return { zookie, seen: unstamped }
  },
  async read({ kith }, store) {
    const { zookie, tuples } = await kith.read({
      store,
      filter: { user: 'user:ann', object: 'group:', relation: '' },
    })
    return { zookie, seen: tuples.map(({ object, relation, subject }) => [object, relation, subject]) }
  },
  async export({ kith }, store) {
    const { zookie, tuples } = await kith.exportTuples({ store })
    const keys = (await all(tuples)).map(
      ({ object, relation, subject }) => `${object}#${relation}@${subject}`,
    )
    return { zookie, seen: keys.toSorted() }
  },
}

const memories: Readonly<Record<string, KithOptions>> = {
  'from storage': { cacheBytesMax: 0, decisionBytesMax: 0 },
  'from memory': { sampleEvery: 1 },
}

const cases = Object.entries(memories).flatMap(([how, options]) =>
  Object.entries(verbs).map(([verb, ask]) => ({ how, options, verb, ask })),
)

/** More than these and every so-manieth is tried: the points of a loop are alike. */
const pointsMax = 12

test.each(cases)('$verb, $how', async ({ options, ask }) => {
  const { site, close } = await Site.open(options)
  const expected = new Map<Side, string>()
  const answer = async () => {
    const { zookie, seen } = await ask(site, site.store)
    return { revision: site.revisionOf(zookie), text: JSON.stringify(seen) }
  }
  for (const _ of ['left', 'right']) {
    expected.set(site.side, (await answer()).text)
    await site.swap()
  }
  expect(expected.get('left') === expected.get('right')).toBe(ask === verbs.check)

  points.rest()
  await answer()
  const step = Math.max(1, Math.ceil(points.count / pointsMax))
  for (let at = 0, count = points.count; at < count; at += step) {
    const before = site.side
    const { revision: base } = await answer()
    points.schedule(at, () => site.swap())
    const { revision, text } = await answer()
    points.rest()
    expect(text, `a commit at point ${at} of ${count}`).toBe(
      expected.get(revision === base ? before : site.side),
    )
    // Whoever asks next is told of the new state, whatever the reader before has left in memory.
    expect((await answer()).text, `after a commit at point ${at} of ${count}`).toBe(expected.get(site.side))
  }
  await close()
})

test('without snapshots a list is of no state at all', async () => {
  const { site, close } = await Site.open(memories['from storage'] ?? {}, unfrozen)
  const list = async () => JSON.stringify((await verbs['list-objects']?.(site, site.store))?.seen)
  const left = await list()
  await site.swap()
  const right = await list()
  await site.swap()
  points.rest()
  await list()
  const torn = new Set<string>()
  for (let at = 0, count = points.count; at < count; at += 4) {
    if (site.side === 'right') await site.swap()
    points.schedule(at, () => site.swap())
    torn.add(await list())
    points.rest()
  }
  torn.delete(left)
  torn.delete(right)
  expect(torn.size).toBeGreaterThan(0)
  await close()
})
