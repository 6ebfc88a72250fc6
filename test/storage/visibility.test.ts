/**
 * A batch is visible on LevelDB's thread before its completion runs. Each commit here moves one member between two
 * groups; a reader that sees it in both, or in neither, saw a torn state.
 */
import { setImmediate } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Disk } from '../../src/storage/disk.ts'
import { tupleKey } from '../../src/storage/keys.ts'
import { type Folder, openTestFolder } from './folder.ts'

let folder: Folder
let store: string
beforeAll(async () => {
  folder = await openTestFolder('LevelDB', { wrap: slow })
  store = (await folder.storage.createStore('one')).id
})
afterAll(() => folder.remove())

/**
 * What a completion waits for when its batch has been written: a reader need not be quick to meet the moment between.
 */
let looked = atOnce
afterEach(() => {
  looked = atOnce
})

function slow(disk: Disk): Disk {
  return {
    ...disk,
    batch() {
      const batch = disk.batch()
      return {
        ...batch,
        async write() {
          await batch.write()
          await looked()
        },
      }
    },
  }
}

test('raw reads are torn or ahead of what was applied, reads through a View never are', async () => {
  const { storage, disk } = folder
  const inGroup = (group: string) => ({ object: `group:${group}`, relation: 'member', subject: 'user:ann' })
  const keyOf = (group: string) => tupleKey(1, `group:${group}`, 'member', 'user:ann')
  // Ballast makes the batch long enough to be looked into.
  const ballast = (round: number) =>
    Array.from({ length: 300 }, (_, i) => ({
      object: `doc:${round}-${i}`,
      relation: 'viewer',
      subject: 'user:x',
    }))
  await storage.commit(store, { writes: [inGroup('a')] })
  let landed = false
  let looks = 0
  let early = 0
  let torn = 0
  let reads = 0
  looked = next(() => looks)
  for (let round = 0; round < 60; round++) {
    const [from, to] = round % 2 === 0 ? ['a', 'b'] : ['b', 'a']
    landed = false
    const done = storage
      .commit(store, { deletes: [inGroup(from)], writes: [inGroup(to), ...ballast(round)] })
      .then(() => {
        landed = true
      })
    while (!landed) {
      const { revision } = storage.view(store)
      for (let i = 0; i < 20; i++) {
        const view = storage.view(store)
        const listed = ['a', 'b'].filter(
          (group) => view.edges(`group:${group}`, 'member').plain?.length === 1,
        )
        const rows = ['a', 'b'].filter(
          (group) => view.tuple(`group:${group}`, 'member', 'user:ann') !== undefined,
        )
        // One group, and the one of the revision that the view says it is of.
        const right = view.revision % 2 === 1 ? 'a' : 'b'
        if (listed.join() !== right || rows.join() !== right) torn++
        expect(view.revision).toBe(revision)
        const raw = ['a', 'b'].filter((group) => disk.get(keyOf(group)) !== undefined).join()
        if (raw !== right) early++
        reads++
      }
      looks++
      await setImmediate()
    }
    await done
  }
  expect(torn).toBe(0)
  expect(reads).toBeGreaterThan(1000)
  // Without the snapshot this is what a check would have answered from, 20 times a round or more.
  expect(early).toBeGreaterThanOrEqual(60 * 20)
})

test('a page that is read while commits land is exact at its own revision', async () => {
  const { storage } = folder
  const { id } = await storage.createStore('two')
  const pair = (i: number) => [
    { object: `left:${i}`, relation: 'r', subject: 'user:a' },
    { object: `right:${i}`, relation: 'r', subject: 'user:a' },
  ]
  let pages = 0
  looked = next(() => pages)
  const writing = (async () => {
    for (let i = 0; i < 150; i++) await storage.commit(id, { writes: pair(i) })
  })()
  let done = false
  void writing.then(() => {
    done = true
  })
  while (!done) {
    const view = storage.view(id)
    const page = view.tuples({}, 10_000)
    pages++
    expect((await page).rows).toHaveLength(view.revision * 2)
  }
  await writing
  expect(pages).toBeGreaterThanOrEqual(150)
})

async function atOnce(): Promise<void> {}

/** Until it has counted one more. */
function next(count: () => number): () => Promise<void> {
  return async () => {
    const before = count()
    while (count() === before) await setImmediate()
  }
}
