/**
 * Whether a document is what a filter says: RFC 7644, section 3.4.2.2. The attributes say how values compare; a filter is
 * read by them once, and what does not fit is refused before any document is looked at.
 */
import type { Json, JsonObject } from '../../lib/json.ts'
import { type Attribute, type Place, placeOf, subOf } from './attribute.ts'
import type { Comparison, Filter, Literal } from './filter.ts'
import { cited, refused } from './refusal.ts'
import type { Kind } from './schemas.ts'

export type Matches = (document: JsonObject) => boolean

/** @throws Fault invalidFilter: an attribute or a comparison that does not exist */
export function matcherOf({ root, schema }: Pick<Kind, 'root' | 'schema'>, filter: Filter): Matches {
  return compiled(root, schema.id, filter)
}

/** The same for the values of one list. @throws Fault invalidFilter */
export function valueMatcherOf(attribute: Attribute, filter: Filter): Matches {
  return compiled(attribute, '', filter)
}

function compiled(root: Attribute, core: string, filter: Filter): Matches {
  switch (filter.op) {
    case 'and': {
      const all = filter.filters.map((each) => compiled(root, core, each))
      return (document) => all.every((matches) => matches(document))
    }
    case 'or': {
      const any = filter.filters.map((each) => compiled(root, core, each))
      return (document) => any.some((matches) => matches(document))
    }
    case 'not': {
      const matches = compiled(root, core, filter.filter)
      return (document) => !matches(document)
    }
    case 'one':
      return oneOf(demandPlace(root, core, filter.path), filter.filter)
    default:
      return comparing(root, core, filter)
  }
}

function oneOf({ keys, attribute }: Place, filter: Filter): Matches {
  const matches = valueMatcherOf(attribute, filter)
  return (document) => valuesAt(document, keys).some((value) => isObject(value) && matches(value))
}

function comparing(
  root: Attribute,
  core: string,
  filter: Extract<Filter, { readonly path: string }> & { readonly op: Comparison | 'pr' },
): Matches {
  const place = demandPlace(root, core, filter.path)
  if (filter.op === 'pr') {
    return (document) => valuesAt(document, place.keys).some(isPresent)
  }
  const { op, value } = filter
  // Of a complex attribute its value is meant.
  const value_ = place.attribute.type === 'complex' ? subOf(place.attribute, 'value') : undefined
  const keys = value_ === undefined ? place.keys : [...place.keys, value_.name]
  const attribute = value_ ?? place.attribute
  if (attribute.type === 'complex') {
    throw refused('invalidFilter', `\`${filter.path}\` has parts: compare one of them`)
  }
  if (value === null) return absent(op, keys)
  if (op === 'ne') {
    const equals = test('eq', attribute, value)
    return (document) => !valuesAt(document, keys).some(equals)
  }
  const holds = test(op, attribute, value)
  return (document) => valuesAt(document, keys).some(holds)
}

/** `eq null` is what has no value. */
function absent(op: Comparison, keys: readonly string[]): Matches {
  const isThere: Matches = (document) => valuesAt(document, keys).some(isPresent)
  if (op === 'ne') return isThere
  if (op === 'eq') return (document) => !isThere(document)
  throw refused('invalidFilter', `\`null\` is compared with eq or ne, not with ${op}`)
}

type Test = (value: Json) => boolean

/** @throws Fault invalidFilter */
function test(op: Exclude<Comparison, 'ne'>, attribute: Attribute, literal: Exclude<Literal, null>): Test {
  if (attribute.type === 'boolean') return booleanTest(op, attribute, literal)
  if (typeof literal !== 'string') {
    throw refused('invalidFilter', `\`${attribute.name}\` is compared with text in double quotes`)
  }
  if (attribute.type === 'dateTime') return dateTest(op, attribute, literal)
  const wanted = attribute.caseExact ? literal : fold(literal)
  const compares = textTests[op]
  return attribute.caseExact
    ? (value) => typeof value === 'string' && compares(value, wanted)
    : (value) => typeof value === 'string' && compares(fold(value), wanted)
}

/** As names that are taken are compared: in any case, and in any of Unicode's ways to write the same (RFC 8265, section 3.3). */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

const textTests: Readonly<Record<Exclude<Comparison, 'ne'>, (value: string, wanted: string) => boolean>> = {
  eq: (value, wanted) => value === wanted,
  co: (value, wanted) => value.includes(wanted),
  sw: (value, wanted) => value.startsWith(wanted),
  ew: (value, wanted) => value.endsWith(wanted),
  gt: (value, wanted) => value > wanted,
  ge: (value, wanted) => value >= wanted,
  lt: (value, wanted) => value < wanted,
  le: (value, wanted) => value <= wanted,
}

/** One provider spells booleans as text. */
function booleanTest(op: Comparison, { name }: Attribute, literal: Exclude<Literal, null>): Test {
  const wanted = String(literal).toLowerCase()
  if (op !== 'eq' || !['true', 'false'].includes(wanted)) {
    throw refused('invalidFilter', `\`${name}\` is compared by eq or ne with true or false`)
  }
  return (value) => value === (wanted === 'true')
}

function dateTest(op: Exclude<Comparison, 'ne'>, { name }: Attribute, literal: string): Test {
  const wanted = Date.parse(literal)
  if (Number.isNaN(wanted) || op === 'co' || op === 'sw' || op === 'ew') {
    throw refused(
      'invalidFilter',
      `\`${name}\` is compared by eq, ne, gt, ge, lt or le with a time such as "2026-01-31T12:00:00Z"`,
    )
  }
  const compares = numberTests[op]
  return (value) => typeof value === 'string' && compares(Date.parse(value), wanted)
}

const numberTests: Readonly<
  Record<'eq' | 'gt' | 'ge' | 'lt' | 'le', (value: number, wanted: number) => boolean>
> = {
  eq: (value, wanted) => value === wanted,
  gt: (value, wanted) => value > wanted,
  ge: (value, wanted) => value >= wanted,
  lt: (value, wanted) => value < wanted,
  le: (value, wanted) => value <= wanted,
}

function demandPlace(root: Attribute, core: string, path: string): Place {
  const place = placeOf(root, path, core)
  if (place !== undefined) return place
  throw refused('invalidFilter', `\`${root.name}\` has no attribute ${cited(path)} to filter by`)
}

/** All values at a path, through lists. */
function valuesAt(document: JsonObject, keys: readonly string[]): readonly Json[] {
  let values: readonly Json[] = [document]
  for (const key of keys) {
    values = values.flatMap((value) => {
      const next = isObject(value) ? value[key] : undefined
      return next === undefined || next === null ? [] : next
    })
  }
  return values
}

function isPresent(value: Json): boolean {
  if (typeof value === 'string') return value !== ''
  return isObject(value) ? Object.keys(value).length > 0 : value !== null
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a filter asks for that an index can tell: every document that matches has this value there. */
export interface Sought {
  /** `userName`, `emails.value`. */
  readonly path: string
  readonly value: string
}

/** Of the equalities that have to hold, in order, those that one can look up. */
export function soughtIn({ root, schema }: Pick<Kind, 'root' | 'schema'>, filter: Filter): readonly Sought[] {
  return equalities(root, schema.id, filter, [])
}

function equalities(
  root: Attribute,
  core: string,
  filter: Filter,
  above: readonly string[],
): readonly Sought[] {
  if (filter.op === 'and') return filter.filters.flatMap((each) => equalities(root, core, each, above))
  if (filter.op === 'one') {
    const place = placeOf(root, filter.path, core)
    return place === undefined ? [] : equalities(place.attribute, '', filter.filter, place.keys)
  }
  if (filter.op !== 'eq' || typeof filter.value !== 'string') return []
  const place = placeOf(root, filter.path, core)
  if (place === undefined) return []
  const keys = [...above, ...place.keys, ...(place.attribute.type === 'complex' ? ['value'] : [])]
  return [{ path: keys.join('.'), value: filter.value }]
}

/** Whether a filter is about an attribute. */
export function mentions(kind: Pick<Kind, 'root' | 'schema'>, filter: Filter, name: string): boolean {
  return pathsIn(filter).some((path) => placeOf(kind.root, path, kind.schema.id)?.keys[0] === name)
}

/** Whether a kind of resource has all that a filter is about. */
export function applies(kind: Pick<Kind, 'root' | 'schema'>, filter: Filter): boolean {
  return pathsIn(filter).every((path) => placeOf(kind.root, path, kind.schema.id) !== undefined)
}

/** Of lists, the list. */
function pathsIn(filter: Filter): readonly string[] {
  if ('filters' in filter) return filter.filters.flatMap(pathsIn)
  return 'path' in filter ? [filter.path] : pathsIn(filter.filter)
}

/**
 * Ids that a filter asks members for: who else is in a group is nothing to it, so that 100,000 are not read.
 * @throws Fault invalidFilter: members compare by their ids alone
 */
export function membersNamed(kind: Pick<Kind, 'root' | 'schema'>, filter: Filter): readonly string[] {
  return named(kind, filter, false)
}

function named(kind: Pick<Kind, 'root' | 'schema'>, filter: Filter, isInside: boolean): readonly string[] {
  if ('filters' in filter) return filter.filters.flatMap((each) => named(kind, each, isInside))
  if (!('path' in filter)) return named(kind, filter.filter, isInside)
  const keys = isInside
    ? ['members', filter.path.toLowerCase()]
    : placeOf(kind.root, filter.path, kind.schema.id)?.keys
  if (keys?.[0] !== 'members') return []
  if (filter.op === 'one') return named(kind, filter.filter, true)
  const isValue = keys.length === 1 || keys[1] === 'value'
  if (filter.op === 'eq' && isValue && typeof filter.value === 'string') return [filter.value]
  throw refused('invalidFilter', 'members are compared by `members.value eq "ID"` alone')
}
