/**
 * Tables that compare groups, or resources, by their use: a row for each that the acting user may know of and whose
 * figures it may see, those without any use too. One revision; shares are compared as they are, not as they are rounded.
 */
import { Slices } from '../../engine/drive.ts'
import { Fault } from '../../lib/fault.ts'
import type { JsonObject } from '../../lib/json.ts'
import { compareBytes } from '../../lib/order.ts'
import { idOf } from '../../tuple/object.ts'
import type { Ground } from '../ground.ts'
import { fold } from '../lists/names.ts'
import { type Page, type PageRequest, pageSizeOf } from '../lists/page.ts'
import { discoveryOf } from '../lists/visible.ts'
import { type Looked, look, type Visit } from '../look.ts'
import type { Sight } from '../sight.ts'
import type { Range } from './calendar.ts'
import { sumsOf } from './counters.ts'
import { type Figures, type Measure, measures, nothing, shownFigures } from './figures.ts'
import { type AskedRange, rangeOf } from './range.ts'

/** What decides which rows there are, and in which order. */
interface Terms extends AskedRange {
  /** A part of the name. */
  readonly q?: string
  /** A kind of resources by any of its words; absent: groups. */
  readonly kind?: string
  /** Default: queries. */
  readonly sort?: Measure | 'name'
  /** Default: names from A, figures from the greatest. */
  readonly order?: 'asc' | 'desc'
}

export interface ComparisonRequest extends Visit, PageRequest, Terms {}

export interface Comparison extends Page<JsonObject> {
  readonly range: Range
  /** Of the organization as a whole, where the acting user may see that: each event once. */
  readonly total: JsonObject | undefined
}

/**
 * Costs as much as there are counters in the range. Pages are in the order of their moment: a row whose figures change
 * between two pages may move past them.
 * @throws Fault not_in_preset, forbidden, invalid_field, invalid_continuation_token
 */
export function compare(ground: Ground, request: ComparisonRequest): Promise<Looked<Comparison>> {
  return look(ground, request, async (sight) => {
    const limit = pageSizeOf(request.pageSize)
    const { pageSize: _, continuationToken, org, atLeastAsFresh: __, ...question } = request
    const cursor = ground.service.cursors.for('comparison', org, question)
    const bytes = cursor.open(continuationToken)
    const position = bytes === undefined ? undefined : decode(bytes)
    // The days of the first page, whatever day it is by now.
    const range = position?.range ?? rangeOf(request, sight.view.now)
    const { rows, total } = await sorted(sight, request, range)
    const left =
      position === undefined
        ? rows
        : rows.filter((row) => compareTo(placeOf(row, request), position.place, request) > 0)
    const page = left.slice(0, limit)
    const last = page.at(-1)
    const next =
      last === undefined || left.length === page.length ? undefined : encode(range, placeOf(last, request))
    return {
      range,
      total,
      rows: page.map((row) => shown(row, request)),
      continuationToken: cursor.seal(next),
    }
  })
}

/** All rows at once, for files. @throws Fault as `compare` */
export async function compareAll(ground: Ground, request: Terms & Visit): Promise<readonly JsonObject[]> {
  const { result } = await look(ground, request, async (sight) => {
    const { rows } = await sorted(sight, request, rangeOf(request, sight.view.now))
    return rows.map((row) => shown(row, request))
  })
  return result
}

interface Row {
  readonly object: string
  readonly name: string
  readonly figures: Figures
}

async function sorted(
  sight: Sight,
  terms: Terms,
  range: Range,
): Promise<{ readonly rows: readonly Row[]; readonly total: JsonObject | undefined }> {
  const { organization, preset } = sight
  const overall = preset.organization.actions['analytics.view']
  const seesAll = overall !== undefined && (await sight.may(overall.relation, organization))
  const seen = terms.kind === undefined ? await groupsSeen(sight) : await resourcesSeen(sight, terms.kind)
  // Who may see no row is told so, and not shown an empty table.
  if (!seesAll && (seen.length === 0 || terms.kind !== undefined)) {
    await sight.demand('analytics.view', overall, organization)
  }
  const sums = await sumsOf(sight.view, range)
  const folded = fold(terms.q ?? '')
  const rows = seen
    .filter(({ name }) => folded === '' || fold(name).includes(folded))
    .map((each) => ({ ...each, figures: sums.get(each.object) ?? nothing }))
  const places = rows.map((row) => ({ row, place: placeOf(row, terms) }))
  const inOrder = places.sort((one, other) => compareTo(one.place, other.place, terms))
  return {
    rows: inOrder.map(({ row }) => row),
    total: seesAll ? shownFigures(sums.get(organization) ?? nothing) : undefined,
  }
}

type Seen = Omit<Row, 'figures'>

/** Groups whose figures the acting user may see, and that it may know of. */
async function groupsSeen(sight: Sight): Promise<readonly Seen[]> {
  const { type, actions } = sight.group
  const need = actions['analytics.view']
  if (need === undefined) {
    throw new Fault('not_in_preset', `groups of \`${sight.preset.id}\` have no analytics`)
  }
  const discovers = discoveryOf(sight, type)
  const slices = new Slices()
  const seen: Seen[] = []
  for await (const object of sight.reached(need.relation, type)) {
    const attributes = sight.entity(type, idOf(object))
    if (attributes !== undefined && (await discovers(object))) seen.push(seenAs(object, attributes))
    if (slices.isOver) await slices.rest()
  }
  return seen
}

async function resourcesSeen(sight: Sight, kind: string): Promise<readonly Seen[]> {
  const { type } = sight.kind(kind)
  const discovers = discoveryOf(sight, type)
  const slices = new Slices()
  const seen: Seen[] = []
  let after: Uint8Array | undefined
  do {
    const { rows, next } = await sight.view.entities(type, rowsPerStep, after)
    for (const { id, attributes } of rows) {
      const object = `${type}:${id}`
      if (await discovers(object)) seen.push(seenAs(object, attributes))
      if (slices.isOver) await slices.rest()
    }
    after = next
  } while (after !== undefined)
  return seen
}

const rowsPerStep = 500

function seenAs(object: string, { name }: JsonObject): Seen {
  return { object, name: typeof name === 'string' ? name : idOf(object) }
}

function shown({ object, name, figures }: Row, { kind }: Terms): JsonObject {
  const id = idOf(object)
  return { ...(kind === undefined ? { group: id } : { resource: id }), name, ...shownFigures(figures) }
}

/** Where a row stands: what it is sorted by, `null` where it has no such figure; its name; its id. */
type Place = readonly [value: number | null, name: string, id: string]

function placeOf({ object, name, figures }: Row, { sort = 'queries' }: Terms): Place {
  const value = sort === 'name' ? 0 : measures[sort](figures)
  return [value ?? null, fold(name), idOf(object)]
}

/** What has no figure is last in either order; names decide where figures are the same. */
function compareTo(place: Place, other: Place, { sort, order }: Terms): number {
  const [[value, name, id], [otherValue, otherName, otherId]] = [place, other]
  if (value !== otherValue) {
    if (value === null || otherValue === null) return value === null ? 1 : -1
    return value < otherValue === (order === 'asc') ? -1 : 1
  }
  const byName = compareBytes(name, otherName) || compareBytes(id, otherId)
  return sort === 'name' && order === 'desc' ? -byName : byName
}

function encode({ from, to }: Range, place: Place): Uint8Array {
  return Buffer.from(JSON.stringify([from, to, ...place]))
}

/** The bytes are our own: they were sealed. */
function decode(bytes: Uint8Array): { readonly range: Range; readonly place: Place } {
  const [from, to, ...place] = JSON.parse(Buffer.from(bytes).toString()) as [string, string, ...Place]
  return { range: { from, to }, place }
}
