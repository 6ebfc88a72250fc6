/**
 * The conditions of generated models: their JSON, what they mean in plain TypeScript (never CEL, so that the
 * oracle does not share the engine's evaluator), and contexts that fit, fail, or cannot be converted.
 */
import fc from 'fast-check'
import type { Json, JsonObject } from '../../src/lib/json.ts'
import type { ConditionJson, ParameterTypeJson } from '../../src/model/json.ts'
import type { Predicate } from '../oracle/facts.ts'

type Kind = 'bool' | 'int' | 'string' | 'list'

/** Good values fit their parameter; bad ones do not convert. */
const values: Readonly<Record<Kind, { good: readonly Json[]; bad: readonly Json[] }>> = {
  bool: { good: [true, true, false], bad: ['true', 1, null] },
  int: { good: [3, 3, 7, 0, '4', 5.0], bad: [1.5, 'x', true, null] },
  string: { good: ['a', 'b', 'a,b', ''], bad: [1, null, ['a']] },
  list: { good: [['a', 'b'], ['a,b'], [], ['b', 'a', '']], bad: ['a', [1], {}, null] },
}

const parameters: Readonly<Record<string, Kind>> = {
  flag: 'bool',
  x: 'int',
  limit: 'int',
  name: 'string',
  names: 'list',
}

const definitions = [
  { name: 'flagged', takes: ['flag'], expression: 'flag', holds: ({ flag }: JsonObject) => flag === true },
  {
    name: 'below',
    takes: ['x', 'limit'],
    expression: 'x < limit',
    holds: ({ x, limit }: JsonObject) => Number(x) < Number(limit),
  },
  {
    name: 'ratio',
    takes: ['x'],
    expression: '10 / x > 2',
    // Integer division; by zero it is an error.
    holds: ({ x }: JsonObject) => (Number(x) === 0 ? undefined : Math.trunc(10 / Number(x)) > 2),
  },
  {
    name: 'listed',
    takes: ['name', 'names'],
    expression: 'name in names',
    holds: ({ name, names }: JsonObject) => Array.isArray(names) && names.includes(name),
  },
] as const

export const conditionNames: readonly string[] = definitions.map(({ name }) => name)

export const conditionsJson: Readonly<Record<string, ConditionJson>> = Object.fromEntries(
  definitions.map(({ name, expression, takes }) => [
    name,
    {
      name,
      expression,
      parameters: Object.fromEntries(takes.map((one) => [one, typeOf(parameters[one])])),
      metadata: null,
    },
  ]),
)

export const predicates: ReadonlyMap<string, Predicate> = new Map(
  definitions.map(({ name, takes, holds }): [string, Predicate] => [
    name,
    (context) => (takes.every((one) => converts(parameters[one], context[one])) ? holds(context) : undefined),
  ]),
)

/** Parameters of a condition, by name. */
export function takenBy(condition: string): readonly string[] {
  return definitions.find(({ name }) => name === condition)?.takes ?? []
}

/** For a request: most often complete and right, sometimes with holes and wrong types, sometimes empty. */
export const requestContext: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 4, arbitrary: contextOf(({ good }) => fc.constantFrom(...good)) },
  {
    weight: 3,
    arbitrary: contextOf(({ good, bad }) => fc.constantFrom(undefined, ...good, ...good, ...bad)),
  },
  { weight: 2, arbitrary: fc.constant({}) },
)

/** For a tuple: some parameters of any condition, always convertible. */
export const tupleContext: fc.Arbitrary<JsonObject> = contextOf(({ good }) =>
  fc.constantFrom(undefined, undefined, ...good),
)

/** One value a parameter; undefined leaves it out. */
function contextOf(
  choose: (from: { good: readonly Json[]; bad: readonly Json[] }) => fc.Arbitrary<Json | undefined>,
): fc.Arbitrary<JsonObject> {
  const chosen = Object.entries(parameters).map(([name, kind]) =>
    choose(values[kind]).map((value): readonly [string, Json][] =>
      value === undefined ? [] : [[name, value]],
    ),
  )
  return fc.tuple(...chosen).map((entries) => Object.fromEntries(entries.flat()))
}

function converts(kind: Kind | undefined, value: Json | undefined): boolean {
  if (kind === 'bool') return typeof value === 'boolean'
  if (kind === 'string') return typeof value === 'string'
  if (kind === 'list') return Array.isArray(value) && value.every((one) => typeof one === 'string')
  return Number.isInteger(value) || (typeof value === 'string' && /^-?\d+$/.test(value))
}

function typeOf(kind: Kind | undefined): ParameterTypeJson {
  if (kind === 'list') return { type_name: 'TYPE_NAME_LIST', generic_types: [typeOf('string')] }
  return { type_name: `TYPE_NAME_${(kind ?? 'any').toUpperCase()}`, generic_types: [] }
}
