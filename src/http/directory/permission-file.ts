/** Rows of permissions as files: for spreadsheets, which must not take a name for a formula, and for programs. */
import type { PermissionRow } from '../../directory/permissions.ts'

const columns = ['subject', 'subject_name', 'object', 'object_name', 'level', 'permissions', 'via'] as const

/** RFC 4180; what a spreadsheet would calculate begins with an apostrophe. */
export async function* csvOf(rows: AsyncIterable<PermissionRow>): AsyncGenerator<string> {
  // Loaded only when somebody wants a file: a start does not pay for it.
  const { stringify } = await import('csv-stringify/sync')
  const line = (cells: readonly string[]): string =>
    stringify([[...cells]], { record_delimiter: '\r\n', escape_formulas: true })
  // The first row decides whether there is an answer at all.
  let head = line(columns)
  for await (const row of rows) {
    yield head + line(cellsOf(row))
    head = ''
  }
  if (head !== '') yield head
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
