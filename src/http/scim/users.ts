/** /scim/v2/{org}/Users. */

import { lookForPlatform } from '../../directory/look.ts'
import { listUsers, type UsersRequest } from '../../directory/scim/list.ts'
import {
  changeUser,
  createUser,
  deleteUser,
  groupsOf,
  type ProvidedUser,
  providedUser,
} from '../../directory/scim/users.ts'
import type { JsonObject } from '../../lib/json.ts'
import { encodeList } from '../../wire/scim/answers.ts'
import type { Filter } from '../../wire/scim/filter.ts'
import { matcherOf, mentions, soughtIn } from '../../wire/scim/match.ts'
import {
  decodeQuery,
  decodeSearch,
  decodeWanted,
  isWanted,
  type Query,
  shownOf,
} from '../../wire/scim/query.ts'
import { userKind } from '../../wire/scim/schemas.ts'
import { decodeUser, decodeUserPatch, encodeUser } from '../../wire/scim/user.ts'
import { directoryOf } from '../directory/visit.ts'
import { answerNothing, type Door, type Exchange, mark, setHeader, type Verb } from '../exchange.ts'
import { answerResource, answerScim, baseOf, preconditionOf, provideOf, scimBodyOf } from './answer.ts'

export const scimListUsers: Verb = (_, door) => async (c) => {
  return await listed(
    c,
    door,
    decodeQuery((name) => c.req.query(name)),
  )
}

export const scimSearchUsers: Verb = (_, door) => async (c) => {
  return await listed(c, door, decodeSearch(await scimBodyOf(c)))
}

async function listed(c: Exchange, door: Door, query: Query): Promise<Response> {
  const { total, rows } = await foundUsers(c, door, query)
  return answerScim(c, encodeList(total, query.startIndex, rows))
}

/** Users as they are shown, and how many there are. @throws Fault invalidFilter */
export async function foundUsers(
  c: Exchange,
  door: Door,
  { filter, startIndex, count, wanted }: Query,
): Promise<{ readonly total: number; readonly rows: readonly JsonObject[] }> {
  const base = baseOf(c)
  const found = await listUsers(directoryOf(door), {
    ...provideOf(c),
    startIndex,
    count,
    showsGroups: count > 0 && isWanted(userKind, wanted, 'groups'),
    ...filtering(filter, base),
  })
  mark(c, found)
  const { total, rows } = found.result
  return { total, rows: rows.map((user) => shownOf(userKind, encodeUser(user, base), wanted)) }
}

function filtering(
  filter: Filter | undefined,
  base: string,
): Pick<UsersRequest, 'sought' | 'matches' | 'filtersGroups'> {
  if (filter === undefined) return { sought: [], filtersGroups: false }
  const matches = matcherOf(userKind, filter)
  return {
    sought: soughtIn(userKind, filter),
    filtersGroups: mentions(userKind, filter, 'groups'),
    matches: (user) => matches(encodeUser(user, base)),
  }
}

export const scimCreateUser: Verb = (_, door) => async (c) => {
  const request = { ...provideOf(c), document: decodeUser(await scimBodyOf(c)) }
  const made = await createUser(directoryOf(door), request)
  mark(c, made)
  setHeader(c, 'location', `${baseOf(c)}/Users/${made.result}`)
  return await answerUser(c, door, made.result, 201)
}

export const scimGetUser: Verb = (_, door) => (c) => answerUser(c, door, userOf(c), 200)

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
  const request = { ...provideOf(c), ...preconditionOf(c), user: userOf(c), change: staying, isWhole }
  mark(c, await changeUser(directoryOf(door), request))
  return await answerUser(c, door, userOf(c), 200)
}

export const scimDeleteUser: Verb = (_, door) => async (c) => {
  mark(c, await deleteUser(directoryOf(door), { ...provideOf(c), ...preconditionOf(c), user: userOf(c) }))
  return answerNothing(c)
}

async function answerUser(c: Exchange, door: Door, user: string, status: number): Promise<Response> {
  const wanted = decodeWanted((name) => c.req.query(name))
  const base = baseOf(c)
  const { org } = provideOf(c)
  const found = await lookForPlatform(directoryOf(door), { org }, async (sight): Promise<ProvidedUser> => {
    const provided = providedUser(sight, user)
    if (!isWanted(userKind, wanted, 'groups')) return provided
    return { ...provided, groups: await groupsOf(sight, provided.id) }
  })
  const document = shownOf(userKind, encodeUser(found.result, base), wanted)
  return answerResource(c, found.result.meta.version, document, status)
}

function userOf(c: Exchange): string {
  return c.req.param('user') ?? ''
}
