/** /scim/v2/{org}/Groups: the identity provider's, not the product's. */
import { lookForPlatform } from '../../directory/look.ts'
import {
  changeGroup,
  createGroup,
  deleteGroup,
  type GroupFields,
  membersOf,
  type ProvidedGroup,
  providedGroup,
} from '../../directory/scim/groups.ts'
import { type GroupsRequest, listGroups, membersMax } from '../../directory/scim/list.ts'
import type { JsonObject } from '../../lib/json.ts'
import { encodeList } from '../../wire/scim/answers.ts'
import type { Filter } from '../../wire/scim/filter.ts'
import { decodeGroup, decodeGroupPatch, decodeGroupReplacement, encodeGroup } from '../../wire/scim/group.ts'
import { matcherOf, membersNamed, soughtIn } from '../../wire/scim/match.ts'
import {
  decodeQuery,
  decodeSearch,
  decodeWanted,
  isWanted,
  type Query,
  shownOf,
} from '../../wire/scim/query.ts'
import { groupKind } from '../../wire/scim/schemas.ts'
import { directoryOf } from '../directory/visit.ts'
import { answerNothing, type Door, type Exchange, mark, setHeader, type Verb } from '../exchange.ts'
import { answerResource, answerScim, baseOf, preconditionOf, provideOf, scimBodyOf } from './answer.ts'

export const scimListGroups: Verb = (_, door) => async (c) => {
  return await listed(
    c,
    door,
    decodeQuery((name) => c.req.query(name)),
  )
}

export const scimSearchGroups: Verb = (_, door) => async (c) => {
  return await listed(c, door, decodeSearch(await scimBodyOf(c)))
}

async function listed(c: Exchange, door: Door, query: Query): Promise<Response> {
  const { total, rows } = await foundGroups(c, door, query)
  return answerScim(c, encodeList(total, query.startIndex, rows))
}

/** Groups as they are shown, and how many there are. @throws Fault invalidFilter, tooMany */
export async function foundGroups(
  c: Exchange,
  door: Door,
  { filter, startIndex, count, wanted }: Query,
): Promise<{ readonly total: number; readonly rows: readonly JsonObject[] }> {
  const base = baseOf(c)
  const found = await listGroups(directoryOf(door), {
    ...provideOf(c),
    startIndex,
    count,
    showsMembers: isWanted(groupKind, wanted, 'members'),
    ...filtering(filter, base),
  })
  mark(c, found)
  const { total, rows } = found.result
  return { total, rows: rows.map((group) => shownOf(groupKind, encodeGroup(group, base), wanted)) }
}

function filtering(
  filter: Filter | undefined,
  base: string,
): Pick<GroupsRequest, 'sought' | 'matches' | 'membersNamed'> {
  if (filter === undefined) return { sought: [], membersNamed: [] }
  const matches = matcherOf(groupKind, filter)
  return {
    sought: soughtIn(groupKind, filter),
    membersNamed: membersNamed(groupKind, filter),
    matches: (group) => matches(encodeGroup(group, base)),
  }
}

export const scimCreateGroup: Verb = (_, door) => async (c) => {
  const made = await createGroup(directoryOf(door), { ...provideOf(c), ...decodeGroup(await scimBodyOf(c)) })
  mark(c, made)
  setHeader(c, 'location', `${baseOf(c)}/Groups/${made.result}`)
  return await answerGroup(c, door, made.result, 201)
}

export const scimGetGroup: Verb = (_, door) => (c) => answerGroup(c, door, groupOf(c), 200)

export const scimReplaceGroup: Verb = (_, door) => async (c) => {
  await changed(c, door, decodeGroupReplacement(await scimBodyOf(c)))
  return await answerGroup(c, door, groupOf(c), 200)
}

/** 204, so that nobody reads 100,000 members to add one; the group where attributes are asked for. */
export const scimPatchGroup: Verb = (_, door) => async (c) => {
  await changed(c, door, decodeGroupPatch(await scimBodyOf(c)))
  const isAsked = c.req.query('attributes') !== undefined || c.req.query('excludedAttributes') !== undefined
  return isAsked ? await answerGroup(c, door, groupOf(c), 200) : answerNothing(c)
}

async function changed(c: Exchange, door: Door, change: GroupFields): Promise<void> {
  const request = { ...provideOf(c), ...preconditionOf(c), group: groupOf(c), change }
  mark(c, await changeGroup(directoryOf(door), request))
}

export const scimDeleteGroup: Verb = (_, door) => async (c) => {
  const request = { ...provideOf(c), ...preconditionOf(c), group: groupOf(c) }
  mark(c, await deleteGroup(directoryOf(door), request))
  return answerNothing(c)
}

async function answerGroup(c: Exchange, door: Door, group: string, status: number): Promise<Response> {
  const wanted = decodeWanted((name) => c.req.query(name))
  const { org } = provideOf(c)
  const found = await lookForPlatform(directoryOf(door), { org }, async (sight): Promise<ProvidedGroup> => {
    const provided = providedGroup(sight, group)
    if (!isWanted(groupKind, wanted, 'members')) return provided
    return { ...provided, members: await membersOf(sight, provided.id, membersMax) }
  })
  const document = shownOf(groupKind, encodeGroup(found.result, baseOf(c)), wanted)
  return answerResource(c, found.result.meta.version, document, status)
}

function groupOf(c: Exchange): string {
  return c.req.param('group') ?? ''
}
