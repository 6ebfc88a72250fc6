/**
 * Reverse heads: for each subject one row that lists where it stands, or says that its placements have a row each.
 *
 *   head = object, relation, object, relation, ... sorted   |   the number 1: spread, for good
 */
import { placeIn } from '../lib/order.ts'
import { comparePlacement, placementKey, reverseKey } from './keys.ts'
import type { Reader } from './reader.ts'
import type { Stage } from './stage.ts'
import type { Placement } from './storage.ts'
import { pack, unpack } from './values.ts'

/**
 * Placements inline, about 100 of them. Every new one rewrites the list: a subject's growth costs the square of this
 * (100 placements: 200 KiB in all), beyond it one small row each.
 */
const reverseBytesMax = 4 << 10

const spread = 1
/** Placement rows say everything in their key. */
export const noValue = Buffer.alloc(0)

/** Placements in order; undefined where they are spread. */
export function readReverse(reader: Reader, store: number, subject: string): Placement[] | undefined {
  const bytes = reader.get(reverseKey(store, subject))
  return bytes === undefined ? [] : unpackReverse(bytes)
}

export function unpackReverse(bytes: Buffer): Placement[] | undefined {
  const cells = unpack<string[] | typeof spread>(bytes)
  if (cells === spread) return undefined
  const placements: Placement[] = []
  for (let i = 0; i < cells.length; i += 2) {
    placements.push({ object: cells[i] as string, relation: cells[i + 1] as string })
  }
  return placements
}

/** Adds and removes placements of one subject; each is added at most once and only where it is missing. */
export function replace(
  stage: Stage,
  store: number,
  subject: string,
  added: readonly Placement[],
  removed: readonly Placement[],
): void {
  const listed = readReverse(stage, store, subject)
  if (listed === undefined) {
    for (const { object, relation } of removed) stage.delete(placementKey(store, subject, object, relation))
    spreadOut(stage, store, subject, added)
    return
  }
  for (const placement of removed) {
    const index = placeIn(listed, placement, comparePlacement)
    if (comparesEqual(listed[index], placement)) listed.splice(index, 1)
  }
  for (const placement of added) {
    const index = placeIn(listed, placement, comparePlacement)
    if (!comparesEqual(listed[index], placement)) listed.splice(index, 0, placement)
  }
  writeReverse(stage, store, subject, listed)
}

function writeReverse(stage: Stage, store: number, subject: string, listed: readonly Placement[]): void {
  const key = reverseKey(store, subject)
  if (listed.length === 0) {
    stage.delete(key)
    return
  }
  const cells: string[] = []
  for (const { object, relation } of listed) cells.push(object, relation)
  const bytes = pack(cells)
  if (bytes.length <= reverseBytesMax) {
    stage.put(key, bytes)
    return
  }
  stage.put(key, pack(spread))
  spreadOut(stage, store, subject, listed)
}

function spreadOut(stage: Stage, store: number, subject: string, placements: readonly Placement[]): void {
  for (const { object, relation } of placements) {
    stage.put(placementKey(store, subject, object, relation), noValue)
  }
}

function comparesEqual(a: Placement | undefined, b: Placement): boolean {
  return a !== undefined && a.object === b.object && a.relation === b.relation
}
