/** POST /v1/stores/{store}/expand: follows usersets and parents to the leaves, in pages. */
import { decodeExpandAll } from '../../wire/question.ts'
import { bodyOf } from '../body.ts'
import { answer, callerOf, mark, storeOf, type Verb } from '../exchange.ts'
import { demandAllTypes } from '../permit.ts'

export const expandAll: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'ExpandRequest')
  demandAllTypes(callerOf(c), 'read', state.store)
  const question = decodeExpandAll(await bodyOf(c))
  const page = await kith.expandAll({ ...state, ...question, depthMax: Number.POSITIVE_INFINITY })
  mark(c, page)
  return answer(c, {
    nodes: page.nodes,
    continuation_token: page.continuationToken,
    truncated: page.truncated,
  })
}
