/** GET /stores/{store}/changes: contract 1.5. */
import { encodeChange } from '../../wire/answers.ts'
import { decodeChanges } from '../../wire/store.ts'
import { answer, callerOf, mark, storeOf, type Verb } from '../exchange.ts'
import { demandObject } from '../permit.ts'

export const changes: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'ReadChangesRequest')
  const request = Object.assign(state, decodeChanges(c.req.query()))
  demandObject(callerOf(c), 'read', state.store, request.type)
  const page = await kith.changes(request)
  mark(c, page)
  return answer(c, {
    changes: page.changes.map(encodeChange),
    continuation_token: page.continuationToken,
  })
}
