/** Why does a check answer as it does? */
import { explain as explainWalk } from '../engine/explain.ts'
import { freshEnough, type Ground } from './ground.ts'
import { demandKey } from './keys.ts'
import { questionOf } from './question.ts'
import type { ExplainAnswer, ExplainRequest } from './requests.ts'

/**
 * What a check would fail with is part of the explanation.
 * @throws Fault validation_error for the key, invalid_tuple for a contextual one
 */
export async function explain(ground: Ground, request: ExplainRequest): Promise<ExplainAnswer> {
  await freshEnough(ground, request)
  const { scope, answer } = questionOf(ground, request, {
    demand: (model) => demandKey(model, request.tuple),
    timeoutMs: ground.options.requestTimeoutMs,
  })
  const { allowed, ...explanation } = await explainWalk(scope, request.tuple)
  return { allowed, explanation, ...answer }
}
