/** Where something was said: a place in a text file, for messages. Not a location in any store. */
import { Fault } from '../lib/fault.ts'

export interface Position {
  /** As the user named it, or joined to the folder of the file that named it. */
  readonly path: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units, as editors count. */
  readonly column: number
}

/** A value and the place that said it. */
export interface Placed<Value> {
  readonly value: Value
  readonly at: Position
}

/** `path:line:column`, which editors and terminals turn into a link. */
export function printPosition({ path, line, column }: Position): string {
  return `${path}:${line}:${column}`
}

/** A complaint about a file: says where, what is wrong, and what to write instead. */
export function faultAt(at: Position, message: string, cause?: unknown): Fault {
  return new Fault('validation_error', `${printPosition(at)}: ${message}`, { cause })
}
