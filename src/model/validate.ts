/**
 * Whether a model makes sense: OpenFGA's rules, its messages, its order (the first failure wins). Shape was decided
 * before, in shape.ts. `but not` and `and` inside a cycle of tuples, and `x from parent` where only some parent
 * types have `x`, are accepted.
 */
import { Fault } from '../lib/fault.ts'
import { compileCondition } from './condition/condition.ts'
import type { ModelJson } from './json.ts'
import { wireSize } from './size.ts'
import { Cycles } from './validate/cycles.ts'
import { draftOf, invalidModel } from './validate/draft.ts'
import { Entrypoints } from './validate/entrypoints.ts'
import { checkNames } from './validate/names.ts'
import { checkRestrictions } from './validate/restrictions.ts'
import { checkOperandCounts, checkRewrite } from './validate/rewrites.ts'

export interface ModelLimits {
  readonly typesMax: number
  /** Of the model as protobuf, see size.ts. */
  readonly bytesMax: number
}

/** OpenFGA's defaults. They bound what compiling, caching and walking a model may cost. */
const modelLimits: ModelLimits = { typesMax: 100, bytesMax: 256 * 1024 }

/**
 * O(size of the model), conditions compiled once.
 * @throws Fault invalid_authorization_model, or exceeded_entity_limit.
 */
export function validateModel(json: ModelJson, limits: ModelLimits = modelLimits): void {
  checkSize(json, limits)
  checkNames(json)
  const draft = draftOf(json)
  const entrypoints = new Entrypoints(draft)
  const cycles = new Cycles(draft)
  for (const relations of draft.types.values()) {
    for (const relation of relations.values()) {
      checkRewrite(draft, relation)
      checkRestrictions(draft, relation)
      checkOperandCounts(relation)
      entrypoints.check(relation)
      cycles.check(relation)
    }
  }
  checkConditions(json)
}

function checkSize(json: ModelJson, { typesMax, bytesMax }: ModelLimits): void {
  if (json.type_definitions.length > typesMax) {
    throw new Fault(
      'exceeded_entity_limit',
      `The number of type definitions in an authorization model exceeds the allowed limit of ${typesMax}`,
    )
  }
  const bytes = wireSize(json)
  if (bytes > bytesMax) {
    throw new Fault('exceeded_entity_limit', `model exceeds size limit: ${bytes} bytes vs ${bytesMax} bytes`)
  }
}

/** Rule 10. */
function checkConditions(json: ModelJson): void {
  for (const [key, condition] of Object.entries(json.conditions ?? {})) {
    if (key !== condition.name) {
      throw invalidModel(`condition key '${key}' does not match condition name '${condition.name}'`)
    }
    compileCondition(condition)
  }
}
