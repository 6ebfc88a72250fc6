/** Conditions for the tests of this folder: compile and ask in one line. */

import { Fault } from '../../../src/lib/fault.ts'
import type { Json, JsonObject } from '../../../src/lib/json.ts'
import { compileCondition } from '../../../src/model/condition/condition.ts'
import type { ConditionJson, ParameterTypeJson } from '../../../src/model/json.ts'

export const tuple = 'document:1#viewer@user:ann'

/** `list<map<int>>` as the API spells it. */
export function type(text: string): ParameterTypeJson {
  const [, name = '', inner] = /^(\w+)(?:<(.*)>)?$/.exec(text) ?? []
  return {
    type_name: `TYPE_NAME_${name.toUpperCase()}`,
    generic_types: inner === undefined ? [] : [type(inner)],
  }
}

export function conditionJson(expression: string, parameters: Record<string, string> = {}): ConditionJson {
  const types = Object.fromEntries(Object.entries(parameters).map(([name, text]) => [name, type(text)]))
  return { name: 'c', expression, parameters: types, metadata: null }
}

/** True, false, or the fault as `code: message`. */
export function ask(
  expression: string,
  parameters: Record<string, string> = {},
  given: JsonObject = {},
  stored: JsonObject = {},
): boolean | string {
  return outcome(() => compileCondition(conditionJson(expression, parameters)).holds(given, stored, tuple))
}

/** What a value becomes as a parameter of this type: whether `expression` over `x` holds, or the refusal. */
export function convert(typeText: string, value: Json, expression: string): boolean | string {
  const answer = ask(expression, { x: typeText }, { x: value })
  const refusal = /^validation_error: .*failed to convert context parameter 'x': /
  return typeof answer === 'string' && refusal.test(answer) ? 'refused' : answer
}

export function outcome(run: () => boolean): boolean | string {
  try {
    return run()
  } catch (thrown) {
    if (thrown instanceof Fault) return `${thrown.code}: ${thrown.message}`
    throw thrown
  }
}
