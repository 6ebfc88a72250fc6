/**
 * A model while it is being judged: its types and relations by name, nothing of it believed yet. Maps throughout:
 * names come from outside, and `constructor` is a good name for a relation.
 */
import { Fault } from '../../lib/fault.ts'
import { compareBytes } from '../../lib/order.ts'
import type { ModelJson, RelationReferenceJson, UsersetJson } from '../json.ts'
import { tuplesetsOf } from '../rewrite.ts'

export interface DraftRelation {
  readonly type: string
  readonly name: string
  readonly rewrite: UsersetJson
  readonly references: readonly RelationReferenceJson[]
  /** The types among them, each once: what `x from relation` goes to. */
  readonly parents: readonly string[]
  /** Whether some rewrite of its type reads it on the right of `from`. */
  readonly isTupleset: boolean
}

export interface Draft {
  /** Types and their relations, both in the order of their names' bytes: the order of judgement. */
  readonly types: ReadonlyMap<string, ReadonlyMap<string, DraftRelation>>
  readonly conditions: ReadonlySet<string>
}

export function draftOf(json: ModelJson): Draft {
  const definitions = new Map(json.type_definitions.map((definition) => [definition.type, definition]))
  const types = new Map<string, ReadonlyMap<string, DraftRelation>>()
  for (const [type, definition] of sorted([...definitions])) {
    const metadata = new Map(Object.entries(definition.metadata?.relations ?? {}))
    const rewrites = Object.entries(definition.relations)
    const tuplesets = tuplesetsOf(rewrites.map(([, rewrite]) => rewrite))
    const relations = sorted(rewrites).map(([name, rewrite]): [string, DraftRelation] => {
      const references = metadata.get(name)?.directly_related_user_types ?? []
      const parents = [...new Set(references.map((reference) => reference.type))]
      return [name, { type, name, rewrite, references, parents, isTupleset: tuplesets.has(name) }]
    })
    types.set(type, new Map(relations))
  }
  return { types, conditions: new Set(Object.keys(json.conditions ?? {})) }
}

/** As Go sorts; the order of UTF-16 units would put some characters elsewhere. */
function sorted<Value>(entries: readonly (readonly [string, Value])[]): (readonly [string, Value])[] {
  return [...entries].sort(([one], [other]) => compareBytes(one, other))
}

export function invalidModel(message: string): Fault {
  return new Fault('invalid_authorization_model', message)
}

export function invalidRelation({ type, name }: { type: string; name: string }, cause: string): Fault {
  return invalidModel(`the definition of relation '${name}' in object type '${type}' is invalid: ${cause}`)
}

export function undefinedRelation(type: string, relation: string): Fault {
  return invalidModel(`'${type}#${relation}' relation is undefined`)
}
