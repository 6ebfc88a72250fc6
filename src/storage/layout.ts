/**
 * The layout of tuples: one change of one tuple, as rows. Tuple rows and expiry rows are written one by one; heads are
 * written once for all the changes of a commit. The commit decides what changes (plan.ts); nothing is judged here.
 */
import type { TupleKey } from '../tuple/tuple.ts'
import { relistForward, relistOne, type Site, unpackForward } from './forward.ts'
import { expiryKey } from './keys.ts'
import type { Relisting } from './list.ts'
import type { Listing } from './packed.ts'
import { noValue, type Replacement, replace, replaceOne } from './reverse.ts'
import { doneAtOnce, Slice, type Work } from './slice.ts'
import type { Stage } from './stage.ts'
import { isQualified, packTuple, type TupleRow } from './values.ts'

/** A tuple row before and after; one of them may be missing. No tuple has two of these in one layout. */
export interface TupleStep {
  /** The tuple row's name. */
  readonly name: string
  readonly site: Site
  readonly tuple: TupleKey
  readonly before: TupleRow | undefined
  readonly after: TupleRow | undefined
}

/** Where tuples are laid out. */
export interface Ground {
  readonly stage: Stage
  readonly store: number
  /** `type#relation` of those whose subjects are always listed. */
  readonly tuplesets: ReadonlySet<string>
}

/** Of what is done at once whatever its slice says. */
const unhurried = new Slice()

/** O(steps), and one new head for each that changes. @param steps - those of one object#relation share their site */
export function* layOut(ground: Ground, steps: Iterable<TupleStep>, slice: Slice): Work<void> {
  const { stage, store, tuplesets } = ground
  const forward = new Map<Site, Relisting[]>()
  const reverse = new Map<string, Replacement[]>()
  const rows = new RowCache()
  for (const step of steps) {
    writeRow(ground, step, step.after === undefined ? noValue : rows.bytesOf(step.after))
    gatherForward(step, forward)
    gatherReverse(step, reverse)
    if (slice.isOver) yield
  }
  for (const [site, changes] of forward) {
    const isDone = isAlone(changes) && relistOne(stage, site, changes[0], tuplesets)
    if (!isDone) yield* relistForward(stage, site, changes, tuplesets, slice)
    if (slice.isOver) yield
  }
  for (const [subject, replacements] of reverse) {
    const isDone = isAlone(replacements) && replaceOne(stage, store, subject, replacements[0])
    if (!isDone) yield* replace(stage, store, subject, replacements, slice)
    if (slice.isOver) yield
  }
}

/** The same for few tuples, at once and one after the other. */
export function layOutFew(ground: Ground, steps: readonly TupleStep[]): void {
  for (const step of steps) {
    const { stage, store, tuplesets } = ground
    const { site, tuple, before, after } = step
    writeRow(ground, step, after === undefined ? noValue : packTuple(after))
    const listing = listingOf(after)
    if (listingOf(before) === listing) continue
    // An earlier one may have changed the head.
    const now =
      steps.length === 1 ? site : { spot: site.spot, head: stage.head(site.spot.head, unpackForward) }
    const relisting = [tuple.subject, listing] as const
    if (!relistOne(stage, now, relisting, tuplesets)) {
      doneAtOnce(relistForward(stage, now, [relisting], tuplesets, unhurried))
    }
    const replacement = { object: tuple.object, relation: tuple.relation, listing }
    if (!replaceOne(stage, store, tuple.subject, replacement)) {
      doneAtOnce(replace(stage, store, tuple.subject, [replacement], unhurried))
    }
  }
}

function isAlone<Change>(changes: readonly Change[]): changes is readonly [Change] {
  return changes.length === 1
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

/** @param row - packed; nothing looks at it where there is none after */
function writeRow({ stage, store }: Ground, { name, tuple, before, after }: TupleStep, row: Buffer): void {
  if (before?.expiresAt !== undefined && before.expiresAt !== after?.expiresAt) {
    stage.delete(expiryKey(before.expiresAt, store, tuple))
  }
  if (after === undefined) {
    stage.delete(name)
    return
  }
  stage.put(name, row)
  if (after.expiresAt !== undefined) stage.put(expiryKey(after.expiresAt, store, tuple), noValue)
}

function gatherForward({ site, tuple, before, after }: TupleStep, forward: Map<Site, Relisting[]>): void {
  const was = listingOf(before)
  const is = listingOf(after)
  if (was === is) return
  const changes = forward.get(site)
  const change = [tuple.subject, is] as const
  if (changes === undefined) forward.set(site, [change])
  else changes.push(change)
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
