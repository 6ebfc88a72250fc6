/**
 * Conditions: a CEL expression with typed parameters, compiled once with its model and asked with two contexts. What
 * may be written is decided in syntax.ts, what it may cost in cost.ts, how values come in in parameter.ts. Never an allow
 * by accident: whatever is not exactly true or false is a fault.
 */
import type { Environment } from '@marcbachmann/cel-js'
import { Fault } from '../../lib/fault.ts'
import type { Json, JsonObject } from '../../lib/json.ts'
import type { ConditionJson } from '../json.ts'
import type { ConditionDefinition } from '../model.ts'
import { nodeOf } from './node.ts'
import { ConversionError, type ParameterType, parameterType, type Value } from './parameter.ts'
import { repair } from './repair.ts'
import { base, prefix } from './standard.ts'
import { expressionBytesMax, resolve, variable } from './syntax.ts'

/**
 * A condition of a model. The map's key and the name are compared by the model's own rules, not here.
 * @throws Fault invalid_authorization_model: a parameter type that does not exist, an expression that is not CEL,
 * calls what is not there, does not type-check, or is not a bool.
 */
export function compileCondition(json: ConditionJson): ConditionDefinition {
  try {
    const types = new Map(
      Object.entries(json.parameters ?? {})
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([name, type]) => [name, parameterType(type)]),
    )
    return new Condition(json.name, types, compile(json.expression, types))
  } catch (thrown) {
    throw new Fault(
      'invalid_authorization_model',
      `failed to compile expression on condition '${json.name}' - ${reason(thrown)}`,
      { cause: thrown },
    )
  }
}

type Evaluate = (values: ReadonlyMap<string, Value>) => unknown

function compile(expression: string, types: ReadonlyMap<string, ParameterType>): Evaluate {
  if (Buffer.byteLength(expression) > expressionBytesMax) {
    throw new Error(`the expression is longer than ${expressionBytesMax} bytes`)
  }
  const environment: Environment = base.clone()
  for (const [name, type] of types) environment.registerVariable(variable(name), type.cel)
  const parsed = environment.parse(expression)
  resolve(nodeOf(parsed.ast), expression, new Set(types.keys()))
  const { valid, type, error } = parsed.check()
  if (!valid) throw error
  if (type !== 'bool') throw new Error(`expected a bool condition expression output, but got '${type}'`)
  repair(nodeOf(parsed.ast))
  return (values) => parsed(new Map([...values].map(([name, value]) => [variable(name), value])))
}

class Condition implements ConditionDefinition {
  readonly name: string
  readonly parameters: readonly string[]
  /** In the order of the names. */
  readonly #types: ReadonlyMap<string, ParameterType>
  readonly #evaluate: Evaluate

  constructor(name: string, types: ReadonlyMap<string, ParameterType>, evaluate: Evaluate) {
    this.name = name
    this.parameters = [...types.keys()]
    this.#types = types
    this.#evaluate = evaluate
  }

  holds(given: JsonObject, stored: JsonObject, tuple: string): boolean {
    const values = this.#values(given, stored, tuple)
    let result: unknown
    try {
      result = this.#evaluate(values)
    } catch (thrown) {
      throw this.#fault(`'${this.name}' - ${reason(thrown)}`, thrown)
    }
    if (typeof result !== 'boolean') throw this.#fault(`'${this.name}' - the result is not a bool`)
    return result
  }

  refuse(context: JsonObject): string | undefined {
    for (const key of Object.keys(context).sort()) {
      const type = this.#types.get(key)
      if (type === undefined) return `found invalid context parameter: ${key}`
      try {
        type.convert(own(context, key) ?? null)
      } catch (thrown) {
        if (!(thrown instanceof ConversionError)) throw thrown
        return `${this.#typeError()} - ${conversion(key, thrown)}`
      }
    }
    return undefined
  }

  /** The declared parameters out of both contexts, converted. */
  #values(given: JsonObject, stored: JsonObject, tuple: string): ReadonlyMap<string, Value> {
    if (this.#types.size === 0 && (Object.keys(given).length > 0 || Object.keys(stored).length > 0)) {
      throw this.#fault(`${this.#typeError()} - no parameters defined for the condition`)
    }
    const found = new Map(
      this.parameters.map((name) => [name, own(Object.hasOwn(stored, name) ? stored : given, name)]),
    )
    const missing = this.parameters.filter((name) => found.get(name) === undefined)
    if (missing.length > 0) {
      throw this.#fault(
        `'${this.name}' - tuple '${tuple}' is missing context parameters '[${missing.join(' ')}]'`,
      )
    }
    const values = new Map<string, Value>()
    for (const [name, type] of this.#types) {
      try {
        values.set(name, type.convert(found.get(name) ?? null))
      } catch (thrown) {
        throw this.#fault(`${this.#typeError()} - ${conversion(name, thrown)}`, thrown)
      }
    }
    return values
  }

  #typeError(): string {
    return `parameter type error on condition '${this.name}'`
  }

  #fault(text: string, cause?: unknown): Fault {
    return new Fault('validation_error', `failed to evaluate relationship condition: ${text}`, { cause })
  }
}

function conversion(parameter: string, thrown: unknown): string {
  return `failed to convert context parameter '${parameter}': ${reason(thrown)}`
}

/** Only what the object itself holds: `constructor` is not a parameter of every context. */
function own(context: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(context, key) ? context[key] : undefined
}

/** The library's errors repeat the source under a marker; their summary is the sentence. */
function reason(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown error'
  const text = 'summary' in thrown && typeof thrown.summary === 'string' ? thrown.summary : thrown.message
  return text.replaceAll(`'${prefix}`, "'").replaceAll(`.${prefix}`, '.')
}
