/** /v1/orgs/{org}/groups/{group}/members. */
import * as lists from '../../directory/groups/member-list.ts'
import * as directory from '../../directory/groups/members.ts'
import { Fault } from '../../lib/fault.ts'
import { form, list, required, text } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, type Exchange, mark, type Verb } from '../exchange.ts'
import { pagesOf } from '../lines.ts'
import { answerCsv, csvOf } from './csv.ts'
import { groupIn } from './groups.ts'
import { flagParameter, pageRequest } from './query.ts'
import { actOf, directoryOf, done, visitOf } from './visit.ts'

/** Members that one request may add. */
const addedMax = 1000

/** `{user, role}`, or `{users: [id, ...], role}` for many. */
const newMembers = form({ user: text(256), users: list(text(256), addedMax), role: text(64) })
const roleChange = form({ role: required(text(64)) })

/** 201 where somebody came in, 200 where all were there already. */
export const addMembers: Verb = (_, door) => async (c) => {
  const request = { group: groupIn(c), ...actOf(c) }
  const { user, users, role } = newMembers(await bodyOf(c))
  if ((user === undefined) === (users === undefined)) {
    throw new Fault('invalid_field', 'either `user` or `users` is required', { field: 'user' })
  }
  const members = (users ?? [user ?? '']).map((each) => ({
    user: each,
    ...(role === undefined ? {} : { role }),
  }))
  const made = await directory.addMembers(directoryOf(door), { members, ...request })
  const rows = made.result.map(({ member }) => member)
  const status = made.result.some(({ isNew }) => isNew) ? 201 : 200
  return done(c, made, status, () => (users === undefined ? rows[0] : { members: rows }))
}

export const listMembers: Verb = (_, door) => async (c) => {
  const found = await lists.listMembers(directoryOf(door), {
    group: groupIn(c),
    ...visitOf(c),
    ...pageRequest(c),
  })
  mark(c, found)
  const { rows, continuationToken } = found.result
  return answer(c, { members: rows, continuationToken })
}

/** What an import reads comes first, so that the file can be mended and brought back. */
const exported = ['email', 'role', 'name', 'id', 'sources', 'added_at'] as const

/** Rows made in one turn. */
const exportedTogether = 100

export const exportMembers: Verb = (_, door) => async (c) => {
  const rows = lists.allMembers(directoryOf(door), { group: groupIn(c), ...visitOf(c) })
  return await answerCsv(c, 'members.csv', csvOf(exported, pagesOf(cellsOf(rows), exportedTogether)))
}

async function* cellsOf(rows: AsyncIterable<lists.Member>): AsyncGenerator<readonly string[]> {
  for await (const { email, role, name, id, sources, addedAt } of rows) {
    const texts = [email, role, name].map((each) => (typeof each === 'string' ? each : ''))
    yield [...texts, id, sources.join(' '), addedAt]
  }
}

export const getMember: Verb = (_, door) => async (c) => {
  const found = await lists.getMember(directoryOf(door), {
    group: groupIn(c),
    user: memberIn(c),
    ...visitOf(c),
  })
  mark(c, found)
  return answer(c, found.result)
}

export const changeMember: Verb = (_, door) => async (c) => {
  const request = { group: groupIn(c), user: memberIn(c), ...actOf(c) }
  const { role } = roleChange(await bodyOf(c))
  const made = await directory.changeRole(directoryOf(door), { role, ...request })
  return done(c, made, 200)
}

/** 204 where they are out; 200 where another source keeps them in: which. */
export const removeMember: Verb = (_, door) => async (c) => {
  const exclude = flagParameter(c, 'exclude') ?? false
  const request = { group: groupIn(c), user: memberIn(c), exclude, ...actOf(c) }
  const made = await directory.removeMember(directoryOf(door), request)
  return done(c, made, made.result === undefined ? 204 : 200)
}

function memberIn(c: Exchange): string {
  return c.req.param('user') ?? ''
}
