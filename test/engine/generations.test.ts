/** Memory within its bound: two generations, answers right in each, what is used moving on, what is not forgotten. */
import { describe, expect, test } from 'vitest'
import { type Remembering, remembering } from './memory.ts'

const types = `type user
type group
  relations
    define member: [user, group#member]
type doc
  relations
    define viewer: [user, group#member]`

/** A chunk of a slab: what a generation may overshoot by. */
const chunkBytes = 1 << 15
const bytesMax = 512 << 10

const documents = 20_000
const groups = 50

/** Document n is shared with group n % 50, which users n % 50 are in. */
const world = () =>
  remembering(
    types,
    [
      ...Array.from({ length: groups }, (_, at) => `group:${at}#member@user:${at}`),
      ...Array.from({ length: documents }, (_, at) => `doc:${at}#viewer@group:${at % groups}#member`),
    ],
    { bytesMax },
  )

const shared = (at: number) => `doc:${at}#viewer@user:${at % groups}`
const foreign = (at: number) => `doc:${at}#viewer@user:${(at + 1) % groups}`

/** Asks about one document after the other until the graph is another. @returns the last before */
async function turn(memory: Remembering, from: number): Promise<number> {
  const { resident } = memory.scope()
  for (let at = from; at < documents; at++) {
    if (memory.scope().resident !== resident) return at - 1
    await memory.ask(shared(at))
  }
  throw new Error('too few documents to fill a generation')
}

test('answers stay right and memory stays bounded, however many are asked about', async () => {
  const memory = await world()
  const graphs = new Set<unknown>()
  let most = 0
  for (let at = 0; at < documents; at++) {
    graphs.add(memory.scope().resident)
    const answers = [await memory.ask(shared(at)), await memory.ask(foreign(at))]
    // One after the other would say the same 20,000 times.
    if (answers.join() !== 'yes by graph,no by graph') expect([at, answers]).toEqual([])
    most = Math.max(most, memory.residency.bytes.graph)
  }
  expect(graphs.size).toBeGreaterThan(3)
  expect(most).toBeLessThan(bytesMax + 2 * chunkBytes)
  // It is made use of, too: both generations count.
  expect(most).toBeGreaterThan(0.75 * bytesMax)
})

test('one question that reads everything takes no more than a generation may', async () => {
  const chain = Array.from({ length: documents }, (_, at) => `group:${at}#member@group:${at + 1}#member`)
  const memory = await remembering(types, chain, { bytesMax })
  for (const question of ['group:0#member@group:none#member', 'group:1#member@group:none#member']) {
    expect(await memory.ask(question)).toBe('no by walk')
    expect(memory.residency.bytes.graph).toBeGreaterThan(bytesMax / 4)
    expect(memory.residency.bytes.graph).toBeLessThan(bytesMax + 2 * chunkBytes)
  }
})

describe('after a turn of generations', () => {
  test('what was asked for in the one before moves over without a read', async () => {
    const memory = await world()
    const last = await turn(memory, 0)
    const reads = memory.store.reads
    expect([await memory.ask(shared(last)), memory.store.reads]).toEqual(['yes by graph', reads])
  })

  test('and what a commit changed since does not', async () => {
    const memory = await world()
    const last = await turn(memory, 0)
    const tuple = `doc:${last}#viewer@group:${last % groups}#member`
    memory.delete(tuple)
    expect(await memory.ask(shared(last))).toBe('no by graph')
    memory.write(tuple)
    expect(await memory.ask(shared(last))).toBe('yes by graph')
  })

  test('what a commit changes after it moved is not fetched from the one before', async () => {
    const memory = await world()
    const last = await turn(memory, 0)
    await memory.ask(shared(last))
    memory.delete(`group:${last % groups}#member@user:${last % groups}`)
    expect(await memory.ask(shared(last))).toBe('no by graph')
  })

  test('what was not asked for in two of them is read again, and right', async () => {
    const memory = await world()
    const last = await turn(memory, 0)
    await turn(memory, last + 1)
    const reads = memory.store.reads
    expect(await memory.ask(shared(0))).toBe('yes by graph')
    expect(memory.store.reads).toBeGreaterThan(reads)
  })

  test('and what still has the one before holds no more than that', async () => {
    const memory = await world()
    const last = await turn(memory, 0)
    const { resident } = memory.scope()
    await turn(memory, last + 1)
    expect(resident?.older).toBeUndefined()
    const reads = memory.store.reads
    // It is full: it answers nothing more.
    expect(await memory.ask(shared(0), resident && { resident })).toBe('yes')
    expect(memory.store.reads).toBeGreaterThan(reads)
  })

  test('a decision is made again', async () => {
    const memory = await world()
    const question = `doc:1#viewer@group:1#member`
    expect([await memory.ask(question), await memory.ask(question)]).toEqual([
      'yes by walk',
      'yes by decision',
    ])
    await turn(memory, 0)
    expect([await memory.ask(question), await memory.ask(question)]).toEqual([
      'yes by walk',
      'yes by decision',
    ])
  })
})

describe('read again', () => {
  const tuples = ['doc:1#viewer@group:a#member', 'group:a#member@group:b#member', 'group:b#member@user:ann']
  const rows: readonly (readonly [tuple: string, reads: number])[] = [
    // Another member of a group of many.
    ['group:b#member@user:new', 0],
    // A share with ann herself says nothing about her groups.
    ['doc:2#viewer@user:ann', 0],
    ['doc:1#viewer@user:new', 1],
    ['group:x#member@user:ann', 2],
    ['doc:1#viewer@group:x#member', 1],
  ]
  test.each(rows)('%s: %i rows', async (tuple, reads) => {
    const { ask, write, store } = await remembering(types, tuples)
    const question = 'doc:1#viewer@user:ann'
    await ask(question)
    write(tuple)
    const before = store.reads
    expect([await ask(question), store.reads - before]).toEqual(['yes by graph', reads])
  })
})
