/** GET /stores/{store}/changes: contract 1.5. */
import { encodeChange } from '../../wire/answers.ts'
import { decodeChanges } from '../../wire/store.ts'
import { answer, mark, storeOf, type Verb } from '../exchange.ts'

export const changes: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'ReadChangesRequest')
  const page = await kith.changes({ ...state, ...decodeChanges(c.req.query()) })
  mark(c, page)
  return answer(c, {
    changes: page.changes.map(encodeChange),
    continuation_token: page.continuationToken,
  })
}
