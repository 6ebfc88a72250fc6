/** POST /v1/stores/{store}/explain: a check with its reasons; no depth limit, as on all of /v1. */
import { decodeCheck } from '../../wire/question.ts'
import { bodyOf } from '../body.ts'
import { answer, callerOf, mark, storeOf, type Verb } from '../exchange.ts'
import { demandAllTypes } from '../permit.ts'

export const explain: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'CheckRequest')
  demandAllTypes(callerOf(c), 'read', state.store)
  const { trace: _, ...question } = decodeCheck(await bodyOf(c))
  const explained = await kith.explain({ depthMax: Number.POSITIVE_INFINITY, ...state, ...question })
  mark(c, explained)
  return answer(c, { allowed: explained.allowed, explanation: explained.explanation })
}
