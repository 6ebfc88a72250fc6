/** May this subject do this to that object? */
import { check as decide } from '../engine/check.ts'
import { freshEnough, type Ground } from './ground.ts'
import { demandKey } from './keys.ts'
import { questionOf } from './question.ts'
import type { CheckAnswer, CheckRequest } from './requests.ts'

/** @throws Fault validation_error for the key, invalid_tuple for a contextual one, the engine's faults */
export async function check(ground: Ground, request: CheckRequest): Promise<CheckAnswer> {
  const waiting = freshEnough(ground, request)
  if (waiting !== undefined) await waiting
  const { scope, answer } = questionOf(ground, request, {
    demand: (model) => demandKey(model, request.tuple),
    timeoutMs: ground.options.requestTimeoutMs,
  })
  const { allowed } = await decide(scope, request.tuple)
  return { ...answer, allowed, resolution: '' }
}
