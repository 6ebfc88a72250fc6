/** /stores/{store}/assertions/{model}: contract 1.11. Stored, never run here. */
import { decodeAssertions } from '../../wire/store.ts'
import { bodyOf } from '../body.ts'
import {
  actedProvenanceOf,
  answer,
  answerNothing,
  callerOf,
  mark,
  modelOf,
  storeOf,
  type Verb,
} from '../exchange.ts'
import { demandAllTypes } from '../permit.ts'

export const writeAssertions: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'WriteAssertionsRequest')
  const model = modelOf(c, 'WriteAssertionsRequest', 'AuthorizationModelId')
  const assertions = decodeAssertions(await bodyOf(c))
  mark(c, await kith.writeAssertions({ ...state, model, assertions, provenance: actedProvenanceOf(c) }))
  return answerNothing(c)
}

export const readAssertions: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'ReadAssertionsRequest')
  // They name tuples of any type.
  demandAllTypes(callerOf(c), 'read', state.store)
  const model = modelOf(c, 'ReadAssertionsRequest', 'AuthorizationModelId')
  const { assertions, zookie } = await kith.assertions({ ...state, model })
  mark(c, { zookie })
  return answer(c, { authorization_model_id: model, assertions })
}
