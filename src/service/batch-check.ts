/** Many checks at one revision. One that fails fails alone; the same one twice is walked once. */
import { check as decide } from '../engine/check.ts'
import { Slices } from '../engine/drive.ts'
import type { Graph } from '../engine/resident/graph.ts'
import { assert } from '../lib/assert.ts'
import { Fault, faultOf } from '../lib/fault.ts'
import type { Model } from '../model/model.ts'
import type { View } from '../storage/storage.ts'
import { freshEnough, type Ground, passesCaches, pinned, viewOf } from './ground.ts'
import { canonicalCheck } from './identity.ts'
import { demandKey } from './keys.ts'
import { type Footing, scopeOf } from './question.ts'
import { recollect } from './recollect.ts'
import type { Answer, BatchCheckAnswer, BatchCheckRequest } from './requests.ts'

/** @throws Fault validation_error: an empty or too large batch, a correlation id twice; the model's two */
export async function batchCheck(ground: Ground, request: BatchCheckRequest): Promise<BatchCheckAnswer> {
  await freshEnough(ground, request)
  const view = viewOf(ground, request.store)
  demandBatch(request, ground.options.checksPerBatchMax)
  const { model, answer, graph } = standingOf(ground, view, request)
  const results = new Map<string, Result>()
  const left = graph === undefined ? request.checks : recollectAll(ground, view, graph, request, results)
  if (left.length === 0) return { ...answer, results }
  const { options } = ground
  const deadline = performance.now() + options.requestTimeoutMs
  const footing = { model, deadline, depthMax: options.resolveDepth }
  const resident = graph === undefined ? {} : { resident: graph }
  await pinned(view, (pin) => answerAll({ ...footing, view: pin, ...resident }, left, results))
  return { ...answer, results: inOrder(request, results) }
}

interface Standing {
  readonly model: Model
  readonly answer: Answer
  /** Where memory may be asked. */
  readonly graph?: Graph
}

function standingOf(ground: Ground, view: View, request: BatchCheckRequest): Standing {
  if (!passesCaches(ground, request)) {
    const { answer, graph } = ground.standings.of(view, request.model)
    return { model: graph.model, answer, graph }
  }
  const model = ground.models.resolve(view, request.model)
  const zookie = ground.storage.zookie(request.store, view.revision)
  return { model, answer: { zookie, model: model.id } }
}

/** Milliseconds that memory may answer in one go. */
const recollectMs = 2

type Item = BatchCheckRequest['checks'][number]
type Result = boolean | Fault

/** Answers within this turn what memory can; the others are left. */
function recollectAll(
  ground: Ground,
  view: View,
  graph: Graph,
  { checks }: BatchCheckRequest,
  results: Map<string, Result>,
): readonly Item[] {
  const left: Item[] = []
  const until = performance.now() + recollectMs
  for (const [index, item] of checks.entries()) {
    // Each may fetch what takes milliseconds; a look at the clock costs a tenth of what most take.
    if (index % 4 === 3 && performance.now() > until) return [...left, ...checks.slice(index)]
    const result = recollectOne(ground, view, graph, item)
    if (result === undefined) left.push(item)
    else results.set(item.correlationId, result)
  }
  return left
}

function recollectOne(ground: Ground, view: View, graph: Graph, item: Item): Result | undefined {
  try {
    return recollect(ground, view, graph, item)
  } catch (thrown) {
    return faultOf(thrown)
  }
}

/** One after the other, in slices: they share one core, and errors stay deterministic. The view is pinned. */
async function answerAll(
  footing: Footing,
  checks: readonly Item[],
  results: Map<string, Result>,
): Promise<void> {
  const known = new Map<string, Result>()
  const slices = new Slices()
  for (const item of checks) {
    if (slices.isOver) await slices.rest()
    const identity = canonicalCheck(item)
    const result = known.get(identity) ?? (await answerOne(footing, item))
    known.set(identity, result)
    results.set(item.correlationId, result)
  }
}

/** As they were asked for. */
function inOrder({ checks }: BatchCheckRequest, results: ReadonlyMap<string, Result>): Map<string, Result> {
  const ordered = new Map<string, Result>()
  for (const { correlationId } of checks) {
    const result = results.get(correlationId)
    assert(result !== undefined, 'every check has a result')
    ordered.set(correlationId, result)
  }
  return ordered
}

async function answerOne(footing: Footing, item: Item): Promise<boolean | Fault> {
  try {
    const scope = scopeOf(footing, item, (model) => demandKey(model, item.tuple))
    const { allowed } = await decide(scope, item.tuple)
    return allowed
  } catch (thrown) {
    return faultOf(thrown)
  }
}

function demandBatch({ checks }: BatchCheckRequest, max: number): void {
  if (checks.length === 0) {
    throw new Fault(
      'validation_error',
      'batch check requires at least one check to evaluate, no checks were received',
    )
  }
  if (checks.length > max) {
    throw new Fault(
      'validation_error',
      `batchCheck received ${checks.length} checks, the maximum allowed is ${max}`,
    )
  }
  const seen = new Set<string>()
  for (const { correlationId } of checks) {
    if (seen.has(correlationId)) {
      throw new Fault('validation_error', `received duplicate correlation id: ${correlationId}`)
    }
    seen.add(correlationId)
  }
}
