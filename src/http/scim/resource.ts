/** The frame of users and of groups: listed, searched, made and shown alike. What each of them is, its own file says. */
import type { Ground } from '../../directory/ground.ts'
import { type Looked, lookForPlatform } from '../../directory/look.ts'
import type { Listed, ListRequest } from '../../directory/scim/list.ts'
import type { Meta } from '../../directory/scim/users.ts'
import type { Sight } from '../../directory/sight.ts'
import type { JsonObject } from '../../lib/json.ts'
import { encodeList } from '../../wire/scim/answers.ts'
import type { Filter } from '../../wire/scim/filter.ts'
import { matcherOf, soughtIn } from '../../wire/scim/match.ts'
import {
  decodeQuery,
  decodeSearch,
  decodeWanted,
  type Query,
  shownOf,
  type Wanted,
} from '../../wire/scim/query.ts'
import type { Kind } from '../../wire/scim/schemas.ts'
import { directoryOf } from '../directory/visit.ts'
import { type Door, type Exchange, mark, setHeader, type Verb } from '../exchange.ts'
import { answerResource, answerScim, baseOf, provideOf, scimBodyOf } from './answer.ts'

/** What the frame has to know of a noun. */
export interface Noun<Row extends Provided> {
  readonly kind: Kind
  readonly encode: (row: Row, base: string) => JsonObject
  /** @param query - what the request is made of: the noun reads in it what it alone has */
  readonly list: (directory: Ground, request: ListRequest<Row>, query: Query) => Promise<Looked<Listed<Row>>>
  /** @throws Fault not_found */
  readonly read: (sight: Sight, id: string, wanted: Wanted) => Promise<Row>
}

interface Provided {
  readonly meta: Meta
}

export function listing<Row extends Provided>(noun: Noun<Row>): Verb {
  return (_, door) => async (c) => {
    const query = decodeQuery((name) => c.req.query(name))
    return await answerFound(c, door, noun, query)
  }
}

export function searching<Row extends Provided>(noun: Noun<Row>): Verb {
  return (_, door) => async (c) => await answerFound(c, door, noun, decodeSearch(await scimBodyOf(c)))
}

async function answerFound<Row extends Provided>(
  c: Exchange,
  door: Door,
  noun: Noun<Row>,
  query: Query,
): Promise<Response> {
  const { total, rows } = await find(c, door, noun, query)
  return answerScim(c, encodeList(total, query.startIndex, rows))
}

/** Resources as they are shown, and how many there are. @throws Fault invalidFilter; tooMany: members of groups */
export async function find<Row extends Provided>(
  c: Exchange,
  door: Door,
  noun: Noun<Row>,
  query: Query,
): Promise<Listed<JsonObject>> {
  const base = baseOf(c)
  const { filter, startIndex, count, wanted } = query
  const request = { startIndex, count, ...provideOf(c), ...filtering(noun, filter, base) }
  const found = await noun.list(directoryOf(door), request, query)
  mark(c, found)
  const { total, rows } = found.result
  return { total, rows: rows.map((row) => shownOf(noun.kind, noun.encode(row, base), wanted)) }
}

function filtering<Row extends Provided>(
  { kind, encode }: Noun<Row>,
  filter: Filter | undefined,
  base: string,
): Pick<ListRequest<Row>, 'sought' | 'matches'> {
  if (filter === undefined) return { sought: [] }
  const matches = matcherOf(kind, filter)
  return { sought: soughtIn(kind, filter), matches: (row) => matches(encode(row, base)) }
}

/** Says where what was made is. @param base - `https://host/scim/v2/ORG` */
export function locate(c: Exchange, { endpoint }: Kind, base: string, id: string): void {
  setHeader(c, 'location', `${base}${endpoint}/${id}`)
}

/**
 * As it is now. Behind a change `wanted` is asked for before it: who is refused has changed nothing.
 * @throws Fault not_found
 */
export async function answerOne<Row extends Provided>(
  c: Exchange,
  door: Door,
  noun: Noun<Row>,
  id: string,
  wanted = wantedOf(c),
  status = 200,
): Promise<Response> {
  const { org } = provideOf(c)
  const found = await lookForPlatform(directoryOf(door), { org }, (sight) => noun.read(sight, id, wanted))
  return answerRow(c, noun, found.result, wanted, baseOf(c), status)
}

/** One that was read. */
export function answerRow<Row extends Provided>(
  c: Exchange,
  { kind, encode }: Noun<Row>,
  row: Row,
  wanted: Wanted,
  base: string,
  status = 200,
): Response {
  return answerResource(c, row.meta.version, shownOf(kind, encode(row, base), wanted), status)
}

/** @throws Fault invalidValue */
export function wantedOf(c: Exchange): Wanted {
  return decodeWanted((name) => c.req.query(name))
}
