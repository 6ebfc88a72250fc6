/** Records say what was written, whatever lies beside them, and again in another slab under other ids. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as records from '../../src/engine/resident/records.ts'
import { Slab } from '../../src/engine/resident/slab.ts'

const ids = fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 26 - 1 }), { maxLength: 40 })
const some = fc.oneof(fc.constant<number[]>([]), ids)
const edges = fc.record({
  readAt: fc.nat(2 ** 31 - 1),
  flags: fc.constantFrom(0, records.spread, records.unindexed | records.wildcard),
  named: some,
  usersets: some,
  doubtful: some,
  doubtfulUsersets: some,
})
const ascending = (list: readonly number[]) => [...list].sort((a, b) => a - b)

interface Written {
  readonly address: number
  readonly edges: records.Edges
}

function expectEdges(slab: Slab, { address, edges }: Written): void {
  const { readAt, flags, named, usersets, doubtful, doubtfulUsersets } = edges
  expect([records.readAt(slab, address), records.count(slab, address)]).toEqual([readAt, named.length])
  const told = records.flagsOf(slab, address)
  expect(told & ~(records.doubt | records.crossing)).toBe(flags)
  expect((told & records.doubt) !== 0).toBe(doubtful.length > 0)
  expect((told & records.crossing) !== 0).toBe(usersets.length + doubtfulUsersets.length > 0)
  const listed = records.lists(slab, address).map((list) => [...list])
  expect(listed.flat()).toEqual([named, usersets, doubtful, doubtfulUsersets].flatMap(ascending))
  const at = (count: number, one: (index: number) => number) =>
    Array.from({ length: count }, (_, index) => one(index))
  expect([
    at(records.count(slab, address), (index) => records.idAt(slab, address, index)),
    at(records.usersetCount(slab, address), (index) => records.usersetAt(slab, address, index)),
    at(records.doubtfulUsersetCount(slab, address), (index) =>
      records.doubtfulUsersetAt(slab, address, index),
    ),
  ]).toEqual([named, usersets, doubtfulUsersets].map(ascending))
  for (const id of [...named, ...usersets, ...doubtful, ...doubtfulUsersets, 2 ** 26]) {
    expect(records.isNamed(slab, address, id)).toBe(named.includes(id))
    expect(records.isDoubtful(slab, address, id)).toBe(doubtful.includes(id))
  }
}

test('edges', () => {
  const property = fc.property(fc.array(edges, { maxLength: 60 }), (all) => {
    const [slab, other] = [new Slab(), new Slab(1 << 20)]
    const written = all.map((edges) => ({ address: records.writeEdges(slab, edges), edges }))
    for (const one of written) expectEdges(slab, one)
    for (const { address, edges } of written) {
      const rename = (id: number) => id ^ 0x2a5
      const renamed = (list: readonly number[]) => list.map(rename)
      const moved = records.translate(slab, address, other, rename)
      const { named, usersets, doubtful, doubtfulUsersets } = edges
      const lists = { named: renamed(named), usersets: renamed(usersets), doubtful: renamed(doubtful) }
      const there = { ...edges, ...lists, doubtfulUsersets: renamed(doubtfulUsersets) }
      // Under the mask an id may become 0, which is no id.
      if (
        Object.values(lists)
          .flat()
          .concat(there.doubtfulUsersets)
          .every((id) => id > 0)
      )
        expectEdges(other, { address: moved, edges: there })
    }
  })
  fc.assert(property, { numRuns: 200 })
})

const above = fc.record({
  readAt: fc.nat(1e6),
  flags: fc.constantFrom(0, records.partial),
  epoch: fc.nat(1e6),
  hops: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.nat(300)), {
    maxLength: 60,
    selector: ([id]) => id,
  }),
})

test('what is above, written over what was', () => {
  const property = fc.property(fc.array(above, { minLength: 1, maxLength: 8 }), edges, (all, beside) => {
    const slab = new Slab()
    let address = 0
    for (const { hops, ...one } of all) {
      address = records.writeAbove(slab, { ...one, hops: new Map(hops) }, address)
      const small = { ...beside, usersets: beside.usersets.map((id) => (id % 200) + 1) }
      const edges = records.writeEdges(slab, { ...small, usersets: [...new Set(small.usersets)] })
      expect([records.readAt(slab, address), records.flagsOf(slab, address)]).toEqual([one.readAt, one.flags])
      expect([records.epochOf(slab, address), records.count(slab, address)]).toEqual([one.epoch, hops.length])
      const told = (count: number) => (count >= 255 ? Number.MAX_SAFE_INTEGER : count)
      for (const [id, count] of hops) expect(records.hopsTo(slab, address, id)).toBe(told(count))
      expect(records.hopsTo(slab, address, 201)).toBe(-1)
      const met = hops.flatMap(([id, count]) => (small.usersets.includes(id) ? [told(count)] : []))
      expect(records.hopsToUsersets(slab, address, edges)).toBe(met.length === 0 ? -1 : Math.min(...met))
    }
  })
  fc.assert(property, { numRuns: 200 })
})

test('what is taken is zero, and stays where it is while a slab grows', () => {
  const slab = new Slab(8 << 20)
  const taken: number[] = []
  for (let at = 0; slab.ints.length < 4 << 18; at++) {
    const address = slab.take(1_000)
    expect(slab.ints.subarray(address, address + 1_000).every((int) => int === 0)).toBe(true)
    slab.ints.fill(at + 1, address, address + 1_000)
    taken.push(address)
  }
  for (const [at, address] of taken.entries()) {
    expect(slab.ints.subarray(address, address + 1_000).every((int) => int === at + 1)).toBe(true)
    expect(slab.bytes[address * 4]).toBe((at + 1) & 0xff)
  }
})
