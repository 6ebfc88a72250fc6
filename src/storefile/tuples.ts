/**
 * Tuples as files say them: lists in YAML or JSON, one JSON object a line, or CSV with the columns of OpenFGA's
 * command line. Shapes only; whether the model allows a tuple is asked where it is written.
 */
import type { JsonObject } from '../lib/json.ts'
import { parseObject } from '../tuple/object.ts'
import { parseSubject } from '../tuple/subject.ts'
import type { Tuple, TupleCondition } from '../tuple/tuple.ts'
import { type CsvRow, readCsv } from './csv.ts'
import { type Cursor, openDocument } from './cursor.ts'
import { extensionOf, readText } from './files.ts'
import { faultAt, type Placed, type Position } from './position.ts'

const relationPattern = /^[^:#@\s]{1,50}$/u
const conditionPattern = /^\S{2,256}$/u

/** The tuples of a `.json`, `.jsonl`, `.ndjson`, `.yaml`, `.yml` or `.csv` file. */
export async function readTupleFile(path: string, namedAt?: Position): Promise<readonly Placed<Tuple>[]> {
  const extension = extensionOf(path)
  if (!['.json', '.jsonl', '.ndjson', '.yaml', '.yml', '.csv'].includes(extension)) {
    const at = namedAt ?? { path, line: 1, column: 1 }
    throw faultAt(
      at,
      `cannot tell what \`${path}\` holds; name it .json, .jsonl, .ndjson, .yaml, .yml or .csv`,
    )
  }
  return parseTuples(path, extension, await readText(path, namedAt))
}

/** The tuples of a text; `extension` says how it is written. */
function parseTuples(path: string, extension: string, text: string): readonly Placed<Tuple>[] {
  if (extension === '.csv') return readCsv(path, text, csvColumns).map(tupleOfRow)
  if (extension === '.jsonl' || extension === '.ndjson') return tuplesOfLines(path, text)
  return tuplesOf(openDocument(path, text))
}

/** A list of tuples. */
export function tuplesOf(list: Cursor): readonly Placed<Tuple>[] {
  return list.list().map((item) => ({ at: item.at, value: tupleOf(item) }))
}

function tupleOf(cursor: Cursor): Tuple {
  const fields = cursor.fields(['user', 'relation', 'object', 'condition', 'expires_at'])
  const part = (name: string): Placed<string> => {
    const field = fields.get(name)
    if (field === undefined) cursor.refuse(`the tuple has no \`${name}\``)
    return { at: field.at, value: field.text() }
  }
  const condition = fields.get('condition')
  const expiresAt = fields.get('expires_at')
  return {
    ...keyOf(part('user'), part('relation'), part('object')),
    ...(condition === undefined || condition.empty ? {} : { condition: conditionOf(condition) }),
    ...(expiresAt === undefined || expiresAt.empty
      ? {}
      : { expiresAt: instantOf({ at: expiresAt.at, value: expiresAt.text() }) }),
  }
}

function conditionOf(cursor: Cursor): TupleCondition {
  const fields = cursor.fields(['name', 'context'])
  const name = fields.get('name')
  if (name === undefined) cursor.refuse('the condition has no `name`')
  const context = fields.get('context')
  const named = { name: conditionName({ at: name.at, value: name.text() }) }
  return context === undefined || context.empty ? named : { ...named, context: context.object() }
}

function keyOf(user: Placed<string>, relation: Placed<string>, object: Placed<string>): Tuple {
  if (parseSubject(user.value) === undefined) {
    throw faultAt(user.at, `\`${user.value}\` is not a user; write type:id, type:id#relation or type:*`)
  }
  if (!relationPattern.test(relation.value)) {
    throw faultAt(
      relation.at,
      `\`${relation.value}\` is not a relation; it has no \`:\`, \`#\`, \`@\` or space`,
    )
  }
  if (parseObject(object.value) === undefined) {
    throw faultAt(object.at, `\`${object.value}\` is not an object; write type:id`)
  }
  return { object: object.value, relation: relation.value, subject: user.value }
}

function conditionName({ at, value }: Placed<string>): string {
  if (!conditionPattern.test(value)) throw faultAt(at, `\`${value}\` is not the name of a condition`)
  return value
}

/** RFC 3339 with a zone, to the millisecond. */
function instantOf({ at, value }: Placed<string>): number {
  const instant = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(value)
    ? Date.parse(value)
    : Number.NaN
  if (Number.isNaN(instant))
    throw faultAt(at, `\`${value}\` is not an instant; write it as 2030-01-31T12:00:00Z`)
  return instant
}

function tuplesOfLines(path: string, text: string): readonly Placed<Tuple>[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const cursor = openDocument(path, line, index + 1)
    return [{ at: cursor.at, value: tupleOf(cursor) }]
  })
}

const csvColumns = [
  'user_type',
  'user_id',
  'user_relation',
  'relation',
  'object_type',
  'object_id',
  'condition_name',
  'condition_context',
] as const

function tupleOfRow({ at, fields }: CsvRow): Placed<Tuple> {
  const part = (name: (typeof csvColumns)[number]): Placed<string> => {
    const field = fields.get(name)
    if (field === undefined || field.value === '')
      throw faultAt(field?.at ?? at, `this row has no \`${name}\``)
    return field
  }
  const userset = fields.get('user_relation')?.value ?? ''
  const user = `${part('user_type').value}:${part('user_id').value}${userset === '' ? '' : `#${userset}`}`
  const object = `${part('object_type').value}:${part('object_id').value}`
  const key = keyOf({ at: part('user_type').at, value: user }, part('relation'), {
    at: part('object_type').at,
    value: object,
  })
  const name = fields.get('condition_name')
  const context = fields.get('condition_context')
  if (name === undefined || name.value === '') {
    if (context !== undefined && context.value !== '') {
      throw faultAt(context.at, 'there is a `condition_context` but no `condition_name`')
    }
    return { at, value: key }
  }
  const condition = { name: conditionName(name) }
  if (context === undefined || context.value === '') return { at, value: { ...key, condition } }
  return { at, value: { ...key, condition: { ...condition, context: contextOf(context) } } }
}

function contextOf({ at, value }: Placed<string>): JsonObject {
  try {
    const parsed: unknown = JSON.parse(value)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as JsonObject
  } catch (error) {
    throw faultAt(at, `the condition's context is not JSON: ${(error as Error).message}`, error)
  }
  throw faultAt(at, 'the condition\'s context must be a JSON object, like {"region":"eu"}')
}
