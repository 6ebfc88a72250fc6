/** Rows as a file for spreadsheets, which must not take what somebody wrote for a formula. */
import { answerDownload } from '../download.ts'
import type { Exchange } from '../exchange.ts'

/**
 * RFC 4180; what a spreadsheet would calculate begins with an apostrophe.
 * @param pages - rows that leave together
 */
export async function* csvOf(
  columns: readonly string[],
  pages: AsyncIterable<readonly (readonly string[])[]> | Iterable<readonly (readonly string[])[]>,
): AsyncGenerator<string> {
  // Loaded only when somebody wants a file: a start does not pay for it.
  const { stringify } = await import('csv-stringify/sync')
  const lines = (rows: readonly (readonly string[])[]): string =>
    stringify(
      rows.map((cells) => cells.map(inert)),
      { record_delimiter: '\r\n', escape_formulas: true },
    )
  // The first page decides whether there is an answer at all.
  let head = lines([columns])
  for await (const rows of pages) {
    yield head + lines(rows)
    head = ''
  }
  if (head !== '') yield head
}

/** Beginnings that the printer lets through. */
function inert(cell: string): string {
  return cell.startsWith('\0') || cell.startsWith('\n') ? `'${cell}` : cell
}

/** @param filename - of letters, digits, `-` and `.` */
export function answerCsv(c: Exchange, filename: string, pieces: AsyncIterable<string>): Promise<Response> {
  return answerDownload(c, { filename, type: 'text/csv; charset=utf-8', pieces })
}
