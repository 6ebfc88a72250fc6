import { expect, test } from 'vitest'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { all, each, keyOf, noon, refusal, refusedAs, world } from './world.ts'

function lines(count: number): Tuple[] {
  return Array.from({ length: count }, (_, i) => keyOf(`document:${i}#viewer@user:anne`))
}

test('commits of 16,000, progress after each; a second run skips everything', async () => {
  const { kith, storage, store } = await world()
  const before = storage.view(store).revision
  const seen: number[] = []
  const answer = await kith.importTuples({ store }, each(lines(16_500)), ({ written }) => seen.push(written))
  expect(answer).toMatchObject({ written: 16_500, skipped: 0 })
  expect(seen).toEqual([16_000, 16_500])
  expect(storage.view(store).revision - before).toBe(2)
  const again = await kith.importTuples(
    { store },
    each([lines(16_500).slice(0, 9_000), ...lines(16_500).slice(9_000)]),
  )
  expect(again).toMatchObject({ written: 0, skipped: 16_500 })
  expect(storage.view(store).revision - before).toBe(2)
})

test('who watches over a store is asked about 4,000 tuples at a time', async () => {
  const asked: (number | undefined)[] = []
  const { kith, store } = await world([], {
    guardOf:
      () =>
      async (_, { writes }) =>
        void asked.push(writes?.length),
  })
  expect(await kith.importTuples({ store }, each(lines(9_000)))).toMatchObject({ written: 9_000 })
  expect(asked.filter((count) => count !== undefined)).toEqual([4_000, 4_000, 1_000])
})

test('large contexts make smaller commits: one is held in memory whole, and is an entry of the log', async () => {
  const dsl = `model
  schema 1.1
type user
type document
  relations
    define viewer: [user with noted]
condition noted(note: string) {
  note != ""
}
`
  const { kith, store } = await world([], { dsl })
  const condition = { name: 'noted', context: { note: 'x'.repeat(30_000) } }
  const sizes: number[] = []
  let before = 0
  const answer = await kith.importTuples(
    { store },
    each(lines(300).map((tuple) => ({ ...tuple, condition }))),
    ({ written }) => {
      sizes.push(written - before)
      before = written
    },
  )
  expect(answer).toMatchObject({ written: 300, skipped: 0 })
  expect(Math.max(...sizes)).toBeLessThan(150)
})

test('nothing to import is an answer', async () => {
  const { kith, store } = await world()
  expect(await kith.importTuples({ store }, each([]))).toMatchObject({ written: 0, skipped: 0 })
})

test.each([
  ['invalid', keyOf('document:1#nix@user:anne'), "relation 'document#nix' not found"],
  ['implicit', keyOf('group:1#member@group:1#member'), 'cannot write a tuple that is implicit'],
  [
    'expired',
    { ...keyOf('document:x#viewer@user:anne'), expiresAt: noon },
    'expires_at must lie in the future',
  ],
])('a line that is %s is named, what came before is in', async (_name, bad, reason) => {
  const { kith, store } = await world()
  const text = await refusal(kith.importTuples({ store }, each([...lines(2_100), bad, ...lines(3)])))
  expect(text).toMatch(/^validation_error: line 2101: /)
  expect(text).toContain(reason)
  expect(text).toMatch(/lines 1 to 2100 were imported$/)
  const { tuples } = await kith.exportTuples({ store })
  expect(await all(tuples)).toHaveLength(2_100)
})

test('a bad first line says that nothing was imported', async () => {
  const { kith, store } = await world()
  expect(await refusal(kith.importTuples({ store }, each([keyOf('nix:1#a@user:b')])))).toMatch(
    /^validation_error: line 1: .*; nothing was imported$/,
  )
})

test.each([1, 2, 999, 1_500, 16_000, 16_001])('a commit refused for line %i names it', async (line) => {
  const { kith, store, write } = await world()
  const tuples = lines(16_100)
  const taken = tuples[line - 1]
  if (taken === undefined) throw new Error('line')
  await write({ ...taken, condition: { name: 'small' } })
  const text = await refusal(kith.importTuples({ store }, each(tuples)))
  expect(text).toMatch(new RegExp(`^Aborted: line ${line}: `))
  const { tuples: exported } = await kith.exportTuples({ store })
  expect(await all(exported)).toHaveLength(line)
})

test('a source that fails leaves what it gave before', async () => {
  const { kith, store } = await world()
  const source = (async function* () {
    yield* lines(10)
    throw new Error('the connection broke')
  })()
  await expect(kith.importTuples({ store }, source)).rejects.toThrow('the connection broke')
  const { tuples } = await kith.exportTuples({ store })
  expect(await all(tuples)).toHaveLength(10)
})

test('a key that comes twice is judged twice', async () => {
  const { kith, store } = await world()
  const tuple = keyOf('document:1#viewer@user:anne')
  expect(await kith.importTuples({ store }, each([tuple, tuple]))).toMatchObject({ written: 1, skipped: 1 })
  const other = { ...tuple, condition: { name: 'small' } }
  expect(await refusedAs(kith.importTuples({ store }, each([tuple, other])))).toBe('Aborted')
  const updated = await kith.importTuples({ store, onDuplicate: 'update' }, each([other, tuple]))
  expect(updated).toMatchObject({ written: 2 })
  expect((await kith.read({ store })).tuples[0]?.condition).toBeUndefined()
})

test('on_duplicate: error refuses what is there; nonsense is refused', async () => {
  const { kith, store, write } = await world()
  await write('document:0#viewer@user:anne')
  expect(await refusedAs(kith.importTuples({ store, onDuplicate: 'error' }, each(lines(1))))).toBe(
    'write_failed_due_to_invalid_input',
  )
  expect(await refusedAs(kith.importTuples({ store, onDuplicate: 'x' }, each(lines(1))))).toBe(
    'validation_error',
  )
})
