/** /scim/v2/{org}/Users. */
import { listUsers } from '../../directory/scim/list.ts'
import {
  changeUser,
  createUser,
  deleteUser,
  type ProvidedUser,
  providedUser,
} from '../../directory/scim/users.ts'
import type { JsonObject } from '../../lib/json.ts'
import { mentions } from '../../wire/scim/match.ts'
import { userKind } from '../../wire/scim/schemas.ts'
import { decodeUser, decodeUserPatch, encodeUser } from '../../wire/scim/user.ts'
import { directoryOf } from '../directory/visit.ts'
import { answerNothing, type Door, type Exchange, mark, type Verb } from '../exchange.ts'
import { baseOf, preconditionOf, provideOf, scimBodyOf } from './answer.ts'
import { answerOne, answerRow, listing, locate, type Noun, searching, wantedOf } from './resource.ts'

export const users: Noun<ProvidedUser> = {
  kind: userKind,
  encode: encodeUser,
  list: (directory, request, { filter }) =>
    listUsers(directory, {
      ...request,
      // The version is in `meta`, and of the groups too.
      filtersGroups:
        filter !== undefined && ['groups', 'meta'].some((name) => mentions(userKind, filter, name)),
    }),
  read: providedUser,
}

export const scimListUsers: Verb = listing(users)
export const scimSearchUsers: Verb = searching(users)

export const scimCreateUser: Verb = (_, door) => async (c) => {
  const provided = provideOf(c)
  const request = { document: decodeUser(await scimBodyOf(c)), ...provided }
  const wanted = wantedOf(c)
  const made = await createUser(directoryOf(door), request)
  mark(c, made)
  const base = baseOf(c)
  locate(c, userKind, base, made.result.id)
  return answerRow(c, users, made.result, wanted, base, 201)
}

export const scimGetUser: Verb = (_, door) => (c) => answerOne(c, door, users, userOf(c))

export const scimReplaceUser: Verb = (_, door) => async (c) => {
  const document = decodeUser(await scimBodyOf(c))
  return await changed(c, door, () => document, true)
}

export const scimPatchUser: Verb = (_, door) => async (c) => {
  return await changed(c, door, decodeUserPatch(await scimBodyOf(c)), false)
}

async function changed(
  c: Exchange,
  door: Door,
  change: (document: JsonObject) => JsonObject,
  isWhole: boolean,
): Promise<Response> {
  // Who is active is not said by saying nothing of it, nor by taking away what was said.
  const staying = (before: JsonObject) => {
    const after = change(before)
    return { ...after, active: after.active ?? before.active ?? true }
  }
  const wanted = wantedOf(c)
  const request = { user: userOf(c), change: staying, isWhole, ...provideOf(c), ...preconditionOf(c) }
  mark(c, await changeUser(directoryOf(door), request))
  return await answerOne(c, door, users, userOf(c), wanted)
}

export const scimDeleteUser: Verb = (_, door) => async (c) => {
  mark(c, await deleteUser(directoryOf(door), { user: userOf(c), ...provideOf(c), ...preconditionOf(c) }))
  return answerNothing(c)
}

function userOf(c: Exchange): string {
  return c.req.param('user') ?? ''
}
