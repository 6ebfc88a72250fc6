/** Storage against a plain Map: any sequence of commits leaves the same tuples, refusals and log, and the doctor agrees. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Fault } from '../../src/lib/fault.ts'
import type { Change, Placed } from '../../src/storage/storage.ts'
import type { Tuple, TupleKey } from '../../src/tuple/tuple.ts'
import { type Folder, openTestFolder } from './folder.ts'

let folder: Folder
beforeAll(async () => {
  folder = await openTestFolder('memory')
})
afterAll(() => folder.remove())

const key = fc.record({
  object: fc.constantFrom('doc:1', 'doc:2', 'doc-x:1'),
  relation: fc.constantFrom('viewer', 'parent'),
  subject: fc.constantFrom('user:a', 'user:b', 'user:*', 'group:g#member', 'doc:1'),
})
const tuple = fc
  .tuple(
    key,
    fc.constantFrom({}, {}, { condition: { name: 'c', context: { a: 1 } } }, { life: 2 }, { life: 9 }),
  )
  .map(([of, more]) => ({ ...of, ...more }))
const step = fc.record({
  pass: fc.nat(3),
  deletes: fc.uniqueArray(key, { maxLength: 2, selector: nameOf }),
  writes: fc.uniqueArray(tuple, { maxLength: 4, selector: nameOf }),
  onMissing: fc.constantFrom('error', 'ignore', 'ignore'),
  onDuplicate: fc.constantFrom('error', 'ignore', 'update', 'update'),
  where: fc.option(
    fc.constantFrom({ object: 'doc:1' }, { type: 'doc', relation: 'viewer' }, { subject: 'user:a' }),
    {
      nil: undefined,
      freq: 4,
    },
  ),
  sweep: fc.boolean(),
})

/** What a commit should leave, or the code that should refuse it. */
function apply(state: Map<string, Tuple>, change: Change, now: number): Map<string, Tuple> | string {
  const alive = new Map([...state].filter(([, one]) => one.expiresAt === undefined || one.expiresAt > now))
  const next = new Map(alive)
  for (const one of change.deletes ?? []) {
    if (!alive.has(nameOf(one)) && change.onMissing === 'error') return 'write_failed_due_to_invalid_input'
    next.delete(nameOf(one))
  }
  for (const where of change.deleteWhere ?? []) {
    for (const [name, one] of alive) {
      const matches =
        (where.object ?? one.object) === one.object &&
        (where.relation ?? one.relation) === one.relation &&
        (where.subject ?? one.subject) === one.subject &&
        (where.type === undefined || one.object.startsWith(`${where.type}:`))
      if (matches) next.delete(name)
    }
  }
  for (const one of change.writes ?? []) {
    const before = alive.get(nameOf(one))
    if (before !== undefined && change.onDuplicate === 'error') return 'write_failed_due_to_invalid_input'
    const same =
      JSON.stringify([before?.condition, before?.expiresAt]) ===
      JSON.stringify([one.condition, one.expiresAt])
    if (before !== undefined && change.onDuplicate === 'ignore' && !same) return 'Aborted'
    next.set(nameOf(one), one)
  }
  return next
}

test('any commits leave what a Map would hold', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const { storage, hand } = folder
      const { id } = await storage.createStore('one')
      let right = new Map<string, Tuple>()
      for (const { pass, sweep, where, writes, ...rest } of steps) {
        hand.instant += pass
        const now = storage.view(id).now
        const lasting = writes.map(({ life, ...one }: Tuple & { life?: number }) =>
          life === undefined ? one : { ...one, expiresAt: now + life },
        )
        const change = {
          ...rest,
          writes: lasting,
          ...(where === undefined ? {} : { deleteWhere: [where] }),
        } as Change
        const expected = apply(right, change, now)
        const code = await storage.commit(id, change).then(
          () => undefined,
          (error: unknown) => (error instanceof Fault ? error.code : String(error)),
        )
        expect(code).toBe(typeof expected === 'string' ? expected : undefined)
        if (typeof expected !== 'string') right = expected
        if (sweep) await storage.sweep()
        await compare(id, right, now)
      }
      await storage.deleteStore(id)
    }),
    { numRuns: 120 },
  )
})

test('and the doctor finds nothing after all of them', async () => {
  const { storage, hand } = folder
  const { id } = await storage.createStore('kept')
  for (const { pass, where, writes, ...rest } of fc.sample(step, { numRuns: 200, seed: 7 })) {
    hand.instant += pass
    const change = { ...rest, writes, ...(where === undefined ? {} : { deleteWhere: [where] }) } as Change
    await storage.commit(id, { ...change, onDuplicate: 'update', onMissing: 'ignore' })
  }
  const found = await folder.verify()
  expect(found.findings).toEqual([])
  expect(found.entries).toBeGreaterThan(50)
})

/** Every answer of a View, against the Map. */
async function compare(store: string, state: ReadonlyMap<string, Tuple>, now: number): Promise<void> {
  const view = folder.storage.view(store).pin()
  try {
    const alive = [...state.values()].filter((one) => one.expiresAt === undefined || one.expiresAt > now)
    const rows = (await view.tuples({}, 1000)).rows
    const plain = rows.map(({ timestamp: _, revision: __, ...one }) => one)
    expect(plain.sort(byName)).toEqual([...alive].sort(byName))
    for (const one of alive) {
      const edges = view.edges(one.object, one.relation)
      expect([...edges.usersets, ...(edges.plain ?? [])]).toContain(one.subject)
      const qualified = one.condition !== undefined || one.expiresAt !== undefined
      expect(edges.qualified.has(one.subject)).toBe(qualified)
      const at: Placed = { object: one.object, relation: one.relation, qualified }
      expect(view.reverse(one.subject)).toContainEqual(at)
    }
    const changes = await view.changes(0, 1000)
    expect(changes.map((entry) => entry.revision)).toEqual(changes.map((_, i) => i + 1))
  } finally {
    view.release()
  }
}

function nameOf({ object, relation, subject }: TupleKey): string {
  return `${object}#${relation}@${subject}`
}

function byName(a: TupleKey, b: TupleKey): number {
  return nameOf(a) < nameOf(b) ? -1 : 1
}
