/** Rules 1 to 3: the schema version, unique types, no reserved or empty names. In the order of the model's text. */
import type { ModelJson } from '../json.ts'
import { invalidModel, invalidRelation } from './draft.ts'

const reserved: ReadonlySet<string> = new Set(['', 'self', 'this'])

export function checkNames(json: ModelJson): void {
  if (json.schema_version !== '1.1' && json.schema_version !== '1.2') {
    throw invalidModel('invalid schema version')
  }
  const types = new Set(json.type_definitions.map(({ type }) => type))
  if (types.size < json.type_definitions.length) {
    throw invalidModel('an authorization model cannot contain duplicate types')
  }
  for (const { type, relations } of json.type_definitions) {
    if (reserved.has(type)) throw invalidModel(`the definition of type '${type}' is invalid`)
    for (const name of Object.keys(relations)) {
      if (reserved.has(name)) throw invalidRelation({ type, name }, 'self and this are reserved keywords')
    }
  }
}
