/**
 * PATCH bodies: RFC 7644, section 3.5.2, as providers really send them. A body becomes a list of operations, each at one
 * place; what they do to a user is change.ts, to members members.ts.
 */
import { type Attribute, type Place, placeOf, subOf } from './attribute.ts'
import { type Filter, parsePath } from './filter.ts'
import { cited, refused } from './refusal.ts'
import type { Kind } from './schemas.ts'
import { isRecord } from './value.ts'

export interface Operation {
  readonly op: 'add' | 'replace' | 'remove'
  /** The attribute, or of a list the one whose values are meant. */
  readonly place: Place
  /** Which values of the list. */
  readonly filter?: Filter
  /** Which part of these values. */
  readonly sub?: Attribute
  readonly value: unknown
  /** Of the value, for messages: `Operations[0].value`. */
  readonly field: string
}

const operationsMax = 1000

/** @throws Fault invalidSyntax, invalidPath, invalidFilter, noTarget, mutability */
export function parsePatch(kind: Kind, body: unknown): readonly Operation[] {
  const given = isRecord(body) ? ofAnyCase(body, 'Operations') : undefined
  if (!Array.isArray(given)) throw refused('invalidSyntax', '`Operations` must be a list', 'Operations')
  const operations: Operation[] = []
  for (const [index, each] of given.entries()) {
    // One without a path is as many as it has keys.
    operations.push(...operationsOf(kind, each, `Operations[${index}]`))
    if (operations.length <= operationsMax && index < operationsMax) continue
    throw refused('invalidSyntax', `\`Operations\` are more than ${operationsMax}`, 'Operations')
  }
  return operations
}

function operationsOf(kind: Kind, given: unknown, field: string): readonly Operation[] {
  const said = isRecord(given) ? ofAnyCase(given, 'op') : undefined
  const op = typeof said === 'string' ? said.toLowerCase() : undefined
  if (!isRecord(given) || (op !== 'add' && op !== 'replace' && op !== 'remove')) {
    throw refused('invalidSyntax', `\`${field}.op\` must be add, replace or remove`, `${field}.op`)
  }
  const [path, value] = [ofAnyCase(given, 'path'), ofAnyCase(given, 'value')]
  if (path === undefined || path === null || path === '') return withoutPath(kind, op, value, field)
  if (typeof path !== 'string')
    throw refused('invalidPath', `\`${field}.path\` must be text`, `${field}.path`)
  if (value === undefined && op !== 'remove') {
    throw refused('invalidValue', `\`${field}.value\` is required`, `${field}.value`)
  }
  const operation = at(kind, op, path, value, field)
  return operation === undefined ? [] : [operation]
}

/** Every key of the value is a path of its own: with a dot, with a filter, an attribute's URN, an extension's. */
function withoutPath(kind: Kind, op: Operation['op'], value: unknown, field: string): readonly Operation[] {
  if (op === 'remove') throw refused('noTarget', `\`${field}.path\` is required to remove`, `${field}.path`)
  if (!isRecord(value)) {
    throw refused(
      'invalidValue',
      `\`${field}.value\` must be an object where there is no path`,
      `${field}.value`,
    )
  }
  return Object.entries(value).flatMap(([name, each]) => {
    if (name.includes('[')) return [at(kind, op, name, each, field)].flatMap((one) => one ?? [])
    const place = placeOf(kind.root, name, kind.schema.id)
    // What is read-only comes back from what was read here; what nobody knows is another service's.
    if (place === undefined || place.attribute.mutability === 'readOnly') return []
    return [{ op, place, value: each, field: `${field}.value.${place.keys.join('.')}` }]
  })
}

/** Undefined: it is about an extension of another service. */
function at(
  kind: Kind,
  op: Operation['op'],
  text: string,
  value: unknown,
  field: string,
): Operation | undefined {
  const { path, filter, sub: subName } = parsePath(text)
  const place = placeOf(kind.root, path, kind.schema.id)
  if (place === undefined) {
    if (isForeign(kind, path)) return undefined
    throw refused('invalidPath', `\`${kind.name}\` has no attribute ${cited(text)}`, `${field}.path`)
  }
  const { attribute } = place
  if (attribute.mutability === 'readOnly') {
    throw refused('mutability', `\`${path}\` is read-only`, `${field}.path`)
  }
  const common = { op, place, value, field: `${field}.value` }
  if (filter === undefined) return common
  if (!attribute.multiValued) {
    throw refused(
      'invalidPath',
      `\`${path}\` is no list: ${cited(text)} has no values to choose from`,
      `${field}.path`,
    )
  }
  if (subName === undefined) return { ...common, filter }
  const sub = subOf(attribute, subName)
  if (sub !== undefined) return { ...common, filter, sub }
  throw refused('invalidPath', `\`${path}\` has no part ${cited(subName)}`, `${field}.path`)
}

/** An attribute of a schema that is not kept here. */
function isForeign({ schema, extensions }: Kind, path: string): boolean {
  const folded = path.toLowerCase()
  const own = [schema, ...extensions].map(({ id }) => id.toLowerCase())
  return folded.startsWith('urn:') && !own.some((urn) => folded === urn || folded.startsWith(`${urn}:`))
}

/** Names of what SCIM defines compare in any case. */
export function ofAnyCase(given: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(given, name)) return given[name]
  const folded = name.toLowerCase()
  const key = Object.keys(given).find((each) => each.toLowerCase() === folded)
  return key === undefined ? undefined : given[key]
}
