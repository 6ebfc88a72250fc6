/** Large commits: the rows they leave are those that commits of one tuple each leave, and batches are used again. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Disk, openMemory } from '../../src/storage/disk.ts'
import { verifyDisk } from '../../src/storage/doctor.ts'
import { kind, kindPrefix, prefixEnd } from '../../src/storage/keys.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import { openTestFolder } from './folder.ts'

/** Few names, some long: lists fill up and spread, ids sort unlike their components, texts are not all ASCII. */
const long = 'x'.repeat(120)
const object = fc
  .tuple(fc.constantFrom('doc', 'doc2', 'd'), fc.constantFrom('1', '10', '2', 'é', ':', long), fc.nat(3))
  .map(([type, id, n]) => `${type}:${id}${n}`)
const subject = fc
  .tuple(
    fc.constantFrom('user', 'user2'),
    fc.nat(30),
    fc.constantFrom('', long, '\u{1f600}'),
    fc.constantFrom('', '', '#m'),
  )
  .map(([type, n, id, ending]) => `${type}:${n}${id}${ending}`)
const tuple = fc
  .record({ object, relation: fc.constantFrom('a', 'b'), subject, qualified: fc.nat(5) })
  .map(({ qualified, ...key }): Tuple => (qualified === 0 ? { ...key, condition: { name: 'c' } } : key))

test('a commit of many tuples leaves the heads that commits of one leave', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(tuple, { minLength: 50, maxLength: 400 }),
      fc.nat(200),
      async (writes, first) => {
        const known = new Map(
          writes.map((one) => [JSON.stringify([one.object, one.relation, one.subject]), one]),
        )
        const unique = [...known.values()]
        const many = [unique.slice(0, first), unique.slice(first)].filter((part) => part.length > 0)
        const one = await rowsAfter(unique.map((each) => [each]))
        expect(await rowsAfter(many)).toEqual(one)
      },
    ),
    { numRuns: 15 },
  )
}, 60_000)

test('LevelDB: batches of all sizes, and after a refusal and a reopening', async () => {
  const folder = await openTestFolder('LevelDB')
  try {
    const store = (await folder.storage.createStore('one')).id
    const right = new Set<string>()
    const commit = async (from: number, count: number): Promise<void> => {
      const writes = Array.from({ length: count }, (_, i) => tupleOf(from + i))
      await folder.storage.commit(store, { writes })
      for (const { object } of writes) right.add(object)
    }
    await commit(0, 8_000)
    await commit(10_000, 1)
    await commit(20_000, 3)
    await commit(30_000, 4_000)
    await expect(commit(0, 1)).rejects.toThrow('already exists')
    await commit(40_000, 2_000)
    await folder.reopen()
    await commit(50_000, 10)
    const { findings } = await folder.verify()
    expect(findings).toEqual([])
    const found = new Set<string>()
    const view = folder.storage.view(store).pin()
    for (let after: Uint8Array | undefined, more = true; more; more = after !== undefined) {
      const page = await view.tuples({}, 1000, after)
      for (const { object } of page.rows) found.add(object)
      after = page.next
    }
    view.release()
    expect(found).toEqual(right)
  } finally {
    await folder.remove()
  }
}, 60_000)

function tupleOf(i: number): Tuple {
  return { object: `doc:${i}`, relation: 'a', subject: `user:${i % 100}` }
}

/** Heads, pages and placements as they lie, and which tuples there are. */
async function rowsAfter(commits: readonly (readonly Tuple[])[]): Promise<Record<string, string>> {
  const folder = await openTestFolder('memory')
  try {
    const store = (await folder.storage.createStore('one')).id
    for (const writes of commits) await folder.storage.commit(store, { writes })
    await folder.storage.settled()
    expect((await verifyDisk(folder.disk, await openMemory())).findings).toEqual([])
    const rows: Record<string, string> = {}
    for (const of of [kind.forward, kind.forwardPage, kind.reverse, kind.placement]) {
      for await (const [key, value] of rowsOf(folder.disk, of)) rows[key] = value
    }
    for await (const [key] of rowsOf(folder.disk, kind.tuple)) rows[key] = ''
    return rows
  } finally {
    await folder.remove()
  }
}

async function* rowsOf(disk: Disk, of: number): AsyncGenerator<[key: string, value: string]> {
  const prefix = kindPrefix(of)
  for await (const rows of disk.scan({ gte: prefix, lt: prefixEnd(prefix) }, 1000)) {
    for (const [key, value] of rows) yield [key.toString('latin1'), value.toString('hex')]
  }
}
