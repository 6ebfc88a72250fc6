/**
 * What can reach a relation, and whether it can refuse on the way: two least fixpoints over the graph of
 * relations. Not membership: no tuples here, only the model's own edges.
 *
 * The graph has a node a relation and an edge to each relation its rewrite passes through. A hostile model of
 * 256 KiB holds 10,000 relations in a chain, whose sets would have 50 million members together; so a set is made
 * on first use, in O(edges it reaches), and costs one bit a shape of the model.
 */
import { ShapeSet } from './shape-set.ts'

export interface ReachNode {
  /** `type#relation`. */
  readonly name: string
  /** Shapes of the type restrictions. */
  readonly shapes: readonly string[]
  /** Names of the relations passed through: computed, userset restrictions, tuple-to-userset targets. */
  readonly edges: readonly string[]
  /** Whether its own rewrite holds an intersection or an exclusion. */
  readonly decides: boolean
}

export class ReachGraph {
  readonly #nodes: ReadonlyMap<string, ReachNode>
  /** Every shape of the model, and the bit that stands for it. */
  readonly #bits = new Map<string, number>()

  constructor(nodes: readonly ReachNode[]) {
    this.#nodes = new Map(nodes.map((node) => [node.name, node]))
    for (const { name, shapes } of nodes) {
      for (const shape of [name, ...shapes]) {
        if (!this.#bits.has(shape)) this.#bits.set(shape, this.#bits.size)
      }
    }
  }

  /** The shapes that can reach a relation, itself and every relation passed through included. */
  reach(name: string): ReadonlySet<string> {
    const shapes: string[] = []
    for (const node of this.#below(name)) {
      shapes.push(node.name)
      for (const shape of node.shapes) shapes.push(shape)
    }
    return new ShapeSet(this.#bits, shapes)
  }

  /** Names of the relations whose way down meets an intersection or an exclusion. O(edges). */
  deciding(): ReadonlySet<string> {
    const above = new Map<string, string[]>()
    for (const { name, edges } of this.#nodes.values()) {
      for (const edge of edges) {
        const names = above.get(edge)
        if (names === undefined) above.set(edge, [name])
        else names.push(name)
      }
    }
    const open = [...this.#nodes.values()].filter((node) => node.decides).map((node) => node.name)
    const found = new Set(open)
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const name of above.get(next) ?? []) {
        if (found.has(name)) continue
        found.add(name)
        open.push(name)
      }
    }
    return found
  }

  /** The node and all below it, each once. A stack of our own: a chain of relations is as long as the model allows. */
  *#below(name: string): Generator<ReachNode> {
    const seen = new Set([name])
    const open = [name]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const node = this.#nodes.get(next)
      if (node === undefined) continue
      yield node
      for (const edge of node.edges) {
        if (seen.has(edge)) continue
        seen.add(edge)
        open.push(edge)
      }
    }
  }
}
