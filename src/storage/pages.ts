/**
 * The pages of a forward list that outgrew its head: rows of bounded size, and a directory of where each begins, which the
 * head keeps. A page is read and rewritten alone. When a list goes on pages is decided in forward.ts.
 */
import { assert } from '../lib/assert.ts'
import { compareText, forwardPageKey, type Part } from './keys.ts'
import { cut, emptyList, List, type ListCells, type Relisting, relisted } from './list.ts'
import { nameOf, type Spot } from './names.ts'
import type { Reader } from './reader.ts'
import type { Slice, Work } from './slice.ts'
import type { Stage } from './stage.ts'
import type { Placement } from './storage.ts'
import { unpack } from './values.ts'

/** A page is read and rewritten whole: 16 KiB is some 400 subjects, 30 us to unpack. */
const pageBytesMax = 16 << 10

/** `from` bounds a page from below, the first one's is empty. */
type Leaf = readonly [from: string, page: number]

/** Pages in order. */
export type Directory = readonly Leaf[]

/** Where pages are being rewritten. */
export interface PagesAt {
  readonly stage: Stage
  readonly spot: Spot
  readonly slice: Slice
}

export interface Where extends Placement {
  readonly store: number
}

const noCells: ListCells = [[], []]

/** Changes pages; answers the directory, the same one where it stays as it is. `changes` are in order. */
export function* relistPages(
  at: PagesAt,
  part: Part,
  directory: Directory,
  changes: readonly Relisting[],
): Work<Directory> {
  const { stage, spot, slice } = at
  if (changes.length === 0) return directory
  const before: Directory = directory.length === 0 ? [['', 0]] : directory
  let index = leafOf(before, (changes[0] as Relisting)[0])
  const after = before.slice(0, index)
  let free = 1 + before.reduce((most, [, page]) => Math.max(most, page), 0)
  for (let next = 0; next < changes.length; index++) {
    const leaf = before[index] as Leaf
    const end = yield* endOf(changes, next, before[index + 1]?.[0], slice)
    if (end === next) after.push(leaf)
    else {
      const page = stage.head(pageName(spot, part, leaf[1]), unpackPage) ?? emptyList
      const list = yield* relisted(page, changes.slice(next, end), slice)
      const leaves = yield* putPage(at, part, leaf, list, free)
      free += leaves.length
      after.push(...leaves)
    }
    next = end
  }
  for (; index < before.length; index++) after.push(before[index] as Leaf)
  // Whatever sorts before the first page belongs to it.
  if (after[0] !== undefined && after[0][0] !== '') after[0] = ['', after[0][1]]
  const isSame = after.length === directory.length && after.every((leaf, i) => leaf === directory[i])
  return isSame ? directory : after
}

/** Where the changes of one page end: those before `until`. */
function* endOf(
  changes: readonly Relisting[],
  start: number,
  until: string | undefined,
  slice: Slice,
): Work<number> {
  if (until === undefined) return changes.length
  let end = start
  for (; end < changes.length; end++) {
    if (compareText((changes[end] as Relisting)[0], until) >= 0) break
    if (slice.isOver) yield
  }
  return end
}

/** Writes a page, as several where it became too large, their numbers from `free` on; none where it became empty. */
export function* putPage(
  { stage, spot, slice }: PagesAt,
  part: Part,
  leaf: Leaf,
  list: List,
  free: number,
): Work<Leaf[]> {
  if (list.isEmpty) {
    stage.delete(pageName(spot, part, leaf[1]))
    return []
  }
  const leaves: Leaf[] = []
  for (const piece of cut(list, pageBytesMax)) {
    const at: Leaf = leaves.length === 0 ? leaf : [piece.from, free++]
    leaves.push(at)
    stage.put(pageName(spot, part, at[1]), piece.list)
    if (slice.isOver) yield
  }
  return leaves
}

export function readPage(reader: Pick<Reader, 'get'>, at: Where, part: Part, page: number): ListCells {
  const bytes = reader.get(forwardPageKey(at.store, at.object, at.relation, part, page))
  return bytes === undefined ? noCells : unpack<ListCells>(bytes)
}

function unpackPage(packed: string): List {
  const page = List.at(packed, 0)
  assert(page !== undefined, 'not a page')
  return page.list
}

function pageName({ store, object, relation }: Spot, part: Part, page: number): string {
  return nameOf(forwardPageKey(store, object, relation, part, page))
}

/** The index of the last leaf whose `from` is not after `subject`. */
function leafOf(directory: Directory, subject: string): number {
  let low = 0
  let high = directory.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (compareText((directory[middle] as Leaf)[0], subject) <= 0) low = middle
    else high = middle - 1
  }
  return low
}
