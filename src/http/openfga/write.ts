/** POST /stores/{store}/write: contract 1.3, with preconditions and delete_where as Kith's additions. */
import { decodeWrite } from '../../wire/store.ts'
import { bodyOf } from '../body.ts'
import { answer, callerOf, mark, provenanceOf, storeOf, type Verb } from '../exchange.ts'
import { demandTuples, demandWrite } from '../permit.ts'

export const write: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'WriteRequest')
  const request = { ...state, ...decodeWrite(await bodyOf(c)) }
  demandWrite(callerOf(c), request)
  demandTuples(callerOf(c), request.store, (store) => kith.isGuarded(store))
  const written = await kith.write({ ...request, provenance: provenanceOf(c) })
  mark(c, written)
  return answer(c, {})
}
