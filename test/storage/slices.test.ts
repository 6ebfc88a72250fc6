/**
 * A commit of many tuples rests in every phase. The clock is ours: each look at it is 5 ms after the last, so whoever asks
 * rests, and how often it rested says how often it asked. No time is measured.
 */
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Change } from '../../src/storage/storage.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { type Folder, openTestFolder } from './folder.ts'

let folder: Folder
let store: string
beforeEach(async () => {
  folder = await openTestFolder('memory')
  store = (await folder.storage.createStore('one')).id
  const { parent, viewer } = relations
  await folder.storage.commit(store, {
    model: {
      id: 'm',
      json: {
        schema_version: '1.1',
        type_definitions: [{ type: 'doc', relations: { parent, viewer }, metadata: null }],
      },
    },
  })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await folder.remove()
})

const relations = {
  parent: { this: {} },
  viewer: {
    tupleToUserset: {
      tupleset: { object: '', relation: 'parent' },
      computedUserset: { object: '', relation: 'viewer' },
    },
  },
}

/** Turns of the loop while commits that share a group are made. */
async function turnsOf(...changes: readonly Change[]): Promise<number> {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 5
    return now
  })
  let done = false
  const committing = Promise.all(changes.map((change) => folder.storage.commit(store, change))).finally(
    () => {
      done = true
    },
  )
  let turns = 0
  while (!done) {
    await setImmediate()
    turns++
  }
  await committing
  vi.restoreAllMocks()
  return turns
}

const count = 16_000
const tuples = (tuple: (i: number) => Tuple): Tuple[] => Array.from({ length: count }, (_, i) => tuple(i))
const far = (i: number): number => (i * 7919) % count
const subject = (i: number): string => `user:${String(far(i)).padStart(6, '0')}`

/**
 * How often each tuple's turn comes: once in every pass over them, of a commit that writes them and of one that deletes
 * them. One ask in 16 is answered. A pass that does not rest any more makes the count too low.
 */
test.each([
  [
    'of as many heads',
    10,
    10,
    tuples((i) => ({ object: `doc:${i}`, relation: 'reader', subject: subject(i) })),
  ],
  ['of one object', 10, 9, tuples((i) => ({ object: 'doc:1', relation: 'reader', subject: subject(i) }))],
  ['of one tupleset', 13, 14, tuples((i) => ({ object: 'doc:1', relation: 'parent', subject: subject(i) }))],
  [
    'of usersets',
    13,
    14,
    tuples((i) => ({ object: 'doc:1', relation: 'reader', subject: `${subject(i)}#m` })),
  ],
  [
    'of one subject',
    11,
    10,
    tuples((i) => ({ object: `doc:${far(i)}`, relation: 'reader', subject: 'user:1' })),
  ],
] as const)('a commit of 16,000 tuples %s', async (_name, written, deleted, writes) => {
  const turns = await turnsOf({ writes })
  expect(turns).toBeGreaterThanOrEqual((written * count) / 16)
  const deletes = await turnsOf({ deletes: writes })
  expect(deletes).toBeGreaterThanOrEqual((deleted * count) / 16)
  expect((await folder.verify()).findings).toEqual([])
})

test('a filter that matches 16,000 tuples', async () => {
  await folder.storage.commit(store, {
    writes: tuples((i) => ({ object: 'doc:1', relation: 'reader', subject: subject(i) })),
  })
  expect(await turnsOf({ deleteWhere: [{ object: 'doc:1' }] })).toBeGreaterThanOrEqual((9 * count) / 16)
})

test('1,600 small commits that share a group', async () => {
  const all = tuples((i) => ({ object: `doc:${i}`, relation: 'reader', subject: subject(i) }))
  const changes = all.slice(0, 1600).map((tuple) => ({ writes: [tuple] }))
  expect(await turnsOf(...changes)).toBeGreaterThanOrEqual(1500)
})

test('those who share a group are told in turns: each goes on at once, and what that costs is nobody else’s wait', async () => {
  const writes = tuples((i) => ({ object: `doc:${i}`, relation: 'reader', subject: subject(i) })).slice(0, 16)
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 5
    return now
  })
  let turn = 0
  const told: number[] = []
  const committing = Promise.all(
    writes.map(async (tuple) => {
      await folder.storage.commit(store, { writes: [tuple] })
      told.push(turn)
    }),
  )
  while (told.length < writes.length) {
    await setImmediate()
    turn++
  }
  await committing
  expect(new Set(told).size).toBe(writes.length)
})
