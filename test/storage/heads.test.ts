/**
 * Heads in every layout: names so long that a dozen fill a list and a few dozen fill a page, so that random commits
 * take relations from inline to spread, to pages, through a re-lay, and back to nothing.
 */
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readHead } from '../../src/storage/forward.ts'
import { Stage } from '../../src/storage/stage.ts'
import type { Change, View } from '../../src/storage/storage.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { HeadLooks, openTestFolder } from './folder.ts'

const long = (name: string): string => name + 'x'.repeat(400)
const objects = ['doc:1', 'doc:2']
const relations = ['parent', 'viewer']
const subjects = [
  'user:*',
  ...Array.from({ length: 60 }, (_, i) => long(`user:${i}`)),
  ...Array.from({ length: 90 }, (_, i) => `${long(`group:${i}`)}#member`),
]

/** `from`..`from + count` of the subjects, as one commit. */
const step = fc.record({
  verb: fc.constantFrom('write', 'write', 'write', 'delete', 'delete', 'where', 'model', 'sweep', 'reopen'),
  object: fc.constantFrom(...objects),
  relation: fc.constantFrom(...relations),
  from: fc.nat(subjects.length - 1),
  count: fc.constantFrom(1, 5, 20, 60, 150),
  life: fc.constantFrom(undefined, undefined, 1, 3),
  condition: fc.boolean(),
  pass: fc.nat(2),
})
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

test.each(['memory', 'LevelDB'] as const)(
  '%s: any commits leave heads that say what the tuples are',
  async (medium) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const folder = await openTestFolder(medium)
        try {
          const store = (await folder.storage.createStore('one')).id
          const right = new Map<string, Tuple>()
          let models = 0
          for (const one of steps) {
            folder.hand.instant += one.pass
            if (one.verb === 'reopen') await folder.reopen()
            else if (one.verb === 'sweep') {
              await folder.storage.sweep()
              for (const [name, tuple] of right)
                if ((tuple.expiresAt ?? Infinity) <= folder.hand.instant) right.delete(name)
            } else if (one.verb === 'model') {
              await folder.storage.commit(store, { model: { id: `m${models++}`, json: fromParent } })
            } else await folder.storage.commit(store, changeOf(one, right, folder.hand.instant))
            compare(folder.storage.view(store), right)
          }
          await folder.storage.settled()
          compare(folder.storage.view(store), right)
          expect((await folder.verify()).findings).toEqual([])
        } finally {
          await folder.remove()
        }
      }),
      { numRuns: medium === 'memory' ? 40 : 6 },
    )
  },
)

/** Writes between the jobs of a re-lay: below, at and above the subject it has reached, and a restart in its middle. */
test.each(['memory', 'LevelDB'] as const)(
  '%s: writes between the jobs of a re-lay end on its pages',
  async (medium) => {
    const folder = await openTestFolder(medium)
    try {
      const store = (await folder.storage.createStore('one')).id
      const folderOf = (i: number): string => `folder:${String(i).padStart(5, '0')}`
      const parent = (i: number): Tuple => ({ object: 'doc:1', relation: 'parent', subject: folderOf(i) })
      const right = new Map<string, Tuple>()
      const commit = async (change: Change): Promise<void> => {
        await folder.storage.commit(store, { ...change, onMissing: 'ignore', onDuplicate: 'update' })
        for (const key of change.deletes ?? []) right.delete(nameOf(key))
        for (const tuple of change.writes ?? []) right.set(nameOf(tuple), tuple)
      }
      for (let i = 0; i < 15_000; i += 3000) {
        await commit({ writes: Array.from({ length: 3000 }, (_, k) => parent((i + k) * 2)) })
      }
      const isRelaying = (): boolean => {
        const head = readHead(Stage.over(folder.disk), 1, 'doc:1', 'parent')
        return head?.plain.kind === 'relaying'
      }
      const random = fc.sample(fc.nat(30_000), { numRuns: 4000, seed: 11 })
      const some = (count: number): Tuple[] => random.splice(0, count).map(parent)
      await folder.storage.commit(store, { model: { id: 'm', json: fromParent } })
      let between = 0
      let restarts = 0
      while (folder.storage.view(store).edges('doc:1', 'parent').plain === undefined) {
        if (isRelaying()) between++
        const qualified = some(3).map((one) => ({ ...one, condition: { name: 'c' } }))
        await commit({ deletes: some(7), writes: [...some(7), ...qualified] })
        if (between === 2 && restarts++ === 0) await folder.reopen()
      }
      await folder.storage.settled()
      expect(between).toBeGreaterThan(2)
      expect(restarts).toBe(1)
      compare(folder.storage.view(store), right)
      expect((await folder.verify()).findings).toEqual([])
    } finally {
      await folder.remove()
    }
  },
)

/** The commit of a step; `right` becomes what it leaves, expired rows included. */
function changeOf(one: Step, right: Map<string, Tuple>, now: number): Change {
  const { object, relation } = one
  const keys = Array.from({ length: one.count }, (_, i) => ({
    object,
    relation,
    subject: subjects[(one.from + i) % subjects.length] as string,
  })).slice(0, subjects.length)
  const gone = (tuple: Tuple): boolean => (tuple.expiresAt ?? Infinity) > now
  if (one.verb === 'where') {
    for (const [name, tuple] of right) if (tuple.object === object && gone(tuple)) right.delete(name)
    return { deleteWhere: [{ object }] }
  }
  if (one.verb === 'delete') {
    for (const key of keys) {
      const tuple = right.get(nameOf(key))
      if (tuple !== undefined && gone(tuple)) right.delete(nameOf(key))
    }
    return { deletes: keys, onMissing: 'ignore' }
  }
  const writes = keys.map(
    (key): Tuple => ({
      ...key,
      ...(one.condition ? { condition: { name: 'c' } } : {}),
      ...(one.life === undefined ? {} : { expiresAt: now + one.life }),
    }),
  )
  for (const tuple of writes) right.set(nameOf(tuple), tuple)
  return { writes, onDuplicate: 'update' }
}

function compare(view: View, right: ReadonlyMap<string, Tuple>): void {
  for (const object of objects) {
    for (const relation of relations) {
      const there = [...right.values()].filter((one) => one.object === object && one.relation === relation)
      const { usersets, plain, qualified } = view.edges(object, relation)
      const named = (isListed: (subject: string) => boolean): string[] =>
        there
          .map((one) => one.subject)
          .filter(isListed)
          .sort()
      expect(usersets).toEqual(named(isListedAlways))
      if (plain !== undefined) expect(plain).toEqual(named((subject) => !isListedAlways(subject)))
      const flagged = there.filter((one) => one.condition !== undefined || one.expiresAt !== undefined)
      const visible = flagged.filter((one) => plain !== undefined || isListedAlways(one.subject))
      expect([...qualified].sort()).toEqual(visible.map((one) => one.subject).sort())
      if (there.length > 1000) continue
      for (const { subject } of there) {
        const qualified = flagged.some((one) => one.subject === subject)
        const placed = view.reverse(subject)
        if (placed !== undefined) expect(placed).toContainEqual({ object, relation, qualified })
      }
    }
  }
}

function isListedAlways(subject: string): boolean {
  return subject.includes('#') || subject.endsWith(':*')
}

function nameOf({ object, relation, subject }: Tuple): string {
  return `${object}#${relation}@${subject}`
}

const fromParent = {
  schema_version: '1.1',
  type_definitions: [
    {
      type: 'doc',
      relations: {
        parent: { this: {} },
        viewer: {
          tupleToUserset: {
            tupleset: { object: '', relation: 'parent' },
            computedUserset: { object: '', relation: 'viewer' },
          },
        },
      },
      metadata: null,
    },
  ],
}

test('heads that are written again are at hand, and let go of when nothing was written between two sweeps', async () => {
  const looks = new HeadLooks()
  const folder = await openTestFolder('memory', { wrap: looks.over })
  try {
    const store = (await folder.storage.createStore('one')).id
    let next = 0
    /** How often storage is asked for a head by one more tuple of the same object and subject. */
    const looksOfOne = async () => {
      looks.count = 0
      const tuple = { object: 'doc:1', relation: `r${next++}`, subject: 'user:anne' }
      await folder.storage.commit(store, { writes: [tuple] })
      return looks.count
    }
    await looksOfOne()
    // A subject's from the first time on.
    expect(await looksOfOne()).toBe(0)
    expect(await looksOfOne()).toBe(0)
    const sweep = async () => {
      // The writer rests once it has told everybody.
      await setImmediate()
      await folder.storage.sweep()
    }
    await sweep()
    expect(await looksOfOne()).toBe(0)
    await sweep()
    await sweep()
    expect(await looksOfOne()).toBe(1)
    expect(await looksOfOne()).toBe(0)
  } finally {
    await folder.remove()
  }
})
