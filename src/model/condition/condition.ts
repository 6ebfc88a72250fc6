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
import { bound, boundEffort, CostFault, isSmall, isWithin, type Measure, measure, small } from './cost.ts'
import { type Node, nodeOf } from './node.ts'
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

interface Program {
  readonly root: Node
  evaluate(values: ReadonlyMap<string, Value>): unknown
}

function compile(expression: string, types: ReadonlyMap<string, ParameterType>): Program {
  if (Buffer.byteLength(expression) > expressionBytesMax) {
    throw new Error(`the expression is longer than ${expressionBytesMax} bytes`)
  }
  const environment: Environment = base.clone()
  for (const [name, type] of types) environment.registerVariable(variable(name), type.cel)
  const parsed = environment.parse(expression)
  const root = nodeOf(parsed.ast)
  resolve(root, expression, new Set(types.keys()))
  const { valid, type, error } = parsed.check()
  if (!valid) throw error
  if (type !== 'bool') throw new Error(`expected a bool condition expression output, but got '${type}'`)
  repair(root)
  return { root, evaluate: parsed }
}

/** A context's value for one parameter: measured and converted once for every tuple of a request. */
interface Argument extends Measure {
  readonly json: Json
  readonly type: ParameterType
  readonly isSmall: boolean
  /** Absent until all arguments of a question are known to be affordable. */
  converted?: { readonly value: Value }
}

class Condition implements ConditionDefinition {
  readonly name: string
  readonly parameters: readonly string[]
  /** In the order of the names. */
  readonly #types: ReadonlyMap<string, ParameterType>
  readonly #program: Program
  /** Whether any arguments that are small stay within the cost bound, so that it need not be worked out each time. */
  readonly #smallIsCheap: boolean
  /** By context, then by parameter. INVARIANT: contexts are never changed once they were asked with. */
  readonly #arguments = new WeakMap<JsonObject, Map<string, Argument>>()

  constructor(name: string, types: ReadonlyMap<string, ParameterType>, program: Program) {
    this.name = name
    this.parameters = [...types.keys()]
    this.#types = types
    this.#program = program
    this.#smallIsCheap = isWithin(
      program.root,
      new Map(this.parameters.map((each) => [variable(each), small])),
    )
  }

  holds(given: JsonObject, stored: JsonObject, tuple: string): boolean {
    const found = this.#collect(given, stored, tuple)
    let result: unknown
    try {
      if (!this.#smallIsCheap || found.some(([, { isSmall }]) => !isSmall)) {
        bound(this.#program.root, new Map(found.map(([name, { shape }]) => [variable(name), shape])))
      }
      result = this.#program.evaluate(
        new Map(found.map(([name, { converted }]) => [variable(name), converted?.value])),
      )
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
      const value = own(context, key) ?? null
      try {
        measure(value, type.textEffort)
        type.convert(value)
      } catch (thrown) {
        if (thrown instanceof CostFault)
          return `condition '${this.name}', parameter '${key}': ${reason(thrown)}`
        if (!(thrown instanceof ConversionError)) throw thrown
        return `${this.#typeError()} - ${conversion(key, thrown)}`
      }
    }
    return undefined
  }

  /** The declared parameters out of both contexts, converted, in the order of their names. */
  #collect(given: JsonObject, stored: JsonObject, tuple: string): readonly (readonly [string, Argument])[] {
    if (this.#types.size === 0 && (Object.keys(given).length > 0 || Object.keys(stored).length > 0)) {
      throw this.#fault(`${this.#typeError()} - no parameters defined for the condition`)
    }
    const holder = (name: string) => (own(stored, name) === undefined ? given : stored)
    const missing = this.parameters.filter((name) => own(holder(name), name) === undefined)
    if (missing.length > 0) {
      throw this.#fault(
        `'${this.name}' - tuple '${tuple}' is missing context parameters '[${missing.join(' ')}]'`,
      )
    }
    const found = [...this.#types].map(([name, type]): [string, Argument] => [
      name,
      this.#argument(holder(name), name, type),
    ])
    this.#afford(found)
    for (const [name, argument] of found) {
      argument.converted ??= { value: this.#convert(argument, name) }
    }
    return found
  }

  #argument(context: JsonObject, name: string, type: ParameterType): Argument {
    const known = this.#arguments.get(context) ?? new Map<string, Argument>()
    this.#arguments.set(context, known)
    const ready = known.get(name) ?? this.#measure(context[name] ?? null, type)
    known.set(name, ready)
    return ready
  }

  #measure(json: Json, type: ParameterType): Argument {
    try {
      return { json, type, isSmall: isSmall(json), ...measure(json, type.textEffort) }
    } catch (thrown) {
      throw this.#fault(`'${this.name}' - ${reason(thrown)}`, thrown)
    }
  }

  #afford(found: readonly (readonly [string, Argument])[]): void {
    try {
      boundEffort(found.map(([, { effort }]) => effort))
    } catch (thrown) {
      throw this.#fault(`'${this.name}' - ${reason(thrown)}`, thrown)
    }
  }

  #convert({ json, type }: Argument, name: string): Value {
    try {
      return type.convert(json)
    } catch (thrown) {
      throw this.#fault(`${this.#typeError()} - ${conversion(name, thrown)}`, thrown)
    }
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
