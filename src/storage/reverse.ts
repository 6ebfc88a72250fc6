/**
 * Reverse heads: for each subject one row that lists where it stands, or says that its placements have a row each.
 *
 *   head = object, relation, object, relation, ... sorted; then, where some are qualified, their indices in an array
 *        | the number 1: spread, for good
 *
 * Never changed, only replaced.
 */
import { typeOf } from '../tuple/object.ts'
import type { Draft } from './heads.ts'
import { placementPrefix, prefixEnd, readPlacementText, reverseKey, textStart } from './keys.ts'
import { keyOf, nameOf, placementName, reverseName } from './names.ts'
import {
  arrayAt,
  compareObjects,
  compareStrings,
  few,
  type ItemChange,
  indicesAt,
  type Kind,
  type Listing,
  noMarks,
  type Packed,
  packArrayHead,
  packString,
  repacked,
  repackedOne,
  stringsEnd,
} from './packed.ts'
import type { Reader } from './reader.ts'
import type { Slice, Work } from './slice.ts'
import type { Stage } from './stage.ts'
import type { Placed, Placement } from './storage.ts'
import { pack, textBytes, unpack } from './values.ts'

/**
 * Placements inline, about 100 of them. Every new one rewrites the list: a subject's growth costs the square of this
 * (100 placements: 200 KiB in all), beyond it one small row each.
 */
const reverseBytesMax = 4 << 10

/** Placements in a page. */
const pageRows = 1000

const spread = 1
/** The number, packed. */
const spreadText = '\x01'
type Cells = (string | readonly number[])[]
/** Rows that say everything in their key. */
export const noValue = Buffer.alloc(0)
/** A placement row whose tuple is qualified; one whose tuple is not has no value. */
const qualifiedValue = Buffer.of(1)

/** What becomes of one placement of a subject. */
export interface Replacement extends Placement {
  readonly listing: Listing
}

/** A placement is two strings, in the order of placement keys: the type ends before everything that goes on. */
const pairs: Kind = {
  strings: 2,
  compare(items, at, item) {
    const byObject = compareObjects(items, at, item, 0)
    if (byObject !== 0) return byObject
    return compareStrings(items, stringsEnd(items, at, 1), item, stringsEnd(item, 0, 1))
  },
}

class ReverseHead implements Draft {
  /** Undefined where they are spread. */
  readonly placements: Packed | undefined

  constructor(placements: Packed | undefined) {
    this.placements = placements
  }

  /** Bytes when packed, a few more or less. */
  get size(): number {
    return this.placements === undefined
      ? 0
      : sizeOf(this.placements.items.length, this.placements.marks.length)
  }

  pack(): string {
    return this.placements === undefined ? spreadText : textOf(this.placements)
  }
}

const noHead = new ReverseHead({ items: '', count: 0, marks: noMarks })

function textOf(packed: Packed): string {
  const { items, count, marks } = packed
  if (marks.length === 0) return packArrayHead(2 * count) + items
  return packArrayHead(2 * count + 1) + items + nameOf(pack(marks))
}

/** An index of a qualified one is at most 3 bytes. */
function sizeOf(bytes: number, marks: number): number {
  return bytes + 3 * marks
}

/** Placements in order; undefined where they are spread. */
export function readReverse(reader: Reader, store: number, subject: string): readonly Placed[] | undefined {
  const bytes = reader.get(reverseKey(store, subject))
  return bytes === undefined ? [] : unpackReverse(bytes)
}

/** Every placement of a subject, where a type is given at objects of that type, in order and in pages. */
export async function* readPlacements(
  reader: Reader,
  store: number,
  subject: string,
  type?: string,
): AsyncGenerator<readonly Placed[]> {
  const listed = readReverse(reader, store, subject)
  if (listed !== undefined) {
    const wanted = type === undefined ? listed : listed.filter(({ object }) => typeOf(object) === type)
    if (wanted.length > 0) yield wanted
    return
  }
  const start = textStart(placementPrefix(store, subject))
  const gte = placementPrefix(store, subject, type)
  for await (const rows of reader.scanText({ gte, lt: prefixEnd(gte) }, pageRows)) {
    let before: Placed | undefined
    yield rows.map(([key, value]) => {
      const { object, relation } = readPlacementText(key, start, before)
      before = { object, relation, qualified: value !== '' }
      return before
    })
  }
}

export function unpackReverse(bytes: Buffer): Placed[] | undefined {
  const cells = unpack<Cells | typeof spread>(bytes)
  if (cells === spread) return undefined
  const last = cells.at(-1)
  const indices = Array.isArray(last) ? last : []
  const placements: Placed[] = []
  let passed = 0
  for (let i = 0; i + 1 < cells.length; i += 2) {
    const qualified = indices[passed] === placements.length
    if (qualified) passed++
    placements.push({ object: cells[i] as string, relation: cells[i + 1] as string, qualified })
  }
  return placements
}

/** The value of a placement's own row. */
export function placementValue(qualified: boolean): Buffer {
  return qualified ? qualifiedValue : noValue
}

/** Whether a placement's own row says that it is qualified. */
export function isQualifiedValue(bytes: Buffer): boolean {
  return bytes.length > 0
}

/** Changes one placement of a subject at once; false where more than that is to be done, and nothing is. */
export function replaceOne(stage: Stage, store: number, subject: string, replacement: Replacement): boolean {
  const name = reverseName(store, subject)
  const { placements } = stage.head(name, unpackHead) ?? noHead
  if (placements === undefined) putPlacement(stage, store, subject, replacement)
  else {
    const next = new ReverseHead(repackedOne(placements, changeOf(replacement), pairs))
    if (next.size > reverseBytesMax) return false
    if (next.placements?.count === 0) stage.delete(name)
    else stage.put(name, next)
  }
  return true
}

/** Changes placements of one subject; each of them at most once. */
export function* replace(
  stage: Stage,
  store: number,
  subject: string,
  replacements: readonly Replacement[],
  slice: Slice,
): Work<void> {
  const name = reverseName(store, subject)
  const head = stage.head(name, unpackHead) ?? noHead
  const { placements } = head
  if (placements === undefined) {
    yield* spreadOut(stage, store, subject, replacements, slice)
    return
  }
  // A list that will not stay is not made.
  if (replacements.length <= few || (yield* sizeAtLeast(replacements, slice)) <= reverseBytesMax) {
    const next = new ReverseHead(yield* repacked(placements, changesOf(replacements), pairs, slice))
    if (next.size <= reverseBytesMax) {
      if (next.placements?.count === 0) stage.delete(name)
      else stage.put(name, next)
      return
    }
  }
  stage.put(name, new ReverseHead(undefined))
  const listed = (unpackReverse(keyOf(head.pack())) ?? []).map(listedAs)
  yield* spreadOut(stage, store, subject, listed, slice)
  yield* spreadOut(stage, store, subject, replacements, slice)
}

function unpackHead(text: string): ReverseHead {
  const array = arrayAt(text, 0)
  if (array === undefined) return new ReverseHead(undefined)
  // An array of an odd number ends with the indices.
  const count = array.count >> 1
  const end = stringsEnd(text, array.start, 2 * count)
  const marks = array.count === 2 * count ? undefined : indicesAt(text, end)
  return new ReverseHead({ items: text.slice(array.start, end), count, marks: marks?.indices ?? noMarks })
}

/** What a head with these changes is larger than or as large as: whatever they list is in it. */
function* sizeAtLeast(replacements: readonly Replacement[], slice: Slice): Work<number> {
  let bytes = 0
  let marks = 0
  for (const { object, relation, listing } of replacements) {
    if (listing !== 'gone') bytes += textBytes(object) + textBytes(relation)
    if (listing === 'qualified') marks++
    if (slice.isOver) yield
  }
  return sizeOf(bytes, marks)
}

/** In order; an import mostly brings them so. */
function changesOf(replacements: readonly Replacement[]): readonly ItemChange[] {
  const changes: ItemChange[] = []
  let isInOrder = true
  for (const replacement of replacements) {
    const change = changeOf(replacement)
    const last = changes.at(-1)
    if (last !== undefined && pairs.compare(last.item, 0, change.item) > 0) isInOrder = false
    changes.push(change)
  }
  return isInOrder ? changes : changes.sort((a, b) => pairs.compare(a.item, 0, b.item))
}

function changeOf({ object, relation, listing }: Replacement): ItemChange {
  return { item: packString(object) + packString(relation), listing }
}

function* spreadOut(
  stage: Stage,
  store: number,
  subject: string,
  replacements: readonly Replacement[],
  slice: Slice,
): Work<void> {
  for (const replacement of replacements) {
    putPlacement(stage, store, subject, replacement)
    if (slice.isOver) yield
  }
}

function putPlacement(stage: Stage, store: number, subject: string, replacement: Replacement): void {
  const { listing } = replacement
  const name = placementName(store, subject, replacement)
  if (listing === 'gone') stage.delete(name)
  else stage.put(name, placementValue(listing === 'qualified'))
}

function listedAs({ object, relation, qualified }: Placed): Replacement {
  return { object, relation, listing: qualified ? 'qualified' : 'plain' }
}
