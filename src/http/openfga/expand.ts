/** POST /stores/{store}/expand: contract 1.8, one level. */
import { decodeExpand } from '../../wire/question.ts'
import { bodyOf } from '../body.ts'
import { answer, mark, storeOf, type Verb } from '../exchange.ts'

export const expand: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'ExpandRequest')
  const expanded = await kith.expand({ ...state, ...decodeExpand(await bodyOf(c)) })
  mark(c, expanded)
  return answer(c, { tree: expanded.tree })
}
