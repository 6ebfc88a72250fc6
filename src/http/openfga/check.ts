/** POST /stores/{store}/check: contract 1.6. */
import { encodeCheck } from '../../wire/answers.ts'
import { decodeCheck } from '../../wire/question.ts'
import { bodyOf } from '../body.ts'
import { answer, mark, storeOf, type Verb } from '../exchange.ts'

export const check: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'CheckRequest')
  const checked = await kith.check({ ...state, ...decodeCheck(await bodyOf(c)) })
  mark(c, checked)
  return answer(c, encodeCheck(checked))
}
