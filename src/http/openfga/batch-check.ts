/** POST /stores/{store}/batch-check: contract 1.7. One failing item never fails the batch. */
import { encodeBatchCheck } from '../../wire/answers.ts'
import { decodeBatchCheck } from '../../wire/question.ts'
import { bodyOf } from '../body.ts'
import { answer, callerOf, mark, storeOf, tell, type Verb } from '../exchange.ts'
import { demandBatch } from '../permit.ts'

export const batchCheck: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'BatchCheckRequest')
  const request = Object.assign(state, decodeBatchCheck(await bodyOf(c)))
  demandBatch(callerOf(c), request)
  const told = tell(c, { verb: 'batch-check', request })
  const batch = await kith.batchCheck(request)
  told.answer = batch
  mark(c, batch)
  return answer(c, encodeBatchCheck(batch.results))
}
