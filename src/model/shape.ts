/**
 * From unknown JSON to ModelJson in its normal form: the form in which the API prints it back. Decides shape only:
 * lengths, patterns, required parts. Whether the model makes sense is validate.ts.
 */
import { Fault } from '../lib/fault.ts'
import { objectBytesMax } from '../tuple/object.ts'
import type {
  ConditionJson,
  ModelJson,
  ObjectRelationJson,
  ParameterTypeJson,
  RelationMetadataJson,
  RelationReferenceJson,
  SourceInfoJson,
  TypeDefinitionJson,
  TypeMetadataJson,
  UsersetJson,
} from './json.ts'
import {
  brokenRule,
  entriesOf,
  type Fields,
  fieldOf,
  listOf,
  messageOf,
  stringOf,
  wrongShape,
} from './shape-fields.ts'

/** Operators inside operators. Stops a request from exhausting the stack: everything after walks rewrites recursively. */
export const rewriteDepthMax = 100
/** Types inside types, `list<list<...>>`; the same attack. */
const genericDepthMax = 25

const conditionsMax = 25
const parametersMax = 25
const genericTypesMax = 5
const expressionBytesMax = 512

// Counted in code points, hence the flag.
const typePattern = /^[^:#@\s]{1,254}$/u
const namePattern = /^[^:#@\s]{1,50}$/u
const filePattern = /^[a-zA-Z0-9_\-/]{1,100}\.fga$/u

/** In the order of their numbers, by which protojson accepts them too. */
const typeNames = [
  'TYPE_NAME_UNSPECIFIED',
  'TYPE_NAME_ANY',
  'TYPE_NAME_BOOL',
  'TYPE_NAME_STRING',
  'TYPE_NAME_INT',
  'TYPE_NAME_UINT',
  'TYPE_NAME_DOUBLE',
  'TYPE_NAME_DURATION',
  'TYPE_NAME_TIMESTAMP',
  'TYPE_NAME_MAP',
  'TYPE_NAME_LIST',
  'TYPE_NAME_IPADDRESS',
] as const

/**
 * The body of a write-model request (or what a store file or the DSL transformer gives).
 * @throws Fault, and nothing else, whatever comes.
 */
export function decodeModel(body: unknown): ModelJson {
  const fields = messageOf(body) ?? {}
  const definitions = listOf(fields, 'type_definitions')
  if (definitions.length === 0) {
    throw new Fault(
      'type_definitions_too_few_items',
      'invalid WriteAuthorizationModelRequest.TypeDefinitions: value must contain at least 1 item(s)',
    )
  }
  const type_definitions = definitions.map((definition) => typeDefinitionOf(messageOf(definition) ?? {}))
  const schema_version = stringOf(fields, 'schema_version')
  if (!['1.0', '1.1', '1.2'].includes(schema_version)) {
    throw brokenRule('WriteAuthorizationModelRequest.SchemaVersion', 'value must be in list [1.0 1.1 1.2]')
  }
  const conditions = entriesOf(fields, 'conditions')
  atMost('WriteAuthorizationModelRequest.Conditions', conditions, conditionsMax, 'pair(s)')
  return {
    schema_version,
    type_definitions,
    conditions: recordOf(conditions, (name, value) => {
      matches(`WriteAuthorizationModelRequest.Conditions[${name}]`, name, namePattern)
      return conditionOf(messageOf(value) ?? {})
    }),
  }
}

function typeDefinitionOf(fields: Fields): TypeDefinitionJson {
  const type = stringOf(fields, 'type')
  matches('TypeDefinition.Type', type, typePattern)
  const relations = recordOf(entriesOf(fields, 'relations'), (name, value) => {
    matches(`TypeDefinition.Relations[${name}]`, name, namePattern)
    return rewriteOf(messageOf(value), 1, `relation '${name}' in object type '${type}'`)
  })
  const metadata = messageOf(fieldOf(fields, 'metadata'))
  return { type, relations, metadata: metadata === undefined ? null : typeMetadataOf(metadata) }
}

function typeMetadataOf(fields: Fields): TypeMetadataJson {
  const relations = recordOf(entriesOf(fields, 'relations'), (_, value) =>
    relationMetadataOf(messageOf(value) ?? {}),
  )
  return { relations, ...moduleOf('Metadata', fields) }
}

function relationMetadataOf(fields: Fields): RelationMetadataJson {
  const references = listOf(fields, 'directly_related_user_types')
  return {
    directly_related_user_types: references.map((reference) => referenceOf(messageOf(reference) ?? {})),
    ...moduleOf('RelationMetadata', fields),
  }
}

function referenceOf(fields: Fields): RelationReferenceJson {
  const type = stringOf(fields, 'type')
  matches('RelationReference.Type', type, typePattern)
  const relation = stringOf(fields, 'relation')
  if (relation !== '') matches('RelationReference.Relation', relation, namePattern)
  const wildcard = messageOf(fieldOf(fields, 'wildcard'))
  if (relation !== '' && wildcard !== undefined) throw setTwice('RelationReference.relation_or_wildcard')
  const condition = stringOf(fields, 'condition')
  if (condition !== '') matches('RelationReference.Condition', condition, namePattern)
  if (wildcard !== undefined) return { type, wildcard: {}, condition }
  return relation === '' ? { type, condition } : { type, relation, condition }
}

/** `where` names the relation in the one refusal that is about meaning: a rewrite that is none of the operators. */
function rewriteOf(fields: Fields | undefined, depth: number, where: string): UsersetJson {
  if (depth > rewriteDepthMax) throw wrongShape('exceeded max recursion depth')
  const members = fields === undefined ? [] : operatorsOf(fields)
  const [member] = members
  if (members.length > 1) throw setTwice('Userset.userset')
  if (member === undefined) {
    throw new Fault(
      'invalid_authorization_model',
      `the definition of ${where} is invalid: invalid userset rewrite definition`,
    )
  }
  const [name, value] = member
  const operand = (from: unknown): UsersetJson => rewriteOf(messageOf(from), depth + 1, where)
  switch (name) {
    case 'this':
      return { this: {} }
    case 'computedUserset':
      return { computedUserset: objectRelationOf(value) }
    case 'tupleToUserset':
      return {
        tupleToUserset: {
          tupleset: objectRelationOf(required('TupleToUserset.Tupleset', value, 'tupleset')),
          computedUserset: objectRelationOf(
            required('TupleToUserset.ComputedUserset', value, 'computedUserset', 'computed_userset'),
          ),
        },
      }
    case 'union':
      return { union: { child: listOf(value, 'child').map(operand) } }
    case 'intersection':
      return { intersection: { child: listOf(value, 'child').map(operand) } }
    case 'difference': {
      const base = operandOf(value, 'base', 'difference_base_missing_value')
      const subtract = operandOf(value, 'subtract', 'subtract_base_missing_value')
      return { difference: { base: operand(base), subtract: operand(subtract) } }
    }
  }
}

/** Names by which each operator may come, the first being the one it is printed with. */
const operatorNames = [
  ['this'],
  ['computedUserset', 'computed_userset'],
  ['tupleToUserset', 'tuple_to_userset'],
  ['union'],
  ['intersection'],
  ['difference'],
] as const
type OperatorName = (typeof operatorNames)[number][0]

function operatorsOf(fields: Fields): readonly (readonly [OperatorName, Fields])[] {
  return operatorNames.flatMap(([name, ...aliases]) =>
    [name, ...aliases].flatMap((spelling) => {
      const value = messageOf(fieldOf(fields, spelling))
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}

function operandOf(
  fields: Fields,
  name: 'base' | 'subtract',
  code: 'difference_base_missing_value' | 'subtract_base_missing_value',
): Fields {
  const value = messageOf(fieldOf(fields, name))
  if (value !== undefined) return value
  throw new Fault(code, `invalid Difference.${name === 'base' ? 'Base' : 'Subtract'}: value is required`)
}

function required(rule: string, fields: Fields, ...names: readonly string[]): Fields {
  const value = messageOf(fieldOf(fields, ...names))
  if (value === undefined) throw brokenRule(rule, 'value is required')
  return value
}

/** The object is always printed empty: it names the object at hand. */
function objectRelationOf(fields: Fields): ObjectRelationJson {
  if (Buffer.byteLength(stringOf(fields, 'object')) > objectBytesMax) {
    throw brokenRule('ObjectRelation.Object', `value length must be at most ${objectBytesMax} bytes`)
  }
  const relation = stringOf(fields, 'relation')
  matches('ObjectRelation.Relation', relation, namePattern)
  return { object: '', relation }
}

function conditionOf(fields: Fields): ConditionJson {
  const name = stringOf(fields, 'name')
  matches('Condition.Name', name, namePattern)
  const expression = stringOf(fields, 'expression')
  if (expression === '') throw brokenRule('Condition.Expression', 'value is required')
  if (Buffer.byteLength(expression) > expressionBytesMax) {
    throw brokenRule('Condition.Expression', `value length must be at most ${expressionBytesMax} bytes`)
  }
  const parameters = entriesOf(fields, 'parameters')
  atMost('Condition.Parameters', parameters, parametersMax, 'pair(s)')
  const metadata = messageOf(fieldOf(fields, 'metadata'))
  return {
    name,
    expression,
    parameters: recordOf(parameters, (parameter, value) => {
      matches(`Condition.Parameters[${parameter}]`, parameter, namePattern)
      return parameterTypeOf(messageOf(value) ?? {}, 1)
    }),
    metadata: metadata === undefined ? null : moduleOf('ConditionMetadata', metadata),
  }
}

function parameterTypeOf(fields: Fields, depth: number): ParameterTypeJson {
  if (depth > genericDepthMax) throw wrongShape('exceeded max recursion depth')
  const generics = listOf(fields, 'generic_types')
  atMost('ConditionParamTypeRef.GenericTypes', generics, genericTypesMax, 'item(s)')
  return {
    type_name: typeNameOf(fieldOf(fields, 'type_name')),
    generic_types: generics.map((generic) => parameterTypeOf(messageOf(generic) ?? {}, depth + 1)),
  }
}

/** Unspecified passes here: it is refused where the condition is compiled, with a message that names the parameter. */
function typeNameOf(value: unknown): string {
  if (value === undefined) return typeNames[0]
  if (typeof value === 'number' && Number.isInteger(value)) {
    const name = typeNames[value]
    if (name !== undefined) return name
    throw brokenRule('ConditionParamTypeRef.TypeName', 'value must be one of the defined enum values')
  }
  const name = typeNames.find((known) => known === value)
  if (name !== undefined) return name
  throw wrongShape('invalid value for enum field type_name')
}

function moduleOf(message: string, fields: Fields): { module: string; source_info: SourceInfoJson | null } {
  const module = stringOf(fields, 'module')
  if (module !== '') matches(`${message}.Module`, module, namePattern)
  const source = messageOf(fieldOf(fields, 'source_info'))
  if (source === undefined) return { module, source_info: null }
  const file = stringOf(source, 'file')
  if (file !== '') matches('SourceInfo.File', file, filePattern)
  return { module, source_info: { file } }
}

function matches(field: string, value: string, pattern: RegExp): void {
  if (pattern.test(value)) return
  // Patterns are printed as they would be quoted, with every backslash doubled.
  const printed = pattern.source.replaceAll('\\/', '/').replaceAll('\\', '\\\\')
  throw brokenRule(field, `value does not match regex pattern "${printed}"`)
}

function atMost(field: string, items: readonly unknown[], max: number, unit: string): void {
  if (items.length > max) throw brokenRule(field, `value must contain no more than ${max} ${unit}`)
}

function setTwice(oneof: string): Fault {
  return wrongShape(`oneof openfga.v1.${oneof} is already set`)
}

/** Own properties only, `__proto__` included: fromEntries defines, it does not assign. */
function recordOf<Value>(
  entries: readonly (readonly [string, unknown])[],
  read: (key: string, value: unknown) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(entries.map(([key, value]) => [key, read(key, value)]))
}
