/** /scim/v2/{org}/Groups: the identity provider's, not the product's. */
import {
  changeGroup,
  createGroup,
  deleteGroup,
  type GroupFields,
  membersOf,
  type ProvidedGroup,
  providedGroup,
} from '../../directory/scim/groups.ts'
import { listGroups, membersMax } from '../../directory/scim/list.ts'
import { decodeGroup, decodeGroupPatch, decodeGroupReplacement, encodeGroup } from '../../wire/scim/group.ts'
import { membersNamed } from '../../wire/scim/match.ts'
import { isWanted } from '../../wire/scim/query.ts'
import { groupKind } from '../../wire/scim/schemas.ts'
import { directoryOf } from '../directory/visit.ts'
import { answerNothing, type Door, type Exchange, mark, type Verb } from '../exchange.ts'
import { baseOf, preconditionOf, provideOf, scimBodyOf } from './answer.ts'
import { answerOne, listing, locate, type Noun, searching, wantedOf } from './resource.ts'

export const groups: Noun<ProvidedGroup> = {
  kind: groupKind,
  encode: encodeGroup,
  list: (directory, request, { filter, wanted }) =>
    listGroups(directory, {
      ...request,
      membersNamed: filter === undefined ? [] : membersNamed(groupKind, filter),
      showsMembers: isWanted(groupKind, wanted, 'members'),
    }),
  async read(sight, id, wanted) {
    const group = providedGroup(sight, id)
    if (!isWanted(groupKind, wanted, 'members')) return group
    return { ...group, members: await membersOf(sight, group.id, membersMax) }
  },
}

export const scimListGroups: Verb = listing(groups)
export const scimSearchGroups: Verb = searching(groups)

export const scimCreateGroup: Verb = (_, door) => async (c) => {
  const request = Object.assign(provideOf(c), decodeGroup(await groupBodyOf(c)))
  const wanted = wantedOf(c)
  const made = await createGroup(directoryOf(door), request)
  mark(c, made)
  locate(c, groupKind, baseOf(c), made.result)
  return await answerOne(c, door, groups, made.result, wanted, 201)
}

export const scimGetGroup: Verb = (_, door) => (c) => answerOne(c, door, groups, groupOf(c))

export const scimReplaceGroup: Verb = (_, door) => async (c) => {
  const wanted = wantedOf(c)
  await changed(c, door, decodeGroupReplacement(await groupBodyOf(c)))
  return await answerOne(c, door, groups, groupOf(c), wanted)
}

/** 204, so that nobody reads 100,000 members to add one; the group where attributes are asked for. */
export const scimPatchGroup: Verb = (_, door) => async (c) => {
  const wanted = wantedOf(c)
  await changed(c, door, decodeGroupPatch(await groupBodyOf(c)))
  const isAsked = c.req.query('attributes') !== undefined || c.req.query('excludedAttributes') !== undefined
  return isAsked ? await answerOne(c, door, groups, groupOf(c), wanted) : answerNothing(c)
}

async function changed(c: Exchange, door: Door, change: GroupFields): Promise<void> {
  const request = { group: groupOf(c), change, ...provideOf(c), ...preconditionOf(c) }
  mark(c, await changeGroup(directoryOf(door), request))
}

export const scimDeleteGroup: Verb = (_, door) => async (c) => {
  const request = { group: groupOf(c), ...provideOf(c), ...preconditionOf(c) }
  mark(c, await deleteGroup(directoryOf(door), request))
  return answerNothing(c)
}

/** Some 20,000 members as they are read, with names and references: a provider pushes all of a group in one body. */
const groupBytesMax = 4_194_304

function groupBodyOf(c: Exchange): Promise<unknown> {
  return scimBodyOf(c, Math.max(groupBytesMax, c.get('visit').bodyBytesMax))
}

function groupOf(c: Exchange): string {
  return c.req.param('group') ?? ''
}
