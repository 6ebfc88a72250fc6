/** Placeholder until conditions are compiled here: refuses every one. Not an evaluator. */
import { Fault } from '../../lib/fault.ts'
import type { ConditionJson } from '../json.ts'
import type { ConditionDefinition } from '../model.ts'

export function compileCondition(json: ConditionJson): ConditionDefinition {
  return {
    name: json.name,
    parameters: Object.keys(json.parameters),
    holds: () => {
      throw new Fault('validation_error', `condition '${json.name}' cannot be evaluated yet`)
    },
    refuse: () => undefined,
  }
}
