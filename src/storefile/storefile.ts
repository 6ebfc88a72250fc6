/** What a store file (`*.fga.yaml`) says once it was read: shapes only, each thing with the place that said it. */
import type { JsonObject } from '../lib/json.ts'
import type { ModelJson } from '../model/json.ts'
import type { Tuple } from '../tuple/tuple.ts'
import type { Placed, Position } from './position.ts'

export interface StoreFile {
  readonly path: string
  readonly name: string | undefined
  readonly model: Placed<ModelJson> | undefined
  /** Those in the file, then those of its tuple files. */
  readonly tuples: readonly Placed<Tuple>[]
  readonly tests: readonly StoreTest[]
}

export interface StoreTest {
  readonly name: string
  readonly at: Position
  /** Instead of the file's own. */
  readonly model: Placed<ModelJson> | undefined
  /** In addition to the file's own. */
  readonly tuples: readonly Placed<Tuple>[]
  readonly checks: readonly CheckCase[]
  readonly listObjects: readonly ListObjectsCase[]
  readonly listUsers: readonly ListUsersCase[]
}

/** One relation and what is expected of it. */
export interface Expectation<Expected> {
  readonly relation: string
  readonly expected: Expected
  readonly at: Position
}

/** Every user against every object. */
export interface CheckCase {
  readonly users: readonly string[]
  readonly objects: readonly string[]
  readonly context: JsonObject | undefined
  readonly assertions: readonly Expectation<boolean>[]
}

export interface ListObjectsCase {
  readonly user: string
  readonly type: string
  readonly context: JsonObject | undefined
  readonly assertions: readonly Expectation<readonly string[]>[]
}

export interface ListUsersCase {
  readonly object: string
  readonly filter: { readonly type: string; readonly relation?: string }
  readonly context: JsonObject | undefined
  readonly assertions: readonly Expectation<readonly string[]>[]
}
