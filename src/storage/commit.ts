/**
 * One commit, from a Change to rows: judged, planned, laid out, chained to the log. It runs while its group is formed
 * (writer.ts) and leaves nothing behind when it is refused.
 */
import { Fault } from '../lib/fault.ts'
import type { ModelJson, UsersetJson } from '../model/json.ts'
import type { StoredTuple, Tuple } from '../tuple/tuple.ts'
import { stageAsides } from './asides.ts'
import { hasDocuments, stageDocuments } from './documents.ts'
import { isShort, type Sealed, sealLong, sealShort } from './entries.ts'
import type { Group, StoreFacts, StoreState } from './group.ts'
import * as keys from './keys.ts'
import { layOut, layOutFew, type TupleStep } from './layout.ts'
import { changeName } from './names.ts'
import { isFew, type OwnChange, type Plan, planFew, planOf, type Step } from './plan.ts'
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
  const { epoch } = moment
  if (typeof change === 'function') return decided({ group, state, facts, stage, timestamp, epoch }, change)
  const building = { group, state, facts, stage, timestamp, epoch, change }
  if (change.deleteWhere !== undefined) return matched(building, viewOver(building))
  return isBare(change) ? stageFew(building) : drive(stageCommit(building, []), group.slice)
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
  // To look and to lay out are two pieces of work, each as long as a check may wait.
  await ground.group.slice.rest()
  return matched({ change, ...ground }, view)
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

/** What most commits are: few tuples, and nothing beside them. */
function isBare(change: OwnChange): boolean {
  return isFew(change, []) && !hasDocuments(change) && change.asides === undefined
}

/** The same as `stageCommit`, in plain calls: a generator costs a small commit as much as a row. */
function stageFew(building: Building): Committed {
  const { state, facts, stage, change, timestamp } = building
  const store = state.number
  const plan = planFew({ stage, store, now: timestamp }, change, [])
  if (plan.steps.length === 0) return unchanged(building)
  const origin = originOf(building)
  layOutFew({ stage, store, tuplesets: facts.tuplesets }, stepsFew(plan, origin))
  const entry = entryOf(origin, changesFew(plan))
  const sealed = sealShort(facts.head.checksum, entry, '')
  return chained(building, facts, plan, entry, sealed)
}

/** INVARIANT: whatever refuses the commit does so before the group is touched, in the last step. */
function* stageCommit(building: Building, matching: readonly StoredTuple[]): Work<Committed> {
  const { group, state, facts, stage, change, timestamp } = building
  const { slice } = group
  const store = state.number
  const few = isFew(change, matching)
  const present = { stage, store, now: timestamp }
  const plan = few ? planFew(present, change, matching) : yield* planOf(present, change, matching, slice)
  const revision = facts.head.revision + 1
  const documents = hasDocuments(change)
    ? yield* stageDocuments(stage, store, change, revision, slice)
    : undefined
  if (change.asides !== undefined) yield* stageAsides(stage, store, change, slice)
  if (plan.steps.length === 0 && documents === undefined) return unchanged(building)

  const laid = change.model === undefined ? facts : stageTuplesets(building, change.model.json)
  const origin = originOf(building)
  const ground = { stage, store, tuplesets: laid.tuplesets }
  if (few) layOutFew(ground, stepsFew(plan, origin))
  else yield* layOut(ground, tupleSteps(plan, origin), slice)

  const tuples = few ? changesFew(plan) : yield* changesOf(plan, slice)
  const bare = entryOf(origin, tuples)
  const entry = documents === undefined ? bare : Object.assign(bare, documents.told)
  const [before, digests] = [facts.head.checksum, documents?.digests ?? '']
  const sealed = isShort(entry)
    ? sealShort(before, entry, digests)
    : yield* sealLong(before, entry, digests, slice)
  return chained(building, laid, plan, entry, sealed)
}

/** No revision: what is beside the log may have changed. */
function unchanged({ group, state, stage, facts }: Building): Committed {
  if (stage.size > 0) group.accept(state, stage, facts)
  return { revision: facts.head.revision, timestamp: facts.head.timestamp, written: 0, deleted: 0 }
}

/** Of whatever the commit writes. */
function originOf({ facts, timestamp, change: { provenance } }: Building): values.TupleRow {
  const revision = facts.head.revision + 1
  return provenance === undefined ? { revision, timestamp } : { revision, timestamp, provenance }
}

/** Spelled out: every listener looks at it, and what is spread has a shape that none of them knows. */
function entryOf({ revision, timestamp, provenance }: values.TupleRow, tuples: TupleChange[]): ChangeEntry {
  return provenance === undefined
    ? { revision, timestamp, tuples }
    : { revision, timestamp, provenance, tuples }
}

function chained(
  building: Building,
  laid: Laid,
  { written, deleted }: Plan,
  entry: ChangeEntry,
  { row, checksum }: Sealed,
): Committed {
  const { revision, timestamp } = entry
  building.stage.put(changeName(building.state.number, revision), row)
  accept(building, laid, entry, checksum)
  return { revision, timestamp, written, deleted }
}

type Laid = Pick<StoreFacts, 'tuplesets' | 'relaying'>

/** Of a new model: tuplesets that no model before it had are laid on pages from now on. */
function stageTuplesets({ stage, state, facts }: Building, model: ModelJson): Laid {
  const fresh = tuplesetsOf(model).filter((tupleset) => !facts.tuplesets.has(tupleset))
  if (fresh.length === 0) return facts
  const tuplesets = new Set([...facts.tuplesets, ...fresh])
  const relaying = [...facts.relaying, ...fresh]
  stage.put(keys.tuplesetsKey(state.number), values.pack([...tuplesets]))
  stage.put(keys.relayKey(state.number), values.pack(relaying))
  return { tuplesets, relaying }
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

/** Takes what is staged over into the group, with the end of the log that it makes. */
function accept(
  { group, state, facts, stage, epoch }: Building,
  laid: Laid,
  entry: ChangeEntry,
  checksum: string,
): void {
  const { revision, timestamp } = entry
  stageEpoch(stage, state.number, facts, revision, epoch)
  const model = entry.model ?? facts.head.model
  const head =
    model === undefined
      ? { revision, checksum, timestamp, epoch }
      : { revision, checksum, timestamp, epoch, model }
  const { tuplesets, relaying } = laid
  group.accept(state, stage, { row: facts.row, head, tuplesets, relaying }, entry)
}

function* tupleSteps(plan: Plan, origin: values.TupleRow): Generator<TupleStep> {
  for (const step of plan.steps) yield stepOf(step, origin)
}

function stepsFew(plan: Plan, origin: values.TupleRow): TupleStep[] {
  const steps: TupleStep[] = []
  for (const step of plan.steps) steps.push(stepOf(step, origin))
  return steps
}

function stepOf({ name, site, tuple, before, after }: Step, origin: values.TupleRow): TupleStep {
  return { name, site, tuple, before, after: after === undefined ? undefined : rowOf(after, origin) }
}

function rowOf(after: Qualifiers, origin: values.TupleRow): values.TupleRow {
  return values.isQualified(after) ? Object.assign(qualifiersOf(after), origin) : origin
}

/** Deletes before writes. */
function* changesOf(plan: Plan, slice: Slice): Work<TupleChange[]> {
  const changes: TupleChange[] = []
  for (const step of plan.steps) {
    if (step.before !== undefined) changes.push(deletedBy(step))
    if (slice.isOver) yield
  }
  for (const { after } of plan.steps) {
    if (after !== undefined) changes.push(writtenAs(after))
    if (slice.isOver) yield
  }
  return changes
}

function changesFew(plan: Plan): TupleChange[] {
  const changes: TupleChange[] = []
  for (const step of plan.steps) if (step.before !== undefined) changes.push(deletedBy(step))
  for (const { after } of plan.steps) if (after !== undefined) changes.push(writtenAs(after))
  return changes
}

function deletedBy({ tuple: { object, relation, subject } }: Step): TupleChange {
  return { operation: 'delete', tuple: { object, relation, subject } }
}

function writtenAs(after: Tuple): TupleChange {
  const { object, relation, subject } = after
  const key = { object, relation, subject }
  return {
    operation: 'write',
    tuple: values.isQualified(after) ? Object.assign(key, qualifiersOf(after)) : key,
  }
}

type Qualifiers = Pick<values.TupleRow, 'condition' | 'expiresAt'>

function qualifiersOf({ condition, expiresAt }: Qualifiers): Qualifiers {
  if (condition === undefined) return expiresAt === undefined ? {} : { expiresAt }
  return expiresAt === undefined ? { condition } : { condition, expiresAt }
}
