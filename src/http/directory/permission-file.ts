/** Rows of permissions as files: for spreadsheets, and for programs. */
import type { PermissionRow } from '../../directory/questions/permissions.ts'
import { csvOf } from './csv.ts'

const columns = ['subject', 'subject_name', 'object', 'object_name', 'level', 'permissions', 'via'] as const

export function permissionCsv(rows: AsyncIterable<PermissionRow>): AsyncGenerator<string> {
  return csvOf(columns, singly(rows))
}

/** Each takes long to come by. */
async function* singly(rows: AsyncIterable<PermissionRow>): AsyncGenerator<readonly [readonly string[]]> {
  for await (const row of rows) yield [cellsOf(row)]
}

function cellsOf(row: PermissionRow): readonly string[] {
  const { subject, object, subjectName, objectName, level, role, permissions, via } = row
  const ways = via.map(({ chain }) =>
    chain.map(({ object: each, relation }) => step(each, relation)).join(' > '),
  )
  return [
    subject,
    text(subjectName),
    object,
    text(objectName),
    text(level ?? role),
    permissions.join(' '),
    ways.join(' | '),
  ]
}

function step(object: string, relation: unknown): string {
  return typeof relation === 'string' ? `${object} (${relation})` : object
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** One array, a row a line. */
export async function* jsonOf(rows: AsyncIterable<PermissionRow>): AsyncGenerator<string> {
  let before = '[\n'
  for await (const row of rows) {
    yield before + JSON.stringify(row)
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}
