/** /v1/orgs/{org}/groups. */

import * as lists from '../../directory/groups/group-list.ts'
import { statusFilter } from '../../directory/groups/group-list.ts'
import * as directory from '../../directory/groups/groups.ts'
import { Fault } from '../../lib/fault.ts'
import { form, id, list, nullable, oneOf, required, text } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, type Exchange, mark, type Verb } from '../exchange.ts'
import { pageRequest, parameter } from './query.ts'
import { actOf, directoryOf, done, visitOf } from './visit.ts'

const fields = {
  description: nullable(text(4000)),
  category: nullable(text(100)),
  tags: nullable(list(text(100), 50)),
  parentId: nullable(id()),
  visibility: oneOf('public', 'private'),
}
const newGroup = form({ name: required(text(200)), ...fields, copyFrom: id() })
const groupChange = form({ name: text(200), ...fields })

export const createGroup: Verb = (_, door) => async (c) => {
  const request = actOf(c)
  const group = newGroup(await bodyOf(c))
  const made = await directory.createGroup(directoryOf(door), { group, ...request })
  return done(c, made, 201)
}

export const listGroups: Verb = (_, door) => async (c) => {
  const category = parameter(c, 'category')
  const status = parameter(c, 'status')
  const found = await lists.listGroups(directoryOf(door), {
    ...visitOf(c),
    ...pageRequest(c),
    ...(category === undefined ? {} : { category }),
    ...(status === undefined ? {} : { status: statusFilter(status) }),
    ...(reviewOf(c) ? { reviewDue: true } : {}),
  })
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { groups: rows, continuationToken })
}

/** @throws Fault invalid_field */
function reviewOf(c: Exchange): boolean {
  const asked = parameter(c, 'review')
  if (asked === undefined || asked === 'due') return asked === 'due'
  throw new Fault('invalid_field', '`review` can be `due`', { field: 'review' })
}

export const getGroup: Verb = (_, door) => async (c) => {
  const found = await lists.getGroup(directoryOf(door), { group: groupIn(c), ...visitOf(c) })
  mark(c, found)
  return answer(c, found.result)
}

export const updateGroup: Verb = (_, door) => async (c) => {
  const request = { group: groupIn(c), ...actOf(c) }
  const change = groupChange(await bodyOf(c))
  const made = await directory.updateGroup(directoryOf(door), { change, ...request })
  return done(c, made, 200)
}

export const deleteGroup: Verb = (_, door) => async (c) => {
  return done(c, await directory.deleteGroup(directoryOf(door), { group: groupIn(c), ...actOf(c) }))
}

export const archiveGroup = archiving(true)
export const unarchiveGroup = archiving(false)

function archiving(archived: boolean): Verb {
  return (_, door) => async (c) => {
    const made = await directory.archiveGroup(directoryOf(door), { group: groupIn(c), archived, ...actOf(c) })
    return done(c, made, 200)
  }
}

export function groupIn(c: Exchange): string {
  return c.req.param('group') ?? ''
}
