/** Watches: each change once and in order, from any place on, whatever happens while nobody reads. */
import fc from 'fast-check'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { LoggedChange, WatchPage, WatchRequest } from '../../src/service/requests.ts'
import { StoreView } from '../../src/storage/view.ts'
import { type World, world } from './world.ts'

type Pages = AsyncIterableIterator<WatchPage>

async function watching(w: World, asked: Omit<WatchRequest, 'store'> = {}): Promise<Pages> {
  const { pages } = await w.kith.watch({ store: w.store, ...asked })
  return pages
}

/** Changes until `count` of them came; signs of life are passed over. */
async function take(pages: Pages, count: number): Promise<LoggedChange[]> {
  const found: LoggedChange[] = []
  while (found.length < count) {
    const { done, value } = await pages.next()
    if (done === true) throw new Error('it ended')
    found.push(...value.changes)
  }
  return found
}

const revisions = (changes: readonly LoggedChange[]) => changes.map(({ revision }) => revision)
const viewer = (id: number) => ({ object: `document:${id}`, relation: 'viewer', subject: 'user:ann' })

describe('a watch', () => {
  test('begins now, says so, and tells what comes, also while nobody reads', async () => {
    const w = await world()
    await w.write('document:1#viewer@user:ann')
    const pages = await watching(w)
    const first = await pages.next()
    expect(first.value).toEqual({ changes: [], cursor: w.storage.zookie(w.store, 2) })
    const waiting = take(pages, 1)
    await w.write('document:2#viewer@user:ann')
    expect(revisions(await waiting)).toEqual([3])
    for (const id of [3, 4, 5]) await w.write(`document:${id}#viewer@user:ann`)
    expect(revisions(await take(pages, 3))).toEqual([4, 5, 6])
    await pages.return?.()
    expect(w.kith.watchCount).toBe(0)
  })

  test('goes on after any change, without loss and without telling one twice', async () => {
    const w = await world()
    for (let id = 0; id < 20; id++) await w.write(`document:${id}#viewer@user:ann`)
    const writes = Array.from({ length: 1_000 }, (_, i) => viewer(100 + i))
    await w.storage.commit(w.store, { writes })
    const whole = await take(await watching(w, { startTime: 0 }), 26)
    expect(whole.filter(({ more }) => more)).toHaveLength(4)
    for (const [index, { cursor }] of whole.slice(0, -1).entries()) {
      const rest = await take(await watching(w, { after: cursor }), whole.length - index - 1)
      expect(rest).toEqual(whole.slice(index + 1))
    }
  })

  test('all who follow a store share what is read of its log', async () => {
    const w = await world()
    const all = await Promise.all(Array.from({ length: 20 }, () => watching(w)))
    for (const pages of all) await pages.next()
    const waiting = all.map((pages) => take(pages, 1))
    // All of them wait at the head before anything happens: none is behind.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    const read = vi.spyOn(StoreView.prototype, 'changes')
    onTestFinished(() => read.mockRestore())
    await w.write('document:1#viewer@user:ann')
    for (const changes of await Promise.all(waiting)) expect(revisions(changes)).toEqual([2])
    expect(read).toHaveBeenCalledTimes(1)
  })

  test('property: readers that come, go and resume at any time see every revision once', async () => {
    const step = fc.constantFrom('write', 'write two', 'read', 'leave', 'skip a turn')
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const w = await world()
        let pages = await watching(w, { startTime: 0 })
        const seen: number[] = []
        let after = ''
        let made = 1
        let reading: Promise<void> = Promise.resolve()
        const read = async (of: Pages) => {
          const { done, value } = await of.next()
          if (done === true || of !== pages) return
          after = value.cursor
          seen.push(...revisions(value.changes))
        }
        for (const step of steps) {
          if (step === 'write' || step === 'write two') {
            const count = step === 'write' ? 1 : 2
            const commits = Array.from({ length: count }, () => viewer(made++)).map((tuple) =>
              w.storage.commit(w.store, { writes: [tuple] }),
            )
            await Promise.all(commits)
          } else if (step === 'read' && seen.length < made) {
            reading = reading.then(() => (seen.length < made ? read(pages) : undefined))
          } else if (step === 'leave') {
            await reading
            await pages.return?.()
            pages = await watching(w, after === '' ? { startTime: 0 } : { after })
          } else await Promise.resolve()
        }
        await reading
        while (seen.length < made) await read(pages)
        expect(seen).toEqual(Array.from({ length: made }, (_, index) => index + 1))
        await pages.return?.()
      }),
      { numRuns: 40 },
    )
  })

  test('filters, and its signs of life move on past what does not match', async () => {
    const w = await world([], { heartbeatMs: 1 })
    const pages = await watching(w, { subject: 'user:bob' })
    await w.write('document:1#viewer@user:ann')
    for (const head = w.storage.zookie(w.store, 2); ; ) {
      const { value } = await pages.next()
      expect(value?.changes).toEqual([])
      if (value?.cursor === head) break
    }
    await w.write('document:1#viewer@user:bob')
    expect(revisions(await take(pages, 1))).toEqual([3])
  })

  test('ends when its store is deleted, when all are ended, and when its reader leaves', async () => {
    const w = await world()
    const [deleted, left] = [await watching(w), await watching(w)]
    await deleted.next()
    await left.next()
    const [rejected, done] = [deleted.next().catch((error: unknown) => error), left.next()]
    await left.return?.()
    expect(await done).toEqual({ done: true, value: undefined })
    await w.kith.deleteStore(w.store)
    expect(await rejected).toMatchObject({ code: 'store_id_not_found' })
    expect(await deleted.next()).toEqual({ done: true, value: undefined })

    const other = await world()
    const ended = await watching(other)
    await ended.next()
    const why = ended.next().catch((error: unknown) => error)
    other.kith.endWatches('the end')
    expect(await why).toMatchObject({ code: 'unavailable', message: 'the end' })
    await expect(watching(other)).rejects.toMatchObject({ code: 'unavailable' })
    expect([w.kith.watchCount, other.kith.watchCount]).toEqual([0, 0])
  })

  test('there are so many at once and no more', async () => {
    const w = await world([], { watchesMax: 2 })
    const [first] = [await watching(w), await watching(w)]
    await expect(watching(w)).rejects.toMatchObject({ code: 'unavailable' })
    await first.return?.()
    await watching(w)
    expect(w.kith.watchCount).toBe(2)
  })

  test('nothing of another store wakes it, and nothing of one is told in another', async () => {
    const w = await world()
    const pages = await watching(w)
    await pages.next()
    const next = take(pages, 1)
    const other = await w.kith.createStore('other')
    await w.storage.commit(other.id, { writes: [viewer(7)] })
    await w.write('document:1#viewer@user:ann')
    expect((await next).flatMap(({ tuples }) => tuples.map(({ tuple }) => tuple.object))).toEqual([
      'document:1',
    ])
  })
})
