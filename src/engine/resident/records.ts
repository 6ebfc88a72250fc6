/**
 * The three records of the resident graph: drawn, written and read. Lists of ids are sorted. Knows no names, no model.
 *
 *   edges       read at | named n, flags | usersets n, doubtful n, doubtful usersets n | and the ids of each
 *   placements  read at | n, flags                                                     | ids
 *   above       read at | n, flags       | room, epoch                                 | ids | hops, a byte each
 *
 * The three counts are there where a flag says `crossing` or `doubt`: most edges are of plain subjects alone.
 */
import type { Slab } from './slab.ts'

/** Ints before what only some records have. */
const headInts = 2
const edgesHeadInts = 5
const aboveHeadInts = 4
const countShift = 8
const flagBits = 2 ** countShift - 1

/** Edges: plain subjects have a key each and are not listed. */
export const spread = 1
/** Edges: the group index does not tell of all that is below a userset, which may fail there or be refused. */
export const unindexed = 2
/** Placements, above: something was passed over, which might be a way. */
export const partial = 4
/** Edges: a typed wildcard is among the named or the doubtful. */
export const wildcard = 8
/** Edges: some plain subject or typed wildcard is doubtful. */
export const doubt = 16
/** Edges: there are usersets, doubtful or not. */
export const crossing = 32

/** Hops that do not fit a byte are kept as this and told as `farHops`, which is below no limit but Infinity. */
const hopsMost = 255
/** Hops of a proof that is there, and longer than `above` can say. */
const farHops = Number.MAX_SAFE_INTEGER

export interface Edges {
  readonly readAt: number
  /** `spread`, `unindexed`, `wildcard`; the others follow from the lists. */
  readonly flags: number
  /** Plain subjects and typed wildcards. */
  readonly named: readonly number[]
  readonly usersets: readonly number[]
  /** Plain subjects and typed wildcards whose tuple has a condition or an expiry: it has to be read. */
  readonly doubtful: readonly number[]
  readonly doubtfulUsersets: readonly number[]
}

export interface Placements {
  readonly readAt: number
  /** `partial`. */
  readonly flags: number
  readonly ids: readonly number[]
}

export interface Above {
  readonly readAt: number
  /** `partial`. */
  readonly flags: number
  readonly epoch: number
  /** Least hops by id. */
  readonly hops: ReadonlyMap<number, number>
}

export function writeEdges(slab: Slab, edges: Edges): number {
  const { readAt, named, usersets, doubtful, doubtfulUsersets } = edges
  const flags =
    edges.flags |
    (doubtful.length > 0 ? doubt : 0) |
    (usersets.length + doubtfulUsersets.length > 0 ? crossing : 0)
  return write(slab, readAt, flags, [named, usersets, doubtful, doubtfulUsersets])
}

export function writePlacements(slab: Slab, { readAt, flags, ids }: Placements): number {
  return write(slab, readAt, flags, [ids])
}

/** @param known - address of a record to be replaced, or 0: where the new one fits its room, it takes its place */
export function writeAbove(slab: Slab, { readAt, flags, epoch, hops }: Above, known: number): number {
  const ids = [...hops.keys()].sort(ascending)
  const fits = known !== 0 && roomOf(slab, known) >= ids.length
  const room = fits ? roomOf(slab, known) : ids.length
  const address = fits ? known : slab.take(aboveHeadInts + room + ((room + 3) >> 2))
  const { ints, bytes } = slab
  ints[address] = readAt
  ints[address + 1] = (ids.length << countShift) | flags
  ints[address + 2] = room
  ints[address + 3] = epoch
  ints.set(ids, address + aboveHeadInts)
  const first = (address + aboveHeadInts + room) * 4
  for (const [index, id] of ids.entries()) bytes[first + index] = Math.min(hops.get(id) ?? 0, hopsMost)
  return address
}

/** The same record in another slab, each id renamed; edges or placements. */
export function translate(from: Slab, address: number, to: Slab, rename: (id: number) => number): number {
  const renamed = lists(from, address).map((ids) => Array.from(ids, rename))
  return write(to, readAt(from, address), flagsOf(from, address), renamed)
}

/** The lists of edges: named, usersets, doubtful, doubtful usersets, where there are such; or the one of placements. */
export function lists(slab: Slab, address: number): readonly Int32Array[] {
  const { ints } = slab
  const counts = [count(slab, address)]
  if (isCounted(ints, address))
    for (let field = 2; field < 5; field++) counts.push(ints[address + field] as number)
  let next = listsAt(ints, address)
  return counts.map((length) => {
    const from = next
    next += length
    return ints.subarray(from, next)
  })
}

export function readAt(slab: Slab, address: number): number {
  return slab.ints[address] as number
}

export function flagsOf(slab: Slab, address: number): number {
  return (slab.ints[address + 1] as number) & flagBits
}

/** Of `above`: the epoch that it was made in. */
export function epochOf(slab: Slab, address: number): number {
  return slab.ints[address + 3] as number
}

/** Whether the edges, or placements, hold an id: of a plain subject or a typed wildcard. O(log ids). */
export function isNamed(slab: Slab, address: number, id: number): boolean {
  const { ints } = slab
  return search(ints, listsAt(ints, address), count(slab, address), id) !== -1
}

/** Whether the tuple of a plain subject or a typed wildcard has to be read. */
export function isDoubtful(slab: Slab, address: number, id: number): boolean {
  const { ints } = slab
  if (!isCounted(ints, address)) return false
  const first = usersetsAt(slab, address) + (ints[address + 2] as number)
  return search(ints, first, ints[address + 3] as number, id) !== -1
}

export function doubtfulUsersetCount(slab: Slab, address: number): number {
  return isCounted(slab.ints, address) ? (slab.ints[address + 4] as number) : 0
}

export function doubtfulUsersetAt(slab: Slab, address: number, index: number): number {
  const { ints } = slab
  const before = (ints[address + 2] as number) + (ints[address + 3] as number)
  return ints[usersetsAt(slab, address) + before + index] as number
}

/** How many plain subjects and typed wildcards edges name, or placements or `above` hold ids. */
export function count(slab: Slab, address: number): number {
  return (slab.ints[address + 1] as number) >>> countShift
}

/** One of those of edges or placements. */
export function idAt(slab: Slab, address: number, index: number): number {
  return slab.ints[listsAt(slab.ints, address) + index] as number
}

export function usersetCount(slab: Slab, address: number): number {
  return isCounted(slab.ints, address) ? (slab.ints[address + 2] as number) : 0
}

export function usersetAt(slab: Slab, address: number, index: number): number {
  return slab.ints[usersetsAt(slab, address) + index] as number
}

/** Of `above`: hops to an id, `farHops` where they are many; -1 when it is not there. O(log ids). */
export function hopsTo(slab: Slab, address: number, id: number): number {
  const found = search(slab.ints, address + aboveHeadInts, count(slab, address), id)
  return found === -1 ? -1 : hopsAt(slab, address, found)
}

/** Ids that hopsToUsersets looks up. */
export function lookups(slab: Slab, above: number, edges: number): number {
  return Math.min(count(slab, above), usersetCount(slab, edges))
}

/** Least hops from what `above` holds to a userset of the edges; -1: none of them is above. O(lookups log larger). */
export function hopsToUsersets(slab: Slab, above: number, edges: number): number {
  const { ints } = slab
  const here = above + aboveHeadInts
  const hereCount = count(slab, above)
  const there = usersetsAt(slab, edges)
  const thereCount = usersetCount(slab, edges)
  const hereIsLess = hereCount < thereCount
  let least = -1
  for (let i = 0; i < (hereIsLess ? hereCount : thereCount); i++) {
    const found = hereIsLess
      ? search(ints, there, thereCount, ints[here + i] as number)
      : search(ints, here, hereCount, ints[there + i] as number)
    if (found === -1) continue
    const hops = hopsAt(slab, above, hereIsLess ? i : found)
    if (least === -1 || hops < least) least = hops
  }
  return least
}

function write(slab: Slab, readAt: number, flags: number, lists: readonly (readonly number[])[]): number {
  const isCounted = (flags & (crossing | doubt)) !== 0
  const head = isCounted ? edgesHeadInts : headInts
  const address = slab.take(head + lists.reduce((sum, { length }) => sum + length, 0))
  const { ints } = slab
  ints[address] = readAt
  ints[address + 1] = ((lists[0]?.length ?? 0) << countShift) | flags
  if (isCounted) for (let field = 2; field < 5; field++) ints[address + field] = lists[field - 1]?.length ?? 0
  let at = address + head
  for (const list of lists) {
    ints.set(list, at)
    if (list.length > 1) ints.subarray(at, at + list.length).sort()
    at += list.length
  }
  return address
}

/** Whether there are more lists than the first. */
function isCounted(ints: Int32Array, address: number): boolean {
  return ((ints[address + 1] as number) & (crossing | doubt)) !== 0
}

/** Where the first list is, of edges and placements. */
function listsAt(ints: Int32Array, address: number): number {
  return address + (isCounted(ints, address) ? edgesHeadInts : headInts)
}

/** Where the second is, of edges that have one. */
function usersetsAt(slab: Slab, address: number): number {
  return address + edgesHeadInts + count(slab, address)
}

function roomOf(slab: Slab, address: number): number {
  return slab.ints[address + 2] as number
}

function hopsAt(slab: Slab, address: number, index: number): number {
  const hops = slab.bytes[(address + aboveHeadInts + roomOf(slab, address)) * 4 + index] as number
  return hops === hopsMost ? farHops : hops
}

/** Below so many, one after the other is quicker. */
const few = 8

/** The place of `id` among `count` sorted ints from `first` on; -1: it is not there. */
function search(ints: Int32Array, first: number, count: number, id: number): number {
  let low = 0
  let high = count
  while (high - low > few) {
    const middle = (low + high) >>> 1
    if ((ints[first + middle] as number) <= id) low = middle
    else high = middle
  }
  for (; low < high; low++) if (ints[first + low] === id) return low
  return -1
}

function ascending(a: number, b: number): number {
  return a - b
}
