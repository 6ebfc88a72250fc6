/** What the service is, as clients ask it before anything else; searches over all of it; and what it does not do. */
import { lookForPlatform } from '../../directory/look.ts'
import type { Listed } from '../../directory/scim/list.ts'
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import {
  encodeConfiguration,
  encodeKind,
  encodeList,
  encodeSchema,
  kindsOf,
  schemasOf,
} from '../../wire/scim/answers.ts'
import { applies } from '../../wire/scim/match.ts'
import { decodeSearch, type Query } from '../../wire/scim/query.ts'
import type { Kind } from '../../wire/scim/schemas.ts'
import { directoryOf } from '../directory/visit.ts'
import type { Door, Exchange, Verb } from '../exchange.ts'
import { answerScim, baseOf, provideOf, scimBodyOf } from './answer.ts'
import { groups } from './groups.ts'
import { find } from './resource.ts'
import { users } from './users.ts'

export const scimConfiguration: Verb = (_, door) => async (c) => {
  await hasGroups(c, door)
  return answerScim(c, encodeConfiguration(baseOf(c)))
}

export const scimKinds: Verb = (_, door) => async (c) => {
  const base = baseOf(c)
  return answerAll(
    c,
    kindsOf(await hasGroups(c, door)).map((kind) => encodeKind(kind, base)),
  )
}

export const scimKind: Verb = (_, door) => async (c) => {
  const kind = kindsOf(await hasGroups(c, door)).find(({ name }) => name === c.req.param('kind'))
  if (kind === undefined) throw new Fault('not_found', 'there is no such resource type')
  return answerScim(c, encodeKind(kind, baseOf(c)))
}

export const scimSchemas: Verb = (_, door) => async (c) => {
  const base = baseOf(c)
  return answerAll(
    c,
    schemasOf(await hasGroups(c, door)).map((schema) => encodeSchema(schema, base)),
  )
}

export const scimSchema: Verb = (_, door) => async (c) => {
  const asked = c.req.param('schema')?.toLowerCase()
  const schema = schemasOf(await hasGroups(c, door)).find(({ id }) => id.toLowerCase() === asked)
  if (schema === undefined) throw new Fault('not_found', 'there is no such schema')
  return answerScim(c, encodeSchema(schema, baseOf(c)))
}

/** Users first, then groups; a filter that one of them has no attribute for finds none of it. */
export const scimSearch: Verb = (_, door) => async (c) => {
  const query = decodeSearch(await scimBodyOf(c))
  const none: Listed<JsonObject> = { total: 0, rows: [] }
  const first = isFor(users.kind, query) ? await find(c, door, users, query) : none
  const after = {
    ...query,
    startIndex: Math.max(1, query.startIndex - first.total),
    count: query.count - first.rows.length,
  }
  const then = isFor(groups.kind, query) ? await find(c, door, groups, after) : none
  const rows = [...first.rows, ...then.rows]
  return answerScim(c, encodeList(first.total + then.total, query.startIndex, rows))
}

function isFor(kind: Kind, { filter }: Query): boolean {
  return filter === undefined || applies(kind, filter)
}

/** Nobody acts here, so there is no me; and what is many is sent one by one. */
export const scimMe: Verb = () => async () => {
  throw new Fault('unimplemented', 'a key for provisioning is nobody: ask for /Users/{id}')
}

export const scimBulk: Verb = () => async () => {
  throw new Fault('unimplemented', 'there is no bulk: send one request for each change')
}

function answerAll(c: Exchange, all: readonly JsonObject[]): Response {
  return answerScim(c, encodeList(all.length, 1, all))
}

/** @throws Fault not_found: there is no such organization */
async function hasGroups(c: Exchange, door: Door): Promise<boolean> {
  const { org } = provideOf(c)
  const found = await lookForPlatform(
    directoryOf(door),
    { org },
    ({ preset }) => preset.identity !== undefined,
  )
  return found.result
}
