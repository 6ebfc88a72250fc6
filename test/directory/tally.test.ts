/** A tally is what a scan of the same view says, whatever happens between and whichever view asks. */
import { expect, test } from 'vitest'
import { Tallies } from '../../src/directory/lists/tally.ts'
import { openStorage } from '../../src/storage/open.ts'
import type { PinnedView, View } from '../../src/storage/storage.ts'
import { Random } from '../fuzz/random.ts'
import { seed } from '../property/run.ts'

const lists = ['direct', 'rule', 'sso'].map((relation) => ({ object: 'group:g', relation }))
const users = Array.from({ length: 900 }, (_, at) => `user:person-${at}`)

test(`T12, Z13: counts over lists that are spread, at any revision (SEED=${seed})`, async () => {
  const storage = await openStorage({ memory: true })
  const { id } = await storage.createStore('counts')
  const random = new Random(seed)
  const some = <Item>(items: readonly Item[]): Item => items[random.below(items.length)] as Item
  const tallies = new Tallies(storage)
  let scans = 0
  const scan = async (view: View): Promise<number> => {
    scans++
    const found = new Set<string>()
    for (const { object, relation } of lists) {
      const { plain } = view.edges(object, relation)
      for await (const page of plain === undefined ? view.plain(object, relation) : [plain]) {
        for (const subject of page) found.add(subject)
      }
    }
    return found.size
  }
  const keys = (count: number) =>
    Array.from({ length: count }, () => ({ ...some(lists), subject: some(users) }))
  const distinct = (count: number) => [
    ...new Map(keys(count).map((key) => [`${key.relation} ${key.subject}`, key])).values(),
  ]
  await storage.commit(id, {
    writes: users.slice(0, 600).map((subject) => ({ object: 'group:g', relation: 'direct', subject })),
  })
  expect(storage.view(id).edges('group:g', 'direct').plain).toBeUndefined()
  const pins: PinnedView[] = [storage.view(id).pin()]
  let asked = 0
  for (let round = 0; round < 60; round++) {
    const change = { writes: distinct(1 + random.below(20)), onDuplicate: 'ignore' } as const
    const deletes = distinct(1 + random.below(20)).filter(
      (key) => !change.writes.some((each) => each.subject === key.subject),
    )
    await storage.commit(id, { ...change, deletes, onMissing: 'ignore' })
    pins.push(storage.view(id).pin())
    const views = [pins.at(-1), some(pins), some(pins)].filter((view) => view !== undefined)
    const counted = await Promise.all(views.map((view) => tallies.of(view, lists, scan)))
    asked += counted.length
    const truth: number[] = []
    for (const view of views) truth.push(await scan(view))
    expect(counted).toEqual(truth)
  }
  // It is what it is for: most answers took no scan of their own.
  expect(scans - asked).toBeLessThan(asked / 2)
  for (const pin of pins) pin.release()
  await storage.close()
})

test('a membership that expires is swept out of the count', async () => {
  const storage = await openStorage({ memory: true }, { sweepEveryMs: 0 })
  const { id } = await storage.createStore('counts')
  const tallies = new Tallies(storage)
  const count = async (view: View) => (await view.tuples({ object: 'group:g' }, 10_000)).rows.length
  const at = () => tallies.of(storage.view(id), lists, count)
  await storage.commit(id, {
    writes: users.map((subject) => ({ object: 'group:g', relation: 'direct', subject })),
  })
  expect(await at()).toBe(900)
  const guest = { object: 'group:g', relation: 'direct', subject: 'user:guest' }
  await storage.commit(id, { writes: [{ ...guest, expiresAt: storage.view(id).now + 60_000 }] })
  expect(await at()).toBe(901)
  await storage.commit(id, { deletes: [guest] })
  expect(await at()).toBe(900)
  await storage.close()
})
