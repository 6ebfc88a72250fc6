/**
 * Reverse heads: for each subject one row that lists where it stands, or says that its placements have a row each.
 *
 *   head = object, relation, object, relation, ... sorted; then, where some are qualified, their indices in an array
 *        | the number 1: spread, for good
 */
import { placeIn } from '../lib/order.ts'
import { comparePlacement, placementKey, reverseKey } from './keys.ts'
import type { Listing } from './list.ts'
import type { Reader } from './reader.ts'
import type { Stage } from './stage.ts'
import type { Placed, Placement } from './storage.ts'
import { pack, unpack } from './values.ts'

/**
 * Placements inline, about 100 of them. Every new one rewrites the list: a subject's growth costs the square of this
 * (100 placements: 200 KiB in all), beyond it one small row each.
 */
const reverseBytesMax = 4 << 10

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

/** Placements in order; undefined where they are spread. */
export function readReverse(reader: Reader, store: number, subject: string): Placed[] | undefined {
  const bytes = reader.get(reverseKey(store, subject))
  return bytes === undefined ? [] : unpackReverse(bytes)
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
export function replace(
  stage: Stage,
  store: number,
  subject: string,
  replacements: readonly Replacement[],
): void {
  const listed = readReverse(stage, store, subject)
  if (listed === undefined) {
    for (const { object, relation, listing } of replacements) {
      const key = placementKey(store, subject, object, relation)
      if (listing === 'gone') stage.delete(key)
      else stage.put(key, placementValue(listing === 'qualified'))
    }
    return
  }
  for (const { object, relation, listing } of replacements) {
    const placed = { object, relation, qualified: listing === 'qualified' }
    const index = placeIn(listed, placed, comparePlacement)
    const present = comparesEqual(listed[index], placed) ? 1 : 0
    if (listing === 'gone') listed.splice(index, present)
    else listed.splice(index, present, placed)
  }
  writeReverse(stage, store, subject, listed)
}

function writeReverse(stage: Stage, store: number, subject: string, listed: readonly Placed[]): void {
  const key = reverseKey(store, subject)
  if (listed.length === 0) {
    stage.delete(key)
    return
  }
  const cells: Cells = []
  for (const { object, relation } of listed) cells.push(object, relation)
  const qualified = listed.flatMap((placed, index) => (placed.qualified ? [index] : []))
  if (qualified.length > 0) cells.push(qualified)
  const bytes = pack(cells)
  if (bytes.length <= reverseBytesMax) {
    stage.put(key, bytes)
    return
  }
  stage.put(key, pack(spread))
  for (const { object, relation, qualified } of listed) {
    stage.put(placementKey(store, subject, object, relation), placementValue(qualified))
  }
}

function comparesEqual(a: Placement | undefined, b: Placement): boolean {
  return a !== undefined && a.object === b.object && a.relation === b.relation
}
