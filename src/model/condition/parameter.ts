/**
 * Parameter types: what the model declares (contract 2.1), what CEL calls it, and how a value of the JSON context
 * becomes one (2.5). Conversion never guesses: what the table does not name is refused, null always (but for `any`).
 */
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import type { Json } from '../../lib/json.ts'
import type { ParameterTypeJson } from '../json.ts'
import { parseAddress } from './address.ts'
import { doubleOf, integerOf } from './number.ts'
import { parseInstant, parseSpan } from './time.ts'

/** A converted value, as the evaluator holds it; objects are Maps, so that `__proto__` is a key like any other. */
export type Value = unknown

export interface ParameterType {
  /** The type's name in the CEL environment. */
  readonly cel: string
  /** Units of cost.ts that converting 16 characters takes; measured, rounded up. */
  readonly textEffort: number
  /** @throws ConversionError saying what was found instead. */
  convert(value: Json): Value
}

export class ConversionError extends Error {}

/** Deeper than any context a person writes; without a bound, `[[[[…` would exhaust the stack. */
const depthMax = 32

/** @throws ConversionError for an unknown name or the wrong number of generics. */
export function parameterType(json: ParameterTypeJson, depth = 0): ParameterType {
  const generics = json.generic_types ?? []
  const name = json.type_name
  const container = name === 'TYPE_NAME_LIST' || name === 'TYPE_NAME_MAP'
  const known = container || Object.hasOwn(scalars, name)
  if (!known) throw new ConversionError(`unknown condition parameter type \`${name}\``)
  if (generics.length !== (container ? 1 : 0)) {
    throw new ConversionError(
      `condition parameter type \`${name}\` requires ${container ? 1 : 0} generic types; found ${generics.length}`,
    )
  }
  const [generic] = generics
  if (generic === undefined) return scalars[name] ?? any
  if (depth >= 8) throw new ConversionError('condition parameter types are nested too deeply')
  const item = parameterType(generic, depth + 1)
  return name === 'TYPE_NAME_LIST' ? list(item) : map(item)
}

const any: ParameterType = { cel: 'dyn', textEffort: 1, convert: (value) => dynamic(value, 0) }

const scalars: Readonly<Record<string, ParameterType>> = {
  TYPE_NAME_ANY: any,
  TYPE_NAME_BOOL: {
    cel: 'bool',
    textEffort: 1,
    convert: (value) => (typeof value === 'boolean' ? value : refuse('bool', value)),
  },
  TYPE_NAME_STRING: {
    cel: 'string',
    textEffort: 1,
    convert: (value) => (typeof value === 'string' ? value : refuse('string', value)),
  },
  TYPE_NAME_INT: { cel: 'int', textEffort: 8, convert: (value) => integer(value, 'int') },
  TYPE_NAME_UINT: {
    cel: 'uint',
    textEffort: 8,
    convert(value) {
      const found = integer(value, 'uint')
      if (found < 0n) throw new ConversionError(`expected an unsigned integer, but found ${show(value)}`)
      return new UnsignedInt(found)
    },
  },
  TYPE_NAME_DOUBLE: { cel: 'double', textEffort: 8, convert: double },
  TYPE_NAME_DURATION: {
    cel: 'duration',
    textEffort: 10,
    convert: (value) => parsed('duration', value, parseSpan),
  },
  TYPE_NAME_TIMESTAMP: {
    cel: 'timestamp',
    textEffort: 5,
    convert: (value) => parsed('timestamp', value, parseInstant),
  },
  TYPE_NAME_IPADDRESS: {
    cel: 'ipaddress',
    textEffort: 10,
    convert: (value) => parsed('ipaddress', value, parseAddress),
  },
}

function list(item: ParameterType): ParameterType {
  return {
    cel: `list<${item.cel}>`,
    textEffort: item.textEffort,
    convert: (value) => (isList(value) ? value.map((each) => item.convert(each)) : refuse('list', value)),
  }
}

function map(item: ParameterType): ParameterType {
  return {
    cel: `map<string, ${item.cel}>`,
    textEffort: item.textEffort,
    convert(value) {
      if (typeof value !== 'object' || value === null || isList(value)) return refuse('map', value)
      return new Map(Object.entries(value).map(([key, each]) => [key, item.convert(each)]))
    },
  }
}

function integer(value: Json, type: string): bigint {
  if (typeof value !== 'number' && typeof value !== 'string') return refuse(type, value)
  const found = integerOf(value)
  if (found === undefined) throw new ConversionError(`expected an ${type} value, but found ${show(value)}`)
  return found
}

function double(value: Json): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value !== 'string') return refuse('double', value)
  const found = doubleOf(value)
  if (found === undefined) {
    throw new ConversionError(`expected a double value that is represented exactly, but found ${show(value)}`)
  }
  return found
}

function parsed<T>(type: string, value: Json, parse: (text: string) => T | undefined): T {
  if (typeof value !== 'string') return refuse(type, value)
  const found = parse(value)
  if (found === undefined)
    throw new ConversionError(`expected a valid ${type} string, but found ${show(value)}`)
  return found
}

/** A value of no declared type: JSON's numbers are doubles. */
function dynamic(value: Json, depth: number): Value {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'number' && !Number.isFinite(value)) return refuse('any', value)
    return value === null || ['string', 'boolean', 'number'].includes(typeof value)
      ? value
      : refuse('any', value)
  }
  if (depth >= depthMax) throw new ConversionError(`the value is nested deeper than ${depthMax}`)
  if (isList(value)) return value.map((each) => dynamic(each, depth + 1))
  return new Map(Object.entries(value).map(([key, each]) => [key, dynamic(each, depth + 1)]))
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function refuse(type: string, value: Json): never {
  const found =
    value === null ? 'null' : isList(value) ? 'list' : typeof value === 'object' ? 'map' : typeof value
  throw new ConversionError(`expected a value of type '${type}', but found '${found}'`)
}

function show(value: Json): string {
  const text = String(value)
  return `'${text.length > 64 ? `${text.slice(0, 64)}…` : text}'`
}
