/**
 * Documents of a type that one file owns: it says once what is in them, and nothing else puts any. So what is read is what
 * was put: no request names such a type, which begins with `@`, and storage refuses a row that is damaged.
 */
import type { Json, JsonObject } from '../lib/json.ts'
import type { Page, View } from '../storage/storage.ts'
import type { Draft } from './draft.ts'
import type { Sight } from './sight.ts'

export interface Row<Shape> {
  readonly id: string
  readonly attributes: Shape
}

/** Entities: the log has each change, and a revision says when it was. */
export class Entities<Shape extends Fields<Shape>> {
  readonly type: string

  constructor(type: string) {
    this.type = type
  }

  at(sight: Pick<Sight, 'entity'>, id: string): Shape | undefined {
    const attributes = sight.entity(this.type, id)
    return attributes === undefined ? undefined : read(attributes)
  }

  put(draft: Draft, id: string, document: Shape): void {
    draft.put(this.type, id, written(document))
  }

  remove(draft: Draft, id: string): void {
    draft.remove(this.type, id)
  }

  /** As `View.entities`. */
  async page(view: View, limit: number, after?: Uint8Array, prefix?: string): Promise<Page<Row<Shape>>> {
    return pageOf(await view.entities(this.type, limit, after, prefix))
  }

  /** Of what was found by its type. */
  of(attributes: JsonObject): Shape {
    return read(attributes)
  }
}

/** The same beside the log: of no revision, and nobody is told. */
export class Asides<Shape extends Fields<Shape>> {
  readonly type: string

  constructor(type: string) {
    this.type = type
  }

  at(sight: Pick<View, 'aside'>, id: string): Shape | undefined {
    const attributes = sight.aside(this.type, id)
    return attributes === undefined ? undefined : read(attributes)
  }

  put(draft: Draft, id: string, document: Shape): void {
    draft.setAside(this.type, id, written(document))
  }

  remove(draft: Draft, id: string): void {
    draft.setAside(this.type, id, undefined)
  }

  /** As `View.asides`. */
  async page(view: View, limit: number, after?: Uint8Array, prefix?: string): Promise<Page<Row<Shape>>> {
    return pageOf(await view.asides(this.type, limit, after, prefix))
  }
}

/** Fields that JSON can hold: a shape with a date or a function in it is none. */
export type Fields<Shape> = { readonly [Key in keyof Shape]: Plain<Shape[Key]> }

type Plain<Value> = Value extends Json | undefined
  ? Value
  : Value extends (...given: never) => unknown
    ? never
    : Fields<Value>

// An interface has no index signature, so the compiler has to be told what `Fields` has made sure of.

function read<Shape extends Fields<Shape>>(attributes: JsonObject): Shape {
  return attributes as unknown as Shape
}

function written<Shape extends Fields<Shape>>(document: Shape): JsonObject {
  return document as unknown as JsonObject
}

function pageOf<Shape extends Fields<Shape>>({ rows, next }: Page<Row<JsonObject>>): Page<Row<Shape>> {
  return { rows: rows as unknown as readonly Row<Shape>[], next }
}
