/** /stores/{store}/authorization-models: write, get and list, contract 1.2; DSL text is taken as text/plain. */
import { parseDsl } from '../../model/dsl.ts'
import type { ModelJson } from '../../model/json.ts'
import { decodeModel } from '../../model/shape.ts'
import { encodeModel } from '../../wire/answers.ts'
import { parseJson, parseText } from '../../wire/json.ts'
import { decodeListModels } from '../../wire/store.ts'
import { bodyOf, bytesOf } from '../body.ts'
import { answerDifference, dryRunOf } from '../dry-run.ts'
import { actedProvenanceOf, answer, type Exchange, mark, modelOf, storeOf, type Verb } from '../exchange.ts'

export const writeModel: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'WriteAuthorizationModelRequest')
  const request = { ...state, json: await modelBodyOf(c), provenance: actedProvenanceOf(c) }
  const dryRun = dryRunOf(c, state.store)
  if (dryRun !== undefined) return answerDifference(c, kith, { kind: 'model', request }, dryRun)
  const written = await kith.writeModel(request)
  mark(c, { zookie: written.zookie, model: written.id })
  return answer(c, { authorization_model_id: written.id }, 201)
}

export const getModel: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'ReadAuthorizationModelRequest')
  const id = modelOf(c, 'ReadAuthorizationModelRequest', 'Id')
  const model = await kith.model({ ...state, id })
  mark(c, { zookie: model.zookie })
  return answer(c, { authorization_model: encodeModel(model) })
}

export const listModels: Verb = (kith) => async (c) => {
  const state = storeOf(c, 'ReadAuthorizationModelsRequest')
  const page = await kith.models(Object.assign(state, decodeListModels(c.req.query())))
  mark(c, { zookie: page.zookie })
  return answer(c, {
    authorization_models: page.models.map(encodeModel),
    continuation_token: page.continuationToken,
  })
}

/** JSON whatever the Content-Type says, except text/plain that does not begin like JSON: that is DSL. */
async function modelBodyOf(c: Exchange): Promise<ModelJson> {
  const isText = /^text\/plain\b/i.test(c.req.header('Content-Type') ?? '')
  if (!isText) return decodeModel(await bodyOf(c))
  const bytes = await bytesOf(c)
  const text = parseText(bytes)
  return /^\s*\{/.test(text) ? decodeModel(parseJson(bytes)) : parseDsl(text)
}
