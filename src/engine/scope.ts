/** Everything one question may see: a model, a state, what the request brought along, and its bounds. */
import type { JsonObject } from '../lib/json.ts'
import type { Model } from '../model/model.ts'
import type { View } from '../storage/storage.ts'
import type { Tuple, TupleKey } from '../tuple/tuple.ts'
import type { Graph } from './resident/graph.ts'
import type { Reads } from './resident/reads.ts'

export interface Scope {
  readonly model: Model
  /** The engine pins it when, and only when, the question outlives the turn. */
  readonly view: View
  /** Valid tuples of this request only; each hides the stored tuple of its key. */
  readonly contextual: readonly Tuple[]
  /** Stored tuples to be taken for absent: explanations ask what a removal would change. */
  readonly hidden?: readonly TupleKey[]
  readonly context: JsonObject
  /** What storage holds, kept in memory; used while it is of the view's revision. Absent: every tuple is read afresh. */
  readonly resident?: Graph | undefined
  /** Memory was asked this very question and could not tell: it need not be asked again. */
  readonly memoryAsked?: boolean | undefined
  /** Is told every read of stored tuples that the answer may rest on. */
  readonly reads?: Reads
  /** Tuple hops a walk may take before it fails with authorization_model_resolution_too_complex; Infinity: none. */
  readonly depthMax: number
  /** On performance.now(): past it a walk fails with deadline_exceeded. */
  readonly deadline: number
}
