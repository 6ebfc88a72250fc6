/**
 * Packed lists: msgpack strings one after the other, in order, held as text of one character a byte (names.ts). They are
 * searched and changed as they lie: nothing is unpacked to add one name to a hundred. Never changed, only replaced.
 */
import { assert } from '../lib/assert.ts'
import { textOf } from './names.ts'
import type { Slice, Work } from './slice.ts'

/** What becomes of an item: listed, listed as qualified, or gone. */
export type Listing = 'plain' | 'qualified' | 'gone'

/** So few changes are made without a look at what they come to. */
export const few = 4

/** No qualified item: most lists have none, and share this. */
export const noMarks: readonly number[] = []

export interface Packed {
  readonly items: string
  readonly count: number
  /** Indices of the qualified items, ascending. */
  readonly marks: readonly number[]
}

export interface ItemChange {
  /** The item as it is packed. */
  readonly item: string
  readonly listing: Listing
}

/** How items are compared and how many strings one takes. */
export interface Kind {
  readonly strings: number
  /** Of the items at `at` and at the beginning of `item`: negative, zero or positive. */
  compare(items: string, at: number, item: string): number
}

/** Items that are one string each, in the order of their bytes. */
export const singles: Kind = { strings: 1, compare: (items, at, item) => compareStrings(items, at, item, 0) }

export function packString(text: string): string {
  const bytes = textOf(text)
  const { length } = bytes
  if (length < 32) return String.fromCharCode(0xa0 | length) + bytes
  if (length < 256) return String.fromCharCode(0xd9, length) + bytes
  assert(length < 65_536, 'a name of 64 KiB')
  return String.fromCharCode(0xda, length >> 8, length & 0xff) + bytes
}

/** The head of an array of so many. */
export function packArrayHead(count: number): string {
  if (count < 16) return String.fromCharCode(0x90 | count)
  if (count < 65_536) return String.fromCharCode(0xdc, count >> 8, count & 0xff)
  return String.fromCharCode(0xdd, count >>> 24, (count >> 16) & 0xff, (count >> 8) & 0xff, count & 0xff)
}

/** How many the array at `at` holds, and where the first of them is; undefined: no array. */
export function arrayAt(
  bytes: string,
  at: number,
): { readonly count: number; readonly start: number } | undefined {
  const head = bytes.charCodeAt(at)
  if (head >= 0x90 && head < 0xa0) return { count: head & 0x0f, start: at + 1 }
  if (head === 0xdc) return { count: numberAt(bytes, at + 1, 2), start: at + 3 }
  return head === 0xdd ? { count: numberAt(bytes, at + 1, 4), start: at + 5 } : undefined
}

/** An array of indices and where it ends; undefined: it is something else. */
export function indicesAt(
  bytes: string,
  at: number,
): { readonly indices: readonly number[]; readonly end: number } | undefined {
  const array = arrayAt(bytes, at)
  if (array === undefined) return undefined
  if (array.count === 0) return { indices: noMarks, end: array.start }
  const indices: number[] = []
  let end = array.start
  for (let i = 0; i < array.count; i++) {
    const head = bytes.charCodeAt(end++)
    const width = head < 0x80 ? 0 : head === 0xcc ? 1 : head === 0xcd ? 2 : 4
    assert(width < 4 || head === 0xce, 'not an index')
    indices.push(width === 0 ? head : numberAt(bytes, end, width))
    end += width
  }
  return { indices, end }
}

/** Where so many strings, the first at `at`, end. O(strings) */
export function stringsEnd(bytes: string, at: number, strings: number): number {
  let end = at
  for (let i = 0; i < strings; i++) end = startOf(bytes, end) + lengthOf(bytes, end)
  return end
}

/** The order of two packed strings by their bytes. */
export function compareStrings(one: string, at: number, other: string, otherAt: number): number {
  return compare(one, at, other, otherAt, noByte)
}

/** The order of two packed objects by type, then id: as in keys, the type's end comes before every other byte. */
export function compareObjects(one: string, at: number, other: string, otherAt: number): number {
  return compare(one, at, other, otherAt, colon)
}

const colon = 0x3a
const noByte = -1

/** @param ending - a byte whose first place in a string comes before all others */
function compare(one: string, at: number, other: string, otherAt: number, ending: number): number {
  const start = startOf(one, at)
  const otherStart = startOf(other, otherAt)
  const length = lengthOf(one, at)
  const otherLength = lengthOf(other, otherAt)
  const common = Math.min(length, otherLength)
  for (let i = 0; i < common; i++) {
    const byte = one.charCodeAt(start + i)
    const otherByte = other.charCodeAt(otherStart + i)
    if (byte === otherByte) {
      if (byte === ending) ending = noByte
    } else if (byte === ending) return -1
    else return otherByte === ending ? 1 : byte - otherByte
  }
  return length - otherLength
}

/**
 * Where each item of the list searched last begins, and where the last one ends: a write looks whether its tuple is
 * listed, and then where it belongs.
 */
let starts = new Uint32Array(1024)
let searched = { items: '', strings: 0 }

/**
 * The index at which an item is, or would be. Lengths are stepped over and names compared by halving: a name compared
 * costs ten stepped over. O(items)
 */
function indexOf({ items, count }: Packed, { strings, compare }: Kind, item: string): number {
  if (searched.strings !== strings || searched.items !== items) stepOver(items, count, strings)
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(items, starts[middle] as number, item) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function stepOver(items: string, count: number, strings: number): void {
  if (starts.length <= count) starts = new Uint32Array(2 * count)
  let at = 0
  for (let index = 0; index < count; index++) {
    starts[index] = at
    for (let i = 0; i < strings; i++) {
      const head = items.charCodeAt(at)
      // Nearly all names are of less than 32 bytes.
      at += (head & 0xe0) === 0xa0 ? 1 + (head & 0x1f) : stringsEnd(items, at, 1) - at
    }
  }
  starts[count] = at
  searched = { items, strings }
}

/** Whether a list has an item. */
export function hasItem(list: Packed, kind: Kind, item: string): boolean {
  const index = indexOf(list, kind, item)
  return index < list.count && kind.compare(list.items, starts[index] as number, item) === 0
}

/** A list with one item changed: what most commits do to most lists. O(bytes), of which next to nothing is looked at. */
export function repackedOne(list: Packed, { item, listing }: ItemChange, kind: Kind): Packed {
  const { items, count, marks } = list
  const index = indexOf(list, kind, item)
  const at = starts[index] as number
  const isThere = index < count && kind.compare(items, at, item) === 0
  const shift = isThere ? (listing === 'gone' ? -1 : 0) : listing === 'gone' ? 0 : 1
  const isMarked = listing === 'qualified'
  return {
    items:
      shift === 0
        ? items
        : items.slice(0, at) + (shift < 0 ? items.slice(starts[index + 1]) : item + items.slice(at)),
    count: count + shift,
    marks: marks.length === 0 && !isMarked ? marks : remarked(marks, index, isThere ? 1 : 0, shift, isMarked),
  }
}

/** Marks where `removed` items at `index` are replaced, which shifts those after them. */
function remarked(
  marks: readonly number[],
  index: number,
  removed: number,
  shift: number,
  isMarked: boolean,
): readonly number[] {
  const before = marks.filter((mark) => mark < index)
  const after = marks.filter((mark) => mark >= index + removed).map((mark) => mark + shift)
  return isMarked ? [...before, index, ...after] : [...before, ...after]
}

/**
 * A list with some items changed: one that is not there and is gone in the end changes nothing.
 * @param changes - in order, each item once
 */
export function* repacked(
  list: Packed,
  changes: readonly ItemChange[],
  { strings, compare }: Kind,
  slice: Slice,
): Work<Packed> {
  const { items, count, marks: before } = list
  const marks: number[] = []
  let text = ''
  let copied = 0
  let at = 0
  let index = 0
  let mark = 0
  let shift = 0
  for (const { item, listing } of changes) {
    if (slice.isOver) yield
    let order = 1
    for (; index < count; index++) {
      order = compare(items, at, item)
      if (order >= 0) break
      at = stringsEnd(items, at, strings)
    }
    // The marks of the items before this one are kept.
    for (; (before[mark] ?? count) < index; mark++) marks.push((before[mark] ?? 0) + shift)
    if (listing === 'qualified') marks.push(index + shift)
    if (order !== 0) {
      if (listing === 'gone') continue
      text += items.slice(copied, at) + item
      copied = at
      shift++
      continue
    }
    const end = stringsEnd(items, at, strings)
    if (listing === 'gone') {
      text += items.slice(copied, at)
      copied = end
      shift--
    }
    if (before[mark] === index) mark++
    at = end
    index++
  }
  for (; mark < before.length; mark++) marks.push((before[mark] ?? 0) + shift)
  return { items: text + items.slice(copied), count: count + shift, marks }
}

function numberAt(bytes: string, at: number, width: number): number {
  let number = 0
  for (let i = at; i < at + width; i++) number = number * 256 + bytes.charCodeAt(i)
  return number
}

/** Where the characters of a packed string begin. */
function startOf(bytes: string, at: number): number {
  const head = bytes.charCodeAt(at)
  return head < 0xc0 ? at + 1 : head === 0xd9 ? at + 2 : at + 3
}

function lengthOf(bytes: string, at: number): number {
  const head = bytes.charCodeAt(at)
  if (head >= 0xa0 && head < 0xc0) return head & 0x1f
  if (head === 0xd9) return bytes.charCodeAt(at + 1)
  assert(head === 0xda, 'not a packed string')
  return numberAt(bytes, at + 1, 2)
}
