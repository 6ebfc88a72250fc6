/**
 * The group index: for a node that grants on, every userset above it, found once by walking upwards and kept until an
 * edge between groups changes. One person joining or leaving a group is no such change.
 *
 * INVARIANT: for a target without intersections and exclusions below, if nothing was passed over on the way, a
 * subject is a member exactly when one of its placements is the target or has the target above it.
 */
import type { Above, Node, Thing } from './graph.ts'
import type { Sight } from './reach.ts'

/** Usersets above one node that are worth keeping: more, as under the root of a tree of folders, are quicker asked from below. */
const aboveMax = 2_000
/** Of an entry in a map of nodes. */
const aboveBytes = 40

/** Tuple hops from a target down to an individual, or to everybody; -1: none; undefined: the index cannot tell. */
export function hopsDown(
  sight: Sight,
  individual: Thing,
  everybody: Thing,
  target: Node,
): number | undefined {
  const one = hopsFrom(sight, individual, target)
  const all = hopsFrom(sight, everybody, target)
  if (one === undefined || all === undefined) return undefined
  return one === -1 || (all !== -1 && all < one) ? all : one
}

function hopsFrom(sight: Sight, subject: Thing, target: Node): number | undefined {
  const { graph, view, now } = sight
  const places = graph.places(subject, view, now)
  let { partial } = places
  let least = -1
  for (const node of places.nodes) {
    if (node === target) return 0
    const above = aboveOf(sight, node)
    partial ||= above.partial
    const hops = above.hops.get(target)
    if (hops !== undefined && (least === -1 || hops < least)) least = hops
  }
  // What was passed over might be a way, or a shorter one.
  return partial ? undefined : least
}

function aboveOf(sight: Sight, node: Node): Above {
  const { graph, now } = sight
  const known = node.above
  if (known !== undefined && known.epoch === graph.epoch && now - known.loadedAt < graph.windowMs)
    return known
  const above = climb(sight, node)
  graph.weight.bytes += aboveBytes * (above.hops.size - (known?.hops.size ?? 0))
  node.above = above
  return above
}

/** Breadth first, so that hops are the least. O(usersets above and their placements). */
function climb({ graph, view, now }: Sight, from: Node): Above {
  const hops = new Map<Node, number>()
  const queue: Node[] = [from]
  let partial = false
  // As old as the oldest of what it was made from: ages do not add up.
  let loadedAt = now
  const reach = (node: Node, distance: number) => {
    if (node === from || hops.has(node)) return
    hops.set(node, distance)
    queue.push(node)
  }
  for (const node of queue) {
    const distance = hops.get(node) ?? 0
    const ascent = graph.lattice.ascent(node.relation)
    if (hops.size > aboveMax) return { hops: new Map(), partial: true, epoch: graph.epoch, loadedAt }
    for (const reader of ascent?.computed ?? []) reach(graph.node(node.thing, reader), distance)
    const granted = graph.places(node, view, now)
    partial ||= granted.partial
    loadedAt = Math.min(loadedAt, granted.loadedAt)
    for (const above of granted.nodes) reach(above, distance + 1)
    if (ascent === undefined || ascent.children.size === 0) continue
    const pointing = graph.places(node.thing, view, now)
    partial ||= pointing.partial
    loadedAt = Math.min(loadedAt, pointing.loadedAt)
    for (const child of pointing.nodes) {
      for (const reader of ascent.children.get(child.relation) ?? []) {
        reach(graph.node(child.thing, reader), distance + 1)
      }
    }
  }
  return { hops, partial, epoch: graph.epoch, loadedAt }
}
