/** Rows of permissions as files: for spreadsheets, which must not take a name for a formula, and for programs. */
import { stringify } from 'csv-stringify/sync'
import type { PermissionRow } from '../../directory/permissions.ts'

const columns = ['subject', 'subject_name', 'object', 'object_name', 'level', 'permissions', 'via'] as const

/** RFC 4180; what a spreadsheet would calculate begins with an apostrophe. */
export async function* csvOf(rows: AsyncIterable<PermissionRow>): AsyncGenerator<string> {
  // The first row decides whether there is an answer at all.
  let head = line(columns)
  for await (const row of rows) {
    yield head + line(cellsOf(row))
    head = ''
  }
  if (head !== '') yield head
}

function line(cells: readonly string[]): string {
  return stringify([[...cells]], { record_delimiter: '\r\n', escape_formulas: true })
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
