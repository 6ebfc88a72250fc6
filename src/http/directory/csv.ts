/** Rows as a file for spreadsheets, which must not take what somebody wrote for a formula. */
import { answerDownload } from '../download.ts'
import type { Exchange } from '../exchange.ts'

/** RFC 4180; what a spreadsheet would calculate begins with an apostrophe. */
export async function* csvOf(
  columns: readonly string[],
  rows: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
): AsyncGenerator<string> {
  // Loaded only when somebody wants a file: a start does not pay for it.
  const { stringify } = await import('csv-stringify/sync')
  const line = (cells: readonly string[]): string =>
    stringify([cells.map(inert)], { record_delimiter: '\r\n', escape_formulas: true })
  // The first row decides whether there is an answer at all.
  let head = line(columns)
  for await (const row of rows) {
    yield head + line(row)
    head = ''
  }
  if (head !== '') yield head
}

/** NUL is the one beginning that the printer lets through. */
function inert(cell: string): string {
  return cell.startsWith('\0') ? `'${cell}` : cell
}

/** @param filename - of letters, digits, `-` and `.` */
export function answerCsv(c: Exchange, filename: string, pieces: AsyncIterable<string>): Promise<Response> {
  return answerDownload(c, { filename, type: 'text/csv; charset=utf-8', pieces })
}
