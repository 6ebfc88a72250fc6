/**
 * A text as rows of cells: which of `,` `;` and tab parts them, where quotes end, which row of a spreadsheet each is. Reads
 * in pieces and lets others have their turn between two. Not what the cells mean.
 */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn } from 'node:timers/promises'
import type { CsvError } from 'csv-parse'
import { refuseFile } from './refusal.ts'

export interface Table {
  /** As written, trimmed. */
  readonly header: readonly string[]
  readonly rows: readonly TableRow[]
  /** Rows without anything in them: they count for the numbers of the others alone. */
  readonly blank: number
  readonly delimiter: Delimiter
}

export interface TableRow {
  /** As a spreadsheet numbers it: the header is 1, and a cell with line breaks in it is no further row. */
  readonly row: number
  readonly cells: readonly string[]
}

type Delimiter = (typeof delimiters)[number]

/** Whoever has as many as another comes first. */
const delimiters = [',', ';', '\t'] as const

const rowsMax = 1000
/** Blank ones included: each costs the parser as much as any other. */
const recordsMax = 5000
const columnsMax = 100
/** Characters parsed in a turn. */
const pieceLength = 16 * 1024

/** @param text - with `\n` alone at the ends of lines. @throws Fault invalid_file as soon as a bound is passed */
export async function readTable(text: string): Promise<Table> {
  // Loaded with the first file: a start does not pay for it.
  const { CsvError, parse } = await import('csv-parse')
  const delimiter = delimiterOf(text)
  const rows: TableRow[] = []
  let header: readonly string[] | undefined
  const at = { row: 0, line: 0, blank: 0 }
  const take = (cells: readonly string[], lines: number): void => {
    at.row++
    at.line = lines
    if (at.row > recordsMax) tooMany(`${recordsMax} rows, blank ones included`)
    if (cells.every((cell) => cell === '')) at.blank++
    else if (header === undefined) header = demandNarrow(cells)
    else if (rows.length === rowsMax) tooMany(`${rowsMax} rows`)
    else rows.push({ row: at.row, cells })
  }
  const parser = parse({
    delimiter,
    record_delimiter: '\n',
    relax_quotes: true,
    relax_column_count: true,
    trim: true,
    // Nothing is handed on: the rows are taken here.
    on_record: (cells: string[], { lines }) => {
      // The parser leaves the space inside quotes.
      take(
        cells.map((cell) => cell.trim()),
        lines,
      )
      return null
    },
  })
  try {
    await pipeline(Readable.from(piecesOf(text)), parser.resume())
  } catch (thrown) {
    if (thrown instanceof CsvError) unparsed(thrown, at)
    throw thrown
  }
  if (header === undefined) {
    return refuseFile({ word: 'empty_file', message: 'the file is empty', hint: 'begin with the template' })
  }
  return { header, rows, blank: at.blank, delimiter }
}

async function* piecesOf(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += pieceLength) {
    yield text.slice(at, at + pieceLength)
    await turn()
  }
}

/** By the first line with anything in it, outside its quotes. */
function delimiterOf(text: string): Delimiter {
  const [line = ''] = /^.*[^\s,;"].*$/m.exec(text) ?? []
  const bare = line.replace(/"[^"]*"/g, '')
  const [most] = delimiters
    .map((delimiter) => ({ delimiter, count: bare.split(delimiter).length }))
    .toSorted((one, other) => other.count - one.count)
  return most?.delimiter ?? ','
}

function demandNarrow(cells: readonly string[]): readonly string[] {
  if (cells.length <= columnsMax) return cells
  return refuseFile({
    word: 'too_many_columns',
    message: `the first row has more than ${columnsMax} columns`,
    hint: 'begin with the template',
  })
}

function tooMany(what: string): never {
  return refuseFile({
    word: 'too_many_rows',
    message: `the file has more than ${what}`,
    hint: 'split it into several files',
  })
}

/** @param at - the last row that was whole */
function unparsed({ code }: CsvError, at: { readonly row: number; readonly line: number }): never {
  const isOpen = code === 'CSV_QUOTE_NOT_CLOSED'
  const what = isOpen ? 'opens a quote that nothing closes' : 'goes on after a closing quote'
  return refuseFile({
    word: isOpen ? 'unclosed_quote' : 'stray_quote',
    message: `row ${at.row + 1}, which begins in line ${at.line + 1}, ${what}`,
    hint: 'a cell that begins with a quote ends with one; inside it, a quote is written twice',
  })
}
