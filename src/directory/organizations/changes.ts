/**
 * The change log of an organization, newest first: who did what to what, as its management noted it; and what came past
 * the management, as tuples and models. Beside the store's own log, which says what was written.
 */
import type { JsonObject } from '../../lib/json.ts'
import { lastBefore } from '../../service/changes.ts'
import type { ChangeEntry, TupleChange, View } from '../../storage/storage.ts'
import { typeOf } from '../../tuple/object.ts'
import { changeEntity, changeIdOf, type Happening, happeningsIn } from '../draft.ts'
import type { Ground } from '../ground.ts'
import { type Page, type PageRequest, pageSizeOf } from '../lists/page.ts'
import { type Looked, look, type Visit } from '../look.ts'
import { storedObject, storedSubject, storedType } from '../preset/words.ts'
import type { Sight } from '../sight.ts'

/** Absent fields match all. */
export interface ChangesRequest extends Visit, Omit<PageRequest, 'q'> {
  /** Who acted: `ann`, `user:ann`. */
  readonly by?: string
  /** `manual`, `api`, `import`, ... */
  readonly source?: string
  /** `member.add`, or all that begin so: `member`. */
  readonly action?: string
  /** What it happened to, and its type, by the product's words. */
  readonly target?: string
  readonly type?: string
  /** Who or what else it is about. */
  readonly subject?: string
  /** Milliseconds since the epoch; the first is in, the last is not. */
  readonly from?: number
  readonly to?: number
}

/** One thing that happened. */
export interface ChangeRow extends JsonObject {
  readonly revision: number
  /** ISO 8601. */
  readonly at: string
  readonly action: string
  readonly target: string
}

/** Rows and revisions looked at for one page: a filter that matches little ends it here, with a token to go on. */
const seenMax = 20_000
/** Entries of the first read, doubled up to the last, and no more than the first after some that hold so many tuples. */
const perReadMin = 4
const perReadMax = 64
const tuplesPerReadMax = 1_000

/** @throws Fault forbidden, not_in_preset, invalid_continuation_token, invalid_field */
export function listChanges(ground: Ground, request: ChangesRequest): Promise<Looked<Page<ChangeRow>>> {
  return look(ground, request, async (sight) => {
    const { actions } = sight.preset.organization
    await sight.demand('changes.view', actions['changes.view'], sight.organization)
    const { view } = sight
    const limit = pageSizeOf(request.pageSize)
    const { pageSize: _, continuationToken: token, org, actor: __, atLeastAsFresh: ___, ...filter } = request
    const cursor = ground.service.cursors.for('changes of an organization', org, filter)
    const position = cursor.open(token)
    const start = position === undefined ? await startOf(view, request) : decode(position)
    const matches = matcherOf(sight, request)
    const rows: ChangeRow[] = []
    let seen = 0
    for await (const entry of entriesUpTo(view, start.revision)) {
      if (request.from !== undefined && entry.timestamp < request.from) break
      const skip = entry.revision === start.revision ? start.skip : 0
      for (const [index, row] of rowsOf(sight, entry).entries()) {
        if (index < skip) continue
        const isFull = rows.length === limit
        if (isFull || seen++ >= seenMax) {
          return { rows, continuationToken: cursor.seal(encode({ revision: entry.revision, skip: index })) }
        }
        if (matches(row)) rows.push(row)
      }
      seen++
    }
    return { rows, continuationToken: '' }
  })
}

/** Where a page begins: rows of a revision, so many of them seen. */
interface Start {
  readonly revision: number
  readonly skip: number
}

async function startOf(view: View, { to }: ChangesRequest): Promise<Start> {
  return { revision: to === undefined ? view.revision : await lastBefore(view, to), skip: 0 }
}

/** Newest first. */
async function* entriesUpTo(view: View, revision: number): AsyncGenerator<ChangeEntry> {
  let perRead = perReadMin
  for (let top = revision; top > 0; ) {
    const after = Math.max(0, top - perRead)
    const entries = await view.changes(after, top - after)
    yield* entries.toReversed()
    top = after
    const tuples = entries.reduce((sum, entry) => sum + entry.tuples.length, 0)
    perRead = tuples > tuplesPerReadMax ? perReadMin : Math.min(perRead * 2, perReadMax)
  }
}

/** As the management noted it; where it noted nothing, what was written. */
function rowsOf(sight: Sight, entry: ChangeEntry): readonly ChangeRow[] {
  const { revision, timestamp, provenance = {} } = entry
  const made = { revision, at: new Date(timestamp).toISOString(), ...provenance }
  return happeningsOf(sight, entry).map((happening) => ({ ...made, ...happening }))
}

function happeningsOf(
  sight: Sight,
  { revision, tuples, model, assertions }: ChangeEntry,
): readonly Happening[] {
  const noted = happeningsIn(sight.entity(changeEntity, changeIdOf(revision)) ?? {})
  if (noted !== undefined) return noted
  return [
    ...tuples.map(happeningOf),
    ...(model === undefined ? [] : [{ action: 'model.write', target: model }]),
    ...(assertions === undefined ? [] : [{ action: 'assertions.write', target: assertions }]),
  ]
}

function happeningOf({ operation, tuple }: TupleChange): Happening {
  const { object, relation, subject, condition, expiresAt } = tuple
  const said = {
    relation,
    ...(condition === undefined ? {} : { condition: { ...condition } }),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  }
  const happened = { target: object, subject }
  return operation === 'write'
    ? { action: 'tuple.write', ...happened, new: said }
    : { action: 'tuple.delete', ...happened, old: said }
}

function matcherOf({ preset }: Sight, request: ChangesRequest): (row: ChangeRow) => boolean {
  const { by, source, action, target, type, subject } = request
  const actor = by === undefined ? undefined : storedSubject(preset, by)
  const object = target === undefined ? undefined : storedObject(preset, target)
  const other = subject === undefined ? undefined : storedSubject(preset, subject)
  const kind = type === undefined ? undefined : storedType(preset, type)
  return (row) =>
    (actor === undefined || row.actor === actor) &&
    (source === undefined || row.source === source) &&
    (action === undefined || row.action === action || row.action.startsWith(`${action}.`)) &&
    (object === undefined || row.target === object) &&
    (kind === undefined || typeOf(row.target) === kind) &&
    (other === undefined || row.subject === other)
}

function encode({ revision, skip }: Start): Uint8Array {
  return Buffer.from(JSON.stringify([revision, skip]))
}

/** The bytes are our own: they were sealed. */
function decode(bytes: Uint8Array): Start {
  const [revision, skip] = JSON.parse(Buffer.from(bytes).toString()) as [number, number]
  return { revision, skip }
}
