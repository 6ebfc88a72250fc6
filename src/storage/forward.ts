/**
 * Forward heads: for each (object, relation) one row that lists its subjects, or says where they are: on pages (pages.ts), or
 * in the tuple rows. Reading one is a point read and one more for each page; model-blind but for the one flag `isTupleset`. Heads are never changed, only
 * replaced: whoever builds a commit that is refused has changed nothing.
 *
 *   head = usersets, plain
 *   usersets: inline, or paged once they pass usersetBytesMax
 *   plain:    inline, then beyond plainBytesMax for good either spread (the tuple rows are the list) or, for a
 *             tupleset, paged; `relaying` is on its way from spread to paged
 */
import { assert } from '../lib/assert.ts'
import { isUserset, isWildcard } from '../tuple/subject.ts'
import type { Draft } from './heads.ts'
import { compareText, forwardKey, type Part } from './keys.ts'
import { emptyList, inOrder, List, type ListCells, type Relisting, relisted, sizeAtLeast } from './list.ts'
import { keyOf, nameOf, type Spot } from './names.ts'
import { few, type Listing } from './packed.ts'
import { type Directory, type PagesAt, putPage, readPage, relistPages } from './pages.ts'
import type { Reader } from './reader.ts'
import type { Slice, Work } from './slice.ts'
import type { Stage } from './stage.ts'
import type { Placement } from './storage.ts'
import { pack, unpack } from './values.ts'

const usersetBytesMax = 12 << 10
/**
 * Plain subjects inline, about 100 of them. Adding one rewrites the list, so a group's growth costs the square of
 * this; and beyond it a check wants the one tuple row (7 us) rather than a list to unpack (10 us and more).
 */
const plainBytesMax = 4 << 10

type Place =
  | { readonly kind: 'inline'; readonly list: List }
  | { readonly kind: 'paged'; readonly directory: Directory }
  | { readonly kind: 'spread' }
  /** Subjects up to `upTo` are on pages, the rest are spread. */
  | { readonly kind: 'relaying'; readonly directory: Directory; readonly upTo: string }

/** An array of two: msgpack's head of it. */
const pairHead = '\x92'
const spread: Place = { kind: 'spread' }
/** A place that says spread, packed. */
const spreadText = '\x91\x02'

export class ForwardHead implements Draft {
  readonly usersets: Place
  readonly plain: Place

  constructor(usersets: Place, plain: Place) {
    this.usersets = usersets
    this.plain = plain
  }

  pack(): string {
    return pairHead + textOf(this.usersets) + textOf(this.plain)
  }

  /** Whether a subject may have a tuple row: only a list that lies inline knows for certain that it has none. */
  mayHave(subject: string): boolean {
    const place = isPlain(subject) ? this.plain : this.usersets
    return place.kind !== 'inline' || place.list.has(subject)
  }
}

const nothing = inline(emptyList)
const nothingText = emptyList.pack()
const emptyHead = new ForwardHead(nothing, nothing)

export type PlaceCells = ListCells | [1, Directory] | [2] | [3, Directory, string]
export function isPlain(subject: string): boolean {
  return !isUserset(subject) && !isWildcard(subject)
}

/** The list of one part as it lies, page by page; an inline list is one page. Empty where it is spread. */
export function pagesOf(
  reader: Pick<Reader, 'get'>,
  store: number,
  { object, relation }: Placement,
  head: ForwardHead,
  part: Part,
): { readonly page: number | undefined; readonly from: string; readonly cells: ListCells }[] {
  const place = head[part]
  if (place.kind === 'spread') return []
  if (place.kind === 'inline') return [{ page: undefined, from: '', cells: place.list.cells }]
  const at = { store, object, relation }
  return place.directory.map(([from, page]) => ({ page, from, cells: readPage(reader, at, part, page) }))
}

/** Whether plain subjects of a relation lie in tuple rows only, fully or still in part. */
export function isSpread(head: ForwardHead): boolean {
  return head.plain.kind === 'spread' || head.plain.kind === 'relaying'
}

export function unpackForward(text: string): ForwardHead {
  const usersets = inlineAt(text, pairHead.length)
  if (usersets !== undefined) {
    const plain = inlineAt(text, usersets.end)
    if (plain !== undefined) return new ForwardHead(usersets.place, plain.place)
    if (text.endsWith(spreadText, usersets.end + spreadText.length)) {
      return new ForwardHead(usersets.place, spread)
    }
  }
  const cells = unpack<[PlaceCells, PlaceCells]>(keyOf(text))
  return new ForwardHead(placeOf(cells[0]), placeOf(cells[1]))
}

/** The list that lies inline at `at`, and where it ends; undefined: something else lies there. */
function inlineAt(text: string, at: number): { readonly place: Place; readonly end: number } | undefined {
  // Most heads have no usersets.
  if (text.startsWith(nothingText, at)) return { place: nothing, end: at + nothingText.length }
  const found = List.at(text, at)
  return found === undefined ? undefined : { place: inline(found.list), end: found.end }
}

/**
 * Lists, relists and removes subjects of one object#relation. Writes no row where the head says spread.
 * @param tuplesets - `type#relation` of those whose subjects are always listed
 */
export function* relistForward(
  stage: Stage,
  { spot, head = emptyHead }: Site,
  changes: readonly Relisting[],
  tuplesets: ReadonlySet<string>,
  slice: Slice,
): Work<void> {
  const at = { stage, spot, isTupleset: isTupleset(tuplesets, spot), slice }
  const [usersets, plain] = yield* divided(changes, slice)
  const next = new ForwardHead(
    usersets.length === 0 ? head.usersets : yield* relistPlace(at, 'usersets', head.usersets, usersets),
    plain.length === 0 ? head.plain : yield* relistPlace(at, 'plain', head.plain, plain),
  )
  writeHead(stage, spot, head, next)
}

/** The same for one subject, done at once; false where it takes a page, and nothing is done. */
export function relistOne(
  stage: Stage,
  { spot, head = emptyHead }: Site,
  change: Relisting,
  tuplesets: ReadonlySet<string>,
): boolean {
  const part = isPlain(change[0]) ? 'plain' : 'usersets'
  const place = head[part]
  if (place.kind === 'spread') return true
  if (place.kind !== 'inline') return false
  const list = place.list.with(change)
  const stays = fits(list, part)
  if (!stays && (part !== 'plain' || isTupleset(tuplesets, spot))) return false
  const next = stays ? inline(list) : spread
  const after = part === 'plain' ? new ForwardHead(head.usersets, next) : new ForwardHead(next, head.plain)
  writeHead(stage, spot, head, after)
  return true
}

function isTupleset(tuplesets: ReadonlySet<string>, { object, relation }: Placement): boolean {
  return tuplesets.size > 0 && tuplesets.has(`${object.slice(0, object.indexOf(':'))}#${relation}`)
}

/**
 * Moves the next subjects of a spread relation onto pages; `subjects` follow those moved before, in order, and
 * `isLast` says that none are left.
 */
export function* relayForward(
  stage: Stage,
  spot: Spot,
  subjects: ReadonlyMap<string, Listing>,
  isLast: boolean,
  slice: Slice,
): Work<void> {
  const head = stage.head(spot.head, unpackForward)
  assert(head !== undefined && isSpread(head), 'only a spread relation is re-laid')
  const before = head.plain.kind === 'relaying' ? head.plain : { directory: [], upTo: '' }
  const changes = [...subjects]
  const upTo = changes.at(-1)?.[0] ?? before.upTo
  const at = { stage, spot, isTupleset: true, slice }
  const directory = yield* relistPages(at, 'plain', before.directory, changes)
  const plain: Place = isLast ? { kind: 'paged', directory } : { kind: 'relaying', directory, upTo }
  writeHead(stage, spot, head, new ForwardHead(head.usersets, plain))
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
  return bytes === undefined ? undefined : unpackForward(nameOf(bytes))
}

/** An object#relation, and its head before it is changed. */
export interface Site {
  readonly spot: Spot
  readonly head: ForwardHead | undefined
}

/** Where a head is being rewritten. */
interface At extends PagesAt {
  readonly isTupleset: boolean
}

function* divided(
  changes: readonly Relisting[],
  slice: Slice,
): Work<readonly [usersets: readonly Relisting[], plain: readonly Relisting[]]> {
  const usersets: Relisting[] = []
  const plain: Relisting[] = []
  for (const change of changes) {
    ;(isPlain(change[0]) ? plain : usersets).push(change)
    if (slice.isOver) yield
  }
  return [usersets, plain]
}

/** Where the subjects of one part lie once they are changed. */
function* relistPlace(at: At, part: Part, place: Place, changes: readonly Relisting[]): Work<Place> {
  const { slice } = at
  if (place.kind === 'spread') return place
  if (place.kind !== 'inline') {
    const upTo = place.kind === 'relaying' ? place.upTo : undefined
    const paged = upTo === undefined ? changes : changes.filter(([name]) => compareText(name, upTo) <= 0)
    const directory = yield* relistPages(at, part, place.directory, yield* inOrder(paged, slice))
    return directory === place.directory ? place : { ...place, directory }
  }
  const isSpreading = part === 'plain' && !at.isTupleset
  // A list that will not stay is not made.
  if (isSpreading && changes.length > few && (yield* sizeAtLeast(changes, slice)) > plainBytesMax) {
    return spread
  }
  const list = yield* relisted(place.list, yield* inOrder(changes, slice), slice)
  if (fits(list, part)) return inline(list)
  if (isSpreading) return spread
  return { kind: 'paged', directory: yield* putPage(at, part, ['', 0], list, 1) }
}

function writeHead(stage: Stage, spot: Spot, before: ForwardHead, after: ForwardHead): void {
  if (before.usersets === after.usersets && before.plain === after.plain) return
  if (isEmpty(after.usersets) && isEmpty(after.plain)) stage.delete(spot.head)
  else stage.put(spot.head, after)
}

function fits(list: List, part: Part): boolean {
  return list.size <= (part === 'plain' ? plainBytesMax : usersetBytesMax)
}

function inline(list: List): Place {
  return { kind: 'inline', list }
}

/** Emptied pages leave an empty directory, which is as good as an empty list. */
function isEmpty(place: Place): boolean {
  if (place.kind === 'inline') return place.list.isEmpty
  return place.kind === 'paged' && place.directory.length === 0
}

function placeOf(cells: PlaceCells): Place {
  if (Array.isArray(cells[0])) return inline(List.of(cells as ListCells))
  if (cells[0] === 1) return { kind: 'paged', directory: cells[1] as Directory }
  if (cells[0] === 2) return spread
  return { kind: 'relaying', directory: cells[1] as Directory, upTo: cells[2] as string }
}

function textOf(place: Place): string {
  if (place.kind === 'inline') return place.list.pack()
  if (place.kind === 'spread') return spreadText
  return nameOf(pack(place.kind === 'paged' ? [1, place.directory] : [3, place.directory, place.upTo]))
}
