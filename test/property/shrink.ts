/**
 * Makes a failing case small enough to read: fewer questions, tuples, operators, while it still fails. Greedy,
 * and knows nothing of why it fails.
 */
import type { JsonObject } from '../../src/lib/json.ts'
import type { ModelJson, UsersetJson } from '../../src/model/json.ts'
import type { Tuple } from '../../src/tuple/tuple.ts'
import type { Case, Question } from '../generate/case.ts'

const attemptsMax = 5_000

/** @param fails - says why a case fails, undefined when it does not */
export async function shrink(
  found: Case,
  accepts: (model: ModelJson) => boolean,
  fails: (smaller: Case) => Promise<string | undefined>,
): Promise<string | undefined> {
  let current = found
  let reason: string | undefined
  let attempts = 0
  for (let progress = true; progress; ) {
    progress = false
    for (const smaller of smallerThan(current)) {
      attempts += 1
      if (attempts > attemptsMax) return reason
      if (smaller.world.model !== current.world.model && !accepts(smaller.world.model)) continue
      const why = await fails(smaller)
      if (why === undefined) continue
      current = smaller
      reason = why
      progress = true
      break
    }
  }
  return reason
}

function* smallerThan({ world, questions }: Case): Generator<Case> {
  if (questions.length > 1) for (const one of questions) yield { world, questions: [one] }
  for (const tuples of halves(world.tuples)) yield { world: { ...world, tuples }, questions }
  for (const tuples of without(world.tuples)) yield { world: { ...world, tuples }, questions }
  for (const tuples of withOne(world.tuples, plainer)) yield { world: { ...world, tuples }, questions }
  for (const smaller of withOne(questions, lighter)) yield { world, questions: smaller }
  for (const model of simpler(world.model)) yield { world: { ...world, model }, questions }
}

function* plainer({ condition, expiresAt, ...bare }: Tuple): Generator<Tuple> {
  if (condition !== undefined) yield { ...bare, ...(expiresAt === undefined ? {} : { expiresAt }) }
  if (expiresAt !== undefined) yield { ...bare, ...(condition === undefined ? {} : { condition }) }
}

function* lighter({ key, baggage }: Question): Generator<Question> {
  const { contextual, context } = baggage
  for (const fewer of without(contextual)) yield { key, baggage: { contextual: fewer, context } }
  for (const name of Object.keys(context)) {
    const less: JsonObject = Object.fromEntries(Object.entries(context).filter(([other]) => other !== name))
    yield { key, baggage: { contextual, context: less } }
  }
}

/** Models one step simpler, not all of them valid. */
export function* simpler(model: ModelJson): Generator<ModelJson> {
  for (const definitions of withOne(model.type_definitions, function* (definition) {
    const { relations, metadata } = definition
    const rules = metadata?.relations ?? {}
    const withRules = (next: typeof relations, nextRules: typeof rules) => ({
      ...definition,
      relations: next,
      metadata: { relations: nextRules, module: '', source_info: null },
    })
    for (const [name, rewrite] of Object.entries(relations)) {
      const { [name]: _, ...others } = relations
      const { [name]: rule, ...otherRules } = rules
      yield withRules(others, otherRules)
      for (const less of simplerRewrites(rewrite)) {
        const assignable = JSON.stringify(less).includes('"this"')
        const kept = assignable ? (rule?.directly_related_user_types ?? []) : []
        const nextRule = { directly_related_user_types: kept, module: '', source_info: null }
        yield withRules({ ...relations, [name]: less }, { ...rules, [name]: nextRule })
      }
      for (const kept of without(rule?.directly_related_user_types ?? [])) {
        const nextRule = { directly_related_user_types: kept, module: '', source_info: null }
        yield withRules(relations, { ...rules, [name]: nextRule })
      }
    }
  }))
    yield { ...model, type_definitions: definitions }
  for (const fewer of without(model.type_definitions)) yield { ...model, type_definitions: fewer }
}

function* simplerRewrites(rewrite: UsersetJson): Generator<UsersetJson> {
  if ('union' in rewrite) {
    yield* rewrite.union.child
    for (const child of without(rewrite.union.child)) if (child.length > 1) yield { union: { child } }
    for (const child of withOne(rewrite.union.child, simplerRewrites)) yield { union: { child } }
  } else if ('intersection' in rewrite) {
    yield* rewrite.intersection.child
    for (const child of without(rewrite.intersection.child))
      if (child.length > 1) yield { intersection: { child } }
    for (const child of withOne(rewrite.intersection.child, simplerRewrites))
      yield { intersection: { child } }
  } else if ('difference' in rewrite) {
    const { base, subtract } = rewrite.difference
    yield base
    yield subtract
    for (const less of simplerRewrites(base)) yield { difference: { base: less, subtract } }
    for (const less of simplerRewrites(subtract)) yield { difference: { base, subtract: less } }
  } else if (!('this' in rewrite)) yield { this: {} }
}

function* halves<T>(list: readonly T[]): Generator<readonly T[]> {
  const half = list.length >> 1
  if (half > 1) yield list.slice(half)
  if (half > 1) yield list.slice(0, half)
}

function* without<T>(list: readonly T[]): Generator<readonly T[]> {
  for (const index of list.keys()) yield list.toSpliced(index, 1)
}

function* withOne<T>(list: readonly T[], smaller: (one: T) => Iterable<T>): Generator<readonly T[]> {
  for (const [index, one] of list.entries()) {
    for (const less of smaller(one)) yield list.with(index, less)
  }
}
