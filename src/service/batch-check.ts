/** Many checks at one revision. One that fails fails alone; the same one twice is walked once. */
import { check as decide } from '../engine/check.ts'
import { Slices } from '../engine/drive.ts'
import type { Graph } from '../engine/resident/graph.ts'
import type { Scope } from '../engine/scope.ts'
import { Fault, faultOf } from '../lib/fault.ts'
import type { Model } from '../model/model.ts'
import type { View } from '../storage/storage.ts'
import { freshEnough, type Ground, passesCaches, pinned, viewOf } from './ground.ts'
import { canonicalCheck } from './identity.ts'
import { demandKey } from './keys.ts'
import { type Footing, scopeOf } from './question.ts'
import { type Asked, recollect } from './recollect.ts'
import type { Answer, BatchCheckAnswer, BatchCheckRequest, Prompt } from './requests.ts'

/**
 * Within this turn where memory can tell all of it. Rejects with a Fault: validation_error for an empty or too large
 * batch and a correlation id twice; the model's two.
 */
export function batchCheck(ground: Ground, request: BatchCheckRequest): Prompt<BatchCheckAnswer> {
  try {
    const waiting = freshEnough(ground, request)
    return waiting === undefined ? answered(ground, request) : waiting.then(() => answered(ground, request))
  } catch (thrown) {
    return Promise.reject(thrown)
  }
}

function answered(ground: Ground, request: BatchCheckRequest): Prompt<BatchCheckAnswer> {
  const view = viewOf(ground, request.store)
  const results = unansweredOf(request, ground.options.checksPerBatchMax)
  const { model, answer, graph, depthMax } = basisOf(ground, view, request)
  const left =
    graph === undefined
      ? request.checks.map(unasked)
      : recollectAll({ view, graph, depthMax }, request.checks, results)
  if (left.length === 0) return { results, ...answer }
  const { options } = ground
  const deadline = performance.now() + options.requestTimeoutMs
  const footing = { model, deadline, depthMax }
  const resident = graph === undefined ? {} : { resident: graph }
  return pinned(view, async (pin) => {
    await answerAll({ view: pin, ...footing, ...resident }, left, results)
    return { results, ...answer }
  })
}

/** What a batch is answered from. */
interface Basis {
  readonly model: Model
  readonly answer: Answer
  /** Tuple hops. */
  readonly depthMax: number
  /** Where memory may be asked. */
  readonly graph?: Graph
}

function basisOf(ground: Ground, view: View, request: BatchCheckRequest): Basis {
  if (!passesCaches(ground, request)) {
    const { answer, graph, depthMax } = ground.standings.of(view, request.model)
    return { model: graph.model, answer, graph, depthMax: request.depthMax ?? depthMax }
  }
  const model = ground.models.resolve(view, request.model)
  const zookie = ground.storage.zookie(request.store, view.revision)
  return { model, answer: { zookie, model: model.id }, depthMax: request.depthMax ?? ground.depths.of(view) }
}

/** Milliseconds that memory may answer in one go. */
const recollectMs = 2

type Item = BatchCheckRequest['checks'][number]

/** An item that is still to be answered. */
interface Left {
  readonly item: Item
  /** Memory was asked, and cannot tell. */
  readonly memoryAsked: boolean
}

function unasked(item: Item): Left {
  return { item, memoryAsked: false }
}

type Result = boolean | Fault

/** What memory is asked with. */
interface Recollection {
  readonly view: View
  readonly graph: Graph
  readonly depthMax: number
}

/** Answers within this turn what memory can; the others are left. */
function recollectAll(
  from: Recollection,
  checks: BatchCheckRequest['checks'],
  results: Map<string, Result>,
): readonly Left[] {
  const left: Left[] = []
  const until = performance.now() + recollectMs
  let index = 0
  for (const item of checks) {
    // Each may fetch what takes milliseconds; a look at the clock costs a tenth of what most take.
    if (index % 4 === 3 && performance.now() > until) return [...left, ...checks.slice(index).map(unasked)]
    index += 1
    const result = recollectOne(from, item)
    if (result === undefined || result === 'unknown') left.push({ item, memoryAsked: result !== undefined })
    else results.set(item.correlationId, result)
  }
  return left
}

function recollectOne({ view, graph, depthMax }: Recollection, item: Asked): Result | 'unknown' | undefined {
  try {
    const found = recollect(view, graph, item, depthMax)
    return typeof found === 'object' ? found.allowed : found
  } catch (thrown) {
    return faultOf(thrown)
  }
}

/** One after the other, in slices: they share one core, and errors stay deterministic. The view is pinned. */
async function answerAll(
  footing: Footing,
  left: readonly Left[],
  results: Map<string, Result>,
): Promise<void> {
  const known = new Map<string, Result>()
  const slices = new Slices()
  for (const { item, memoryAsked } of left) {
    if (slices.isOver) await slices.rest()
    const identity = canonicalCheck(item)
    const result = known.get(identity) ?? (await answerOne(Object.assign({}, footing, { memoryAsked }), item))
    known.set(identity, result)
    results.set(item.correlationId, result)
  }
}

async function answerOne(
  footing: Footing & Pick<Scope, 'memoryAsked'>,
  item: Item,
): Promise<boolean | Fault> {
  try {
    const scope = scopeOf(footing, item, (model) => demandKey(model, item.tuple))
    const { allowed } = await decide(scope, item.tuple)
    return allowed
  } catch (thrown) {
    return faultOf(thrown)
  }
}

/** What an item is until it is answered: never an allow. */
const unanswered: Result = new Fault('internal_error', 'the item was not answered')

/** The results to be filled in, as they were asked for. @throws Fault validation_error */
function unansweredOf({ checks }: BatchCheckRequest, max: number): Map<string, Result> {
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
  const results = new Map<string, Result>()
  for (const { correlationId } of checks) results.set(correlationId, unanswered)
  if (results.size < checks.length) refuseDuplicate(checks)
  return results
}

function refuseDuplicate(checks: BatchCheckRequest['checks']): never {
  const seen = new Set<string>()
  const twice = checks.find(({ correlationId: id }) => seen.size === seen.add(id).size)
  throw new Fault('validation_error', `received duplicate correlation id: ${twice?.correlationId}`)
}
