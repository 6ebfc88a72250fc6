/** Assertions: kept beside a model, replaced as a whole, run by nobody here. */

import { Fault } from '../lib/fault.ts'
import type { Json, JsonObject } from '../lib/json.ts'
import type { AssertionJson } from '../model/assertion.ts'
import type { Model } from '../model/model.ts'
import { printTuple, type Tuple } from '../tuple/tuple.ts'
import { demandContext } from './context.ts'
import { freshEnough, type Ground, viewOf } from './ground.ts'
import { demandKey, tupleFlaw } from './keys.ts'
import { madeBy } from './provenance.ts'
import type { Answer, StoreRequest, WriteAssertionsRequest } from './requests.ts'

const assertionsMax = 100
const assertionBytesMax = 64_000
const contextualMax = 20

/** @throws Fault assertions_too_many_items, exceeded_entity_limit, validation_error, authorization_model_not_found */
export async function writeAssertions(ground: Ground, request: WriteAssertionsRequest): Promise<Answer> {
  await freshEnough(ground, request)
  const model = ground.models.resolve(viewOf(ground, request.store), demandId(request.model))
  const { assertions } = request
  if (assertions.length > assertionsMax) {
    throw new Fault(
      'assertions_too_many_items',
      `invalid WriteAssertionsRequest.Assertions: value must contain no more than ${assertionsMax} item(s)`,
    )
  }
  for (const assertion of assertions) demandAssertion(model, assertion)
  if (Buffer.byteLength(JSON.stringify(assertions)) > assertionBytesMax) {
    throw new Fault(
      'exceeded_entity_limit',
      `The number of bytes exceeds the allowed limit of ${assertionBytesMax}`,
    )
  }
  const { revision } = await ground.storage.commit(request.store, {
    assertions: {
      model: model.id,
      assertions: assertions.map((assertion) => ({ ...assertion, tuple_key: { ...assertion.tuple_key } })),
    },
    ...madeBy(request),
  })
  return { zookie: ground.storage.zookie(request.store, revision), model: model.id }
}

/** Empty when none were written. @throws Fault authorization_model_not_found */
export async function assertions(
  ground: Ground,
  request: StoreRequest & { readonly model: string },
): Promise<Answer & { readonly model: string; readonly assertions: readonly AssertionJson[] }> {
  await freshEnough(ground, request)
  const view = viewOf(ground, request.store)
  const { id } = ground.models.resolve(view, demandId(request.model))
  // What is stored was an AssertionJson when it was written, above.
  const stored = (view.assertions(id)?.assertions ?? []) as unknown as readonly AssertionJson[]
  return { model: id, assertions: stored, zookie: ground.storage.zookie(request.store, view.revision) }
}

/** Assertions belong to one model by name; the latest is not meant by silence. */
function demandId(id: string): string {
  if (id !== '') return id
  throw new Fault('authorization_model_not_found', "Authorization Model '' not found")
}

function demandAssertion(model: Model, assertion: AssertionJson): void {
  const { object, relation, user } = assertion.tuple_key
  demandKey(model, { object, relation, subject: user })
  if (assertion.context !== null) demandContext(assertion.context)
  if (assertion.contextual_tuples.length > contextualMax) {
    throw new Fault(
      'validation_error',
      `invalid Assertion.ContextualTuples: value must contain no more than ${contextualMax} item(s)`,
    )
  }
  for (const json of assertion.contextual_tuples) {
    const tuple = contextualOf(json)
    const flaw = tupleFlaw(model, tuple)
    if (flaw !== undefined) {
      throw new Fault('validation_error', `Invalid tuple '${printTuple(tuple)}'. Reason: ${flaw}`)
    }
  }
}

/** A contextual tuple as the wire spells it; what is not text counts as empty and is refused by the model. */
function contextualOf(json: JsonObject): Tuple {
  const key = { object: text(json.object), relation: text(json.relation), subject: text(json.user) }
  const { condition } = json
  if (!isObject(condition)) return key
  const { context } = condition
  return { ...key, condition: { name: text(condition.name), ...(isObject(context) ? { context } : {}) } }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
