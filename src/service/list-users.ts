/** Which subjects of a shape may do this to this object? */
import { listUsers as find } from '../engine/list-users.ts'
import type { Model } from '../model/model.ts'
import { typeOf } from '../tuple/object.ts'
import { freshEnough, type Ground } from './ground.ts'
import { demandObject, demandRelation, demandType } from './keys.ts'
import { answerList } from './list.ts'
import { questionOf } from './question.ts'
import type { ListUsersAnswer, ListUsersRequest } from './requests.ts'

/** @throws Fault type_not_found, relation_not_found, validation_error, invalid_tuple, the engine's faults */
export async function listUsers(ground: Ground, request: ListUsersRequest): Promise<ListUsersAnswer> {
  await freshEnough(ground, request)
  const { object, relation } = request
  const filter = withoutEmpty(request.filter)
  const question = questionOf(ground, request, {
    demand: (model) => demandQuestion(model, request),
    timeoutMs: ground.options.listDeadlineMs,
  })
  const { names, ...rest } = await answerList(ground, request, {
    verb: 'list-users',
    question,
    asked: { object, relation, filter: { ...filter } },
    find: (scope) => find(scope, { object, relation, filter }),
  })
  return { users: names, ...rest }
}

function demandQuestion(model: Model, request: ListUsersRequest): void {
  const { type, relation } = withoutEmpty(request.filter)
  demandType(model, type)
  if (relation !== undefined) demandRelation(model, type, relation)
  demandObject(request.object)
  demandType(model, typeOf(request.object))
  demandRelation(model, typeOf(request.object), request.relation)
}

/** An empty relation is how the wire spells none. */
function withoutEmpty({ type, relation }: ListUsersRequest['filter']): ListUsersRequest['filter'] {
  return relation === undefined || relation === '' ? { type } : { type, relation }
}
