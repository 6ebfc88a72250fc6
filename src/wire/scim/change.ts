/** What the operations of a PATCH make of a document: RFC 7644, sections 3.5.2.1 to 3.5.2.3. All of them, or a fault. */
import { isDeepStrictEqual } from 'node:util'
import type { Json, JsonObject } from '../../lib/json.ts'
import type { Attribute } from './attribute.ts'
import type { Filter } from './filter.ts'
import { isObject, valueMatcherOf } from './match.ts'
import type { Operation } from './patch.ts'
import { refused } from './refusal.ts'
import { demandFew, firstAlone, readValue } from './value.ts'

/** @throws Fault invalidValue, noTarget, mutability */
export function changed(document: JsonObject, operations: readonly Operation[]): JsonObject {
  return operations.reduce((after, operation) => applied(after, operation.place.keys, operation), document)
}

function applied(
  parent: JsonObject,
  [key = '', ...below]: readonly string[],
  operation: Operation,
): JsonObject {
  if (operation.place.attribute.mutability === 'writeOnly') return parent
  const before = parent[key]
  const after =
    below.length > 0
      ? throughout(before, (inner) => applied(inner, below, operation))
      : result(operation, before)
  // As many as a whole user may have; and each costs a look at all of them.
  if (Array.isArray(after)) demandFew(operation.place.attribute, after.length, operation.field)
  const { [key]: _, ...others } = parent
  return after === undefined || isEmpty(after) ? others : { ...others, [key]: after }
}

/** A part of a list's values is a part of each; of what is not there yet, of the first. */
function throughout(before: Json | undefined, change: (inner: JsonObject) => JsonObject): Json {
  if (Array.isArray(before)) return before.map((each: Json) => (isObject(each) ? change(each) : each))
  return change(isObject(before) ? before : {})
}

function result(operation: Operation, before: Json | undefined): Json | undefined {
  const { op, place, filter, field } = operation
  const { attribute } = place
  if (op === 'remove') return removed(operation, before)
  if (filter !== undefined) return chosen(operation, filter, listOf(before))
  const value = readValue(attribute, operation.value, field)
  if (attribute.multiValued) {
    return op === 'replace' ? value : listOf(value).reduce(joined, listOf(before))
  }
  if (value === undefined && attribute.required) throw missing(attribute, field)
  // Parts that are not named stay.
  return isObject(value) && isObject(before) ? { ...before, ...value } : value
}

function removed(
  { place, filter, sub, value, field }: Operation,
  before: Json | undefined,
): Json | undefined {
  const { attribute } = place
  if (attribute.required) throw missing(attribute, field)
  if (!attribute.multiValued) return undefined
  if (filter === undefined) {
    if (value === undefined || value === null) return undefined
    // Not of the standard, and sent: the values to be taken are named beside the path.
    const taken = listOf(readValue(attribute, value, field))
    return listOf(before).filter((each) => !taken.some((one) => isNamedBy(one, each)))
  }
  const matches = valueMatcherOf(attribute, filter)
  return listOf(before).flatMap((each) => {
    if (!isObject(each) || !matches(each)) return [each]
    if (sub === undefined) return []
    const { [sub.name]: _, ...others } = each
    return isEmpty(others) ? [] : [others]
  })
}

/** Adds to the values that a filter chooses, or sets them. */
function chosen(
  { op, place: { attribute }, sub, value: given, field }: Operation,
  filter: Filter,
  before: readonly Json[],
): readonly Json[] {
  const matches = valueMatcherOf(attribute, filter)
  const value = sub === undefined ? readValue(single(attribute), given, field) : readValue(sub, given, field)
  const change = (each: JsonObject): Json | undefined => {
    if (sub === undefined) return op === 'add' && isObject(value) ? { ...each, ...value } : value
    const { [sub.name]: _, ...others } = each
    return value === undefined ? others : { ...others, [sub.name]: value }
  }
  const isChosen = before.map((each) => isObject(each) && matches(each))
  if (isChosen.includes(true)) {
    const after = before.flatMap((each, index) =>
      isChosen[index] && isObject(each) ? (change(each) ?? []) : [each],
    )
    // The one that is made the first choice now is.
    const last = isChosen.lastIndexOf(true)
    return sub?.name === 'primary' && value === true ? alone(after, last) : firstAlone(after)
  }
  // Sent for addresses that are not there yet: the filter says of which kind the new one is.
  const described = describedBy(attribute, filter)
  if (op === 'replace' || described === undefined) {
    throw refused('noTarget', `no value of \`${attribute.name}\` is chosen by the filter`, field)
  }
  const made = change(described)
  return made === undefined || !isObject(made) ? before : joined(before, made)
}

/** An attribute as one of its values. */
function single(attribute: Attribute): Attribute {
  return { ...attribute, multiValued: false }
}

/** The value that equalities describe; undefined where there is anything else in the filter. */
function describedBy(attribute: Attribute, filter: Filter): JsonObject | undefined {
  if (filter.op === 'and') {
    const parts = filter.filters.map((each) => describedBy(attribute, each))
    return parts.includes(undefined) ? undefined : Object.assign({}, ...parts)
  }
  if (filter.op !== 'eq') return undefined
  const read = readValue(single(attribute), { [filter.path]: filter.value }, attribute.name)
  return isObject(read) ? read : undefined
}

/** There already is as good as added; a new first choice is the only one. */
function joined(values: readonly Json[], value: Json): readonly Json[] {
  if (values.some((each) => isNamedBy(value, each))) return values
  const all = [...values, value]
  return isObject(value) && value.primary === true ? alone(all, all.length - 1) : all
}

function alone(values: readonly Json[], at: number): readonly Json[] {
  return values.map((each, index) =>
    index !== at && isObject(each) && each.primary === true ? { ...each, primary: false } : each,
  )
}

/** Whether all that is said of one value is true of another. */
function isNamedBy(said: Json, value: Json): boolean {
  if (!isObject(said) || !isObject(value)) return said === value
  return Object.entries(said).every(([name, each]) => isDeepStrictEqual(value[name], each))
}

function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value as Json]
}

function isEmpty(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}

function missing({ name }: Attribute, field: string): Error {
  return refused('mutability', `\`${name}\` is required: it cannot be taken away`, field)
}
