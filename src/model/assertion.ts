/** Assertions as the API carries them (contract 1.11): stored beside a model, run by `kith test`. */
import type { JsonObject } from '../lib/json.ts'

export interface AssertionJson {
  readonly tuple_key: { readonly object: string; readonly relation: string; readonly user: string }
  readonly expectation: boolean
  readonly contextual_tuples: readonly JsonObject[]
  readonly context: JsonObject | null
}
