/** POST /stores/{store}/list-users: contract 1.10, with pages and `truncated` as Kith's addition. */
import { encodeListEnd, encodeUser } from '../../wire/answers.ts'
import { decodeListUsers } from '../../wire/question.ts'
import { bodyOf } from '../body.ts'
import { answer, callerOf, mark, storeOf, tell, type Verb } from '../exchange.ts'
import { demandQuestion } from '../permit.ts'

export const listUsers: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'ListUsersRequest')
  const question = Object.assign(state, decodeListUsers(await bodyOf(c)))
  demandQuestion(callerOf(c), 'list', question.object, question)
  const told = tell(c, { verb: 'list-users', request: question })
  const listed = await kith.listUsers(question)
  told.count = listed.users.length
  mark(c, listed)
  const paged = question.pageSize !== undefined || question.continuationToken !== undefined
  return answer(c, { users: listed.users.map(encodeUser), ...encodeListEnd(listed, paged) })
}
