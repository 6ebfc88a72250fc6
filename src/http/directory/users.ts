/** /v1/orgs/{org}/users. */
import * as directory from '../../directory/users.ts'
import { email, form, id, json, text } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, mark, type Verb } from '../exchange.ts'
import { pageRequest } from './query.ts'
import { actOf, directoryOf, visitOf } from './visit.ts'

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
  const made = await directory.createUser(directoryOf(door), { ...request, user })
  mark(c, made)
  return answer(c, made.result, 201)
}

export const listUsers: Verb = (_, door) => async (c) => {
  const found = await directory.listUsers(directoryOf(door), { ...visitOf(c), ...pageRequest(c) })
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { users: rows, continuationToken })
}
