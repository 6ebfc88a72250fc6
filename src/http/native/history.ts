/** GET /v1/stores/{store}/changes: every revision, with who made it. GET /v1/changes: what happened to stores themselves. */
import { encodeLogged, encodeStoreChange } from '../../wire/log.ts'
import { decodeHistory, decodeStoreChanges } from '../../wire/store.ts'
import { answer, mark, storeOf, type Verb } from '../exchange.ts'
import { demandObject } from '../permit.ts'

export const history: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'HistoryRequest')
  const asked = decodeHistory(c.req.query())
  demandObject(c.get('visit').caller, 'read', state.store, asked.object ?? asked.type)
  const page = await kith.history({ ...state, ...asked })
  mark(c, page)
  return answer(c, {
    changes: page.changes.map(encodeLogged),
    continuation_token: page.continuationToken,
  })
}

export const storeChanges: Verb = (kith) => async (c) => {
  const page = await kith.storeChanges(decodeStoreChanges(c.req.query()))
  return answer(c, {
    changes: page.changes.map(encodeStoreChange),
    continuation_token: page.continuationToken,
  })
}
