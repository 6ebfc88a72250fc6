/** What does object#relation consist of, one level down? Conditions are not evaluated. */
import { expand as draw } from '../engine/expand.ts'
import { Fault } from '../lib/fault.ts'
import type { Model } from '../model/model.ts'
import { freshEnough, type Ground, pinned } from './ground.ts'
import { demandPlace } from './keys.ts'
import { questionOf } from './question.ts'
import type { ExpandAnswer, ExpandRequest } from './requests.ts'

/** @throws Fault invalid_expand_input, validation_error, invalid_tuple, deadline_exceeded */
export async function expand(ground: Ground, request: ExpandRequest): Promise<ExpandAnswer> {
  await freshEnough(ground, request)
  const { object, relation } = request
  const { scope, answer } = questionOf(ground, request, {
    demand: (model) => demandExpandable(model, request),
    timeoutMs: ground.options.requestTimeoutMs,
  })
  const tree = await pinned(scope.view, (view) => draw({ ...scope, view }, { object, relation }))
  return { tree, ...answer }
}

/** @throws Fault invalid_expand_input, validation_error */
export function demandExpandable(model: Model, { object, relation }: ExpandRequest): void {
  if (object === '' || relation === '') {
    throw new Fault('invalid_expand_input', 'Invalid input. Make sure you provide an object and a relation')
  }
  demandPlace(model, { object, relation })
}
