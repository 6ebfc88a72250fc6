/** A stretch of a store's log: what matches, from a place on, as much as one page holds. It waits for nothing. */
import type { ChangeEntry, TupleChange, View } from '../storage/storage.ts'
import { typeOf } from '../tuple/object.ts'
import type { Place } from './place.ts'
import type { LogFilter } from './requests.ts'

/** Of one part of a revision, an event: some 20 KiB, with the largest contexts 256. */
const perPart = { tuples: 200, bytes: 256 << 10 }
/** Of one page, an answer; and where the log is read no further for it. One change more, of 40 KiB at most, may be in it. */
const perPage = { tuples: 1_000, bytes: 1 << 20 }
/** Changes looked at for one page: a filter that matches little ends it here. */
const seenMax = 50_000
/** Entries of the first read, doubled up to the last; it ends before where they hold what a page does. */
const entriesPerReadMin = 4
const entriesPerReadMax = 64

/** A revision, or a part of one that changed many tuples. */
export interface Part {
  readonly entry: ChangeEntry
  /** Those that match. */
  readonly tuples: readonly TupleChange[]
  /** Of what these say, about. */
  readonly bytes: number
  /** Whether documents of the entry are shown: in the first part, where no filter is about tuples. */
  readonly documents: boolean
  /** Where to go on after it. */
  readonly after: Place
}

export interface Stretch {
  readonly parts: readonly Part[]
  readonly next: Place
  /** All there is, up to the view's revision or the end asked for, was seen. */
  readonly atEnd: boolean
}

export interface Terms {
  readonly filter: LogFilter
  /** Parts. */
  readonly max: number
  /** Milliseconds since the epoch; entries from then on are not seen. */
  readonly endTime?: number
}

/** What was asked of the log, and what comes of it. */
interface Reading {
  readonly after: number
  readonly revision: number
  readonly limit: number
  readonly entries: Promise<readonly ChangeEntry[]>
}

/**
 * Entries as they were read last, where they are long: whoever reads a revision of 100,000 tuples in pages reads it
 * once. One slot for all: those who follow a store are about as far. Those who ask for the same while it is read wait for
 * that: a change wakes all who follow a store, and is read once for them.
 */
export class LogReader {
  #store = ''
  #entries: readonly ChangeEntry[] = []
  /** By store; of the state that is being read. */
  readonly #underWay = new Map<string, Reading>()

  /** Some that follow revision `after`, about `limit`; none at the end of the view. */
  async read(view: View, after: number, limit: number): Promise<readonly ChangeEntry[]> {
    if (after === view.revision) return []
    if (this.#store === view.store) {
      const kept = this.#entries.filter(({ revision }) => revision > after && revision <= view.revision)
      if (kept[0]?.revision === after + 1) return kept
    }
    const { store, revision } = view
    const other = this.#underWay.get(store)
    if (other?.after === after && other.revision === revision && other.limit === limit) return other.entries
    const mine = { after, revision, limit, entries: this.#load(view, after, limit) }
    this.#underWay.set(store, mine)
    try {
      return await mine.entries
    } finally {
      if (this.#underWay.get(store) === mine) this.#underWay.delete(store)
    }
  }

  async #load(view: View, after: number, limit: number): Promise<readonly ChangeEntry[]> {
    const entries = await view.changes(after, limit, perPage)
    // What ended the read before so many were found is long, or all there is.
    const isLong = entries.length < limit
    this.#store = isLong ? view.store : ''
    this.#entries = isLong ? entries : []
    return entries
  }
}

/** @param view - pinned */
export async function stretchOf(
  view: View,
  log: LogReader,
  from: Place,
  { filter, max, endTime }: Terms,
): Promise<Stretch> {
  const parts: Part[] = []
  let next = from
  let [seen, shown, bytes] = [0, 0, 0]
  for (let perRead = entriesPerReadMin; ; perRead = Math.min(perRead * 2, entriesPerReadMax)) {
    const entries = await log.read(view, next.revision, perRead)
    if (entries.length === 0) return { parts, next, atEnd: true }
    for (const entry of entries) {
      if (endTime !== undefined && entry.timestamp >= endTime) return { parts, next, atEnd: true }
      const found = partsOf(entry, next.skip, filter)
      for (const part of found) {
        const isFull = shown + part.tuples.length > perPage.tuples || bytes + part.bytes > perPage.bytes
        // One part is in every page.
        if (parts.length === max || (isFull && parts.length > 0)) return { parts, next, atEnd: false }
        parts.push(part)
        shown += part.tuples.length
        bytes += part.bytes
        next = part.after
      }
      next = { revision: entry.revision, skip: 0 }
      // An entry without tuples costs a read too.
      seen += entry.tuples.length + 1
      if (seen >= seenMax) return { parts, next, atEnd: next.revision === view.revision }
    }
  }
}

/** What there is to see of an entry after `skip` of its tuples; none of one that does not match. */
function* partsOf(entry: ChangeEntry, skip: number, filter: LogFilter): Generator<Part> {
  const { revision, tuples } = entry
  if (filter.caller !== undefined && entry.provenance?.caller !== filter.caller) return
  const isAboutTuples = [filter.type, filter.object, filter.relation, filter.subject].some(
    (field) => field !== undefined,
  )
  const documents = !isAboutTuples && skip === 0
  let matching: TupleChange[] = []
  let bytes = 0
  let isFirst = true
  for (let index = skip; index < tuples.length; index++) {
    const change = tuples[index]
    if (change === undefined || !matches(change, filter)) continue
    if (matching.length === perPart.tuples || bytes >= perPart.bytes) {
      const after = { revision: revision - 1, skip: index }
      yield { entry, tuples: matching, bytes, documents: documents && isFirst, after }
      isFirst = false
      matching = []
      bytes = 0
    }
    matching.push(change)
    bytes += bytesOf(change)
  }
  if (matching.length === 0 && !documents) return
  yield { entry, tuples: matching, bytes, documents: documents && isFirst, after: { revision, skip: 0 } }
}

function bytesOf({ tuple: { object, relation, subject, condition } }: TupleChange): number {
  const context = condition?.context === undefined ? 0 : JSON.stringify(condition.context).length
  return object.length + relation.length + subject.length + context
}

function matches({ tuple }: TupleChange, { type, object, relation, subject }: LogFilter): boolean {
  if (object !== undefined && tuple.object !== object) return false
  if (relation !== undefined && tuple.relation !== relation) return false
  if (subject !== undefined && tuple.subject !== subject) return false
  return type === undefined || typeOf(tuple.object) === type
}
