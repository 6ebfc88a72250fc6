/** What can reach a relation: against the definition, on graphs with cycles, diamonds and dangling edges. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { componentsOf } from '../../src/model/components.ts'
import { ReachGraph, type ReachNode } from '../../src/model/reach.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const graphs = fc
  .tuple(
    ...names.map((name) =>
      fc.record({
        name: fc.constant(name),
        shapes: fc.subarray(['user', 'user:*', 'group#member', 'a']),
        edges: fc.subarray([...names, 'nowhere'], { maxLength: 3 }),
        decides: fc.constant(false),
      }),
    ),
  )
  .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: 1 }))

/** By the definition: everything met on the way down. */
function naive(nodes: readonly ReachNode[], from: string): string[] {
  const met = new Set([from])
  for (let size = 0; size < met.size; ) {
    size = met.size
    for (const { name, edges } of nodes) {
      if (met.has(name)) for (const edge of edges) if (nodes.some((node) => node.name === edge)) met.add(edge)
    }
  }
  return [
    ...new Set(nodes.filter(({ name }) => met.has(name)).flatMap(({ name, shapes }) => [name, ...shapes])),
  ]
}

test('reach is what the definition says, in whatever order it is asked', () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const graph = new ReachGraph(nodes)
      for (const { name } of [...nodes].reverse()) {
        expect([...graph.reach(name)].sort(), name).toEqual(naive(nodes, name).sort())
      }
    }),
    { numRuns: 500 },
  )
})

test('a component comes after those it leads to, and its members reach each other', () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const edges = new Map(nodes.map((node) => [node.name, node.edges]))
      const components = componentsOf(edges.keys(), (name) => edges.get(name) ?? [])
      expect(components.flat().sort()).toEqual([...edges.keys()].sort())
      const place = new Map(components.flatMap((members, at) => members.map((name) => [name, at])))
      for (const { name, edges } of nodes) {
        for (const edge of edges) expect(place.get(edge) ?? 0).toBeLessThanOrEqual(place.get(name) ?? -1)
      }
      const bare = nodes.map((node) => ({ ...node, shapes: [] }))
      for (const members of components) {
        for (const member of members)
          expect(naive(bare, member)).toEqual(expect.arrayContaining([...members]))
      }
    }),
    { numRuns: 500 },
  )
})
