/** What a list is asked for: RFC 7644, sections 3.4.2 and 3.4.3; and which attributes an answer has, section 3.9. */
import type { Json, JsonObject } from '../../lib/json.ts'
import { placeOf } from './attribute.ts'
import { type Filter, parseFilter } from './filter.ts'
import { isObject } from './match.ts'
import { ofAnyCase } from './patch.ts'
import { refused } from './refusal.ts'
import type { Kind } from './schemas.ts'
import { isRecord } from './value.ts'

export interface Query {
  readonly filter?: Filter
  /** From 1. */
  readonly startIndex: number
  readonly count: number
  readonly wanted: Wanted
}

/** Attributes by path, as they were written; both absent: what is shown by default. */
export interface Wanted {
  readonly attributes?: readonly string[]
  readonly excluded?: readonly string[]
}

export const countMax = 500
const countDefault = 100
const attributesMax = 100

/** Of a URL. @throws Fault invalidFilter, invalidValue */
export function decodeQuery(parameter: (name: string) => string | undefined): Query {
  return queryOf({
    filter: parameter('filter'),
    startIndex: parameter('startIndex'),
    count: parameter('count'),
    ...namesOf(parameter),
  })
}

/** Of a URL that names one resource. @throws Fault invalidValue */
export function decodeWanted(parameter: (name: string) => string | undefined): Wanted {
  return wantedOf(namesOf(parameter))
}

function namesOf(parameter: (name: string) => string | undefined) {
  return {
    attributes: parameter('attributes')?.split(','),
    excludedAttributes: parameter('excludedAttributes')?.split(','),
  }
}

/** Of a body that asks. @throws Fault invalidSyntax, invalidFilter, invalidValue */
export function decodeSearch(body: unknown): Query {
  if (!isRecord(body)) throw refused('invalidSyntax', 'the body must be a search request as a JSON object')
  const names = ['filter', 'startIndex', 'count', 'attributes', 'excludedAttributes']
  return queryOf(Object.fromEntries(names.map((name) => [name, ofAnyCase(body, name)])))
}

/** Sorting is not offered: then what asks for it is to be ignored. */
function queryOf(given: Readonly<Record<string, unknown>>): Query {
  const { filter } = given
  if (filter !== undefined && typeof filter !== 'string')
    throw refused('invalidFilter', '`filter` must be text')
  return {
    ...(filter === undefined || filter.trim() === '' ? {} : { filter: parseFilter(filter) }),
    startIndex: Math.max(1, integer(given.startIndex, 'startIndex', 1)),
    count: Math.min(countMax, Math.max(0, integer(given.count, 'count', countDefault))),
    wanted: wantedOf(given),
  }
}

function integer(given: unknown, field: string, instead: number): number {
  if (given === undefined || given === null || given === '') return instead
  const value = typeof given === 'string' && /^[+-]?\d{1,15}$/.test(given.trim()) ? Number(given) : given
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw refused('invalidValue', `\`${field}\` must be a whole number`, field)
}

function wantedOf({ attributes, excludedAttributes }: Readonly<Record<string, unknown>>): Wanted {
  const [some, others] = [
    namesIn(attributes, 'attributes'),
    namesIn(excludedAttributes, 'excludedAttributes'),
  ]
  if (some !== undefined && others !== undefined) {
    throw refused('invalidValue', 'either `attributes` or `excludedAttributes`, not both', 'attributes')
  }
  if (some !== undefined) return { attributes: some }
  return others === undefined ? {} : { excluded: others }
}

function namesIn(given: unknown, field: string): readonly string[] | undefined {
  if (given === undefined || given === null) return undefined
  if (
    !Array.isArray(given) ||
    given.length > attributesMax ||
    given.some((each) => typeof each !== 'string')
  ) {
    throw refused('invalidValue', `\`${field}\` must be a list of at most ${attributesMax} names`, field)
  }
  const names = given.map((each) => String(each).trim()).filter((name) => name !== '')
  return names.length === 0 ? undefined : names
}

/** Whether an attribute will be shown; what is costly is not looked up for nothing. */
export function isWanted(kind: Kind, { attributes, excluded }: Wanted, name: string): boolean {
  const first = (path: string) => placeOf(kind.root, path, kind.schema.id)?.keys
  if (attributes !== undefined) return attributes.some((path) => first(path)?.[0] === name)
  return !(excluded ?? []).some((path) => first(path)?.join('.') === name)
}

/** What is always shown, and what was asked for of the rest. Names that nobody knows are nothing. */
export function shownOf(kind: Kind, document: JsonObject, { attributes, excluded }: Wanted): JsonObject {
  const placesOf = (paths: readonly string[]) =>
    paths.flatMap((path) => {
      const keys = placeOf(kind.root, path, kind.schema.id)?.keys
      return keys === undefined || always.includes(keys[0] ?? '') ? [] : [keys]
    })
  if (attributes !== undefined) {
    const places = [...always.map((name) => [name]), ...placesOf(attributes)]
    return picked(document, places)
  }
  return placesOf(excluded ?? []).reduce(without, document)
}

const always = ['schemas', 'id']

/** In the order of the document. */
function picked(document: JsonObject, places: readonly (readonly string[])[]): JsonObject {
  const parts = Object.entries(document).flatMap(([key, value]) => {
    const mine = places.filter(([first]) => first === key).map(([, ...below]) => below)
    if (mine.length === 0) return []
    return [
      [key, mine.some((below) => below.length === 0) ? value : inEach(value, (part) => picked(part, mine))],
    ]
  })
  return Object.fromEntries(parts)
}

function without(document: JsonObject, [key = '', ...below]: readonly string[]): JsonObject {
  const { [key]: value, ...others } = document
  if (value === undefined) return document
  return below.length === 0 ? others : { ...document, [key]: inEach(value, (part) => without(part, below)) }
}

function inEach(value: Json, change: (part: JsonObject) => JsonObject): Json {
  if (Array.isArray(value)) return value.map((each: Json) => (isObject(each) ? change(each) : each))
  return isObject(value) ? change(value) : value
}
