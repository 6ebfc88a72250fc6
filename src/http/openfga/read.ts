/** POST /stores/{store}/read: contract 1.4, by user alone or relation alone as well. */
import { decodeRead } from '../../wire/store.ts'
import { encodeStoredTuple } from '../../wire/tuple.ts'
import { bodyOf } from '../body.ts'
import { answer, callerOf, mark, storeOf, type Verb } from '../exchange.ts'
import { demandObject } from '../permit.ts'

export const read: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'ReadRequest')
  const request = Object.assign(state, decodeRead(await bodyOf(c)))
  demandObject(callerOf(c), 'read', state.store, request.filter?.object)
  const page = await kith.read(request)
  mark(c, page)
  return answer(c, {
    tuples: page.tuples.map(encodeStoredTuple),
    continuation_token: page.continuationToken,
  })
}
