/**
 * What would change: a change is built as it would be committed, and the answers of its two sides are compared. Nothing
 * is written, and nothing is kept between two pages: each builds the change anew.
 */
import { hash } from 'node:crypto'
import { difference as compare } from '../engine/difference.ts'
import { Graph } from '../engine/resident/graph.ts'
import type { Scope } from '../engine/scope.ts'
import { canonical } from '../lib/canonical.ts'
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import { compileModel } from '../model/compile.ts'
import type { Model } from '../model/model.ts'
import type { Preview } from '../storage/storage.ts'
import { printTuple, type TupleKey } from '../tuple/tuple.ts'
import { demandContext } from './context.ts'
import type { Cursor } from './cursor.ts'
import { freshEnough, type Ground, residentFor, viewOf } from './ground.ts'
import { pageSizeOf } from './page.ts'
import { proposed } from './proposal.ts'
import type { DifferenceAnswer, DifferencePaging, DifferenceRequest } from './requests.ts'

/** Rows of one page. */
const rowsMax = 1_000

/** @throws Fault of the change itself; precondition_failed: the store has changed since the page before */
export async function difference(ground: Ground, request: DifferenceRequest): Promise<DifferenceAnswer> {
  const { change, ...paging } = request
  await freshEnough(ground, change.request)
  const preview = await proposed(ground, change)
  try {
    return await differenceOf(ground, preview, paging)
  } finally {
    preview.release()
  }
}

export interface DifferenceOptions extends DifferencePaging {
  /** Relations of a type that matter; undefined: all of them. */
  readonly relationsOf?: (type: string) => readonly string[] | undefined
  /** On performance.now(); default: the deadline of lists. */
  readonly deadline?: number
}

/** Of a change that somebody else has built; it stays theirs to release. @throws Fault as `difference` does */
export async function differenceOf(
  ground: Ground,
  preview: Preview,
  options: DifferenceOptions = {},
): Promise<DifferenceAnswer> {
  const { context = {}, pageSize, continuationToken, relationsOf } = options
  demandContext(context)
  const { store, revision } = preview.before
  const size = pageSizeOf(pageSize, rowsMax)
  const cursor = ground.cursors.for('difference', store, { context: canonical(context) })
  const zookie = ground.storage.zookie(store, revision)
  const digest = digestOf(preview)
  const from = placeOf(cursor, continuationToken, { revision, digest })
  if (preview.entry === undefined) return { zookie, rows: [], continuationToken: '', truncated: false }
  const deadline = options.deadline ?? performance.now() + ground.options.listDeadlineMs
  const page = await compare({
    view: preview.before,
    ...sidesOf(ground, preview, { context, deadline }),
    changes: preview.entry.tuples,
    relationsOf,
    from,
    size,
    deadline,
  })
  const { rows, next, truncated } = page
  const position = next && Buffer.from(JSON.stringify([revision, digest, ...partsOf(next)]))
  return { zookie, rows, continuationToken: cursor.seal(position), truncated }
}

function sidesOf(
  ground: Ground,
  { before, after, entry }: Preview,
  bounds: { readonly context: JsonObject; readonly deadline: number },
): { readonly before: Scope | undefined; readonly after: Scope | undefined } {
  const shared = { ...bounds, contextual: [], depthMax: Number.POSITIVE_INFINITY }
  const old = latestOf(ground, before)
  const made = entry?.model === undefined ? undefined : after.latestModel()
  const fresh = made === undefined ? old : compileModel(made.id, made.json)
  const live = viewOf(ground, before.store)
  const resident =
    old !== undefined && live.revision === before.revision && residentFor(ground, live, old, {})
  const graph = fresh && new Graph({ model: fresh, revision: after.revision, windowMs: Infinity })
  return {
    before: old && { ...shared, model: old, view: before, ...resident },
    after: fresh && { ...shared, model: fresh, view: after, ...(graph && { resident: graph }) },
  }
}

/** Undefined: the store has no model yet. */
function latestOf(ground: Ground, view: Preview['before']): Model | undefined {
  try {
    return ground.models.resolve(view, undefined)
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'latest_authorization_model_not_found') return undefined
    throw thrown
  }
}

/** Where the page before ended. */
function placeOf(
  cursor: Cursor,
  token: string | undefined,
  now: { readonly revision: number; readonly digest: string },
): TupleKey | undefined {
  const position = cursor.open(token)
  if (position === undefined) return undefined
  const parts = JSON.parse(Buffer.from(position).toString()) as [number, string, string, string, string]
  const [revision, digest, object, relation, subject] = parts
  if (revision !== now.revision) {
    throw new Fault(
      'precondition_failed',
      `the store has changed since the page before (revision ${revision}, now ${now.revision}): ask again without a continuation token`,
    )
  }
  if (digest !== now.digest) {
    throw new Fault('invalid_continuation_token', 'Invalid continuation token: it is of another change')
  }
  return { object, relation, subject }
}

/** Equal for equal changes of one state, whoever asks for them and however often. */
function digestOf({ entry, after }: Preview): string {
  const texts = (entry?.tuples ?? []).map(({ operation, tuple }) => {
    const { condition, expiresAt } = tuple
    const qualified = condition === undefined && expiresAt === undefined ? '' : JSON.stringify(tuple)
    // What is stored holds no control characters: no two changes have one text.
    return `${operation}\0${printTuple(tuple)}\0${qualified}`
  })
  const model = entry?.model === undefined ? undefined : after.latestModel()
  if (model !== undefined) texts.push(JSON.stringify(model.json))
  return hash('sha256', texts.join('\0'), 'base64url')
}

function partsOf({ object, relation, subject }: TupleKey): readonly string[] {
  return [object, relation, subject]
}
