/** POST /stores/{store}/write: contract 1.3, with preconditions and delete_where as Kith's additions. */
import { decodeWrite } from '../../wire/store.ts'
import { bodyOf } from '../body.ts'
import { answer, mark, provenanceOf, storeOf, type Verb } from '../exchange.ts'

export const write: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'WriteRequest')
  const written = await kith.write({
    ...state,
    ...decodeWrite(await bodyOf(c)),
    provenance: provenanceOf(c),
  })
  mark(c, written)
  return answer(c, {})
}
