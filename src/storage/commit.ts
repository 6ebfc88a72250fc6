/**
 * One commit, from a Change to rows: judged, planned, laid out, chained to the log. It runs while its group is formed
 * (writer.ts) and leaves nothing behind when it is refused.
 */
import { isDeepStrictEqual } from 'node:util'
import { assert } from '../lib/assert.ts'
import { Fault } from '../lib/fault.ts'
import type { JsonObject } from '../lib/json.ts'
import type { ModelJson, UsersetJson } from '../model/json.ts'
import type { Group, StoreFacts, StoreState } from './group.ts'
import * as keys from './keys.ts'
import { layOut, type TupleStep } from './layout.ts'
import { type OwnChange, type Plan, planOf } from './plan.ts'
import { Slice } from './slice.ts'
import { Stage } from './stage.ts'
import type { Change, ChangeEntry, Committed, TupleChange } from './storage.ts'
import * as values from './values.ts'
import { StoreView } from './view.ts'

/** Number and instant that a commit is built with. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The number of the folder's present epoch. */
  readonly epoch: number
}

/** @throws Fault of the judge, of a precondition, or store_id_not_found */
export async function buildCommit(
  group: Group,
  state: StoreState,
  change: OwnChange,
  moment: Moment,
): Promise<Committed> {
  const facts = group.factsOf(state)
  if (facts.row.deleted !== 'no') throw new Fault('store_id_not_found', 'Store ID not found')
  const { head } = facts
  const timestamp = Math.max(moment.now, head.timestamp)
  const stage = new Stage(group.stage)
  const sight = {
    number: state.number,
    store: facts.row.id,
    revision: head.revision,
    now: timestamp,
    latestModel: head.model,
    models: state.models,
  }
  const view = new StoreView(sight, stage)
  if (change.judge !== undefined) await change.judge(view)
  const slice = new Slice()
  const plan = await planOf(stage, state.number, view, change, slice)
  const revision = head.revision + 1
  const documents = stageDocuments(stage, state.number, change, revision)
  if (plan.steps.size === 0 && documents === undefined) {
    return { revision: head.revision, timestamp: head.timestamp, written: 0, deleted: 0 }
  }

  const made = change.model === undefined ? [] : tuplesetsOf(change.model.json)
  const fresh = made.filter((tupleset) => !facts.tuplesets.has(tupleset))
  const tuplesets = fresh.length === 0 ? facts.tuplesets : new Set([...facts.tuplesets, ...fresh])
  const relaying = fresh.length === 0 ? facts.relaying : [...facts.relaying, ...fresh]
  if (fresh.length > 0) {
    stage.put(keys.tuplesetsKey(state.number), values.pack([...tuplesets]))
    stage.put(keys.relayKey(state.number), values.pack(relaying))
  }

  const provenance = change.provenance
  const origin = { revision, timestamp, ...(provenance === undefined ? {} : { provenance }) }
  const ground = { stage, store: state.number, isTupleset: (name: string) => tuplesets.has(name) }
  await layOut(ground, tupleSteps(plan, origin), slice)

  const entry: ChangeEntry = { ...origin, tuples: await changesOf(plan, slice), ...documents }
  const checksum = await stageEntry(stage, state.number, head.checksum, entry, slice)
  stageEpoch(stage, state.number, facts, revision, moment.epoch)
  const model = change.model?.id ?? head.model
  const next = {
    revision,
    checksum,
    timestamp,
    epoch: moment.epoch,
    ...(model === undefined ? {} : { model }),
  }
  stage.put(keys.headKey(state.number), values.packHead(next))
  group.accept(state, stage, { ...facts, head: next, tuplesets, relaying }, entry)
  return { revision, timestamp, written: plan.written, deleted: plan.deleted }
}

/** `type#relation` of everything on the right of a `from` in a model. */
export function tuplesetsOf(model: ModelJson): string[] {
  const found = new Set<string>()
  for (const { type, relations } of model.type_definitions) {
    for (const rewrite of Object.values(relations ?? {})) {
      gatherTuplesets(rewrite, (relation) => found.add(`${type}#${relation}`))
    }
  }
  return [...found]
}

function gatherTuplesets(rewrite: UsersetJson, found: (relation: string) => void): void {
  if ('tupleToUserset' in rewrite) found(rewrite.tupleToUserset.tupleset.relation)
  else if ('union' in rewrite) for (const child of rewrite.union.child) gatherTuplesets(child, found)
  else if ('intersection' in rewrite) {
    for (const child of rewrite.intersection.child) gatherTuplesets(child, found)
  } else if ('difference' in rewrite) {
    gatherTuplesets(rewrite.difference.base, found)
    gatherTuplesets(rewrite.difference.subtract, found)
  }
}

/** Epochs of a store as its row has them: number, first revision, in order. */
export type EpochStarts = [epoch: number, revision: number][]

function stageEpoch(
  stage: Stage,
  store: number,
  { head }: StoreFacts,
  revision: number,
  epoch: number,
): void {
  if (head.epoch === epoch) return
  const key = keys.epochStartsKey(store)
  const bytes = stage.get(key)
  const starts = bytes === undefined ? [] : values.unpack<EpochStarts>(bytes)
  stage.put(key, values.pack([...starts, [epoch, revision]]))
}

/** Appends the entry to the store's log and answers its checksum. */
async function stageEntry(
  stage: Stage,
  store: number,
  before: Buffer,
  entry: ChangeEntry,
  slice: Slice,
): Promise<Buffer> {
  const payload = [values.packChangeHead(entry)]
  for (let i = 0; i < entry.tuples.length; i += values.changesPerChunk) {
    payload.push(values.packChanges(entry.tuples.slice(i, i + values.changesPerChunk)))
    if (i > 0) await slice.rest()
  }
  const row = values.sealChange(before, entry.revision, payload)
  stage.put(keys.changeKey(store, entry.revision), row)
  return Buffer.from(values.checksumIn(row))
}

function* tupleSteps(plan: Plan, origin: values.TupleRow): Generator<TupleStep> {
  for (const { key, tuple, before, after } of plan.steps.values()) {
    yield { key, tuple, before, after: after === undefined ? undefined : rowOf(after, origin) }
  }
}

function rowOf(
  { condition, expiresAt }: { condition?: values.TupleRow['condition']; expiresAt?: number },
  origin: values.TupleRow,
): values.TupleRow {
  if (condition === undefined && expiresAt === undefined) return origin
  return {
    ...origin,
    ...(condition === undefined ? {} : { condition }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
}

async function changesOf(plan: Plan, slice: Slice): Promise<TupleChange[]> {
  const deletes: TupleChange[] = []
  const writes: TupleChange[] = []
  for (const { tuple, before, after } of plan.steps.values()) {
    const { object, relation, subject } = tuple
    if (before !== undefined) deletes.push({ operation: 'delete', tuple: { object, relation, subject } })
    if (after !== undefined) {
      const { condition, expiresAt } = after
      const payload = {
        ...(condition === undefined ? {} : { condition }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      }
      writes.push({ operation: 'write', tuple: { object, relation, subject, ...payload } })
    }
    if (slice.isOver) await slice.rest()
  }
  return writes.length === 0 ? deletes : deletes.concat(writes)
}

type Documents = Pick<ChangeEntry, 'model' | 'entities' | 'assertions'>

/** Stages models, assertions and entities; undefined when none of them changes. */
function stageDocuments(
  stage: Stage,
  store: number,
  change: Change,
  revision: number,
): Documents | undefined {
  const { model, assertions } = change
  const entities = stageEntities(stage, store, change, revision)
  if (model !== undefined) {
    const key = keys.modelKey(store, model.id)
    assert(stage.get(key) === undefined, `model ${model.id} exists`)
    stage.put(key, values.packDocument(revision, model.json))
    stage.put(keys.modelOrderKey(store, revision), values.pack(model.id))
  }
  const asserted = assertions !== undefined && stageAssertions(stage, store, assertions)
  if (model === undefined && !asserted && entities.length === 0) return undefined
  return {
    ...(model === undefined ? {} : { model: model.id }),
    ...(entities.length === 0 ? {} : { entities }),
    ...(asserted ? { assertions: assertions.model } : {}),
  }
}

function stageAssertions(
  stage: Stage,
  store: number,
  { model, assertions }: NonNullable<Change['assertions']>,
): boolean {
  const key = keys.assertionsKey(store, model)
  const bytes = values.pack(JSON.stringify(assertions))
  if (stage.get(key)?.equals(bytes) === true) return false
  stage.put(key, bytes)
  return true
}

function stageEntities(
  stage: Stage,
  store: number,
  { putEntities = [], deleteEntities = [] }: Change,
  revision: number,
): NonNullable<ChangeEntry['entities']> {
  const changed: { operation: 'put' | 'delete'; entity: string }[] = []
  for (const { type, id } of deleteEntities) {
    const key = keys.entityKey(store, type, id)
    if (stage.get(key) === undefined) continue
    stage.delete(key)
    changed.push({ operation: 'delete', entity: `${type}:${id}` })
  }
  for (const { type, id, attributes } of putEntities) {
    const key = keys.entityKey(store, type, id)
    const bytes = stage.get(key)
    if (bytes !== undefined && isSameDocument(bytes, attributes)) continue
    stage.put(key, values.packDocument(revision, attributes))
    changed.push({ operation: 'put', entity: `${type}:${id}` })
  }
  return changed
}

function isSameDocument(bytes: Buffer, document: JsonObject): boolean {
  const stored = values.unpackDocument<JsonObject>(bytes).document
  return isDeepStrictEqual(stored, JSON.parse(JSON.stringify(document)))
}
