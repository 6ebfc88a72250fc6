/**
 * A compiled authorization model: immutable, made once (model/compile.ts), asked on every walk. No I/O, no
 * tuples; the engine's operators read it, storage never does.
 */
import type { JsonObject } from '../lib/json.ts'
import type { ModelJson } from './json.ts'

/** One operator of a relation's rewrite. `id` numbers the operators of the whole model, densely from 0. */
export type Rewrite =
  | { readonly kind: 'direct'; readonly id: number }
  | { readonly kind: 'computed'; readonly id: number; readonly relation: string }
  | {
      readonly kind: 'tuple-to-userset'
      readonly id: number
      readonly tupleset: string
      readonly computed: string
    }
  | { readonly kind: 'union'; readonly id: number; readonly children: readonly Rewrite[] }
  | { readonly kind: 'intersection'; readonly id: number; readonly children: readonly Rewrite[] }
  | { readonly kind: 'exclusion'; readonly id: number; readonly base: Rewrite; readonly subtract: Rewrite }

/** A type restriction: what may be written as a subject. */
export interface Restriction {
  /** `user`, `user:*` or `group#member`; see shapeOf in tuple/subject.ts. */
  readonly shape: string
  readonly type: string
  readonly relation?: string
  readonly wildcard: boolean
  /** The condition's name, where one is demanded. */
  readonly condition?: string
}

export interface Relation {
  readonly type: string
  readonly name: string
  readonly rewrite: Rewrite
  readonly restrictions: readonly Restriction[]
  /** Whether some rewrite of its type reads it on the right of `from`. */
  readonly isTupleset: boolean
  /**
   * Shapes of the subjects that can ever reach this relation: every restriction met on the way down, and every
   * relation passed through, as `type#relation`, itself included. A subject whose shape is missing (for a plain
   * subject: `type` and `type:*` both missing) is not a member, whatever the tuples.
   */
  readonly reach: ReadonlySet<string>
  /** Whether the way down meets an intersection or an exclusion: only then can a subject that was met be no member. */
  readonly decides: boolean
}

export interface ConditionDefinition {
  readonly name: string
  /** Names of the declared parameters. */
  readonly parameters: readonly string[]
  /**
   * Whether the condition holds. `stored` is the tuple's context and wins over `given`, the request's.
   * @throws Fault validation_error: a parameter is missing or of the wrong type, a CEL run-time error, the cost
   * bound. The message ends where contract 4.6 ends it and names `tuple`.
   */
  holds(given: JsonObject, stored: JsonObject, tuple: string): boolean
  /** Why `context` cannot be stored: its first key that is undeclared or not convertible; undefined when all are fine. */
  refuse(context: JsonObject): string | undefined
}

export interface Model {
  readonly id: string
  readonly json: ModelJson
  readonly conditions: ReadonlyMap<string, ConditionDefinition>
  /** How many operators there are: ids are 0 .. operatorCount - 1. */
  readonly operatorCount: number
  hasType(type: string): boolean
  /** In the order of the model's text. */
  readonly types: readonly string[]
  relation(type: string, name: string): Relation | undefined
  relations(type: string): readonly Relation[]
}
