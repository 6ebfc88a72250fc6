/**
 * Reverse heads: for each subject one row that lists where it stands, or says that its placements have a row each.
 *
 *   head = object, relation, object, relation, ... sorted; then, where some are qualified, their indices in an array
 *        | the number 1: spread, for good
 *
 * Never changed, only replaced.
 */
import { placeIn } from '../lib/order.ts'
import { typeOf } from '../tuple/object.ts'
import type { Draft } from './heads.ts'
import {
  comparePlacement,
  placementKey,
  placementPrefix,
  prefixEnd,
  readPlacementText,
  reverseKey,
  textStart,
} from './keys.ts'
import { few, type Listing } from './list.ts'
import { reverseName } from './names.ts'
import { spliced } from './packed.ts'
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
type Cells = (string | readonly number[])[]
/** Rows that say everything in their key. */
export const noValue = Buffer.alloc(0)
/** A placement row whose tuple is qualified; one whose tuple is not has no value. */
const qualifiedValue = Buffer.of(1)

/** What becomes of one placement of a subject. */
export interface Replacement extends Placement {
  readonly listing: Listing
}

class ReverseHead implements Draft {
  /** In order; undefined where they are spread. */
  readonly placements: readonly Placed[] | undefined
  #size: number | undefined
  /** Where none is qualified; known from the first packing on. */
  #packed: Buffer | undefined

  constructor(placements: readonly Placed[] | undefined) {
    this.placements = placements
  }

  /** Bytes when packed, a few more or less. Added up at first, O(placements), then kept by difference. */
  get size(): number {
    if (this.#size === undefined) {
      this.#size = 0
      for (const placed of this.placements ?? []) this.#size += bytesOf(placed)
    }
    return this.#size
  }

  get weight(): number {
    return 150 + 100 * (this.placements?.length ?? 0) + 2 * this.size
  }

  pack(): Buffer {
    if (this.placements === undefined) return pack(spread)
    if (this.#packed !== undefined) return this.#packed
    const cells: Cells = this.placements.flatMap(textsOf)
    const qualified = this.placements.flatMap((placed, index) => (placed.qualified ? [index] : []))
    if (qualified.length > 0) return pack([...cells, qualified])
    this.#packed = pack(cells)
    return this.#packed
  }

  at(placement: Placement): Placed | undefined {
    const found = this.placements?.[placeIn(this.placements, placement, comparePlacement)]
    return isSame(found, placement) ? found : undefined
  }

  /** With one placement changed; O(placements) to copy, O(log placements) comparisons. */
  with({ object, relation, listing }: Replacement): ReverseHead {
    const listed = this.placements ?? []
    const placed = { object, relation, qualified: listing === 'qualified' }
    const index = placeIn(listed, placed, comparePlacement)
    const was = isSame(listed[index], placed) ? listed[index] : undefined
    const removed = was === undefined ? 0 : 1
    const added = listing === 'gone' ? [] : [placed]
    const next = new ReverseHead(listed.toSpliced(index, removed, ...added))
    next.#size =
      this.size + (listing === 'gone' ? 0 : bytesOf(placed)) - (was === undefined ? 0 : bytesOf(was))
    if (this.#packed !== undefined && !placed.qualified) {
      next.#packed = spliced(this.#packed, 2 * index, 2 * removed, added.flatMap(textsOf))
    }
    return next
  }
}

const noHead = new ReverseHead([])

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
  if (head.placements === undefined) {
    yield* spreadOut(stage, store, subject, replacements, slice)
    // A list that will not stay is not made.
  } else if (replacements.length > few && (yield* sizeAfter(head, replacements, slice)) > reverseBytesMax) {
    stage.put(name, new ReverseHead(undefined))
    yield* spreadOut(stage, store, subject, head.placements.map(listedAs), slice)
    yield* spreadOut(stage, store, subject, replacements, slice)
  } else {
    const next = replacements.reduce((so, replacement) => so.with(replacement), head)
    if (next.size > reverseBytesMax) {
      stage.put(name, new ReverseHead(undefined))
      yield* spreadOut(stage, store, subject, (next.placements ?? []).map(listedAs), slice)
    } else if (next.placements?.length === 0) stage.delete(name)
    else stage.put(name, next)
  }
}

function unpackHead(bytes: Buffer): ReverseHead {
  return new ReverseHead(unpackReverse(bytes))
}

/** How large the head would be, without making it. */
function* sizeAfter(head: ReverseHead, replacements: readonly Replacement[], slice: Slice): Work<number> {
  let { size } = head
  for (const replacement of replacements) {
    const was = head.at(replacement)
    if (was !== undefined) size -= bytesOf(was)
    if (replacement.listing !== 'gone') {
      size += bytesOf({ ...replacement, qualified: replacement.listing === 'qualified' })
    }
    if (slice.isOver) yield
  }
  return size
}

function* spreadOut(
  stage: Stage,
  store: number,
  subject: string,
  replacements: readonly Replacement[],
  slice: Slice,
): Work<void> {
  for (const { object, relation, listing } of replacements) {
    const key = placementKey(store, subject, object, relation)
    if (listing === 'gone') stage.delete(key)
    else stage.put(key, placementValue(listing === 'qualified'))
    if (slice.isOver) yield
  }
}

function listedAs({ object, relation, qualified }: Placed): Replacement {
  return { object, relation, listing: qualified ? 'qualified' : 'plain' }
}

function textsOf({ object, relation }: Placement): readonly string[] {
  return [object, relation]
}

/** An index of a qualified one is at most 3 bytes. */
function bytesOf({ object, relation, qualified }: Placed): number {
  return textBytes(object) + textBytes(relation) + (qualified ? 3 : 0)
}

function isSame(a: Placement | undefined, b: Placement): boolean {
  return a !== undefined && a.object === b.object && a.relation === b.relation
}
