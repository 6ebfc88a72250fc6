/**
 * A YAML (or JSON) document, asked for what it should hold: every wrong answer is a fault with the place of the
 * node. This is the only file that knows the yaml package; it does not know what a store file is.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { Json, JsonObject } from '../lib/json.ts'
import { nearest } from '../lib/nearest.ts'
import { faultAt, type Position } from './position.ts'

/** Deeper values are a mistake, or an alias that holds itself. */
const depthMax = 100

/**
 * `firstLine` is the line of the file that `text` begins on.
 * @throws Fault validation_error at the first thing that is not YAML.
 */
export function openDocument(path: string, text: string, firstLine = 1): Cursor {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { path, line: Math.max(line, 1) + firstLine - 1, column: Math.max(col, 1) }
  }
  const [error] = document.errors
  if (error !== undefined) throw faultAt(place(error.pos[0]), lower(error.message))
  const resolve = (node: Node | null): Node | null =>
    isAlias(node) ? ((node.resolve(document) ?? null) as Node | null) : node
  return new Cursor({ place, resolve, text }, document.contents, place(0), undefined)
}

interface Source {
  readonly text: string
  place(offset: number): Position
  resolve(node: Node | null): Node | null
}

export class Cursor {
  readonly at: Position
  /** How messages call this value: `tests[0].name`; undefined for the whole document. */
  readonly name: string | undefined
  readonly #source: Source
  readonly #node: Node | null

  constructor(source: Source, node: Node | null, fallback: Position, name: string | undefined) {
    this.#source = source
    this.#node = source.resolve(node)
    this.at = node?.range ? source.place(node.range[0]) : fallback
    this.name = name
  }

  /** Absent altogether: nothing, `~` or `null`. */
  get empty(): boolean {
    return this.#node === null || (isScalar(this.#node) && this.#node.value === null)
  }

  /** The fields of a mapping; a key outside `known` is refused with the nearest one it may be. */
  fields(known: readonly string[]): ReadonlyMap<string, Cursor> {
    if (this.empty && this.name === undefined) this.refuse('the file is empty')
    const fields = this.entries()
    for (const [key, field] of fields) {
      if (known.includes(key)) continue
      const guess = nearest(key, known)
      const hint = guess === undefined ? `known here: ${known.join(', ')}` : `did you mean \`${guess}\`?`
      throw faultAt(field.keyAt, `unknown field \`${key}\`; ${hint}`)
    }
    return new Map(fields.map(([key, field]) => [key, field.value]))
  }

  /** Every key and value of a mapping, in the order of the text. */
  entries(): readonly (readonly [string, { readonly keyAt: Position; readonly value: Cursor }])[] {
    const node = this.#node
    if (!isMap(node)) return this.#expected('a mapping of names to values')
    return node.items.map((pair) => {
      const keyNode = new Cursor(this.#source, pair.key as Node | null, this.at, `a key of ${this.#called}`)
      const key = keyNode.key()
      const name = this.name === undefined ? key : `${this.name}.${key}`
      return [
        key,
        { keyAt: keyNode.at, value: new Cursor(this.#source, pair.value as Node | null, keyNode.at, name) },
      ]
    })
  }

  /** The items of a list; nothing at all is an empty list. */
  list(): readonly Cursor[] {
    if (this.empty) return []
    const node = this.#node
    if (!isSeq(node)) return this.#expected('a list (items that begin with `- `)')
    return node.items.map(
      (item, index) => new Cursor(this.#source, item as Node | null, this.at, `${this.name ?? ''}[${index}]`),
    )
  }

  /** Text, not empty. */
  text(): string {
    const value = this.scalar()
    if (typeof value !== 'string') return this.#expected('text')
    if (value === '') this.refuse(`${this.#called} is empty`)
    return value
  }

  flag(): boolean {
    const value = this.scalar()
    if (typeof value !== 'boolean') return this.#expected('`true` or `false`')
    return value
  }

  object(): JsonObject {
    if (!isMap(this.#node)) return this.#expected('a mapping of names to values')
    return this.json() as JsonObject
  }

  /** Any value as JSON. Numbers beyond a double stay the text that was written, so that they are refused later. */
  json(depth = 0): Json {
    if (depth > depthMax) this.refuse(`${this.#called} is nested more than ${depthMax} deep`)
    if (this.#node === null) return null
    if (isMap(this.#node)) {
      return Object.fromEntries(this.entries().map(([key, { value }]) => [key, value.json(depth + 1)]))
    }
    if (isSeq(this.#node)) return this.list().map((item) => item.json(depth + 1))
    return this.scalar()
  }

  /**
   * Where a place inside this text stands in the file. `line` and `column` count from 1 inside the text; exact for
   * `|` blocks and for one-line texts without escapes, the start of the value otherwise.
   */
  within(line: number, column: number): Position {
    const node = this.#node
    if (!isScalar(node) || !node.range) return this.at
    if (node.type === 'PLAIN' && line === 1) return { ...this.at, column: this.at.column + column - 1 }
    if (node.type !== 'BLOCK_LITERAL') return this.at
    const body = this.#source.text.slice(node.range[0]).split('\n').slice(1)
    const indent = body.find((text) => text.trim() !== '')?.search(/\S/) ?? 0
    return { path: this.at.path, line: this.at.line + line, column: indent + column }
  }

  refuse(message: string): never {
    throw faultAt(this.at, message)
  }

  private key(): string {
    const node = this.#node
    if (!isScalar(node)) return this.#expected('text')
    return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
  }

  private scalar(): string | number | boolean | null {
    const node = this.#node
    if (!isScalar(node)) return this.#expected('a single value')
    const { value } = node
    if (typeof value === 'number' && !Number.isFinite(value)) return node.source ?? String(value)
    if (value === null || typeof value === 'string' || typeof value === 'number') return value
    return typeof value === 'boolean' ? value : (node.source ?? String(value))
  }

  get #called(): string {
    return this.name === undefined ? 'the file' : `\`${this.name}\``
  }

  #expected(what: string): never {
    this.refuse(`${this.#called} must be ${what}, not ${this.#kind}`)
  }

  get #kind(): string {
    const node = this.#node
    if (this.empty) return 'nothing'
    if (isMap(node)) return 'a mapping'
    if (isSeq(node)) return 'a list'
    const value = isScalar(node) ? node.value : undefined
    if (typeof value === 'string') return value === '' ? 'empty text' : 'text'
    if (typeof value === 'boolean') return `the flag ${value}; quote it if it is text`
    return 'a number; quote it if it is text'
  }
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1)
}
