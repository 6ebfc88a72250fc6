/** May this subject do this to that object? */
import { check as decide } from '../engine/check.ts'
import { explain } from '../engine/explain.ts'
import type { Scope } from '../engine/scope.ts'
import { freshEnough, type Ground, passesCaches, pinned, viewOf } from './ground.ts'
import { demandKey } from './keys.ts'
import { questionOf } from './question.ts'
import { recollect } from './recollect.ts'
import type { CheckAnswer, CheckRequest, Prompt } from './requests.ts'

/**
 * From memory within this turn, without a promise: that alone is half of what such a check would cost.
 * Rejects with a Fault: validation_error for the key, invalid_tuple for a contextual one, the engine's.
 */
export function check(ground: Ground, request: CheckRequest): Prompt<CheckAnswer> {
  try {
    const waiting = freshEnough(ground, request)
    return waiting === undefined ? answered(ground, request) : waiting.then(() => answered(ground, request))
  } catch (thrown) {
    return Promise.reject(thrown)
  }
}

function answered(ground: Ground, request: CheckRequest): Prompt<CheckAnswer> {
  const answer = fromMemory(ground, request)
  return typeof answer === 'object' ? answer : walked(ground, request, answer === 'unknown')
}

async function walked(ground: Ground, request: CheckRequest, memoryAsked: boolean): Promise<CheckAnswer> {
  const { scope, answer } = questionOf(ground, request, {
    demand: (model) => demandKey(model, request.tuple),
    timeoutMs: ground.options.requestTimeoutMs,
    memoryAsked,
  })
  if (request.trace === true) {
    return pinned(scope.view, async (view) => ({ ...answer, ...(await traced({ ...scope, view }, request)) }))
  }
  const { allowed, source, ageMs = 0 } = await decide(scope, request.tuple)
  return { zookie: answer.zookie, model: answer.model, allowed, resolution: '', source, ageMs }
}

/** `unknown`: memory was asked and cannot tell; undefined: it was not asked. */
function fromMemory(ground: Ground, request: CheckRequest): CheckAnswer | 'unknown' | undefined {
  if (request.trace === true || passesCaches(ground, request)) return undefined
  const view = viewOf(ground, request.store)
  const { graph, answer, depthMax } = ground.standings.of(view, request.model)
  const found = recollect(view, graph, request, request.depthMax ?? depthMax)
  if (found === undefined || found === 'unknown') return found
  const { allowed, source, tick } = found
  const ageMs = tick === undefined ? 0 : graph.ageOf(tick, view)
  return { zookie: answer.zookie, model: answer.model, allowed, resolution: '', source, ageMs }
}

/** The check decides; the explanation, of the same state, only tells. */
async function traced(
  scope: Scope,
  { tuple }: CheckRequest,
): Promise<Pick<CheckAnswer, 'allowed' | 'resolution' | 'trace' | 'source'>> {
  const { allowed, source } = await decide(scope, tuple)
  const { resolution, allowed: _, ...explanation } = await explain(scope, tuple)
  return { allowed, resolution, trace: explanation, source }
}
