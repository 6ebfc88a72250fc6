/** POST /stores/{store}/list-objects: contract 1.9, with pages and `truncated` as Kith's addition. */
import { encodeObjects } from '../../wire/answers.ts'
import { decodeListObjects } from '../../wire/question.ts'
import { bodyOf } from '../body.ts'
import { answer, callerOf, mark, storeOf, tell, type Verb } from '../exchange.ts'
import { demandQuestion } from '../permit.ts'

export const listObjects: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'ListObjectsRequest')
  const question = Object.assign(state, decodeListObjects(await bodyOf(c)))
  demandQuestion(callerOf(c), 'list', question.type, question)
  const told = tell(c, { verb: 'list-objects', request: question })
  const listed = await kith.listObjects(question)
  told.count = listed.objects.length
  mark(c, listed)
  return answer(c, encodeObjects(listed, question))
}
