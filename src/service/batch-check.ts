/** Many checks at one revision. One that fails fails alone; the same one twice is walked once. */
import { check as decide } from '../engine/check.ts'
import { Fault, faultOf } from '../lib/fault.ts'
import { freshEnough, type Ground, pinned, residentFor, viewOf } from './ground.ts'
import { canonicalCheck } from './identity.ts'
import { demandKey } from './keys.ts'
import { type Footing, scopeOf } from './question.ts'
import type { BatchCheckAnswer, BatchCheckRequest } from './requests.ts'

/** @throws Fault validation_error: an empty or too large batch, a correlation id twice; the model's two */
export async function batchCheck(ground: Ground, request: BatchCheckRequest): Promise<BatchCheckAnswer> {
  await freshEnough(ground, request)
  const view = viewOf(ground, request.store)
  demandBatch(request, ground.options.checksPerBatchMax)
  const model = ground.models.resolve(view, request.model)
  const deadline = performance.now() + ground.options.requestTimeoutMs
  const resident = residentFor(ground, view, model, request)
  const results = await pinned(view, (pin) =>
    answers(
      { model, view: pin, deadline, depthMax: ground.options.resolveDepth, ...resident },
      request.checks,
    ),
  )
  return { zookie: ground.storage.zookie(request.store, view.revision), model: model.id, results }
}

type Item = BatchCheckRequest['checks'][number]

/** In the order asked, one after the other: they share one core, and errors stay deterministic. */
async function answers(footing: Footing, checks: readonly Item[]): Promise<Map<string, boolean | Fault>> {
  const known = new Map<string, boolean | Fault>()
  const results = new Map<string, boolean | Fault>()
  for (const item of checks) {
    const identity = canonicalCheck(item)
    const result = known.get(identity) ?? (await answerOne(footing, item))
    known.set(identity, result)
    results.set(item.correlationId, result)
  }
  return results
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
