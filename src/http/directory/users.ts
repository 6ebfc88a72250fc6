/** /v1/orgs/{org}/users, and what users are given one by one. */

import * as directory from '../../directory/people/users.ts'
import * as grants from '../../directory/resources/grants.ts'
import { bool, email, form, id, json, nullable, text } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, type Exchange, mark, type Verb } from '../exchange.ts'
import { newItems } from './items.ts'
import { flagParameter, pageRequest } from './query.ts'
import { kindOf, nameOf } from './resources.ts'
import { actOf, directoryOf, done, visitOf } from './visit.ts'

const newUser = form({
  id: id(),
  email: email(),
  name: text(200),
  avatarUrl: text(2000),
  attributes: json(16_384),
  role: text(64),
})

export const createUser: Verb = (_, door) => async (c) => {
  const request = actOf(c)
  const user = newUser(await bodyOf(c))
  const made = await directory.createUser(directoryOf(door), { user, ...request })
  return done(c, made, 201)
}

export const listUsers: Verb = (_, door) => async (c) => {
  const active = flagParameter(c, 'active')
  const found = await directory.listUsers(directoryOf(door), {
    ...visitOf(c),
    ...pageRequest(c),
    ...(active === undefined ? {} : { active }),
  })
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { users: rows, continuationToken })
}

const userChange = form({
  email: nullable(email()),
  name: nullable(text(200)),
  avatarUrl: nullable(text(2000)),
  attributes: nullable(json(16_384)),
  role: text(64),
  active: bool(),
})

export const getUser: Verb = (_, door) => async (c) => {
  const found = await directory.getUser(directoryOf(door), { user: userOf(c), ...visitOf(c) })
  mark(c, found)
  return answer(c, found.result)
}

export const updateUser: Verb = (_, door) => async (c) => {
  const request = { user: userOf(c), ...actOf(c) }
  const change = userChange(await bodyOf(c))
  const changed = await directory.updateUser(directoryOf(door), { change, ...request })
  return done(c, changed, 200)
}

export const deleteUser: Verb = (_, door) => async (c) => {
  return done(c, await directory.deleteUser(directoryOf(door), { user: userOf(c), ...actOf(c) }))
}

export const listGrants: Verb = (_, door) => async (c) => {
  const request = { user: userOf(c), kind: kindOf(c), ...visitOf(c), ...pageRequest(c) }
  const found = await grants.listGrants(directoryOf(door), request)
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { resources: rows, continuationToken })
}

export const grant: Verb = (_, door) => async (c) => {
  const request = { user: userOf(c), kind: kindOf(c), ...actOf(c) }
  const asked = newItems(await bodyOf(c))
  const given = await grants.grant(directoryOf(door), { ...request, ...asked })
  return done(c, given, 201, (resources) => ({ resources }))
}

export const revokeGrant: Verb = (_, door) => async (c) => {
  return done(c, await grants.revokeGrant(directoryOf(door), { user: userOf(c), ...actOf(c), ...nameOf(c) }))
}

function userOf(c: Exchange): string {
  return c.req.param('user') ?? ''
}
