/** /v1/orgs/{org}/groups/{group}/resources/{type}: what a group was given; and which groups can be given something. */
import { assignableGroups as listAssignable } from '../../directory/groups/assignable.ts'
import * as directory from '../../directory/resources/items.ts'
import { Fault } from '../../lib/fault.ts'
import { form, id, list, required, text } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, type Exchange, mark, type Verb } from '../exchange.ts'
import { pageRequest, parameter } from './query.ts'
import { kindOf, nameOf } from './resources.ts'
import { actOf, directoryOf, done, visitOf } from './visit.ts'

/** As many as one request may give. */
const idsMax = 1000

export const newItems = form({ ids: required(list(id(), idsMax)), level: text(64) })
const itemFields = form({ level: required(text(64)) })

export const attach: Verb = (_, door) => async (c) => {
  const request = { group: groupOf(c), kind: kindOf(c), ...actOf(c) }
  const asked = newItems(await bodyOf(c))
  const given = await directory.attach(directoryOf(door), { ...request, ...asked })
  return done(c, given, 201, (resources) => ({ resources }))
}

export const listItems: Verb = (_, door) => async (c) => {
  const request = { group: groupOf(c), kind: kindOf(c), ...visitOf(c), ...pageRequest(c) }
  const found = await directory.listItems(directoryOf(door), request)
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { resources: rows, continuationToken })
}

export const changeItem: Verb = (_, door) => async (c) => {
  const request = { group: groupOf(c), ...actOf(c), ...nameOf(c) }
  const { level } = itemFields(await bodyOf(c))
  const changed = await directory.changeItem(directoryOf(door), { level, ...request })
  return done(c, changed, 200)
}

export const detach: Verb = (_, door) => async (c) => {
  return done(c, await directory.detach(directoryOf(door), { group: groupOf(c), ...actOf(c), ...nameOf(c) }))
}

export const assignableGroups: Verb = (_, door) => async (c) => {
  const resource = parameter(c, 'for')
  if (resource === undefined || !/^[^:]+:[^:]+$/.test(resource)) {
    throw new Fault('invalid_field', '`for` names the resource, such as agent:a1', { field: 'for' })
  }
  const explain = parameter(c, 'explain') !== undefined
  const request = { resource, explain, ...visitOf(c), ...pageRequest(c) }
  const found = await listAssignable(directoryOf(door), request)
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { groups: rows, continuationToken })
}

function groupOf(c: Exchange): string {
  return c.req.param('group') ?? ''
}
