/**
 * Random models that the server would accept: subject types `user` and `bot`, object types whose relations share
 * their names, so that arrows find them on several parents. Every operator, recursion through tuples, conditions,
 * wildcards, negation inside tuple cycles. A sketch of numbers is drawn and then read modulo what exists, so
 * that fast-check can shrink it freely.
 */
import fc from 'fast-check'
import type {
  ModelJson,
  RelationMetadataJson,
  RelationReferenceJson,
  TypeDefinitionJson,
  UsersetJson,
} from '../../src/model/json.ts'
import { conditionNames, conditionsJson } from './conditions.ts'

type Sketch =
  | { readonly kind: 'this' }
  | { readonly kind: 'computed'; readonly relation: number }
  | { readonly kind: 'from'; readonly tupleset: number; readonly relation: number }
  | { readonly kind: 'union' | 'intersection'; readonly children: readonly Sketch[] }
  | { readonly kind: 'exclusion'; readonly base: Sketch; readonly subtract: Sketch }

interface RestrictionSketch {
  readonly kind: 'plain' | 'wildcard' | 'userset' | 'object' | 'everyObject'
  readonly which: number
  readonly condition: number
}
interface RelationSketch {
  readonly rewrite: Sketch
  readonly restrictions: readonly RestrictionSketch[]
}
interface TypeSketch {
  readonly tuplesets: readonly { readonly parents: readonly number[]; readonly condition: number }[]
  readonly relations: readonly RelationSketch[]
}
interface ModelSketch {
  readonly types: readonly TypeSketch[]
  readonly names: readonly string[]
}

export const subjectTypes = ['user', 'bot']
const objectTypes = ['group', 'folder', 'doc']
const tuplesetNames = ['parent', 'home']
const relationNames = [
  ['r0', 'r1', 'r2', 'r3', 'r4'],
  ['viewer', 'viewer|a', 'viewer/a', 'Viewer', 'viewer.'],
]

const { rewrite } = fc.letrec<{ rewrite: Sketch; leaf: Sketch }>((tie) => ({
  leaf: fc.oneof(
    { weight: 5, arbitrary: fc.constant<Sketch>({ kind: 'this' }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('computed' as const), relation: fc.nat(4) }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('from' as const), tupleset: fc.nat(1), relation: fc.nat(4) }),
    },
  ),
  rewrite: fc.oneof(
    { maxDepth: 2, depthSize: 'small', withCrossShrink: true },
    { weight: 8, arbitrary: tie('leaf') },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('union' as const),
        children: fc.array(tie('rewrite'), { minLength: 2, maxLength: 3 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('intersection' as const),
        children: fc.array(tie('rewrite'), { minLength: 2, maxLength: 3 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('exclusion' as const),
        base: tie('rewrite'),
        subtract: tie('rewrite'),
      }),
    },
  ),
}))

const restriction: fc.Arbitrary<RestrictionSketch> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant('plain' as const) },
    { weight: 6, arbitrary: fc.constant('userset' as const) },
    { weight: 2, arbitrary: fc.constant('wildcard' as const) },
    { weight: 1, arbitrary: fc.constant('object' as const) },
    { weight: 1, arbitrary: fc.constant('everyObject' as const) },
  ),
  which: fc.nat(20),
  condition: fc.nat(15),
})

const type: fc.Arbitrary<TypeSketch> = fc.record({
  tuplesets: fc.array(
    fc.record({ parents: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }), condition: fc.nat(15) }),
    { maxLength: 2 },
  ),
  relations: fc.array(
    fc.record({ rewrite, restrictions: fc.array(restriction, { minLength: 1, maxLength: 4 }) }),
    { minLength: 1, maxLength: 4 },
  ),
})

/**
 * A type whose relations all take each other's usersets and mostly subtract or intersect: few objects, many
 * circles, negation inside them. Without it wrong fixpoints go unseen.
 */
const tangle: fc.Arbitrary<TypeSketch> = fc.record({
  tuplesets: fc.constantFrom([], [{ parents: [0], condition: 0 }]),
  relations: fc.array(
    fc.record({
      rewrite: fc.oneof(
        { weight: 4, arbitrary: fc.constant<Sketch>({ kind: 'this' }) },
        { weight: 5, arbitrary: negation() },
        { weight: 2, arbitrary: rewrite },
      ),
      restrictions: fc
        .nat(60)
        .map((condition): readonly RestrictionSketch[] => [
          { kind: 'plain', which: 0, condition: 0 },
          ...[0, 3, 6, 9, 12].map((which) => ({ kind: 'userset' as const, which, condition })),
        ]),
    }),
    { minLength: 3, maxLength: 5 },
  ),
})

function negation(): fc.Arbitrary<Sketch> {
  const own = fc.constant<Sketch>({ kind: 'this' })
  const other = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('computed' as const), relation: fc.nat(4) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('from' as const), tupleset: fc.nat(1), relation: fc.nat(4) }),
    },
  )
  const pair = fc.oneof(fc.tuple(own, other), fc.tuple(other, own), fc.tuple(other, other))
  return fc.oneof(
    { weight: 4, arbitrary: pair.map(([base, subtract]): Sketch => ({ kind: 'exclusion', base, subtract })) },
    { weight: 1, arbitrary: pair.map((children): Sketch => ({ kind: 'intersection', children })) },
    { weight: 1, arbitrary: pair.map((children): Sketch => ({ kind: 'union', children })) },
  )
}

const sketch: fc.Arbitrary<ModelSketch> = fc.record({
  types: fc.oneof(
    fc.array(type, { minLength: 1, maxLength: 3 }),
    fc.array(tangle, { minLength: 1, maxLength: 1 }),
  ),
  names: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...relationNames.slice(0, 1)) },
    { weight: 1, arbitrary: fc.constantFrom(...relationNames.slice(1)) },
  ),
})

/** `accepts` is the server's own validation: what it refuses is drawn again. */
export function modelArbitrary(accepts: (model: ModelJson) => boolean): fc.Arbitrary<ModelJson> {
  return sketch.map(readModel).filter(accepts)
}

function readModel({ types, names }: ModelSketch): ModelJson {
  const definitions = types.map((one, index) => new TypeReader(types, names, index).read(one))
  const plain = subjectTypes.map((name) => ({ type: name, relations: {}, metadata: null }))
  return { schema_version: '1.1', type_definitions: [...plain, ...definitions], conditions: conditionsJson }
}

/** Reads one type's sketch, taking every number modulo what there is. */
class TypeReader {
  readonly #types: readonly TypeSketch[]
  readonly #names: readonly string[]
  readonly #index: number

  constructor(types: readonly TypeSketch[], names: readonly string[], index: number) {
    this.#types = types
    this.#names = names
    this.#index = index
  }

  read({ tuplesets, relations }: TypeSketch): TypeDefinitionJson {
    const rewrites: Record<string, UsersetJson> = {}
    const metadata: Record<string, RelationMetadataJson> = {}
    tuplesets.forEach(({ parents, condition }, index) => {
      const name = at(tuplesetNames, index)
      const types = [...new Set(parents.map((one) => at(this.#typeNames(), one)))]
      rewrites[name] = { this: {} }
      metadata[name] = metadataOf(types.map((one) => ({ type: one, condition: conditionOf(condition) })))
    })
    relations.forEach((relation, index) => {
      const name = at(this.#names, index)
      const body = this.#rewrite(relation.rewrite, index)
      rewrites[name] = body
      const references = JSON.stringify(body).includes('"this"')
        ? relation.restrictions.map((one) => this.#reference(one))
        : []
      metadata[name] = metadataOf(references)
    })
    return {
      type: at(objectTypes, this.#index),
      relations: rewrites,
      metadata: { relations: metadata, module: '', source_info: null },
    }
  }

  #rewrite(node: Sketch, relation: number): UsersetJson {
    switch (node.kind) {
      case 'this':
        return { this: {} }
      case 'computed': {
        // Only earlier relations: a cycle without a tuple in it is no valid model.
        if (relation === 0) return { this: {} }
        return { computedUserset: { object: '', relation: at(this.#names, node.relation % relation) } }
      }
      case 'from':
        return this.#from(node)
      case 'union':
        return { union: { child: node.children.map((one) => this.#rewrite(one, relation)) } }
      case 'intersection':
        return { intersection: { child: node.children.map((one) => this.#rewrite(one, relation)) } }
      case 'exclusion': {
        const base = this.#rewrite(node.base, relation)
        return { difference: { base, subtract: this.#rewrite(node.subtract, relation) } }
      }
    }
  }

  #from(node: { readonly tupleset: number; readonly relation: number }): UsersetJson {
    const tuplesets = this.#types[this.#index]?.tuplesets ?? []
    if (tuplesets.length === 0) return { this: {} }
    const tupleset = node.tupleset % tuplesets.length
    // Defined on the parent type that has most; on the others it may be missing, and is then nobody.
    const parents = tuplesets[tupleset]?.parents ?? []
    const count = Math.max(...parents.map((one) => this.#relationCount(one)))
    return {
      tupleToUserset: {
        tupleset: { object: '', relation: at(tuplesetNames, tupleset) },
        computedUserset: { object: '', relation: at(this.#names, node.relation % count) },
      },
    }
  }

  #reference({ kind, which, condition }: RestrictionSketch): RelationReferenceJson {
    const demanded = { condition: conditionOf(condition) }
    // Mostly people: models in which bots, folders and people never meet only say no.
    const subject = which % 5 === 4 ? 'bot' : 'user'
    if (kind === 'plain') return { type: subject, ...demanded }
    if (kind === 'wildcard') return { type: subject, wildcard: {}, ...demanded }
    const target = at(this.#typeNames(), which)
    if (kind === 'object') return { type: target, ...demanded }
    if (kind === 'everyObject') return { type: target, wildcard: {}, ...demanded }
    const relation = at(this.#names, Math.trunc(which / 3) % this.#relationCount(which))
    return { type: target, relation, ...demanded }
  }

  #typeNames(): readonly string[] {
    return objectTypes.slice(0, this.#types.length)
  }

  #relationCount(type: number): number {
    return this.#types[type % this.#types.length]?.relations.length ?? 1
  }
}

function metadataOf(references: readonly RelationReferenceJson[]): RelationMetadataJson {
  const distinct = new Map(references.map((one) => [JSON.stringify(one), one]))
  return { directly_related_user_types: [...distinct.values()], module: '', source_info: null }
}

/** Most restrictions demand none. */
function conditionOf(number: number): string {
  return conditionNames[number - 12] ?? ''
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length]
  if (found === undefined) throw new Error('an empty list has no elements')
  return found
}
