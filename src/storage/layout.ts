/**
 * The layout of tuples: one change of one tuple, as rows. Tuple rows and expiry rows are written one by one; heads are
 * written once for all the changes of a commit. The commit decides what changes (plan.ts); nothing is judged here.
 */
import type { TupleKey } from '../tuple/tuple.ts'
import { relistForward } from './forward.ts'
import { expiryKey } from './keys.ts'
import type { Listing } from './list.ts'
import { noValue, type Replacement, replace } from './reverse.ts'
import type { Slice } from './slice.ts'
import type { Stage } from './stage.ts'
import type { Placement } from './storage.ts'
import { isQualified, packTuple, type TupleRow } from './values.ts'

/** A tuple row before and after; one of them may be missing. */
export interface TupleStep {
  /** The tuple row's key. */
  readonly key: Buffer
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

/** O(steps), and one rewrite for each head that changes. */
export async function layOut(ground: Ground, steps: Iterable<TupleStep>, slice: Slice): Promise<void> {
  const forward = new Map<string, { at: Placement; changes: Map<string, Listing> }>()
  const reverse = new Map<string, Replacement[]>()
  const rows = new RowCache()
  for (const step of steps) {
    writeRows(ground, step, rows)
    gatherForward(step, forward)
    gatherReverse(step, reverse)
    if (slice.isOver) await slice.rest()
  }
  for (const { at, changes } of forward.values()) {
    const type = at.object.slice(0, at.object.indexOf(':'))
    relistForward(ground.stage, ground.store, at, changes, ground.isTupleset(`${type}#${at.relation}`))
    if (slice.isOver) await slice.rest()
  }
  for (const [subject, replacements] of reverse) {
    replace(ground.stage, ground.store, subject, replacements)
    if (slice.isOver) await slice.rest()
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

function writeRows({ stage, store }: Ground, { key, tuple, before, after }: TupleStep, rows: RowCache): void {
  if (before?.expiresAt !== undefined && before.expiresAt !== after?.expiresAt) {
    stage.delete(expiryKey(before.expiresAt, store, tuple))
  }
  if (after === undefined) {
    stage.delete(key)
    return
  }
  stage.put(key, rows.bytesOf(after))
  if (after.expiresAt !== undefined) stage.put(expiryKey(after.expiresAt, store, tuple), noValue)
}

function gatherForward(
  { tuple, before, after }: TupleStep,
  forward: Map<string, { at: Placement; changes: Map<string, Listing> }>,
): void {
  const was = listingOf(before)
  const is = listingOf(after)
  if (was === is) return
  const name = `${tuple.object}#${tuple.relation}`
  let head = forward.get(name)
  if (head === undefined) {
    head = { at: { object: tuple.object, relation: tuple.relation }, changes: new Map() }
    forward.set(name, head)
  }
  head.changes.set(tuple.subject, is)
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
