/** POST /stores/{store}/check: contract 1.6. */
import { encodeCheck } from '../../wire/answers.ts'
import { decodeCheck } from '../../wire/question.ts'
import { bodyOf } from '../body.ts'
import { answer, callerOf, mark, storeOf, tell, type Verb } from '../exchange.ts'
import { demandCheck } from '../permit.ts'

export const check: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'CheckRequest')
  // Not two spreads into a third: those run in V8's slow paths, and whoever reads the request after them does too.
  const request = Object.assign(state, decodeCheck(await bodyOf(c)))
  demandCheck(callerOf(c), request)
  const told = tell(c, { verb: 'check', request })
  const asked = kith.check(request)
  // From memory it is here: awaiting it all the same would cost a turn of the job queue.
  const checked = asked instanceof Promise ? await asked : asked
  told.answer = checked
  mark(c, checked)
  return answer(c, encodeCheck(checked))
}
