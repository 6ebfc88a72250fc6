/**
 * A case: a world (model, tuples, instant) and questions about it. Most tuples are valid under the model; some are
 * stale (written under another model), conditioned, expired or about to be. Everything is drawn as numbers and
 * read modulo what the model offers, so that fast-check shrinks a failure to a few tuples.
 */
import fc from 'fast-check'
import type { JsonObject } from '../../src/lib/json.ts'
import type { ModelJson, RelationReferenceJson } from '../../src/model/json.ts'
import type { Tuple, TupleKey } from '../../src/tuple/tuple.ts'
import type { Baggage, World } from '../oracle/facts.ts'
import { conditionNames, predicates, requestContext, takenBy, tupleContext } from './conditions.ts'
import { idsArbitrary } from './ids.ts'
import { modelArbitrary, subjectTypes } from './model.ts'

export interface Question {
  readonly key: TupleKey
  readonly baggage: Baggage
}

export interface Case {
  readonly world: World
  readonly questions: readonly Question[]
}

/** Tuples are written at one instant and asked about at a later one: some expire between, one exactly then. */
export const writtenAt = 1_000_000
export const askedAt = 2_000_000
const expiries = [1_500_000, askedAt, askedAt + 1, 9_000_000_000_000]

interface TupleSketch {
  readonly slot: number
  readonly object: number
  readonly subject: number
  readonly context: JsonObject
  /** Small numbers spoil it, each in its way. */
  readonly spoil: number
  readonly expiry: number
}

interface QuestionSketch {
  readonly object: number
  readonly relation: number
  readonly subject: number
  /** Tuples to climb from the subject's own one, so that many answers are yes; 4 asks anywhere. */
  readonly climb: number
  readonly subjectKind: 'met' | 'plain' | 'stranger' | 'wildcard' | 'userset'
  readonly contextual: readonly TupleSketch[]
  readonly context: JsonObject
}

const tupleSketch: fc.Arbitrary<TupleSketch> = fc.record({
  slot: fc.nat(9999),
  object: fc.nat(9999),
  subject: fc.nat(9999),
  context: tupleContext,
  spoil: fc.nat(99),
  expiry: fc.nat(39),
})

const questionSketch: fc.Arbitrary<QuestionSketch> = fc.record({
  object: fc.nat(9999),
  relation: fc.nat(9999),
  subject: fc.nat(9999),
  climb: fc.constantFrom(0, 0, 1, 1, 1, 2, 2, 3, 4),
  subjectKind: fc.oneof(
    { weight: 14, arbitrary: fc.constant('met' as const) },
    { weight: 2, arbitrary: fc.constant('plain' as const) },
    { weight: 1, arbitrary: fc.constant('userset' as const) },
    { weight: 1, arbitrary: fc.constant('wildcard' as const) },
    { weight: 1, arbitrary: fc.constant('stranger' as const) },
  ),
  contextual: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(tupleSketch, { minLength: 1, maxLength: 3 }) },
  ),
  context: requestContext,
})

export interface Sizes {
  readonly questions: number
  readonly tuplesMax: number
  /** Subjects with long ids, all put on the same few objects: heads outgrow their pages. Default 0. */
  readonly crowd?: number
}

export const usualSizes: Sizes = { questions: 25, tuplesMax: 70 }

/** `accepts` is the server's validation of models. */
export function caseArbitrary(
  accepts: (model: ModelJson) => boolean,
  sizes = usualSizes,
): fc.Arbitrary<Case> {
  return fc
    .record({
      model: modelArbitrary(accepts),
      ids: idsArbitrary,
      tuples: fc.oneof(
        { weight: 1, arbitrary: fc.array(tupleSketch, { minLength: 1, maxLength: 20 }) },
        {
          weight: 5,
          arbitrary: fc.array(tupleSketch, {
            minLength: Math.trunc(sizes.tuplesMax / 4),
            maxLength: sizes.tuplesMax,
          }),
        },
      ),
      questions: fc.array(questionSketch, { minLength: sizes.questions, maxLength: sizes.questions }),
    })
    .map(({ model, ids, tuples, questions }) => {
      const reader = new CaseReader(model, ids, crowdOf(sizes.crowd ?? 0))
      const world: World = {
        model,
        predicates,
        tuples: distinct(tuples.map((one) => reader.tuple(one))),
        now: askedAt,
      }
      return { world, questions: questions.map((one) => reader.question(one, world.tuples)) }
    })
}

interface Slot {
  readonly type: string
  readonly relation: string
  readonly restriction: RelationReferenceJson
}

class CaseReader {
  readonly #ids: readonly string[]
  readonly #subjectIds: readonly string[]
  readonly #slots: readonly Slot[]
  readonly #places: readonly { readonly type: string; readonly relation: string }[]

  constructor(model: ModelJson, ids: readonly string[], crowd: readonly string[]) {
    this.#ids = ids
    this.#subjectIds = [...ids, ...crowd]
    this.#places = model.type_definitions.flatMap(({ type, relations }) =>
      Object.keys(relations).map((relation) => ({ type, relation })),
    )
    this.#slots = model.type_definitions.flatMap(({ type, metadata }) =>
      Object.entries(metadata?.relations ?? {}).flatMap(([relation, { directly_related_user_types }]) =>
        directly_related_user_types.map((restriction) => ({ type, relation, restriction })),
      ),
    )
  }

  tuple({ slot, object, subject, context, spoil, expiry }: TupleSketch): Tuple {
    const { type, relation, restriction } = at(this.#slots, slot)
    const valid: Tuple = {
      object: `${type}:${at(this.#ids, object)}`,
      relation,
      subject: this.#subjectFor(restriction, subject),
      ...conditioned(restriction.condition, context),
    }
    const expiresAt = expiries[expiry]
    return { ...this.#spoiled(valid, spoil, subject), ...(expiresAt === undefined ? {} : { expiresAt }) }
  }

  /** What a tuple of an older model may look like under this one. */
  #spoiled(tuple: Tuple, spoil: number, number: number): Tuple {
    const { object, relation, subject } = tuple
    if (spoil === 0) return { ...tuple, relation: at(this.#places, number).relation }
    if (spoil === 1) return { ...tuple, subject: `${at(subjectTypes, number)}:*` }
    if (spoil === 2) return { object, relation, subject }
    if (spoil === 3) return { ...tuple, condition: { name: at(conditionNames, number) } }
    if (spoil === 4) return { ...tuple, subject: this.#userset(number) }
    if (spoil === 5) return { ...tuple, condition: { name: 'gone', context: { x: 1 } } }
    if (spoil === 6) return { ...tuple, subject: `gone:${at(this.#ids, number)}` }
    return tuple
  }

  question(sketch: QuestionSketch, tuples: readonly Tuple[]): Question {
    const contextual = distinct(sketch.contextual.map((one) => this.tuple({ ...one, spoil: 99, expiry: 39 })))
    // What names a type or relation that is gone is refused before the engine is asked.
    const known = [...contextual, ...tuples].filter((one) => this.#isDefined(one))
    const start = known[sketch.subject % known.length]
    const anywhere = at(this.#places, sketch.relation)
    const key =
      start === undefined || sketch.climb === 4
        ? {
            object: `${anywhere.type}:${at(this.#ids, sketch.object)}`,
            relation: anywhere.relation,
            subject: start?.subject ?? this.#userset(sketch.subject),
          }
        : this.#climb(start, known, sketch)
    return {
      key: { ...key, subject: this.#asked(sketch, key.subject) },
      baggage: { contextual, context: sketch.context },
    }
  }

  #isDefined({ object, relation, subject }: Tuple): boolean {
    const [userset = '', through] = subject.split('#')
    const defines = (type: string, name: string) =>
      this.#places.some((one) => one.type === type && one.relation === name)
    if (!defines(typeOf(object), relation) || userset.startsWith('gone:')) return false
    return through === undefined || defines(typeOf(userset), through)
  }

  /** From a tuple up through tuples that name it as userset or parent, then perhaps to a sibling relation. */
  #climb(start: Tuple, tuples: readonly Tuple[], { climb, object, relation }: QuestionSketch): TupleKey {
    let top = start
    for (let step = 0; step < climb; step += 1) {
      const { object: below, relation: through } = top
      const above = tuples.filter(({ subject }) => subject === `${below}#${through}` || subject === below)
      top = above[(object + step) % above.length] ?? top
    }
    const siblings = this.#places.filter(({ type }) => type === typeOf(top.object))
    const asked = relation % 3 > 0 ? top.relation : at(siblings, Math.trunc(relation / 3)).relation
    return { object: top.object, relation: asked, subject: start.subject }
  }

  #asked({ subjectKind, subject }: QuestionSketch, met: string): string {
    switch (subjectKind) {
      case 'met':
        return met
      case 'plain':
        return `${at(subjectTypes, subject)}:${at(this.#ids, subject >> 1)}`
      case 'stranger':
        return `${at(subjectTypes, subject)}:nobody`
      case 'wildcard':
        return `${at(subjectTypes, subject)}:*`
      case 'userset':
        return this.#userset(subject)
    }
  }

  #subjectFor({ type, relation, wildcard }: RelationReferenceJson, number: number): string {
    if (wildcard !== undefined) return `${type}:*`
    const object = `${type}:${at(this.#subjectIds, number)}`
    return relation === undefined ? object : `${object}#${relation}`
  }

  #userset(number: number): string {
    const { type, relation } = at(this.#places, number >> 2)
    return `${type}:${at(this.#ids, number)}#${relation}`
  }
}

function crowdOf(size: number): readonly string[] {
  return Array.from({ length: size }, (_, index) => `${'long'.repeat(55)}${index}`)
}

/** A valid condition carries only parameters that it declares. */
function conditioned(name: string, context: JsonObject): Pick<Tuple, 'condition'> {
  if (name === '') return {}
  const kept = Object.entries(context).filter(([parameter]) => takenBy(name).includes(parameter))
  return { condition: kept.length === 0 ? { name } : { name, context: Object.fromEntries(kept) } }
}

/** One tuple a key. */
function distinct(tuples: readonly Tuple[]): readonly Tuple[] {
  return [
    ...new Map(tuples.map((one) => [JSON.stringify([one.object, one.relation, one.subject]), one])).values(),
  ]
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length]
  if (found === undefined) throw new Error('an empty list has no elements')
  return found
}

function typeOf(name: string): string {
  return name.slice(0, name.indexOf(':'))
}
