/**
 * The layout of tuples: one change of one tuple, as rows. Tuple rows and expiry rows are written one by one; heads are
 * written once for all the changes of a commit. The commit decides what changes (plan.ts); nothing is judged here.
 */
import type { TupleKey } from '../tuple/tuple.ts'
import { relistForward } from './forward.ts'
import { expiryKey } from './keys.ts'
import type { Relisting } from './list.ts'
import type { Spot } from './names.ts'
import type { Listing } from './packed.ts'
import { noValue, type Replacement, replace } from './reverse.ts'
import type { Slice, Work } from './slice.ts'
import type { Stage } from './stage.ts'
import { isQualified, packTuple, type TupleRow } from './values.ts'

/** A tuple row before and after; one of them may be missing. No tuple has two of these in one layout. */
export interface TupleStep {
  /** The tuple row's name. */
  readonly name: string
  readonly spot: Spot
  readonly tuple: TupleKey
  readonly before: TupleRow | undefined
  readonly after: TupleRow | undefined
}

/** Where tuples are laid out. `isTupleset` answers for `type#relation`. */
export interface Ground {
  readonly stage: Stage
  readonly store: number
  isTupleset(typeAndRelation: string): boolean
}

interface Changed {
  readonly spot: Spot
  readonly changes: Relisting[]
}

/** O(steps), and one new head for each that changes. */
export function* layOut(ground: Ground, steps: Iterable<TupleStep>, slice: Slice): Work<void> {
  const { stage, store } = ground
  const forward = new Map<string, Changed>()
  const reverse = new Map<string, Replacement[]>()
  const rows = new RowCache()
  for (const step of steps) {
    writeRows(ground, step, rows)
    gatherForward(step, forward)
    gatherReverse(step, reverse)
    if (slice.isOver) yield
  }
  for (const { spot, changes } of forward.values()) {
    const type = spot.object.slice(0, spot.object.indexOf(':'))
    yield* relistForward(stage, spot, changes, ground.isTupleset(`${type}#${spot.relation}`), slice)
    if (slice.isOver) yield
  }
  for (const [subject, replacements] of reverse) {
    yield* replace(stage, store, subject, replacements, slice)
    if (slice.isOver) yield
  }
}

/** The plain tuples of one commit have equal rows; they are packed once. */
class RowCache {
  #last: TupleRow | undefined
  #bytes: Buffer | undefined

  bytesOf(row: TupleRow): Buffer {
    if (
      isBare(row) &&
      this.#bytes !== undefined &&
      this.#last !== undefined &&
      isSameOrigin(row, this.#last)
    ) {
      return this.#bytes
    }
    const bytes = packTuple(row)
    if (isBare(row)) {
      this.#last = row
      this.#bytes = bytes
    }
    return bytes
  }
}

function isBare(row: TupleRow): boolean {
  return row.condition === undefined && row.expiresAt === undefined
}

function isSameOrigin(a: TupleRow, b: TupleRow): boolean {
  return a.revision === b.revision && a.timestamp === b.timestamp && a.provenance === b.provenance
}

function writeRows(
  { stage, store }: Ground,
  { name, tuple, before, after }: TupleStep,
  rows: RowCache,
): void {
  if (before?.expiresAt !== undefined && before.expiresAt !== after?.expiresAt) {
    stage.delete(expiryKey(before.expiresAt, store, tuple))
  }
  if (after === undefined) {
    stage.delete(name)
    return
  }
  stage.put(name, rows.bytesOf(after))
  if (after.expiresAt !== undefined) stage.put(expiryKey(after.expiresAt, store, tuple), noValue)
}

function gatherForward({ spot, tuple, before, after }: TupleStep, forward: Map<string, Changed>): void {
  const was = listingOf(before)
  const is = listingOf(after)
  if (was === is) return
  const head = forward.get(spot.head)
  const change = [tuple.subject, is] as const
  if (head === undefined) forward.set(spot.head, { spot, changes: [change] })
  else head.changes.push(change)
}

function listingOf(row: TupleRow | undefined): Listing {
  if (row === undefined) return 'gone'
  return isQualified(row) ? 'qualified' : 'plain'
}

function gatherReverse({ tuple, before, after }: TupleStep, reverse: Map<string, Replacement[]>): void {
  const listing = listingOf(after)
  if (listingOf(before) === listing) return
  const replacement = { object: tuple.object, relation: tuple.relation, listing }
  const replacements = reverse.get(tuple.subject)
  if (replacements === undefined) reverse.set(tuple.subject, [replacement])
  else replacements.push(replacement)
}
