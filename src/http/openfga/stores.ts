/** /stores: create, list, get, rename and delete, contract 1.1. */
import { encodeNewStore, encodeStore } from '../../wire/answers.ts'
import { decodeCreateStore, decodeListStores, decodeRenameStore } from '../../wire/store.ts'
import { bodyOf } from '../body.ts'
import { actedProvenanceOf, answer, answerNothing, callerOf, storeOf, type Verb } from '../exchange.ts'

export const createStore: Verb = (kith) => async (c) => {
  const { name } = decodeCreateStore(await bodyOf(c))
  return answer(c, encodeNewStore(await kith.createStore(name, actedProvenanceOf(c))), 201)
}

export const listStores: Verb = (kith) => async (c) => {
  const { stores } = callerOf(c).scopes
  const among = stores === 'all' ? {} : { among: stores }
  const page = await kith.stores({ ...decodeListStores(c.req.query()), ...among })
  return answer(c, {
    stores: page.stores.map(encodeStore),
    continuation_token: page.continuationToken,
  })
}

export const getStore: Verb = (kith) => async (c) => {
  const { store } = storeOf(c, 'GetStoreRequest')
  return answer(c, encodeStore(await kith.store(store)))
}

/** Kith's addition: upstream declares it and never answers it. */
export const renameStore: Verb = (kith) => async (c) => {
  const { store } = storeOf(c, 'UpdateStoreRequest')
  const { name } = decodeRenameStore(await bodyOf(c))
  return answer(c, encodeNewStore(await kith.renameStore(store, name, actedProvenanceOf(c))))
}

/** Idempotent: an unknown store is deleted already. */
export const deleteStore: Verb = (kith) => async (c) => {
  const { store } = storeOf(c, 'DeleteStoreRequest')
  await kith.deleteStore(store, actedProvenanceOf(c))
  return answerNothing(c)
}
