/**
 * From a model's JSON to the immutable Model that the engine walks. Not validation: the JSON was accepted by
 * validate.ts before, and what that would refuse is a bug here.
 */
import { assert } from '../lib/assert.ts'
import { compileCondition } from './condition/condition.ts'
import type { ModelJson, RelationReferenceJson, UsersetJson } from './json.ts'
import type { ConditionDefinition, Model, Relation, Restriction, Rewrite } from './model.ts'
import { ReachGraph, type ReachNode } from './reach.ts'
import { operands, operators, tuplesetsOf } from './rewrite.ts'

/** O(size of the model); `id` is what answers and cache keys carry. */
export function compileModel(id: string, json: ModelJson): Model {
  return new CompiledModel(id, json)
}

/** What is known of a relation before the relations around it are. */
interface Draft {
  readonly type: string
  readonly name: string
  readonly json: UsersetJson
  readonly restrictions: readonly Restriction[]
  /** The types among them, each once. */
  readonly parents: readonly string[]
}

type Drafts = ReadonlyMap<string, ReadonlyMap<string, Draft>>

class CompiledModel implements Model {
  readonly id: string
  readonly json: ModelJson
  readonly conditions: ReadonlyMap<string, ConditionDefinition>
  readonly operatorCount: number
  readonly types: readonly string[]
  readonly #relations: ReadonlyMap<string, ReadonlyMap<string, Relation>>

  constructor(id: string, json: ModelJson) {
    this.id = id
    this.json = json
    this.conditions = new Map(
      Object.entries(json.conditions ?? {}).map(([name, condition]) => [name, compileCondition(condition)]),
    )
    const drafts: Drafts = new Map(
      json.type_definitions.map((definition) => [definition.type, draftsOf(definition)]),
    )
    this.types = [...drafts.keys()]

    const graph = new ReachGraph(allOf(drafts).map((draft) => nodeOf(drafts, draft)))
    const deciding = graph.deciding()
    const numbering = new Numbering()
    const relations = new Map<string, ReadonlyMap<string, Relation>>()
    for (const [type, named] of drafts) {
      const tuplesets = tuplesetsOf([...named.values()].map((draft) => draft.json))
      const compiled = new Map<string, Relation>()
      for (const [name, draft] of named) {
        const facts = { isTupleset: tuplesets.has(name), decides: deciding.has(`${type}#${name}`) }
        compiled.set(name, new CompiledRelation(draft, numbering.rewrite(draft.json), graph, facts))
      }
      relations.set(type, compiled)
    }
    this.#relations = relations
    this.operatorCount = numbering.count
  }

  hasType(type: string): boolean {
    return this.#relations.has(type)
  }

  relation(type: string, name: string): Relation | undefined {
    return this.#relations.get(type)?.get(name)
  }

  relations(type: string): readonly Relation[] {
    return [...(this.#relations.get(type)?.values() ?? [])]
  }
}

class CompiledRelation implements Relation {
  readonly type: string
  readonly name: string
  readonly rewrite: Rewrite
  readonly restrictions: readonly Restriction[]
  readonly isTupleset: boolean
  readonly decides: boolean
  readonly #graph: ReachGraph
  #reach: ReadonlySet<string> | undefined

  constructor(
    draft: Draft,
    rewrite: Rewrite,
    graph: ReachGraph,
    { isTupleset, decides }: { isTupleset: boolean; decides: boolean },
  ) {
    this.type = draft.type
    this.name = draft.name
    this.rewrite = rewrite
    this.restrictions = draft.restrictions
    this.isTupleset = isTupleset
    this.decides = decides
    this.#graph = graph
  }

  get reach(): ReadonlySet<string> {
    this.#reach ??= this.#graph.reach(`${this.type}#${this.name}`)
    return this.#reach
  }
}

/** Hands out operator ids, densely, in the order of the model's text. */
class Numbering {
  count = 0

  rewrite(json: UsersetJson): Rewrite {
    const id = this.count
    this.count += 1
    if ('this' in json) return { kind: 'direct', id }
    if ('computedUserset' in json) return { kind: 'computed', id, relation: json.computedUserset.relation }
    if ('tupleToUserset' in json) {
      const { tupleset, computedUserset } = json.tupleToUserset
      return {
        kind: 'tuple-to-userset',
        id,
        tupleset: tupleset.relation,
        computed: computedUserset.relation,
      }
    }
    const [base, subtract, ...others] = operands(json).map((operand) => this.rewrite(operand))
    assert(base !== undefined && subtract !== undefined, 'an operator has two operands or more')
    if ('difference' in json) return { kind: 'exclusion', id, base, subtract }
    return { kind: 'union' in json ? 'union' : 'intersection', id, children: [base, subtract, ...others] }
  }
}

function draftsOf(definition: ModelJson['type_definitions'][number]): ReadonlyMap<string, Draft> {
  const { type } = definition
  const metadata = new Map(Object.entries(definition.metadata?.relations ?? {}))
  return new Map(
    Object.entries(definition.relations).map(([name, json]) => {
      const references = metadata.get(name)?.directly_related_user_types ?? []
      const parents = [...new Set(references.map((reference) => reference.type))]
      return [name, { type, name, json, restrictions: references.map(restrictionOf), parents }]
    }),
  )
}

function restrictionOf({ type, relation, wildcard, condition }: RelationReferenceJson): Restriction {
  const demanded = condition === '' ? {} : { condition }
  if (wildcard !== undefined) return { shape: `${type}:*`, type, wildcard: true, ...demanded }
  if (relation === undefined || relation === '') return { shape: type, type, wildcard: false, ...demanded }
  return { shape: `${type}#${relation}`, type, relation, wildcard: false, ...demanded }
}

function allOf(drafts: Drafts): Draft[] {
  return [...drafts.values()].flatMap((named) => [...named.values()])
}

function nodeOf(drafts: Drafts, draft: Draft): ReachNode {
  const edges = new Set<string>()
  let decides = false
  for (const operator of operators(draft.json)) {
    if ('computedUserset' in operator) edges.add(`${draft.type}#${operator.computedUserset.relation}`)
    if ('intersection' in operator || 'difference' in operator) decides = true
    if (!('tupleToUserset' in operator)) continue
    const { tupleset, computedUserset } = operator.tupleToUserset
    for (const parent of drafts.get(draft.type)?.get(tupleset.relation)?.parents ?? []) {
      // A parent type without the relation adds nobody; the engine skips it too.
      if (drafts.get(parent)?.has(computedUserset.relation))
        edges.add(`${parent}#${computedUserset.relation}`)
    }
  }
  for (const { relation, shape } of draft.restrictions) if (relation !== undefined) edges.add(shape)
  return {
    name: `${draft.type}#${draft.name}`,
    shapes: draft.restrictions.map(({ shape }) => shape),
    edges: [...edges],
    decides,
  }
}
