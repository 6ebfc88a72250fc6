/** POST /stores/{store}/expand: contract 1.8, one level. */
import { decodeExpand } from '../../wire/question.ts'
import { bodyOf } from '../body.ts'
import { answer, callerOf, mark, storeOf, type Verb } from '../exchange.ts'
import { demandQuestion } from '../permit.ts'

export const expand: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'ExpandRequest')
  const request = Object.assign(state, decodeExpand(await bodyOf(c)))
  demandQuestion(callerOf(c), 'read', request.object, request)
  const expanded = await kith.expand(request)
  mark(c, expanded)
  return answer(c, { tree: expanded.tree })
}
