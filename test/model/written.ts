/** Models for tests in few words: a type is its relations, a relation its rewrite and its restrictions. */
import type { ModelJson, RelationReferenceJson, UsersetJson } from '../../src/model/json.ts'
import { decodeModel } from '../../src/model/shape.ts'

export const self: UsersetJson = { this: {} }
export const computed = (relation: string): UsersetJson => ({ computedUserset: { object: '', relation } })
export const from = (relation: string, tupleset: string): UsersetJson => ({
  tupleToUserset: {
    tupleset: { object: '', relation: tupleset },
    computedUserset: { object: '', relation },
  },
})
export const union = (...child: UsersetJson[]): UsersetJson => ({ union: { child } })
export const intersection = (...child: UsersetJson[]): UsersetJson => ({ intersection: { child } })
export const difference = (base: UsersetJson, subtract: UsersetJson): UsersetJson => ({
  difference: { base, subtract },
})

/** `user`, `user:*`, `group#member`, each with ` with condition` or without. */
function reference(text: string): RelationReferenceJson {
  const [shape = '', condition = ''] = text.split(' with ')
  const [type = '', relation] = shape.split('#')
  if (type.endsWith(':*')) return { type: type.slice(0, -2), wildcard: {}, condition }
  return relation === undefined ? { type, condition } : { type, relation, condition }
}

type RelationText = UsersetJson | readonly [UsersetJson, ...string[]]

/** Types without relations are `{}`; a relation with restrictions is `[rewrite, ...restrictions]`. */
export function modelOf(
  types: readonly (readonly [string, Readonly<Record<string, RelationText>>])[],
  conditions: Readonly<Record<string, string>> = {},
): ModelJson {
  return {
    schema_version: '1.1',
    type_definitions: types.map(([type, relations]) => {
      const entries = Object.entries(relations).map(([name, text]) => {
        const [rewrite, ...references] = Array.isArray(text) ? (text as [UsersetJson, ...string[]]) : [text]
        return { name, rewrite: rewrite as UsersetJson, references: references.map(reference) }
      })
      return {
        type,
        relations: Object.fromEntries(entries.map(({ name, rewrite }) => [name, rewrite])),
        metadata: {
          relations: Object.fromEntries(
            entries.map(({ name, references }) => [
              name,
              { directly_related_user_types: references, module: '', source_info: null },
            ]),
          ),
          module: '',
          source_info: null,
        },
      }
    }),
    conditions: Object.fromEntries(
      Object.entries(conditions).map(([name, expression]) => [
        name,
        {
          name,
          expression,
          parameters: { x: { type_name: 'TYPE_NAME_INT', generic_types: [] } },
          metadata: null,
        },
      ]),
    ),
  }
}

/** The same model through the door, as a request would bring it. */
export function throughDoor(json: ModelJson): ModelJson {
  return decodeModel(JSON.parse(JSON.stringify(json)))
}
