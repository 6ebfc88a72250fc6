/** POST /stores/{store}/list-users: contract 1.10, with pages and `truncated` as Kith's addition. */
import { encodeListEnd, encodeUser } from '../../wire/answers.ts'
import { decodeListUsers } from '../../wire/question.ts'
import { bodyOf } from '../body.ts'
import { answer, mark, storeOf, type Verb } from '../exchange.ts'

export const listUsers: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'ListUsersRequest')
  const question = decodeListUsers(await bodyOf(c))
  const listed = await kith.listUsers({ ...state, ...question })
  mark(c, listed)
  const paged = question.pageSize !== undefined || question.continuationToken !== undefined
  return answer(c, { users: listed.users.map(encodeUser), ...encodeListEnd(listed, paged) })
}
