/**
 * Forward heads: for each (object, relation) one row that lists its subjects, or says where they are. Reading one is
 * a point read and one more for each page; model-blind but for the one flag `isTupleset`.
 *
 *   head = usersets, plain
 *   usersets: inline, or paged once the head passes headBytesMax
 *   plain:    inline, then beyond plainBytesMax for good either spread (the tuple rows are the list) or, for a
 *             tupleset, paged; `relaying` is on its way from spread to paged
 */
import { assert } from '../lib/assert.ts'
import { isUserset, isWildcard } from '../tuple/subject.ts'
import { compareText, forwardKey, forwardPageKey, type Part } from './keys.ts'
import { cellsOf, emptyList, halve, type List, type ListCells, type Listing, listOf, relist } from './list.ts'
import type { Reader } from './reader.ts'
import type { Stage } from './stage.ts'
import type { Edges, Placement } from './storage.ts'
import { pack, unpack } from './values.ts'

/** A head and a page are read and rewritten whole: 16 KiB is some 400 subjects, 30 us to unpack. */
const headBytesMax = 16 << 10
/**
 * Plain subjects inline, about 100 of them. Adding one rewrites the list, so a group's growth costs the square of
 * this; and beyond it a check wants the one tuple row (7 us) rather than a list to unpack (10 us and more).
 */
const plainBytesMax = 4 << 10

type Spot = [from: string, page: number]

/** Pages in order; `from` bounds a page from below, the first one's is empty. */
type Place =
  | { readonly kind: 'inline'; readonly list: List }
  | { readonly kind: 'paged'; readonly directory: Spot[] }
  | { readonly kind: 'spread' }
  /** Subjects up to `upTo` are on pages, the rest are spread. */
  | { readonly kind: 'relaying'; readonly directory: Spot[]; readonly upTo: string }

export interface ForwardHead {
  usersets: Place
  plain: Place
}

type PlaceCells = ListCells | [1, Spot[]] | [2] | [3, Spot[], string]

export function isPlain(subject: string): boolean {
  return !isUserset(subject) && !isWildcard(subject)
}

/** What a check reads. O(subjects listed). */
export function readEdges(reader: Reader, store: number, object: string, relation: string): Edges {
  const head = readHead(reader, store, object, relation)
  if (head === undefined) return noEdges
  const at = { reader, store, object, relation }
  const usersets = listAt(at, 'usersets', head.usersets)
  const plain = listAt(at, 'plain', head.plain)
  assert(usersets !== undefined, 'usersets are always listed')
  return { usersets: usersets.names, plain: plain?.names, qualified: union(usersets, plain) }
}

/** The list of one part as it lies, page by page; an inline list is one page. Empty where it is spread. */
export function pagesOf(
  reader: Pick<Reader, 'get'>,
  store: number,
  { object, relation }: Placement,
  head: ForwardHead,
  part: Part,
): { readonly page: number | undefined; readonly from: string; readonly list: List }[] {
  const place = head[part]
  if (place.kind === 'spread') return []
  if (place.kind === 'inline') return [{ page: undefined, from: '', list: place.list }]
  const at = { reader, store, object, relation }
  return place.directory.map(([from, page]) => ({ page, from, list: readPage(at, part, page) }))
}

/** Whether plain subjects of a relation lie in tuple rows only, fully or still in part. */
export function isSpread(head: ForwardHead): boolean {
  return head.plain.kind === 'spread' || head.plain.kind === 'relaying'
}

/** A head from its row, for those who walk over many. */
export function unpackForward(bytes: Buffer): ForwardHead {
  const [usersets, plain] = unpack<[PlaceCells, PlaceCells]>(bytes)
  return { usersets: placeOf(usersets), plain: placeOf(plain) }
}

/** Lists, relists and removes subjects of one object#relation. Writes no row where the head says spread. */
export function relistForward(
  stage: Stage,
  store: number,
  { object, relation }: Placement,
  changes: ReadonlyMap<string, Listing>,
  isTupleset: boolean,
): void {
  const head = readHead(stage, store, object, relation) ?? emptyHead()
  const at = { reader: stage, stage, store, object, relation }
  let changed = false
  for (const [part, some] of partsOf(changes)) {
    if (some.size === 0) continue
    const place = head[part]
    if (place.kind === 'spread') continue
    if (place.kind === 'inline') {
      for (const [subject, listing] of some) relist(place.list, subject, listing)
      changed = true
    } else if (relistPages(at, part, place, some)) changed = true
  }
  if (changed) writeHead(at, head, isTupleset)
}

/**
 * Moves the next subjects of a spread relation onto pages; `subjects` follow those moved before, in order, and
 * `isLast` says that none are left.
 */
export function relayForward(
  stage: Stage,
  store: number,
  { object, relation }: Placement,
  subjects: ReadonlyMap<string, Listing>,
  isLast: boolean,
): void {
  const head = readHead(stage, store, object, relation)
  assert(head !== undefined && isSpread(head), 'only a spread relation is re-laid')
  const directory: Spot[] = head.plain.kind === 'relaying' ? head.plain.directory : []
  const at = { reader: stage, stage, store, object, relation }
  const last = [...subjects.keys()].at(-1) ?? (head.plain.kind === 'relaying' ? head.plain.upTo : '')
  relistPages(at, 'plain', { kind: 'paged', directory }, subjects)
  head.plain = isLast ? { kind: 'paged', directory } : { kind: 'relaying', directory, upTo: last }
  writeHead(at, head, true)
}

/** The last subject that a re-lay has moved, or the empty string. */
export function relayedUpTo(head: ForwardHead): string {
  return head.plain.kind === 'relaying' ? head.plain.upTo : ''
}

export function readHead(
  reader: Reader,
  store: number,
  object: string,
  relation: string,
): ForwardHead | undefined {
  const bytes = reader.get(forwardKey(store, object, relation))
  return bytes === undefined ? undefined : unpackForward(bytes)
}

interface At {
  readonly reader: Pick<Reader, 'get'>
  readonly store: number
  readonly object: string
  readonly relation: string
}

const noEdges: Edges = { usersets: [], plain: [], qualified: new Set() }

function emptyHead(): ForwardHead {
  return { usersets: { kind: 'inline', list: emptyList() }, plain: { kind: 'inline', list: emptyList() } }
}

function listAt(at: At, part: Part, place: Place): List | undefined {
  if (place.kind === 'inline') return place.list
  if (place.kind !== 'paged') return undefined
  const all = emptyList()
  for (const [, page] of place.directory) {
    const list = readPage(at, part, page)
    for (const name of list.names) all.names.push(name)
    for (const name of list.qualified) all.qualified.add(name)
  }
  return all
}

function union(usersets: List, plain: List | undefined): ReadonlySet<string> {
  if (plain === undefined || plain.qualified.size === 0) return usersets.qualified
  if (usersets.qualified.size === 0) return plain.qualified
  return new Set([...usersets.qualified, ...plain.qualified])
}

function partsOf(changes: ReadonlyMap<string, Listing>): [Part, Map<string, Listing>][] {
  const usersets = new Map<string, Listing>()
  const plain = new Map<string, Listing>()
  for (const [subject, listing] of changes) (isPlain(subject) ? plain : usersets).set(subject, listing)
  return [
    ['usersets', usersets],
    ['plain', plain],
  ]
}

/** Changes pages in place; answers whether the directory changed, so that the head must be written. */
function relistPages(
  at: At & { readonly stage: Stage },
  part: Part,
  place: Extract<Place, { directory: Spot[] }>,
  changes: ReadonlyMap<string, Listing>,
): boolean {
  const { directory } = place
  const byPage = new Map<number, [string, Listing][]>()
  let changed = false
  for (const [subject, listing] of changes) {
    if (place.kind === 'relaying' && compareText(subject, place.upTo) > 0) continue
    if (directory.length === 0) {
      directory.push(['', 0])
      changed = true
    }
    const page = directory[spotOf(directory, subject)]?.[1] ?? 0
    const some = byPage.get(page)
    if (some === undefined) byPage.set(page, [[subject, listing]])
    else some.push([subject, listing])
  }
  for (const [page, some] of byPage) {
    const list = readPage(at, part, page)
    for (const [subject, listing] of some) relist(list, subject, listing)
    if (writePages(at, part, directory, page, list)) changed = true
  }
  return changed
}

/** Writes a page, as two where it became too large, and drops it where it became empty. */
function writePages(
  at: At & { readonly stage: Stage },
  part: Part,
  directory: Spot[],
  page: number,
  list: List,
): boolean {
  const index = directory.findIndex((spot) => spot[1] === page)
  const key = forwardPageKey(at.store, at.object, at.relation, part, page)
  if (list.names.length === 0) {
    at.stage.delete(key)
    directory.splice(index, 1)
    // Whatever sorts before the new first page belongs to it.
    if (directory[0] !== undefined) directory[0][0] = ''
    return true
  }
  const bytes = pack(cellsOf(list))
  if (bytes.length <= headBytesMax || list.names.length === 1) {
    at.stage.put(key, bytes)
    return false
  }
  const [left, right] = halve(list)
  const added = directory.reduce((most, spot) => Math.max(most, spot[1]), 0) + 1
  directory.splice(index + 1, 0, [right.names[0] as string, added])
  writePages(at, part, directory, page, left)
  writePages(at, part, directory, added, right)
  return true
}

function readPage(at: At, part: Part, page: number): List {
  const bytes = at.reader.get(forwardPageKey(at.store, at.object, at.relation, part, page))
  return bytes === undefined ? emptyList() : listOf(unpack<ListCells>(bytes))
}

/** The index of the last spot whose `from` is not after `subject`. */
function spotOf(directory: readonly Spot[], subject: string): number {
  let low = 0
  let high = directory.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (compareText((directory[middle] as Spot)[0], subject) <= 0) low = middle
    else high = middle - 1
  }
  return low
}

function writeHead(at: At & { readonly stage: Stage }, head: ForwardHead, isTupleset: boolean): void {
  const key = forwardKey(at.store, at.object, at.relation)
  if (head.plain.kind === 'inline') {
    const cells = cellsOf(head.plain.list)
    if (pack(cells).length > plainBytesMax) {
      head.plain = isTupleset ? toPages(at, 'plain', head.plain.list) : { kind: 'spread' }
    }
  }
  if (isEmpty(head.usersets) && isEmpty(head.plain)) {
    at.stage.delete(key)
    return
  }
  let bytes = pack([cellsOfPlace(head.usersets), cellsOfPlace(head.plain)])
  if (bytes.length > headBytesMax && head.usersets.kind === 'inline') {
    head.usersets = toPages(at, 'usersets', head.usersets.list)
    bytes = pack([cellsOfPlace(head.usersets), cellsOfPlace(head.plain)])
  }
  at.stage.put(key, bytes)
}

function toPages(at: At & { readonly stage: Stage }, part: Part, list: List): Place {
  if (list.names.length === 0) return { kind: 'inline', list }
  const directory: Spot[] = [['', 0]]
  writePages(at, part, directory, 0, list)
  return { kind: 'paged', directory }
}

/** Emptied pages leave an empty directory, which is as good as an empty list. */
function isEmpty(place: Place): boolean {
  if (place.kind === 'inline') return place.list.names.length === 0
  return place.kind === 'paged' && place.directory.length === 0
}

function placeOf(cells: PlaceCells): Place {
  if (Array.isArray(cells[0])) return { kind: 'inline', list: listOf(cells as ListCells) }
  if (cells[0] === 1) return { kind: 'paged', directory: cells[1] as Spot[] }
  if (cells[0] === 2) return { kind: 'spread' }
  return { kind: 'relaying', directory: cells[1] as Spot[], upTo: cells[2] as string }
}

function cellsOfPlace(place: Place): PlaceCells {
  if (place.kind === 'inline') return cellsOf(place.list)
  if (place.kind === 'paged') return [1, place.directory]
  if (place.kind === 'spread') return [2]
  return [3, place.directory, place.upTo]
}
