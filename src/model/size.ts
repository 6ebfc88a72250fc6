/**
 * How many bytes a model takes on OpenFGA's wire (protobuf), which is what its size limit counts: a model one of
 * the two servers takes, the other takes too. Nothing is encoded; every field number of these messages is below 16, so
 * a tag is one byte.
 */
import type {
  ConditionJson,
  ModelJson,
  ObjectRelationJson,
  ParameterTypeJson,
  RelationReferenceJson,
  SourceInfoJson,
  TypeDefinitionJson,
  UsersetJson,
} from './json.ts'
import { operands } from './rewrite.ts'

/** The id is part of a stored model: 26 characters and their header. */
const idBytes = 28

/** O(size of the model). */
export function wireSize(model: ModelJson): number {
  return (
    idBytes +
    text(model.schema_version) +
    sum(model.type_definitions, (definition) => message(typeDefinition(definition))) +
    map(model.conditions ?? {}, condition)
  )
}

function typeDefinition({ type, relations, metadata }: TypeDefinitionJson): number {
  const head = text(type) + map(relations, rewrite)
  if (metadata === null) return head
  const described = map(
    metadata.relations,
    (relation) =>
      sum(relation.directly_related_user_types, (given) => message(reference(given))) + origin(relation),
  )
  return head + message(described + origin(metadata))
}

function reference({ type, relation, wildcard, condition }: RelationReferenceJson): number {
  const kind = relation === undefined ? 0 : 1 + string(relation)
  return text(type) + kind + (wildcard === undefined ? 0 : message(0)) + text(condition)
}

/** The operator's own message inside the oneof. */
function rewrite(json: UsersetJson): number {
  if ('this' in json) return message(0)
  if ('computedUserset' in json) return message(objectRelation(json.computedUserset))
  if ('tupleToUserset' in json) {
    const { tupleset, computedUserset } = json.tupleToUserset
    return message(message(objectRelation(tupleset)) + message(objectRelation(computedUserset)))
  }
  return message(sum(operands(json), (operand) => message(rewrite(operand))))
}

function objectRelation({ object, relation }: ObjectRelationJson): number {
  return text(object) + text(relation)
}

function condition({ name, expression, parameters, metadata }: ConditionJson): number {
  const described = metadata === null ? 0 : message(origin(metadata))
  return text(name) + text(expression) + map(parameters, parameterType) + described
}

function parameterType({ type_name, generic_types }: ParameterTypeJson): number {
  const enumeration = type_name === 'TYPE_NAME_UNSPECIFIED' ? 0 : 2
  return enumeration + sum(generic_types, (generic) => message(parameterType(generic)))
}

function origin({ module, source_info }: { module: string; source_info: SourceInfoJson | null }): number {
  return text(module) + (source_info === null ? 0 : message(text(source_info.file)))
}

/** A map is a list of pairs, each a message of key and value, both always there. */
function map<Value>(record: Readonly<Record<string, Value>>, size: (value: Value) => number): number {
  return sum(Object.entries(record), ([key, value]) => message(1 + string(key) + message(size(value))))
}

/** A string field; absent when empty. */
function text(value: string): number {
  return value === '' ? 0 : 1 + string(value)
}

function string(value: string): number {
  return delimited(Buffer.byteLength(value))
}

/** A field that holds a message of that many bytes. */
function message(bytes: number): number {
  return 1 + delimited(bytes)
}

/** The bytes and their length as a varint. */
function delimited(bytes: number): number {
  let header = 1
  for (let rest = bytes >>> 7; rest > 0; rest >>>= 7) header += 1
  return header + bytes
}

function sum<Item>(items: readonly Item[], size: (item: Item) => number): number {
  return items.reduce((total, item) => total + size(item), 0)
}
