/**
 * Pages of entities: of those that match a search, in order of id, the ones that pass, and where the next page begins.
 * Exact at the sight's revision.
 */
import { Slices } from '../../engine/drive.ts'
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { compareBytes } from '../../lib/order.ts'
import type { Ground } from '../ground.ts'
import type { Sight } from '../sight.ts'
import { fold } from './names.ts'
import { type Roster, type Row, textOf } from './roster.ts'
import type { Discovery } from './visible.ts'

export interface PageRequest {
  /** A part of the name, the e-mail address or the id, in any case. */
  readonly q?: string
  /** 1 to 200; default 50. */
  readonly pageSize?: number
  readonly continuationToken?: string
}

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Empty after the last page. */
  readonly continuationToken: string
}

interface Within {
  readonly among?: readonly string[] | undefined
  readonly except?: ReadonlySet<string>
  /** Asked before an entity is read: what leaves out nearly all has to be cheap. */
  readonly discovers?: Discovery
}

const pageSizeDefault = 50
const pageSizeMax = 200
/** Entities read at first, doubled up to the last. */
const firstStep = 64
const lastStep = 512
/** Ids looked at between two looks at the clock. */
const idsPerLook = 128
/** Milliseconds that a page may take. */
const patienceMs = 5000

/**
 * @param question - all that decides which rows there are: a token is of one question
 * @param row - what is shown of an entity; undefined leaves it out
 * @param within - the ids that it is about, in order, where they are few, or those that it leaves out; else all of the type
 * @throws Fault invalid_continuation_token, invalid_field, deadline_exceeded
 */
export async function pageOf<Row>(
  ground: Ground,
  sight: Sight,
  type: string,
  request: PageRequest,
  question: JsonObject,
  row: (id: string, attributes: JsonObject) => Row | undefined | Promise<Row | undefined>,
  within: Within = {},
): Promise<Page<Row>> {
  const { view } = sight
  const limit = pageSizeOf(request.pageSize)
  const folded = fold(request.q ?? '')
  const cursor = ground.service.cursors.for(`page of ${type}`, view.store, { ...question, q: folded })
  const position = cursor.open(request.continuationToken)
  let after = position === undefined ? '' : Buffer.from(position).toString()
  const rows: Row[] = []
  const deadline = performance.now() + patienceMs
  for await (const id of candidates(ground, sight, type, folded, after, within)) {
    if (performance.now() > deadline)
      throw new Fault('deadline_exceeded', 'the page took too long: search more narrowly')
    const attributes = sight.entity(type, id)
    const shown = attributes === undefined ? undefined : await row(id, attributes)
    if (shown === undefined) continue
    if (rows.length === limit) return { rows, continuationToken: cursor.seal(Buffer.from(after)) }
    rows.push(shown)
    after = id
  }
  return { rows, continuationToken: '' }
}

/** Ids whose text matches, in order of their bytes. */
async function* candidates(
  ground: Ground,
  sight: Sight,
  type: string,
  folded: string,
  after: string,
  within: Within,
): AsyncGenerator<string> {
  const { store } = sight.view
  const ready = ground.rosters.ready(store, type)
  // All of them, or few: nobody waits for a roster to see the first page of an organization.
  if (ready === undefined && folded === '') yield* stored(sight, type, after, within)
  else yield* found(ready ?? (await ground.rosters.of(store, type)), sight, type, folded, after, within)
}

/** As they are stored: for what is not searched. */
async function* stored(
  { view }: Sight,
  type: string,
  after: string,
  { among, except, discovers }: Within,
): AsyncGenerator<string> {
  const passes = (id: string) => !except?.has(id) && (discovers?.(`${type}:${id}`) ?? true)
  const slices = new Slices()
  let some = among
  let last = after
  let step = firstStep
  for (let isLast = false; some === undefined && !isLast; step = Math.min(step * 2, lastStep)) {
    if (slices.isOver) await slices.rest()
    const { rows, next } = await view.entities(type, step, Buffer.from(last))
    for (const { id } of rows) {
      last = id
      if (await passes(id)) yield id
      some = discovers?.few()
      if (some !== undefined) break
    }
    isLast = next === undefined
  }
  for (const id of some ?? []) if (compareBytes(id, last) > 0 && (await passes(id))) yield id
}

/**
 * As a roster finds them. It is of the applied state and the sight may be older: ids that changed since are judged by
 * the sight's own rows. Begins again where it was when the roster changes under it.
 */
async function* found(
  roster: Roster,
  sight: Sight,
  type: string,
  folded: string,
  after: string,
  { among, except, discovers }: Within,
): AsyncGenerator<string> {
  let last = after
  let some = among
  const slices = new Slices()
  for (;;) {
    const { version } = roster
    const touched = roster.touchedSince(sight.view.revision)
    if (touched === undefined) throw new Fault('unavailable', 'too much was changed meanwhile: ask again')
    const isOld = new Set(touched)
    const wasAll = some === undefined
    let looked = 0
    const rows = some === undefined ? merged(roster.rows(last), touched, last) : above(some, last, roster)
    for (const { id, text } of rows) {
      if (++looked % idsPerLook === 0 && slices.isOver) await slices.rest()
      // Before it is taken: the order may be another by now.
      if (roster.version !== version) break
      last = id
      if (except?.has(id)) continue
      const isFound = isOld.has(id) ? matchesIn(sight, type, id, folded) : text.includes(folded)
      if (!isFound) continue
      const isKnown = discovers?.(`${type}:${id}`) ?? true
      // What is known at once is not waited for: a page may leave out thousands.
      if (isKnown === true || (isKnown !== false && (await isKnown))) yield id
      some ??= discovers?.few()
      if (wasAll && some !== undefined) break
    }
    if (roster.version === version && wasAll === (some === undefined)) return
  }
}

function matchesIn(sight: Sight, type: string, id: string, folded: string): boolean {
  const attributes = sight.entity(type, id)
  return attributes !== undefined && (folded === '' || textOf(id, attributes).includes(folded))
}

function* above(ids: readonly string[], after: string, roster: Roster): Generator<Row> {
  for (const id of ids) if (compareBytes(id, after) > 0) yield roster.row(id) ?? { id, text: '' }
}

/** Both in order, each id once. `some` begins after `after`. */
function* merged(some: Iterable<Row>, others: readonly string[], after: string): Generator<Row> {
  if (others.length === 0) return yield* some
  let next = others.findIndex((id) => compareBytes(id, after) > 0)
  if (next === -1) next = others.length
  for (const row of some) {
    for (; next < others.length; next++) {
      const id = others[next] as string
      const order = compareBytes(id, row.id)
      if (order > 0) break
      if (order < 0) yield { id, text: '' }
    }
    yield row
  }
  for (const id of others.slice(next)) yield { id, text: '' }
}

/** 1 to 200. @throws Fault invalid_field */
export function pageSizeOf(asked: number | undefined): number {
  if (asked === undefined) return pageSizeDefault
  if (Number.isInteger(asked) && asked >= 1 && asked <= pageSizeMax) return asked
  throw new Fault('invalid_field', `\`pageSize\` is a number from 1 to ${pageSizeMax}`, { field: 'pageSize' })
}
