/** The questions of a test, read from its three lists. Asking them is run.ts's affair. */
import type { JsonObject } from '../lib/json.ts'
import type { Cursor } from './cursor.ts'
import type { CheckCase, Expectation, ListObjectsCase, ListUsersCase } from './storefile.ts'

type Fields = ReadonlyMap<string, Cursor>

export function checkCaseOf(cursor: Cursor): CheckCase {
  const fields = cursor.fields(['user', 'users', 'object', 'objects', 'context', 'assertions'])
  return {
    users: oneOrMany(cursor, fields, 'user', 'users'),
    objects: oneOrMany(cursor, fields, 'object', 'objects'),
    context: contextOf(fields),
    assertions: assertionsOf(cursor, fields, (value) => value.flag()),
  }
}

export function listObjectsCaseOf(cursor: Cursor): ListObjectsCase {
  const fields = cursor.fields(['user', 'type', 'context', 'assertions'])
  return {
    user: demand(cursor, fields, 'user').text(),
    type: demand(cursor, fields, 'type').text(),
    context: contextOf(fields),
    assertions: assertionsOf(cursor, fields, (value) => value.list().map((item) => item.text())),
  }
}

export function listUsersCaseOf(cursor: Cursor): ListUsersCase {
  const fields = cursor.fields(['object', 'user_filter', 'context', 'assertions'])
  return {
    object: demand(cursor, fields, 'object').text(),
    filter: filterOf(demand(cursor, fields, 'user_filter')),
    context: contextOf(fields),
    assertions: assertionsOf(cursor, fields, (value) => {
      const users = value.fields(['users', 'excluded_users']).get('users')
      return users === undefined ? [] : users.list().map((item) => item.text())
    }),
  }
}

function filterOf(cursor: Cursor): ListUsersCase['filter'] {
  const [filter, ...more] = cursor.list()
  if (filter === undefined || more.length > 0) cursor.refuse('`user_filter` must hold exactly one filter')
  const fields = filter.fields(['type', 'relation'])
  const type = demand(filter, fields, 'type').text()
  const relation = fields.get('relation')
  return relation === undefined || relation.empty ? { type } : { type, relation: relation.text() }
}

function oneOrMany(cursor: Cursor, fields: Fields, one: string, many: string): readonly string[] {
  const single = fields.get(one)
  const several = fields.get(many)
  if (single !== undefined && several !== undefined)
    several.refuse(`give \`${one}\` or \`${many}\`, not both`)
  if (single !== undefined) return [single.text()]
  if (several === undefined) cursor.refuse(`there is no \`${one}\` and no \`${many}\``)
  const texts = several.list().map((item) => item.text())
  if (texts.length === 0) several.refuse(`\`${many}\` is empty, so nothing would be asked`)
  return texts
}

function assertionsOf<Expected>(
  cursor: Cursor,
  fields: Fields,
  read: (value: Cursor) => Expected,
): readonly Expectation<Expected>[] {
  const assertions = demand(cursor, fields, 'assertions')
  const expectations = assertions.entries().map(([relation, { keyAt, value }]) => ({
    relation,
    expected: read(value),
    at: keyAt,
  }))
  if (expectations.length === 0) assertions.refuse('`assertions` is empty, so nothing would be asked')
  return expectations
}

function contextOf(fields: Fields): JsonObject | undefined {
  const context = fields.get('context')
  return context === undefined || context.empty ? undefined : context.object()
}

function demand(cursor: Cursor, fields: Fields, name: string): Cursor {
  const field = fields.get(name)
  if (field === undefined || field.empty) cursor.refuse(`there is no \`${name}\` here`)
  return field
}
