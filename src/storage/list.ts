/**
 * A sorted list of subjects, some of them qualified: what heads hold inline and pages hold in full. Never changed, only
 * replaced; forward.ts decides where lists are kept.
 */
import { placeIn } from '../lib/order.ts'
import type { Draft } from './heads.ts'
import { compareText } from './keys.ts'
import { spliced } from './packed.ts'
import type { Slice, Work } from './slice.ts'
import { pack, textBytes } from './values.ts'

/** What becomes of a subject: listed, listed as qualified, or gone. */
export type Listing = 'plain' | 'qualified' | 'gone'

/** Names, and the indices of the qualified ones. */
export type ListCells = [names: readonly string[], qualified: number[]]

const none: ReadonlySet<string> = new Set()
/** Of an array's head, and of an index in it. */
const cellBytes = 3

/** An array of two: msgpack's head of it. */
const pairHead = Buffer.of(0x92)

export class List implements Draft {
  readonly names: readonly string[]
  readonly qualified: ReadonlySet<string>
  #size: number | undefined
  /** The names, packed; known from the first packing on. */
  #packed: Buffer | undefined

  constructor(names: readonly string[], qualified: ReadonlySet<string>) {
    this.names = names
    this.qualified = qualified
  }

  static of([names, qualified]: ListCells): List {
    if (qualified.length === 0) return new List(names, none)
    return new List(names, new Set(qualified.map((index) => names[index] as string)))
  }

  /** Bytes when packed, a few more at most. Added up at first, O(names), then kept by difference. */
  get size(): number {
    if (this.#size === undefined) {
      this.#size = 2 * cellBytes + cellBytes * this.qualified.size
      for (const name of this.names) this.#size += textBytes(name)
    }
    return this.#size
  }

  get weight(): number {
    return 200 + 40 * this.names.length + 2 * this.size
  }

  pack(): Buffer {
    return Buffer.concat(this.parts())
  }

  /** The packed cells, in parts. */
  parts(): Buffer[] {
    this.#packed ??= pack(this.names)
    return [pairHead, this.#packed, pack(this.#marks())]
  }

  has(name: string): boolean {
    return this.names[placeIn(this.names, name, compareText)] === name
  }

  /** With one subject changed; O(names) to copy, O(log names) comparisons. */
  with(name: string, listing: Listing): List {
    const index = placeIn(this.names, name, compareText)
    const present = this.names[index] === name
    const was = present && this.qualified.has(name)
    const is = listing === 'qualified'
    const isListed = listing !== 'gone'
    if (present === isListed && was === is) return this
    const qualified = requalified(this.qualified, name, is)
    const size = this.size + cellBytes * (Number(is) - Number(was))
    if (present === isListed) return this.#next(this.names, qualified, size, this.#packed)
    const removed = present ? 1 : 0
    const added = isListed ? [name] : []
    return this.#next(
      this.names.toSpliced(index, removed, ...added),
      qualified,
      size + (present ? -1 : 1) * textBytes(name),
      this.#packed && spliced(this.#packed, index, removed, added),
    )
  }

  #next(
    names: readonly string[],
    qualified: ReadonlySet<string>,
    size: number,
    packed: Buffer | undefined,
  ): List {
    const next = new List(names, qualified)
    next.#size = size
    next.#packed = packed
    return next
  }

  /** Indices of the qualified names. */
  #marks(): number[] {
    if (this.qualified.size === 0) return []
    return this.names.flatMap((name, index) => (this.qualified.has(name) ? [index] : []))
  }
}

export const emptyList = new List([], none)

/** A subject and what becomes of it. */
export type Relisting = readonly [name: string, listing: Listing]

/** So many changes are made one by one, more of them in one pass. */
export const few = 4

/** What `List.with` would do one by one; `changes` in order, each name once. O(names + changes) */
export function* relisted(list: List, changes: readonly Relisting[], slice: Slice): Work<List> {
  if (changes.length <= few) return changes.reduce((so, [name, listing]) => so.with(name, listing), list)
  const names: string[] = []
  const qualified = new Set<string>()
  let next = 0
  const keep = (name: string, isQualified: boolean): void => {
    names.push(name)
    if (isQualified) qualified.add(name)
  }
  for (const [name, listing] of changes) {
    for (let before = list.names[next]; before !== undefined; before = list.names[++next]) {
      const order = compareText(before, name)
      if (order === 0) next++
      if (order >= 0) break
      keep(before, list.qualified.has(before))
    }
    if (listing !== 'gone') keep(name, listing === 'qualified')
    if (slice.isOver) yield
  }
  for (; next < list.names.length; next++) {
    const name = list.names[next] as string
    keep(name, list.qualified.has(name))
  }
  return new List(names, qualified)
}

/** How large `relisted` would be, without making it; `changes` in any order. O(changes) lookups */
export function* sizeAfter(list: List, changes: Iterable<Relisting>, slice: Slice): Work<number> {
  let { size } = list
  for (const [name, listing] of changes) {
    const present = list.has(name)
    if (present !== (listing !== 'gone')) size += present ? -textBytes(name) : textBytes(name)
    size += cellBytes * (Number(listing === 'qualified') - Number(list.qualified.has(name)))
    if (slice.isOver) yield
  }
  return size
}

/** Sorted without a rest, some 0.1 ms. */
const runLength = 256

/** Changes in the order of their names: short runs are sorted, then merged two by two. */
export function* inOrder(changes: readonly Relisting[], slice: Slice): Work<readonly Relisting[]> {
  if (changes.length < 2) return changes
  let runs: Relisting[][] = []
  for (let from = 0; from < changes.length; from += runLength) {
    runs.push(changes.slice(from, from + runLength).sort(byName))
    if (slice.isOver) yield
  }
  while (runs.length > 1) {
    const longer: Relisting[][] = []
    for (let i = 0; i < runs.length; i += 2)
      longer.push(yield* merged(runs[i] ?? [], runs[i + 1] ?? [], slice))
    runs = longer
  }
  return runs[0] ?? []
}

function* merged(one: Relisting[], other: Relisting[], slice: Slice): Work<Relisting[]> {
  if (other.length === 0) return one
  const both: Relisting[] = []
  let next = 0
  for (const change of one) {
    for (
      let before = other[next];
      before !== undefined && byName(before, change) < 0;
      before = other[++next]
    ) {
      both.push(before)
    }
    both.push(change)
    if (slice.isOver) yield
  }
  for (; next < other.length; next++) both.push(other[next] as Relisting)
  return both
}

function byName([one]: Relisting, [other]: Relisting): number {
  return compareText(one, other)
}

/** Pieces of about equal length, none much larger than `bytes`; a list that is not larger is its only piece. */
export function* cut(list: List, bytes: number): Generator<List> {
  if (list.size <= bytes || list.names.length < 2) {
    yield list
    return
  }
  // Not full: the next name would cut it again.
  const count = Math.ceil(list.size / (bytes * 0.75))
  const length = Math.ceil(list.names.length / count)
  for (let from = 0; from < list.names.length; from += length) {
    const names = list.names.slice(from, from + length)
    yield new List(names, new Set(names.filter((name) => list.qualified.has(name))))
  }
}

function requalified(set: ReadonlySet<string>, name: string, isQualified: boolean): ReadonlySet<string> {
  if (set.has(name) === isQualified) return set
  const next = new Set(set)
  if (isQualified) next.add(name)
  else next.delete(name)
  return next
}
