/**
 * Comma-separated values, strictly: RFC 4180 with `\n` or `\r\n`, quotes only around a whole field. What is not that
 * is refused with its place rather than guessed at.
 */
import { faultAt, type Placed, type Position } from './position.ts'

export interface CsvRow {
  readonly at: Position
  /** By column name; a column that the file does not have is absent. */
  readonly fields: ReadonlyMap<string, Placed<string>>
}

/**
 * The rows below a header line. O(length of the text).
 * @throws Fault validation_error: a stray or open quote, a row of another width, an unknown or repeated column.
 */
export function readCsv(path: string, text: string, known: readonly string[]): readonly CsvRow[] {
  const [header, ...rows] = [...records(path, text)]
  if (header === undefined)
    throw faultAt({ path, line: 1, column: 1 }, `the file is empty; first line: ${known.join(',')}`)
  const names = header.map(({ value }) => value.trim())
  header.forEach(({ at }, index) => {
    const name = names[index] ?? ''
    if (!known.includes(name)) throw faultAt(at, `unknown column \`${name}\`; columns: ${known.join(', ')}`)
    if (names.indexOf(name) !== index) throw faultAt(at, `column \`${name}\` is given twice`)
  })
  return rows.map((cells) => {
    const at = cells[0]?.at ?? { path, line: 1, column: 1 }
    if (cells.length !== names.length) {
      throw faultAt(at, `this row has ${cells.length} fields, the header has ${names.length}`)
    }
    const fields = new Map<string, Placed<string>>()
    cells.forEach((cell, index) => {
      fields.set(names[index] ?? '', cell)
    })
    return { at, fields }
  })
}

/** Every non-blank line as its fields. */
function* records(path: string, text: string): Generator<readonly Placed<string>[]> {
  const scanner = new Scanner(path, text)
  while (!scanner.done) {
    const record = [scanner.field()]
    while (scanner.comma()) record.push(scanner.field())
    scanner.lineEnd()
    if (record.length > 1 || record[0]?.value.trim() !== '') yield record
  }
}

class Scanner {
  readonly #path: string
  readonly #text: string
  #offset = 0
  #line = 1
  #lineStart = 0

  constructor(path: string, text: string) {
    this.#path = path
    this.#text = text
  }

  get done(): boolean {
    return this.#offset >= this.#text.length
  }

  comma(): boolean {
    if (this.#text[this.#offset] !== ',') return false
    this.#offset++
    return true
  }

  lineEnd(): void {
    if (this.done) return
    if (this.#text[this.#offset] === '\r') this.#offset++
    if (this.#text[this.#offset] !== '\n') {
      throw faultAt(this.#at, 'expected a comma or the end of the line; put the whole field in double quotes')
    }
    this.#offset++
    this.#newLine()
  }

  field(): Placed<string> {
    const at = this.#at
    return { at, value: this.#text[this.#offset] === '"' ? this.#quoted(at) : this.#plain() }
  }

  #plain(): string {
    const end = /[",\r\n]|$/g
    end.lastIndex = this.#offset
    const stop = end.exec(this.#text)?.index ?? this.#text.length
    const value = this.#text.slice(this.#offset, stop)
    this.#offset = stop
    return value
  }

  #quoted(at: Position): string {
    const start = this.#offset + 1
    for (let end = start; ; end += 2) {
      end = this.#text.indexOf('"', end)
      if (end === -1) throw faultAt(at, 'this double quote is never closed')
      if (this.#text[end + 1] === '"') continue
      const raw = this.#text.slice(start, end)
      for (let at = raw.indexOf('\n'); at !== -1; at = raw.indexOf('\n', at + 1)) {
        this.#offset = start + at + 1
        this.#newLine()
      }
      this.#offset = end + 1
      return raw.replaceAll('""', '"')
    }
  }

  #newLine(): void {
    this.#line++
    this.#lineStart = this.#offset
  }

  get #at(): Position {
    return { path: this.#path, line: this.#line, column: this.#offset - this.#lineStart + 1 }
  }
}
