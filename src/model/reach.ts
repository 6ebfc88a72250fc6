/**
 * What can reach a relation, and whether it can refuse on the way: two least fixpoints over the graph of
 * relations. Not membership: no tuples here, only the model's own edges.
 *
 * The graph has a node a relation and an edge to each relation its rewrite passes through. A hostile model of
 * 256 KiB holds 10,000 relations in a chain, and one check asks for the sets of all of them. So a set is made on first
 * use, out of the sets below it, which are kept: one bit a shape of the model, 32 of them an operation. Relations that
 * reach each other reach the same: they share one set.
 */

import { componentsOf } from './components.ts'
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
  #groups: Groups | undefined

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
    this.#groups ??= new Groups(this.#nodes, this.#bits)
    return new ShapeSet(this.#bits, this.#groups.words(name))
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
}

/** The relations, grouped by mutual reach, and the bits that reach each group. */
class Groups {
  readonly #nodes: ReadonlyMap<string, ReachNode>
  readonly #bits: ReadonlyMap<string, number>
  /** The number of each relation's group; what a group leads to has a smaller number. */
  readonly #of: ReadonlyMap<string, number>
  readonly #members: readonly (readonly string[])[]
  readonly #words: (Uint32Array | undefined)[]

  constructor(nodes: ReadonlyMap<string, ReachNode>, bits: ReadonlyMap<string, number>) {
    this.#nodes = nodes
    this.#bits = bits
    this.#members = componentsOf(nodes.keys(), (name) => nodes.get(name)?.edges ?? [])
    this.#of = new Map(this.#members.flatMap((names, group) => names.map((name) => [name, group])))
    this.#words = new Array(this.#members.length)
  }

  words(name: string): Uint32Array {
    const group = this.#of.get(name)
    if (group === undefined) return new Uint32Array(0)
    // In the order of their numbers, so that what is below is there already.
    for (const each of [...this.#missing(group)].sort((one, other) => one - other)) {
      this.#words[each] = this.#made(each)
    }
    return this.#words[group] ?? new Uint32Array(0)
  }

  /** The group and those below it whose bits are not made yet. */
  #missing(group: number): Set<number> {
    const found = new Set<number>()
    const open = [group]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next) || this.#words[next] !== undefined) continue
      found.add(next)
      open.push(...this.#below(next))
    }
    return found
  }

  /** Groups that one step leads to; its own may be among them. */
  #below(group: number): Set<number> {
    const found = new Set<number>()
    for (const name of this.#members[group] ?? []) {
      for (const edge of this.#nodes.get(name)?.edges ?? []) {
        const other = this.#of.get(edge)
        if (other !== undefined) found.add(other)
      }
    }
    return found
  }

  #made(group: number): Uint32Array {
    const words = new Uint32Array(Math.ceil(this.#bits.size / 32))
    for (const name of this.#members[group] ?? []) {
      for (const shape of [name, ...(this.#nodes.get(name)?.shapes ?? [])]) {
        const bit = this.#bits.get(shape) ?? 0
        words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << (bit & 31))
      }
    }
    for (const below of this.#below(group)) {
      const others = this.#words[below]
      if (others === undefined) continue
      for (let at = 0; at < words.length; at++) words[at] = (words[at] ?? 0) | (others[at] ?? 0)
    }
    return words
  }
}
