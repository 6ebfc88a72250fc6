/**
 * One commit, from a Change to rows: judged, planned, laid out, chained to the log. It runs while its group is formed
 * (writer.ts) and leaves nothing behind when it is refused.
 */
import { Fault } from '../lib/fault.ts'
import type { ModelJson, UsersetJson } from '../model/json.ts'
import type { StoredTuple } from '../tuple/tuple.ts'
import { stageAsides } from './asides.ts'
import { stageDocuments } from './documents.ts'
import type { Group, StoreFacts, StoreState } from './group.ts'
import * as keys from './keys.ts'
import { layOut, type TupleStep } from './layout.ts'
import { type OwnChange, type Plan, planOf } from './plan.ts'
import { drive, type Slice, type Work } from './slice.ts'
import { Stage } from './stage.ts'
import type { ChangeEntry, Committed, Decide, TupleChange, TupleFilter, View } from './storage.ts'
import * as values from './values.ts'
import { type Sight, StoreView } from './view.ts'

/** Number and instant that a commit is built with. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The number of the folder's present epoch. */
  readonly epoch: number
}

/** Done within the turn where the commit is small, decided before it, and has no filter. @throws Fault of who decides, of a precondition, or store_id_not_found */
export function buildCommit(
  group: Group,
  state: StoreState,
  change: OwnChange | Decide,
  moment: Moment,
): Committed | Promise<Committed> {
  const facts = group.factsOf(state)
  if (facts.row.deleted !== 'no') throw new Fault('store_id_not_found', 'Store ID not found')
  const stage = new Stage(group.stage)
  const timestamp = Math.max(moment.now, facts.head.timestamp)
  const ground = { group, state, facts, stage, timestamp, epoch: moment.epoch }
  if (typeof change === 'function') return decided(ground, change)
  if (change.deleteWhere !== undefined) return matched({ ...ground, change }, viewOver(ground))
  return drive(stageCommit({ ...ground, change }, []), group.slice)
}

/** What a commit is built from, its change apart. */
interface Ground {
  readonly group: Group
  readonly state: StoreState
  readonly facts: StoreFacts
  readonly stage: Stage
  readonly timestamp: number
  readonly epoch: number
}

interface Building extends Ground {
  readonly change: OwnChange
}

async function decided(ground: Ground, decide: Decide): Promise<Committed> {
  const view = viewOver(ground)
  const change = await decide(view)
  return matched({ ...ground, change }, view)
}

async function matched(building: Building, view: View): Promise<Committed> {
  const { group, change } = building
  const matching: StoredTuple[] = []
  for (const filter of change.deleteWhere ?? []) {
    for (const tuple of await all(view, filter, group.slice)) matching.push(tuple)
  }
  return drive(stageCommit(building, matching), group.slice)
}

function viewOver({ state, facts, stage, timestamp }: Ground): View {
  return new StoreView(sightOf(state, facts, timestamp), stage)
}

/** What a view of a store shows at an instant. */
export function sightOf({ number, models }: StoreState, { row, head }: StoreFacts, now: number): Sight {
  return { number, store: row.id, revision: head.revision, now, latestModel: head.model, models }
}

async function all(view: View, filter: TupleFilter, slice: Slice): Promise<StoredTuple[]> {
  const found: StoredTuple[] = []
  let after: Uint8Array | undefined
  do {
    const page = await view.tuples(filter, 1000, after)
    for (const tuple of page.rows) found.push(tuple)
    after = page.next
    await slice.rest()
  } while (after !== undefined)
  return found
}

/** INVARIANT: whatever refuses the commit does so before the group is touched, in the last step. */
function* stageCommit(building: Building, matching: readonly StoredTuple[]): Work<Committed> {
  const { group, state, facts, stage, change, timestamp, epoch } = building
  const { head } = facts
  const { slice } = group
  const plan = yield* planOf({ stage, store: state.number, now: timestamp }, change, matching, slice)
  const revision = head.revision + 1
  const documents = yield* stageDocuments(stage, state.number, change, revision, slice)
  yield* stageAsides(stage, state.number, change, slice)
  if (plan.steps.size === 0 && documents === undefined) {
    if (stage.size > 0) group.accept(state, stage, facts)
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
  yield* layOut(ground, tupleSteps(plan, origin), slice)

  const entry: ChangeEntry = { ...origin, tuples: yield* changesOf(plan, slice), ...documents?.told }
  const checksum = yield* stageEntry(
    stage,
    state.number,
    head.checksum,
    { entry, digests: documents?.digests },
    slice,
  )
  stageEpoch(stage, state.number, facts, revision, epoch)
  const model = change.model?.id ?? head.model
  const next = { revision, checksum, timestamp, epoch, ...(model === undefined ? {} : { model }) }
  stage.put(keys.headKey(state.number), values.draftOfHead(next))
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
function* stageEntry(
  stage: Stage,
  store: number,
  before: Buffer,
  { entry, digests }: { readonly entry: ChangeEntry; readonly digests: readonly Buffer[] | undefined },
  slice: Slice,
): Work<Buffer> {
  const payload = [values.packChangeHead(entry, digests)]
  for (let i = 0; i < entry.tuples.length; i += values.changesPerChunk) {
    payload.push(values.packChanges(entry.tuples.slice(i, i + values.changesPerChunk)))
    // A chunk takes too long for the clock to be asked at every 16th only.
    if (i > 0) yield
  }
  const { row, checksum } = yield* values.sealChange(before, entry.revision, payload, slice)
  stage.put(keys.changeKey(store, entry.revision), row)
  return checksum
}

function* tupleSteps(plan: Plan, origin: values.TupleRow): Generator<TupleStep> {
  for (const { name, site, tuple, before, after } of plan.steps.values()) {
    yield { name, site, tuple, before, after: after === undefined ? undefined : rowOf(after, origin) }
  }
}

function rowOf(after: Qualifiers, origin: values.TupleRow): values.TupleRow {
  if (after.condition === undefined && after.expiresAt === undefined) return origin
  return { ...origin, ...qualifiersOf(after) }
}

/** Deletes before writes. */
function* changesOf(plan: Plan, slice: Slice): Work<TupleChange[]> {
  const changes: TupleChange[] = []
  for (const { tuple, before } of plan.steps.values()) {
    const { object, relation, subject } = tuple
    if (before !== undefined) changes.push({ operation: 'delete', tuple: { object, relation, subject } })
    if (slice.isOver) yield
  }
  for (const { tuple, after } of plan.steps.values()) {
    if (after !== undefined) {
      const { object, relation, subject } = tuple
      const key = { object, relation, subject }
      changes.push({
        operation: 'write',
        tuple: values.isQualified(after) ? { ...key, ...qualifiersOf(after) } : key,
      })
    }
    if (slice.isOver) yield
  }
  return changes
}

type Qualifiers = Pick<values.TupleRow, 'condition' | 'expiresAt'>

function qualifiersOf({ condition, expiresAt }: Qualifiers): Qualifiers {
  return {
    ...(condition === undefined ? {} : { condition }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
}
