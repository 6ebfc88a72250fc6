/** /v1/orgs/{org}/analytics: events of use come in; what they come to, by group, by resource and by day. */

import { parseDay } from '../../directory/analytics/calendar.ts'
import { type ComparisonRequest, compare, compareAll } from '../../directory/analytics/comparison.ts'
import { countEvents, type UsageEvent } from '../../directory/analytics/events.ts'
import { groupSeries, totalSeries } from '../../directory/analytics/series.ts'
import { unusedGrants } from '../../directory/analytics/unused.ts'
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { bool, form, instant, integer, list, part, required, text } from '../../wire/form.ts'
import { bodyOf } from '../body.ts'
import { answer, callerOf, type Exchange, mark, provenanceOf, type Verb } from '../exchange.ts'
import { demandAllTypes } from '../permit.ts'
import { answerCsv, csvOf } from './csv.ts'
import { groupIn } from './groups.ts'
import { choiceOf, formatOf, pageRequest, parameter } from './query.ts'
import { actOf, directoryOf, done, orgOf, refuseDryRun, visitOf } from './visit.ts'

/** As many as one request may send. */
const eventsMax = 1000

const event = {
  id: text(128),
  user: required(text(256)),
  at: instant(),
  correct: bool(),
  satisfaction: integer(1, 5),
  queries: integer(0, 1),
  resource: text(300),
}
const one = form(event)
const many = form({ events: required(list(part(event), eventsMax)) })

/** One event, or `{events: [...]}`. */
export const postEvents: Verb = (_, door) => async (c) => {
  refuseDryRun(c, 'events of use')
  const sender = senderOf(c)
  const body = await bodyOf(c)
  const isMany = typeof body === 'object' && body !== null && 'events' in body
  const events: readonly UsageEvent[] = isMany ? many(body).events : [one(body)]
  const fieldOf = (index: number, field: string) => (isMany ? `events[${index}].${field}` : field)
  return done(c, await countEvents(directoryOf(door), { events, fieldOf, ...sender }), 200)
}

/** An application of the right `usage`, for nobody; or whoever acts, if it may. @throws Fault forbidden, actor_required */
function senderOf(c: Exchange) {
  const org = orgOf(c)
  const { scopes } = callerOf(c)
  if (scopes.permits('usage', org)) return { org, provenance: provenanceOf(c) }
  if (!scopes.permits('directory', org)) demandAllTypes(callerOf(c), 'usage', org)
  return actOf(c)
}

const columns = ['name', 'queries', 'correct', 'judged', 'accuracy', 'satisfaction', 'ratings'] as const

export const compareGroups: Verb = (_, door) => (c) => comparison(c, door, 'group', {})

export const compareResources: Verb = (_, door) => (c) =>
  comparison(c, door, 'resource', { kind: c.req.param('kind') ?? '' })

async function comparison(
  c: Exchange,
  door: Parameters<typeof directoryOf>[0],
  word: 'group' | 'resource',
  of: Pick<ComparisonRequest, 'kind'>,
): Promise<Response> {
  const { pageSize, continuationToken, ...terms } = { ...pageRequest(c), ...rangeIn(c), ...orderIn(c), ...of }
  const request = { ...visitOf(c), ...terms }
  if (formatOf(c) === 'csv') {
    const rows = await compareAll(directoryOf(door), request)
    const lines = rows.map((row) => [word, ...columns].map((column) => cellOf(row, column)))
    return await answerCsv(c, `analytics-${word}s.csv`, csvOf([word, ...columns], [lines]))
  }
  const paging = {
    ...(pageSize === undefined ? {} : { pageSize }),
    ...(continuationToken === undefined ? {} : { continuationToken }),
  }
  const found = await compare(directoryOf(door), { ...request, ...paging })
  mark(c, found)
  const { range, rows, total, continuationToken: next } = found.result
  const overall = total === undefined ? {} : { total }
  return answer(c, { ...range, [`${word}s`]: rows, ...overall, continuationToken: next })
}

function cellOf(row: JsonObject, column: string): string {
  const value = row[column]
  return value === null || value === undefined ? '' : String(value)
}

export const showGroupUse: Verb = (_, door) => async (c) => {
  const request = { group: groupIn(c), ...visitOf(c), ...rangeIn(c) }
  const found = await groupSeries(directoryOf(door), request)
  mark(c, found)
  return answer(c, found.result)
}

export const showUse: Verb = (_, door) => async (c) => {
  const found = await totalSeries(directoryOf(door), { ...visitOf(c), ...rangeIn(c) })
  mark(c, found)
  return answer(c, found.result)
}

const daysDefault = 90

export const listUnused: Verb = (_, door) => async (c) => {
  const { q: __, ...page } = pageRequest(c)
  const days = daysIn(c) ?? daysDefault
  const found = await unusedGrants(directoryOf(door), { days, ...visitOf(c), ...page })
  mark(c, found)
  const { rows, continuationToken, since, sampling, isCovered } = found.result
  const known = { every: sampling?.every ?? 0, since: sampling?.since ?? null, coversAll: isCovered }
  return answer(c, { days, since, sampling: known, grants: rows, continuationToken })
}

/** @throws Fault invalid_field */
function daysIn(c: Exchange): number | undefined {
  const given = parameter(c, 'days')
  if (given === undefined) return undefined
  const days = /^\d{1,4}$/.test(given) ? Number(given) : 0
  if (days >= 1 && days <= 3_650) return days
  throw new Fault('invalid_field', '`days` is a number from 1 to 3650', { field: 'days' })
}

function rangeIn(c: Exchange): { readonly from?: string; readonly to?: string } {
  const [from, to] = [dayIn(c, 'from'), dayIn(c, 'to')]
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

/** @throws Fault invalid_field */
function dayIn(c: Exchange, field: string): string | undefined {
  const given = parameter(c, field)
  if (given === undefined) return undefined
  const day = parseDay(given)
  if (day !== undefined) return day
  throw new Fault('invalid_field', `\`${field}\` is a day, such as 2026-01-31`, { field })
}

function orderIn(c: Exchange): Pick<ComparisonRequest, 'sort' | 'order'> {
  const sort = choiceOf(c, 'sort', ['queries', 'accuracy', 'satisfaction', 'name'])
  const order = choiceOf(c, 'order', ['asc', 'desc'])
  return { ...(sort === undefined ? {} : { sort }), ...(order === undefined ? {} : { order }) }
}
