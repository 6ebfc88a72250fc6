/**
 * One answer from memory in so many is decided again over storage. Memory that was made to be wrong is caught, said,
 * and forgotten; memory that is right is left alone. The wrongness is made by a storage that tells of commits without
 * their tuples.
 */
import { describe, expect, onTestFinished, test } from 'vitest'
import { Graph } from '../../src/engine/resident/graph.ts'
import type { Mismatch } from '../../src/engine/resident/sampler.ts'
import { Sampler } from '../../src/engine/resident/sampler.ts'
import { parseDsl } from '../../src/model/dsl.ts'
import { kithOver } from '../../src/service/open.ts'
import type { KithOptions } from '../../src/service/options.ts'
import { openStorage } from '../../src/storage/open.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { tupleOf, verdict, worldOf } from '../engine/world.ts'

const dsl = `model
  schema 1.1
type user
type group
  relations
    define member: [user, group#member, group#member with open]
type doc
  relations
    define viewer: [user, group#member]
condition open(on: bool) { on }`

const tuples = ['doc:1#viewer@group:a#member', 'group:a#member@user:ann', 'doc:1#viewer@user:bob']

/** A Kith whose memory does not hear which tuples a commit changed. */
async function forgetful(options: KithOptions) {
  const storage = await openStorage({ memory: true })
  onTestFinished(() => storage.close())
  const deaf: Storage = new Proxy(storage, {
    get(target, name: keyof Storage) {
      if (name !== 'onApplied') {
        const member = target[name]
        return typeof member === 'function' ? member.bind(target) : member
      }
      return (listener: Parameters<Storage['onApplied']>[0]) =>
        target.onApplied((store, entry) => listener(store, { ...entry, tuples: [] }))
    },
  })
  const mismatches: Mismatch[] = []
  const kith = kithOver(deaf, { ...options, onMismatch: (mismatch) => mismatches.push(mismatch) })
  const { id: store } = await storage.createStore('forgetful')
  await storage.commit(store, { model: { id: 'm', json: await parseDsl(dsl) } })
  await storage.commit(store, { writes: tuples.map(tupleOf) })
  return {
    storage,
    store,
    kith,
    mismatches,
    ask: (question: string, more: object = {}) =>
      Promise.resolve(kith.check({ store, tuple: tupleOf(question), ...more })).then(
        ({ allowed }): boolean | string => allowed,
        ({ code }) => String(code),
      ),
    deleted: (tuple: string) => storage.commit(store, { deletes: [tupleOf(tuple)] }),
    written: (tuple: string) => storage.commit(store, { writes: [tupleOf(tuple)] }),
  }
}

describe('memory that is wrong', () => {
  const question = 'doc:1#viewer@user:ann'

  test('is caught by the sampled answer, which is right, and forgotten by the next', async () => {
    const { ask, deleted, mismatches, kith, store } = await forgetful({ sampleEvery: 4 })
    expect(await ask(question)).toBe(true)
    const { revision } = await deleted('group:a#member@user:ann')
    // So wrong can it be while nobody looks.
    expect([await ask(question), await ask(question)]).toEqual([true, true])
    expect([await ask(question), await ask(question), await ask(question)]).toEqual([false, false, false])
    expect(mismatches).toEqual([
      {
        store,
        revision,
        model: 'm',
        tuple: tupleOf(question),
        remembered: true,
        walked: false,
        reads: expect.arrayContaining([
          'tuple doc:1#viewer@user:ann',
          'usersets of doc:1#viewer',
          'tuple group:a#member@user:ann',
          'usersets of group:a#member',
        ]),
      },
    ])
    expect(kith.memory).toMatchObject({
      samples: { taken: 1, mismatches: 1 },
      checks: { graph: 6, walked: 0 },
    })
  })

  test('also what is kept as a decision', async () => {
    const { ask, deleted, mismatches, kith } = await forgetful({ sampleEvery: 2 })
    const userset = 'doc:1#viewer@group:a#member'
    expect([await ask(userset), await ask(userset)]).toEqual([true, true])
    await deleted('doc:1#viewer@group:a#member')
    expect(mismatches).toEqual([])
    expect([await ask(userset), await ask(userset)]).toEqual([false, false])
    expect(mismatches).toMatchObject([
      { remembered: true, walked: false, reads: [`tuple ${userset}`, 'usersets of doc:1#viewer'] },
    ])
    // Walked at first and after it was forgotten.
    expect(kith.memory.checks).toEqual({ graph: 0, decisions: 2, walked: 2 })
  })

  test('also where a walk fails and memory knows an answer', async () => {
    const { ask, written, mismatches } = await forgetful({ sampleEvery: 1 })
    expect(await ask('doc:1#viewer@user:zoe')).toBe(false)
    await written('group:a#member@group:b#member with open')
    expect(await ask('doc:1#viewer@user:zoe')).toBe('validation_error')
    expect(mismatches).toMatchObject([{ remembered: false, walked: 'validation_error' }])
  })

  test('also in a batch, whose other answers come from storage then', async () => {
    const { kith, store, deleted, written, mismatches } = await forgetful({ sampleEvery: 7 })
    await written('doc:1#viewer@user:cy')
    const checks = ['ann', 'zoe', 'bob', 'cy'].map((user) => ({
      correlationId: user,
      tuple: tupleOf(`doc:1#viewer@user:${user}`),
    }))
    const batch = async () => Object.fromEntries((await kith.batchCheck({ store, checks })).results)
    expect(await batch()).toEqual({ ann: true, zoe: false, bob: true, cy: true })
    await deleted('doc:1#viewer@user:bob')
    await deleted('doc:1#viewer@user:cy')
    // The seventh answer is bob's.
    expect(await batch()).toEqual({ ann: true, zoe: false, bob: false, cy: false })
    expect(mismatches).toMatchObject([{ tuple: { subject: 'user:bob' }, remembered: true, walked: false }])
    expect(kith.memory.samples).toEqual({ taken: 1, mismatches: 1 })
  })

  test('is not looked for where sampling is off', async () => {
    const { ask, deleted, mismatches, kith } = await forgetful({ sampleEvery: 0 })
    expect(await ask(question)).toBe(true)
    await deleted('group:a#member@user:ann')
    for (let time = 0; time < 20; time++) expect(await ask(question)).toBe(true)
    expect([mismatches, kith.memory.samples]).toEqual([[], { taken: 0, mismatches: 0 }])
    // Nor asked where the caller wants no memory.
    expect(await ask(question, { higherConsistency: true })).toBe(false)
  })
})

test('a deadline in the verifying walk says nothing about memory', async () => {
  const groups = Array.from({ length: 150 }, (_, at) => `doc:1#viewer@group:${at}#member`)
  const types =
    'type user\ntype group\n  relations\n    define member: [user]\ntype doc\n  relations\n    define viewer: [group#member]'
  const { scope } = await worldOf(types, groups)
  const mismatches: Mismatch[] = []
  const sampler = new Sampler(1, (mismatch) => mismatches.push(mismatch))
  const { model } = scope()
  const resident = new Graph({ model, revision: 1, windowMs: 300_000, sampler })
  const question = 'doc:1#viewer@user:ann'
  expect(await verdict(scope({ deadline: 0 }), question)).toBe('deadline_exceeded')
  expect(await verdict(scope({ deadline: 0, resident }), question)).toBe('no')
  expect(sampler.counts).toMatchObject({ graph: 1, sampled: 1, mismatches: 0 })
  expect(mismatches).toEqual([])
})

describe('what is sampled', () => {
  test('one answer from memory in so many, exactly, alone and in batches', async () => {
    const { ask, kith, store } = await forgetful({ sampleEvery: 5 })
    for (let time = 0; time < 23; time++) await ask('doc:1#viewer@user:ann')
    expect(kith.memory).toMatchObject({ checks: { graph: 23 }, samples: { taken: 4 } })
    const checks = Array.from({ length: 22 }, (_, at) => ({
      correlationId: `${at}`,
      tuple: tupleOf(`doc:1#viewer@user:u${at}`),
    }))
    // Names that were not met before go the long way; the second time they do not.
    for (let time = 0; time < 2; time++) await kith.batchCheck({ store, checks })
    expect(kith.memory).toMatchObject({ checks: { graph: 67, walked: 0 }, samples: { taken: 13 } })
  })

  test('waits for an answer from memory, which ends the waiting: what memory cannot answer does not', async () => {
    const { ask, kith } = await forgetful({ sampleEvery: 3 })
    const question = 'doc:1#viewer@user:ann'
    expect([await ask(question), await ask(question)]).toEqual([true, true])
    // Due by now.
    for (let time = 0; time < 5; time++) {
      const contextual = [tupleOf(`doc:1#viewer@user:zoe${time}`)]
      expect(await ask(`doc:1#viewer@user:zoe${time}`, { contextual })).toBe(true)
      expect(await ask(question, { higherConsistency: true })).toBe(true)
      expect(await ask(`doc:${time}#viewer@group:b#member`)).toBe(false)
    }
    expect(kith.memory).toMatchObject({ checks: { graph: 2, walked: 5 }, samples: { taken: 0 } })
    expect([await ask(question), await ask(question)]).toEqual([true, true])
    expect(kith.memory.samples.taken).toBe(1)
  })
})

test('the caller who wants no memory neither uses nor fills it', async () => {
  const { ask, kith } = await forgetful({ sampleEvery: 0 })
  const userset = 'doc:1#viewer@group:a#member'
  expect(await ask(userset, { higherConsistency: true })).toBe(true)
  expect(kith.memory).toMatchObject({
    checks: { graph: 0, decisions: 0, walked: 0 },
    bytes: { decisions: 0 },
  })
  expect([await ask(userset), await ask(userset)]).toEqual([true, true])
  expect(await ask(userset, { higherConsistency: true })).toBe(true)
  expect(kith.memory.checks).toEqual({ graph: 0, decisions: 1, walked: 1 })
})

test('a report of memory: what was used and what may be', async () => {
  const bounds = { cacheBytesMax: 1 << 20, decisionBytesMax: 1 << 16, cacheWindowMs: 1_000 }
  const { ask, kith } = await forgetful(bounds)
  const before = kith.memory.bytes
  expect(before).toMatchObject({ graphMax: 1 << 20, decisionsMax: 1 << 16, decisions: 0, stripes: 8 << 20 })
  await ask('doc:1#viewer@group:a#member')
  await ask('doc:1#viewer@user:ann')
  expect(kith.memory.bytes.graph).toBeGreaterThan(before.graph)
  expect(kith.memory.bytes.decisions).toBeGreaterThan(300)
  expect(kith.memory.windowMs).toBe(1_000)
})
