/**
 * A sorted list of subjects, some of them qualified: what heads hold inline and pages hold in full. It is kept packed
 * (packed.ts) and never changed, only replaced; forward.ts decides where lists are kept.
 */
import type { Draft } from './heads.ts'
import { compareText } from './keys.ts'
import { keyOf, nameOf } from './names.ts'
import {
  arrayAt,
  hasItem,
  indicesAt,
  type Listing,
  noMarks,
  type Packed,
  packArrayHead,
  packString,
  repacked,
  repackedOne,
  singles,
  stringsEnd,
} from './packed.ts'
import type { Slice, Work } from './slice.ts'
import { pack, textBytes, unpack } from './values.ts'

/** Names, and the indices of the qualified ones. */
export type ListCells = readonly [names: readonly string[], qualified: readonly number[]]

/** A subject and what becomes of it. */
export type Relisting = readonly [name: string, listing: Listing]

/** Of an array's head, and of an index in it. */
const cellBytes = 3

/** An array of two: msgpack's head of it. */
const pairHead = '\x92'

export class List implements Draft {
  readonly packed: Packed

  constructor(packed: Packed) {
    this.packed = packed
  }

  static of([names, qualified]: ListCells): List {
    return new List({ items: names.map(packString).join(''), count: names.length, marks: qualified })
  }

  /** The list at `at` of what its `text` was put into, and where it ends; undefined: no list lies there. */
  static at(text: string, at: number): { readonly list: List; readonly end: number } | undefined {
    const names = text[at] === pairHead ? arrayAt(text, at + 1) : undefined
    if (names === undefined) return undefined
    const end = stringsEnd(text, names.start, names.count)
    const marks = indicesAt(text, end)
    if (marks === undefined) return undefined
    const packed = { items: text.slice(names.start, end), count: names.count, marks: marks.indices }
    return { list: new List(packed), end: marks.end }
  }

  get isEmpty(): boolean {
    return this.packed.count === 0
  }

  /** O(names) */
  get cells(): ListCells {
    const { items, count, marks } = this.packed
    return [unpack<string[]>(keyOf(packArrayHead(count) + items)), marks]
  }

  /** Bytes when packed, a few more at most. */
  get size(): number {
    return sizeOf(this.packed.items.length, this.packed.marks.length)
  }

  pack(): string {
    const { items, count, marks } = this.packed
    const last = marks.length === 0 ? '\x90' : nameOf(pack(marks))
    return pairHead + packArrayHead(count) + items + last
  }

  /** O(bytes) */
  with([name, listing]: Relisting): List {
    return new List(repackedOne(this.packed, { item: packString(name), listing }, singles))
  }

  /** O(names) */
  has(name: string): boolean {
    return this.packed.count > 0 && hasItem(this.packed, singles, packString(name))
  }
}

export const emptyList = new List({ items: '', count: 0, marks: noMarks })

/** A list with some subjects changed; `changes` in order, each name once. O(bytes + changes) */
export function* relisted(list: List, changes: readonly Relisting[], slice: Slice): Work<List> {
  const packed = changes.map(([name, listing]) => ({ item: packString(name), listing }))
  return new List(yield* repacked(list.packed, packed, singles, slice))
}

/** What a list with these changes is larger than or as large as, without making it: whatever they list is in it. */
export function* sizeAtLeast(changes: Iterable<Relisting>, slice: Slice): Work<number> {
  let bytes = 0
  let marks = 0
  for (const [name, listing] of changes) {
    if (listing !== 'gone') bytes += textBytes(name)
    if (listing === 'qualified') marks++
    if (slice.isOver) yield
  }
  return sizeOf(bytes, marks)
}

function sizeOf(bytes: number, marks: number): number {
  return 2 * cellBytes + bytes + cellBytes * marks
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

/** Pieces of about equal length, none much larger than `bytes`, and their first names; a list that is not larger is its only one. */
export function* cut(list: List, bytes: number): Generator<{ readonly from: string; readonly list: List }> {
  if (list.size <= bytes || list.packed.count < 2) {
    yield { from: '', list }
    return
  }
  const [names, qualified] = list.cells
  // Not full: the next name would cut it again.
  const length = Math.ceil(names.length / Math.ceil(list.size / (bytes * 0.75)))
  let mark = 0
  for (let from = 0; from < names.length; from += length) {
    const marks: number[] = []
    for (; (qualified[mark] ?? Infinity) < from + length; mark++) marks.push((qualified[mark] ?? 0) - from)
    yield { from: names[from] ?? '', list: List.of([names.slice(from, from + length), marks]) }
  }
}
