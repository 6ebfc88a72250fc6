/**
 * The three records of the resident graph: drawn, written and read. Lists of ids are sorted. Knows no names, no model.
 *
 *   edges       read at | flags | named n | usersets n | doubtful n | doubtful usersets n | and the ids of each
 *   placements  read at | flags | n       | 0          | 0          | 0                   | ids
 *   above       read at | flags | n       | room       | epoch      | 0                   | ids | hops, a byte each
 */
import { chunkOf, placeOf, type Slab } from './slab.ts'

const headInts = 6

/** Edges: plain subjects have a key each and are not listed. */
export const spread = 1
/** Edges: what is below a userset may fail. */
export const conditional = 2
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
  /** `spread`, `conditional`, `wildcard`; the others follow from the lists. */
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
  const hopInts = (room: number) => (room + 3) >> 2
  const fits = known !== 0 && roomOf(slab, known) >= ids.length
  const room = fits ? roomOf(slab, known) : ids.length
  const address = fits ? known : slab.take(headInts + room + hopInts(room))
  const ints = chunkOf(slab, address)
  const at = placeOf(address)
  ints.set([readAt, flags, ids.length, room, epoch, 0], at)
  ints.set(ids, at + headInts)
  const bytes = new Uint8Array(ints.buffer, (at + headInts + room) * 4, room)
  for (const [index, id] of ids.entries()) bytes[index] = Math.min(hops.get(id) ?? 0, hopsMost)
  return address
}

/** The same record in another slab, each id renamed; edges or placements. */
export function translate(from: Slab, address: number, to: Slab, rename: (id: number) => number): number {
  const renamed = lists(from, address).map((ids) => Array.from(ids, rename))
  return write(to, readAt(from, address), flagsOf(from, address), renamed)
}

/** The lists of edges: named, usersets, doubtful, doubtful usersets; or the one of placements. */
export function lists(slab: Slab, address: number): readonly Int32Array[] {
  const ints = chunkOf(slab, address)
  const at = placeOf(address)
  let next = at + headInts
  return [2, 3, 4, 5].map((field) => {
    const from = next
    next += ints[at + field] as number
    return ints.subarray(from, next)
  })
}

export function readAt(slab: Slab, address: number): number {
  return chunkOf(slab, address)[placeOf(address)] as number
}

export function flagsOf(slab: Slab, address: number): number {
  return chunkOf(slab, address)[placeOf(address) + 1] as number
}

/** Of `above`: the epoch that it was made in. */
export function epochOf(slab: Slab, address: number): number {
  return chunkOf(slab, address)[placeOf(address) + 4] as number
}

/** Whether the edges name a plain subject or a typed wildcard. O(log subjects). */
export function isNamed(slab: Slab, address: number, id: number): boolean {
  const ints = chunkOf(slab, address)
  const at = placeOf(address)
  return search(ints, at + headInts, ints[at + 2] as number, id) !== -1
}

/** Whether the tuple of a plain subject or a typed wildcard has to be read. */
export function isDoubtful(slab: Slab, address: number, id: number): boolean {
  const ints = chunkOf(slab, address)
  const at = placeOf(address)
  const first = at + headInts + (ints[at + 2] as number) + (ints[at + 3] as number)
  return search(ints, first, ints[at + 4] as number, id) !== -1
}

export function doubtfulUsersetCount(slab: Slab, address: number): number {
  return chunkOf(slab, address)[placeOf(address) + 5] as number
}

export function doubtfulUsersetAt(slab: Slab, address: number, index: number): number {
  const ints = chunkOf(slab, address)
  const at = placeOf(address)
  const before = (ints[at + 2] as number) + (ints[at + 3] as number) + (ints[at + 4] as number)
  return ints[at + headInts + before + index] as number
}

/** How many plain subjects and typed wildcards edges name, or placements or `above` hold ids. */
export function count(slab: Slab, address: number): number {
  return chunkOf(slab, address)[placeOf(address) + 2] as number
}

/** One of those. */
export function idAt(slab: Slab, address: number, index: number): number {
  return chunkOf(slab, address)[placeOf(address) + headInts + index] as number
}

export function usersetCount(slab: Slab, address: number): number {
  return chunkOf(slab, address)[placeOf(address) + 3] as number
}

export function usersetAt(slab: Slab, address: number, index: number): number {
  const ints = chunkOf(slab, address)
  const at = placeOf(address)
  return ints[at + headInts + (ints[at + 2] as number) + index] as number
}

/** Of `above`: hops to an id, `farHops` where they are many; -1 when it is not there. O(log ids). */
export function hopsTo(slab: Slab, address: number, id: number): number {
  const ints = chunkOf(slab, address)
  const at = placeOf(address)
  const found = search(ints, at + headInts, ints[at + 2] as number, id)
  return found === -1 ? -1 : hopsAt(ints, at, found)
}

/** Least hops from what `above` holds to a userset of the edges; -1: none of them is above. O(smaller log larger). */
export function hopsToUsersets(slab: Slab, above: number, edges: number): number {
  const ints = chunkOf(slab, above)
  const at = placeOf(above)
  const others = chunkOf(slab, edges)
  const first = placeOf(edges) + headInts + (others[placeOf(edges) + 2] as number)
  const here = ints[at + 2] as number
  const there = others[placeOf(edges) + 3] as number
  let least = -1
  const take = (index: number): void => {
    const hops = hopsAt(ints, at, index)
    if (least === -1 || hops < least) least = hops
  }
  if (here < there) {
    for (let i = 0; i < here; i++)
      if (search(others, first, there, ints[at + headInts + i] as number) !== -1) take(i)
  } else {
    for (let i = 0; i < there; i++) {
      const found = search(ints, at + headInts, here, others[first + i] as number)
      if (found !== -1) take(found)
    }
  }
  return least
}

function write(slab: Slab, readAt: number, flags: number, lists: readonly (readonly number[])[]): number {
  const address = slab.take(headInts + lists.reduce((sum, { length }) => sum + length, 0))
  const ints = chunkOf(slab, address)
  let at = placeOf(address)
  ints[at] = readAt
  ints[at + 1] = flags
  for (const [index, list] of lists.entries()) ints[at + 2 + index] = list.length
  at += headInts
  for (const list of lists) {
    ints.set(list, at)
    if (list.length > 1) ints.subarray(at, at + list.length).sort()
    at += list.length
  }
  return address
}

function roomOf(slab: Slab, address: number): number {
  return chunkOf(slab, address)[placeOf(address) + 3] as number
}

function hopsAt(ints: Int32Array, at: number, index: number): number {
  const word = ints[at + headInts + (ints[at + 3] as number) + (index >> 2)] as number
  const hops = (word >>> ((index & 3) * 8)) & 0xff
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
