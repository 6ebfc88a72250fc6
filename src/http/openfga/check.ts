/** POST /stores/{store}/check: contract 1.6. */
import { encodeCheck } from '../../wire/answers.ts'
import { decodeCheck } from '../../wire/question.ts'
import { bodyOf } from '../body.ts'
import { answer, callerOf, mark, storeOf, type Verb } from '../exchange.ts'
import { demandCheck } from '../permit.ts'

export const check: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'CheckRequest')
  const request = { ...state, ...decodeCheck(await bodyOf(c)) }
  demandCheck(callerOf(c), request)
  const checked = await kith.check(request)
  mark(c, checked)
  return answer(c, encodeCheck(checked))
}
