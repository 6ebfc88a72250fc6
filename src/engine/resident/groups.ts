/**
 * The group index: for an individual, every userset above it, found once by walking upwards and kept until one of its
 * own placements or an edge between groups changes. Another person joining or leaving a group is no such change.
 *
 * INVARIANT: for a target without intersections and exclusions below, if nothing was passed over on the way, an
 * individual is a member exactly when the target is above it.
 */
import type { Graph } from './graph.ts'
import * as records from './records.ts'
import type { Sight } from './sight.ts'

/** Usersets above one individual that are worth keeping: more, as under the root of a tree of folders, are quicker asked from below. */
const aboveMax = 5_000

/** The address of what is above an individual; 0: too much has been fetched for this question. */
export function above(sight: Sight, individual: number): number {
  const { graph, tick } = sight
  const known = knownAbove(graph, individual, tick)
  if (known !== 0) return known
  const climb = new Climb(sight)
  const climbed = climb.from(individual)
  sight.looks += climb.size
  if (climbed === undefined) return 0
  const { cards, slab } = graph.arena
  const slot = graph.aboveSlot(individual)
  const address = records.writeAbove(slab, climbed, cards.ints[slot] as number)
  // The cards may be elsewhere by now.
  cards.ints[slot] = address
  return address
}

/** The same where it was found before and still holds; 0: it has to be looked for. */
export function knownAbove(graph: Graph, individual: number, tick: number): number {
  const { slab } = graph.arena
  const known = graph.keptIn(graph.aboveSlot(individual), tick)
  return known !== 0 && records.epochOf(slab, known) === graph.epoch ? known : 0
}

/** Breadth first, so that hops are the least. O(usersets above and their placements). */
class Climb {
  readonly #sight: Sight
  readonly #graph: Graph
  readonly #hops = new Map<number, number>()
  /** As old as the oldest of what it is made from: ages do not add up. */
  #readAt: number
  #flags = 0

  constructor(sight: Sight) {
    this.#sight = sight
    this.#graph = sight.graph
    this.#readAt = sight.tick
  }

  /** Usersets that it came by. */
  get size(): number {
    return this.#hops.size
  }

  /** Undefined: too much has been fetched. */
  from(individual: number): records.Above | undefined {
    if (!this.#follow(individual, 0)) return undefined
    // A map is read in the order of insertion, also of what is inserted meanwhile.
    for (const [id, hops] of this.#hops) {
      if (this.#hops.size > aboveMax) return this.#told(new Map(), records.partial)
      if (!this.#beyond(id, hops)) return undefined
    }
    return this.#told(this.#hops, this.#flags)
  }

  #told(hops: ReadonlyMap<number, number>, flags: number): records.Above {
    return { readAt: this.#readAt, flags, epoch: this.#graph.epoch, hops }
  }

  #reach(id: number, hops: number): void {
    if (!this.#hops.has(id)) this.#hops.set(id, hops)
  }

  /** To where the tuples of a subject put it. False: too much has been fetched. */
  #follow(subject: number, hops: number): boolean {
    const { slab } = this.#graph.arena
    const address = this.#placements(subject)
    if (address === 0) return false
    for (let i = 0; i < records.count(slab, address); i++) {
      const id = records.idAt(slab, address, i)
      if (this.#graph.rung(id)?.isStep === true) this.#reach(id, hops)
    }
    return true
  }

  /** To the other relations of the object, to where it is placed as a userset, and to its children. */
  #beyond(id: number, hops: number): boolean {
    const rung = this.#graph.rung(id)
    if (rung === undefined) return true
    const object = this.#graph.arena.objectOf(id)
    for (const { ordinal } of rung.computed) this.#reach(object + ordinal, hops)
    if (!this.#follow(id, hops + 1)) return false
    if (rung.children.length === 0) return true
    const address = this.#placements(object)
    if (address === 0) return false
    const { arena } = this.#graph
    for (let i = 0; i < records.count(arena.slab, address); i++) {
      const pointing = records.idAt(arena.slab, address, i)
      const by = this.#graph.rung(pointing)
      const readers = rung.children.find(({ tupleset }) => tupleset === by)?.readers ?? []
      for (const { ordinal } of readers) this.#reach(arena.objectOf(pointing) + ordinal, hops + 1)
    }
    return true
  }

  #placements(subject: number): number {
    const { slab } = this.#graph.arena
    const address = this.#graph.placements(this.#sight, subject)
    if (address === 0) return 0
    this.#flags |= records.flagsOf(slab, address)
    this.#readAt = Math.min(this.#readAt, records.readAt(slab, address))
    return address
  }
}
